"""The desk and all that decides is pure: no file, clock, network or chance of its own; only engines and stores have."""

from __future__ import annotations

import ast
from pathlib import Path

import headrace.live

IMPURE = {"time", "datetime", "random", "secrets", "uuid", "socket", "subprocess", "os", "pathlib", "shutil", "signal"}
IMPURE |= {"threading", "asyncio", "sqlalchemy", "polars", "numpy.random", "httpx"}
ROOM = Path(headrace.live.__file__).parent
OUTSIDE = {"watchdog.py"}
"""It reads the lease, which is a file: the watchdog runs where nothing else does."""


def imported(path: Path) -> set[str]:
    """The modules that a file names in its imports."""
    found = set[str]()
    for step in ast.walk(ast.parse(path.read_text())):
        if isinstance(step, ast.Import):
            found |= {name.name for name in step.names}
        elif isinstance(step, ast.ImportFrom) and step.module:
            found.add(step.module)
    return found


def test_what_decides_touches_no_file_clock_network_or_chance() -> None:
    """Time is an argument, and so are the engine and the store: whatever is decided can be decided again."""
    pure = [path for path in (*ROOM.glob("*.py"), ROOM / "engines" / "fake.py") if path.name not in OUTSIDE]
    assert {"desk.py", "reconcile.py", "intents.py", "turn.py"} <= {path.name for path in pure}
    for path in pure:
        assert not imported(path) & IMPURE, path.name

"""No compiled loop reads or writes beyond a table: the tests of the compiled rooms, with every index checked."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

ROOMS = ("world", "policy", "round", "replay", "explain")


@pytest.mark.gate
def test_every_index_of_the_compiled_loops_is_within_its_table(tmp_path: Path) -> None:
    checked = os.environ | {"NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    call = [sys.executable, "-m", "pytest", "-q", "-n", "auto", *(f"tests/{room}" for room in ROOMS)]
    ended = subprocess.run(call, cwd=ROOT, env=checked, capture_output=True, text=True, check=False)
    print(f"with every index checked: {ended.stdout.splitlines()[-1]}")
    assert ended.returncode == 0, ended.stdout[-4000:]

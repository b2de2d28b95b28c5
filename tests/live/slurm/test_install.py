"""Where no Slurm can be started, `make test-slurm` says why in one line, and is done."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

INSTALL = Path(__file__).with_name("install.sh")


@pytest.mark.parametrize(
    ("user", "why"),
    [
        (1000, "a Slurm of one's own needs root (devices, jobs of several users)"),
        (0, "Slurm is not installed, and there is no apt-get to install it with"),
    ],
)
def test_what_is_missing_is_said_in_one_line(tmp_path: Path, user: int, why: str) -> None:
    """Not being root, or having nothing to install it with; the code 3 has make run no test."""
    (tmp_path / "id").write_text(f"#!/bin/sh\necho {user}\n", encoding="utf-8")
    (tmp_path / "id").chmod(0o755)
    done = subprocess.run(["/bin/sh", str(INSTALL)], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, f"test-slurm: skipped: {why}\n", "")

"""Headrace as a user runs a sweep, and the processes that this starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

GRID = """
log = "log.parquet"
fleets = ["fleet.toml"]
policies = ["fifo/first", "fair+easy/fgd", "fifo/random", "oracle:smallest/best"]
seeds = [1, 2]
relax = [[], ["partition"]]
"""
"""Ten cells."""
CELLS = 10
LONG = GRID.replace("[1, 2]", str(list(range(1, 61))))
"""As many as it takes to be interrupted among them."""
LONG_CELLS = 126


def call(*words: str) -> list[str]:
    return [sys.executable, "-m", "headrace", *words]


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Headrace in a process of its own, where nothing is a terminal."""
    return subprocess.run(call(*words), cwd=cwd, capture_output=True, text=True, timeout=900, check=False)


def started(*words: str, cwd: Path) -> subprocess.Popen[str]:
    """Headrace, left to itself."""
    return subprocess.Popen(call(*words), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def workers_of(pid: int) -> list[int]:
    """The worker processes that a sweep has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def lives(pid: int) -> bool:
    """Whether a process is there, and is not one that has ended and waits to be collected."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (OSError, IndexError):
        return False

"""Brings up keepers: a process that has everything imported already, so that a keeper costs a fork and not a Python.

It reads the names of folders, each ended by a zero byte, forks a keeper for each, and ends when nobody can ask any
more. Keepers have sessions of their own and stay when it goes.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from pathlib import Path

from headrace.live.engines.local.keeper import keep


def main() -> None:
    """Serve standard input."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    asked = b""
    while data := os.read(0, 65536):
        *folders, asked = (asked + data).split(b"\0")
        for folder in folders:
            if os.fork() == 0:
                _bring_up(Path(os.fsdecode(folder)))


def _bring_up(folder: Path) -> None:
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        keep(folder)
    except BaseException:  # whatever it is, this process must not go on as a second nursery
        traceback.print_exc(file=sys.stderr)
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    main()

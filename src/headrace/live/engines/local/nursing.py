"""Asks the nursery for keepers, and brings the nursery up when it is not there."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, Final

import headrace
from headrace.live.engines.local.files import PRIVATE

MOST_LOG: Final = 1 << 20


class Nursing:
    """The one nursery of an engine; `log` is where keepers say what they did not expect."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._nursery: subprocess.Popen[bytes] | None = None

    def bring_up(self, folder: Path) -> None:
        """Ask for a keeper of a run. Whether one came is seen by its lock; who asks twice does no harm."""
        text = os.fsencode(folder) + b"\0"
        try:
            self._say(text)
        except BrokenPipeError:
            self.end()
            self._say(text)

    def _say(self, text: bytes) -> None:
        if self._nursery is not None and self._nursery.poll() is not None:
            self.end()
        if self._nursery is None:
            self._nursery = self._begin()
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(text)

    def _begin(self) -> subprocess.Popen[bytes]:
        with self._open_log() as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "headrace.live.engines.local.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                bufsize=0,
                cwd="/",
                env=os.environ | {"PYTHONPATH": str(Path(headrace.__file__).parent.parent)},
                start_new_session=True,
            )

    def _open_log(self) -> IO[bytes]:
        with contextlib.suppress(FileNotFoundError):
            if self._log.stat().st_size > MOST_LOG:
                self._log.unlink()
        return open(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE), "ab")

    def end(self) -> None:
        """Let the nursery go; keepers stay."""
        if self._nursery is not None:
            assert self._nursery.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._nursery.stdin.close()
            self._nursery.wait()
            self._nursery = None

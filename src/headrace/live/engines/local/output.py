"""What a command prints, in files that do not grow without end: the last part is kept, for there the error stands."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from headrace.live.engines.local.files import PRIVATE

if TYPE_CHECKING:
    from pathlib import Path


class Output:
    """`path`, and `path`.1 before it once half of `most` bytes was full; what was earlier is dropped, as a line says.

    Writing never fails: what the disk does not take is counted, and a line says so once it takes something again.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._path, self._half = path, most // 2
        self._missing, self._why = 0, ""
        self._open()

    def _open(self) -> None:
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, PRIVATE)
        self._size = os.fstat(self._fd).st_size

    def take(self, data: bytes) -> None:
        """Add `data` at the end."""
        if self._missing:
            self._tell_what_is_missing()
        while data:
            if self._size >= self._half:
                self._rotate()
            piece = data[: max(1, self._half - self._size)]
            if not self._write(piece):
                break
            data = data[len(piece) :]
        self._missing += len(data)

    def _write(self, data: bytes) -> bool:
        """Write all of `data`. False: part of it at most; the rest of it is counted as missing by who asked."""
        try:
            while data:
                written = os.write(self._fd, data)
                self._size += written
                data = data[written:]
        except OSError as error:
            self._why = error.strerror or str(error)
        return not data

    def _tell_what_is_missing(self) -> None:
        line = f"\n[headrace] about {self._missing} bytes could not be written here: {self._why}\n".encode()
        if self._write(line):
            self._missing = 0

    def _rotate(self) -> None:
        earlier = self._path.with_name(f"{self._path.name}.1")
        dropped = earlier.exists()
        with contextlib.suppress(OSError):
            os.rename(self._path, earlier)
            os.close(self._fd)
            self._open()
            what = "; output before that was dropped" if dropped else ""
            self._write(f"[headrace] the output before this is in {earlier.name}{what}\n".encode())

    def close(self) -> None:
        """Say what is missing, if anything."""
        if self._missing:
            self._tell_what_is_missing()
        os.close(self._fd)

"""Named pipes that wake who waits: a byte in one says "look", and never what at."""

from __future__ import annotations

import contextlib
import os
import select
from typing import TYPE_CHECKING, Final

from headrace.live.engines.local.files import PRIVATE

if TYPE_CHECKING:
    from pathlib import Path

BELL: Final = "bell"
"""The pipe of the state directory: keepers ring when a run has ended."""
MOST: Final = 65536


def hang(pipe: Path) -> int:
    """Make the pipe if need be, and listen: a descriptor that a `select` can wait for. Raises OSError."""
    with contextlib.suppress(FileExistsError):
        os.mkfifo(pipe, PRIVATE)
    return os.open(pipe, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)


def ring(pipe: Path) -> None:
    """Wake who listens; where nobody does, nothing happens."""
    with contextlib.suppress(OSError):
        fd = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.write(fd, b"!")
        finally:
            os.close(fd)


def listen(fd: int, seconds: float) -> bool:
    """Whether it rang before `seconds` were over; all rings until now are one."""
    ready, _, _ = select.select([fd], [], [], seconds)
    if ready:
        os.read(fd, MOST)
    return bool(ready)

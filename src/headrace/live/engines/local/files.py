"""Files that are whole or not there, and locks that die with their holder. Standard library alone."""

from __future__ import annotations

import fcntl
import json
import os
import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PRIVATE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700
_LOCK: Final = "hhlli0l"
"""struct flock on Linux with 64-bit offsets: type, whence, start, length, pid (fcntl(2))."""
_ASK: Final = struct.pack(_LOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)


def write_whole(path: Path, form: Mapping[str, Any], durable: bool = True) -> None:
    """Write `form` as JSON to `path`: readers see all of it or what was there before; `durable`: also after a power
    cut. Raises OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write(part, json.dumps(form).encode(), durable)
        os.rename(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def _write(path: Path, text: bytes, durable: bool) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
    try:
        while text:
            text = text[os.write(fd, text) :]
        if durable:
            os.fsync(fd)
    finally:
        os.close(fd)


def read_whole(path: Path) -> dict[str, Any] | None:
    """What `write_whole` wrote, or None where there is no such file, or none that a power cut left whole."""
    try:
        with open(path, "rb") as file:
            form: dict[str, Any] = json.loads(file.read())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return form


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or removed in `folder` outlast a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def take_lock(path: Path) -> int | None:
    """Hold the lock of `path` until the descriptor that is returned closes or this process ends; None: it is held.

    A record lock: forked children do not inherit it. Do not open `path` again in this process, for closing any
    descriptor of it gives the lock up (fcntl(2)). Raises OSError where there is no such file.
    """
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        os.close(fd)
        return None
    return fd


def holder(path: Path | str) -> int:
    """The process that holds the lock of `path`, or 0; asked without taking it, so that nobody is ever turned away."""
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        answer = fcntl.fcntl(fd, fcntl.F_GETLK, _ASK)
    finally:
        os.close(fd)
    kind, _, _, _, pid = struct.unpack(_LOCK, answer)
    return 0 if kind == fcntl.F_UNLCK else int(pid)

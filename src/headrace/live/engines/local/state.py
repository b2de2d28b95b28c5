"""The state directory: opened by one Headrace at a time, private to its user."""

from __future__ import annotations

import fcntl
import os
import shutil
from typing import TYPE_CHECKING, Any, Final

from headrace.errors import EngineError
from headrace.live.engines.local.files import PRIVATE, PRIVATE_FOLDER, sync_folder, write_whole
from headrace.live.engines.local.job import Job, read_job

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS: Final = ("live", "ended", "trash")


def open_state(state: Path) -> int:
    """Make the directory if need be and hold its lock until the descriptor closes. Raises EngineError."""
    try:
        state.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
        _refuse_strangers(state)
        for name in FOLDERS:
            (state / name).mkdir(PRIVATE_FOLDER, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        raise EngineError(f"local: {state} cannot be used: {error.strerror or error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise EngineError(f"local: {state} is used by another Headrace; end that one, or name another") from None
    return lock


def _refuse_strangers(state: Path) -> None:
    if state.stat().st_uid != os.geteuid():
        raise EngineError(f"local: {state} belongs to another user; jobs run as the user of Headrace alone")
    state.chmod(PRIVATE_FOLDER)


def read_live(state: Path, lost_again: int) -> list[Job]:
    """All jobs under `live`, by number; what was half written when somebody was killed is swept away.

    Raises EngineError where a job's own file is damaged, which is for a person to judge.
    """
    for part in (*(state / "live").glob(".*.part"), *(state / "live").glob("*/runs/*")):
        if part.suffix == ".part" or not (part / "order.json").exists():  # the latter after a power cut alone
            shutil.rmtree(part, ignore_errors=True)
    folders = sorted((state / "live").iterdir(), key=lambda folder: int(folder.name))
    return [_read(folder, lost_again) for folder in folders]


def _read(folder: Path, lost_again: int) -> Job:
    job = read_job(folder, lost_again)
    if job is None:
        raise EngineError(f"local: {folder}/asked.json cannot be read; mend it, or move the folder {folder.name} away")
    return job


def write_job(state: Path, name: str, form: dict[str, Any]) -> Path:
    """Write a new job's folder, which appears whole. Raises OSError, and leaves nothing then."""
    live = state / "live"
    part, folder = live / f".{name}.part", live / name
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(PRIVATE_FOLDER)
        (part / "runs").mkdir(PRIVATE_FOLDER)
        write_whole(part / "asked.json", form)
        os.rename(part, folder)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(live)
    return folder


def shortage(state: Path, spare: int) -> str:
    """Why the disk of `state` takes no new work; empty while `spare` bytes are free. Raises OSError."""
    disk = os.statvfs(state)
    left = disk.f_bavail * disk.f_frsize
    return "" if left >= spare else f"only {left >> 20} MiB are left on the disk of {state}"

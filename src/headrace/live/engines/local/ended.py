"""Jobs that are over: told of for a while, kept for longer, then removed."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import deque
from typing import TYPE_CHECKING, Final

from headrace.live.engines.local.job import Job, read_job

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.live.engine import JobSeen
    from headrace.live.engines.local.settings import Settings

MOST_AT_ONCE: Final = 8
"""Removed in one go, so that nobody waits for it."""


class Ended:
    """The folder `ended`. Only names and times of the old ones are read, and those once.

    An ended job is told of until `recent` before the latest that ended: Headrace may be killed between hearing of an
    end and writing it down, and however long it is away, what it had not written down is among the last.
    """

    def __init__(self, state: Path, settings: Settings) -> None:
        self._folder, self._trash, self._settings = state / "ended", state / "trash", settings
        self._kept = deque(sorted((entry.stat().st_mtime_ns // 10**6, int(entry.name)) for entry in self._entries()))
        self._told: deque[tuple[int, JobSeen]] = deque()
        self.newest = max((number for _, number in self._kept), default=0)
        for at, number in self._recent():
            if job := read_job(self._folder / str(number), settings.lost_again):
                self._told.append((at, job.seen))
        self._empty_trash()

    def _entries(self) -> list[os.DirEntry[str]]:
        with os.scandir(self._folder) as entries:
            return [entry for entry in entries if entry.name.isdigit()]

    def _recent(self) -> list[tuple[int, int]]:
        latest = self._kept[-1][0] if self._kept else 0
        return [(at, number) for at, number in self._kept if at >= latest - self._settings.recent]

    def add(self, job: Job, at: int) -> None:
        """Take a job that is over. Where the disk refuses, it stays where it is and is found over again later."""
        self._told.append((at, job.seen))
        self.newest = max(self.newest, job.number)
        with contextlib.suppress(OSError):
            os.utime(job.folder, ns=(at * 10**6, at * 10**6))
            os.rename(job.folder, self._folder / str(job.number))
            self._kept.append((at, job.number))

    def told(self) -> list[JobSeen]:
        """Those that ended lately."""
        while self._told and self._told[0][0] < self._told[-1][0] - self._settings.recent:
            self._told.popleft()
        return [seen for _, seen in self._told]

    def prune(self, at: int) -> None:
        """Remove a few that are too many or too old, but never the newest number: the next one counts on from it."""
        for _ in range(MOST_AT_ONCE):
            if not self._kept or not self._too_much(at):
                return
            _, number = self._kept.popleft()
            if number == self.newest:
                self._kept.append((at, number))
                return
            self._remove(self._folder / str(number))

    def _too_much(self, at: int) -> bool:
        return len(self._kept) > self._settings.keep_jobs or self._kept[0][0] < at - self._settings.keep

    def _remove(self, folder: Path) -> None:
        """First out of sight, in one step, then away, in many."""
        with contextlib.suppress(OSError):
            os.rename(folder, self._trash / folder.name)
        shutil.rmtree(self._trash / folder.name, ignore_errors=True)

    def _empty_trash(self) -> None:
        for name in os.listdir(self._trash):
            shutil.rmtree(self._trash / name, ignore_errors=True)

    def find(self, job: str) -> Job | None:
        """An ended job that is still kept."""
        return read_job(self._folder / job, self._settings.lost_again) if job.isdigit() else None

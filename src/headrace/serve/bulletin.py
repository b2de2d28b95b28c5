"""What happened lately, numbered, for who listens: the stream of events reads it, from where it had come to.

Numbers go on across restarts, since they begin at the time of the start in microseconds; so a listener who comes back
with a number that is older than all that is kept is known to have missed something.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

KEPT: Final = 5_000


@dataclass(frozen=True)
class Notice:
    """One thing that happened at `at` (ms); `job` and `tenant` are "" where it is nobody's."""

    number: int
    at: int
    what: str
    said: str
    job: str = ""
    tenant: str = ""


class Bulletin:
    """The last notices. May be used from several threads."""

    def __init__(self, at: int) -> None:
        self._next = at * 1000
        self._kept: deque[Notice] = deque(maxlen=KEPT)
        self._mutex = threading.Lock()

    def post(self, at: int, what: str, said: str, job: str = "", tenant: str = "") -> None:
        """Add a notice."""
        with self._mutex:
            self._kept.append(Notice(self._next, at, what, said, job, tenant))
            self._next += 1

    @property
    def last(self) -> int:
        """The number of the last notice there was."""
        return self._next - 1

    def after(self, number: int) -> list[Notice]:
        """The notices after `number`."""
        with self._mutex:
            if not self._kept or number >= self._kept[-1].number:
                return []
            behind = max(0, number + 1 - self._kept[0].number)
            return [self._kept[i] for i in range(behind, len(self._kept))]

    def misses(self, number: int) -> bool:
        """Whether some notice after `number` is no longer kept, or never was."""
        with self._mutex:
            first = self._kept[0].number if self._kept else self._next
            return number + 1 < first or number >= self._next

"""Whether anything happened in Slurm, by its counters: that costs the same whatever the number of jobs.

    job ends -> completed + 1 -> look: its chips are being cleared -> look once more: they are free

sdiag asks slurmctld for statistics, for which no lock on jobs is taken, and so it may be asked often.
"""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Final

from headrace.errors import EngineError

if TYPE_CHECKING:
    from headrace.live.engines.slurm.tools import Tools

LISTEN_S: Final = 0.1
"""Between two questions."""
_COUNTERS: Final = re.compile(rb"^Jobs (?:submitted|completed|canceled|failed): +[0-9]+", re.MULTILINE)
"""What gives the next round something to do: a job more, or chips. What has started is seen soon enough."""


class Bell:
    """Rings when a counter is not what it was when last heard, once more after that, and when `ring` is called."""

    def __init__(self, tools: Tools) -> None:
        self._tools, self._rung = tools, threading.Event()
        self._counters: list[bytes] = []
        self._echo, self._heard, self._at = False, b"", 0.0

    def ring(self) -> None:
        """Let who waits wait no longer."""
        self._rung.set()

    def heard(self) -> bytes:
        """What sdiag printed when it rang, told once: nobody need ask again at once."""
        heard, self._heard = self._heard, b""
        return heard if time.monotonic() - self._at < LISTEN_S else b""

    def hear(self, printed: bytes) -> None:
        """Keep the counters that sdiag printed, and whether they were others before."""
        before, self._counters = self._counters, _COUNTERS.findall(printed)
        self._echo = self._echo or self._counters != before

    def wait(self, seconds: float) -> bool:
        """Return after `seconds`, or as soon as it rings; whether it rang."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > LISTEN_S:
            if self._rung.wait(LISTEN_S):
                break
            if self._listen():
                return True
        return self.rest(left)

    def rest(self, seconds: float) -> bool:
        """Return after `seconds`, or when `ring` is called; whether it was."""
        rung = self._rung.wait(max(0.0, seconds))
        self._rung.clear()
        return rung

    def _listen(self) -> bool:
        """Whether it rings; a Slurm that cannot be asked says so when it is looked at."""
        try:
            printed = self._tools.ask("sdiag")
        except EngineError:
            return True
        before, echo = self._counters, self._echo
        self._counters = _COUNTERS.findall(printed)
        self._echo = self._counters != before
        self._heard, self._at = printed if self._echo or echo else b"", time.monotonic()
        return bool(self._heard)

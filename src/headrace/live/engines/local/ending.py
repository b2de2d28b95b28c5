"""How a run is brought to its end: which signals, in which order, how long apart. Pure: time is an argument."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

KILL_AGAIN_MS: Final = 500
LEFT_OVER: Final = ((0, 300), (signal.SIGTERM, 1_000))
"""What outlives its command may finish a line first, and is then asked to end."""

Steps = tuple[tuple[int, int], ...]


def steps(why: str, order: Mapping[str, Any]) -> Steps:
    """Signal and how long it has, in ms; after the last comes KILL, again and again."""
    polite = ((int(signal.SIGTERM), order["grace_ms"]),)
    if why != "preempted":
        return polite
    asked = int(signal.Signals[order["checkpoint_signal"]])
    checkpoint = ((asked, order["checkpoint_grace_ms"]),)
    return checkpoint if asked == signal.SIGTERM else (*checkpoint, *polite)


@dataclass
class Ending:
    """The way from the first signal to the last; `at` (ms) is when the next one is due."""

    why: str
    at: int
    _steps: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def begin(cls, why: str, way: Steps, now: int) -> Ending:
        """An end that begins now."""
        return cls(why, now, list(way))

    def due(self, now: int) -> int:
        """The signal that is due, or 0."""
        if now < self.at:
            return 0
        number, wait = self._steps.pop(0) if self._steps else (int(signal.SIGKILL), KILL_AGAIN_MS)
        self.at = now + wait
        return number

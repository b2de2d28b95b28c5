"""What the desk takes a job to be; reconciling compares it with what the engine says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.live.engine import Status
from headrace.units import NEVER

if TYPE_CHECKING:
    from headrace.live.engine import Asked

Places = tuple[tuple[str, int], ...]
"""(node's name, chips' mask) of each node."""


@dataclass(frozen=True)
class Known:
    """A job that waits or is live. STARTING is decided and not yet seen; RUNNING has been seen.

    `why` is why it is not tried although it waits: the engine holds it, or refused it, in the engine's own words;
    `again` is when it is tried again (ms), NEVER where that is up to the engine.
    """

    asked: Asked
    number: int
    run: int = 0
    status: Status = Status.WAITING
    on: Places = ()
    start: int = NEVER
    ours: bool = True
    why: str = ""
    again: int = NEVER

    @property
    def live(self) -> bool:
        return self.status in (Status.STARTING, Status.RUNNING)

    def at_place(self, number: int) -> Known:
        """The same job in another row of the tables."""
        return Known(self.asked, number, self.run, self.status, self.on, self.start, self.ours, self.why, self.again)


@dataclass(frozen=True)
class Step:
    """One accepted step of a round: stop run `run` of `job`, which is `on` these nodes, or start it there."""

    job: str
    run: int
    stop: bool
    on: Places

"""Compile the loops now, rather than at the first use: `python -m headrace.cli.warm`. Kept on disk for this version."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from headrace.cli.progress import shown
from headrace.cli.sample import make
from headrace.history.asked import mix
from headrace.live.desk import Desk
from headrace.live.engine import Asked, NodeSeen
from headrace.live.engines.fake import FakeEngine
from headrace.live.memory import NOTHING
from headrace.live.turn import Turns
from headrace.policy.policy import parse
from headrace.replay.fill import fill
from headrace.report.assemble import Request, play
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.live.event import Event
    from headrace.live.intents import Intent, Settled
    from headrace.live.memory import Memory

JOBS = 40
POLICIES = ("fair+easy/fgd", "las+conservative/random")
CHIPS = 4


class Forgetful:
    """A store that keeps nothing."""

    def open_intents(self) -> Sequence[Intent]:
        return ()

    def intend(self, intents: Sequence[Intent], news: Memory = NOTHING) -> None:
        pass

    def settle(self, settled: Sequence[Settled], at: int) -> None:
        pass

    def record(self, events: Sequence[Event], news: Memory = NOTHING) -> None:
        pass


def main() -> None:
    """Play a handful of jobs, fill a fleet with them, and run some live: all policies are one program."""
    with shown() as progress:
        log, fleet = make(JOBS, None, 1, progress)
        play(log, fleet, Request(tuple(parse(name) for name in POLICIES)), progress)
        fill(fleet, mix(log, fleet), np.arange(JOBS), "fgd")
        run_live()


def run_live() -> None:
    """Jobs start, one node fails, what ran there starts again, and all end."""
    engine = FakeEngine([NodeSeen(name, "H20", "main", CHIPS, 10**6, 10**6, up=True) for name in "ab"])
    keys = count()
    turns = Turns(Desk(parse(POLICIES[0])), engine, Forgetful(), lambda: str(next(keys)))
    for job in range(3):
        engine.arrive(Asked(str(job), "t", "u", 0, 1, CHIPS, MILLI, 0, 0), work=2)
    turns.turn()
    engine.fail("a")
    for _ in range(2 * CHIPS):
        engine.until(engine.at + 1)
        turns.turn()


if __name__ == "__main__":
    main()

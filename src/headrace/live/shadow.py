"""Look and propose, never act: a plan of the next round, and a shadow that watches another scheduler for a week.

What the shadow proposes is not done; what the engine does by itself is. For each job the two are compared once it runs:
would it have started sooner, and on the same nodes?
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headrace.live.event import Event, What
from headrace.live.hold import Hold, holds
from headrace.live.reconcile import Picture, reconcile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headrace.live.desk import Desk
    from headrace.live.engine import Engine
    from headrace.live.intents import Intent
    from headrace.live.known import Step

STARTS = (What.ADOPTED, What.MOVED, What.STARTED)


@dataclass(frozen=True)
class Planned:
    """What happened up to `at` (ms), what the next round would do, and why the other jobs wait."""

    at: int
    events: tuple[Event, ...]
    steps: tuple[Step, ...]
    holds: tuple[Hold, ...]


def plan(desk: Desk, engine: Engine, intents: Iterable[Intent] = (), at: int = 0) -> Planned:
    """Look once, and propose; `at` is when it was last looked. Raises EngineError where the engine cannot be asked."""
    observation = engine.observe()
    now = max(at, observation.at)
    events = reconcile(Picture(desk.jobs, desk.nodes, intents, at), observation).events
    crowded = desk.happen(events, now)
    steps = tuple(desk.propose(now))
    started = {step.job for step in steps if not step.stop}
    waiting = tuple(one for one in holds(desk, now) if one.job not in started)
    return Planned(now, (*events, *crowded), steps, waiting)


@dataclass(frozen=True)
class Watched:
    """What a shadow has seen. `agreed` and `elsewhere` ran as proposed, or on other nodes; `unforeseen` were never
    proposed; `sooner` is the time (ms, over all jobs) by which proposals were ahead of the engine's starts."""

    turns: int = 0
    proposed: int = 0
    agreed: int = 0
    elsewhere: int = 0
    unforeseen: int = 0
    sooner: int = 0


class Shadow:
    """Looks again and again, and keeps count."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self.desk, self.engine, self.at, self.watched = desk, engine, 0, Watched()
        self._proposed: dict[str, tuple[int, Step]] = {}
        """By job: when it was first proposed, and the latest proposal."""

    def look(self) -> Planned:
        """One look; what it proposes, and what became of earlier proposals, is counted."""
        planned = plan(self.desk, self.engine, (), self.at)
        first = self.watched.turns == 0
        self.at = planned.at
        for event in planned.events:
            if event.what in STARTS and not first:
                self._compare(event)
            elif event.what in (What.ENDED, What.VANISHED):
                self._proposed.pop(event.job, None)
        for step in planned.steps:
            if not step.stop:
                self._propose(step, planned.at)
        self.watched = replace(self.watched, turns=self.watched.turns + 1)
        return planned

    def _propose(self, step: Step, at: int) -> None:
        if step.job not in self._proposed:
            self.watched = replace(self.watched, proposed=self.watched.proposed + 1)
        since, _ = self._proposed.get(step.job, (at, step))
        self._proposed[step.job] = since, step

    def _compare(self, event: Event) -> None:
        """The engine started a job: as proposed, elsewhere, or unforeseen."""
        assert event.seen is not None
        since, step = self._proposed.pop(event.job, (0, None))
        if step is None:
            self.watched = replace(self.watched, unforeseen=self.watched.unforeseen + 1)
            return
        same = dict(step.on).keys() == dict(event.seen.on).keys()
        self.watched = replace(
            self.watched,
            agreed=self.watched.agreed + same,
            elsewhere=self.watched.elsewhere + (not same),
            sooner=self.watched.sooner + max(0, min(event.seen.start, event.at) - since),
        )

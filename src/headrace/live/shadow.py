"""Shadow mode: turns that look and decide, and neither tell the engine anything nor believe that they had."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from headrace.errors import EngineError
from headrace.live.event import Event, What
from headrace.live.reconcile import Picture, latest, reconcile
from headrace.live.turn import Turned

if TYPE_CHECKING:
    from headrace.live.desk import Desk
    from headrace.live.engine import Engine, JobSeen, Observation
    from headrace.live.known import Step
    from headrace.live.turn import Store

Proposed: TypeAlias = tuple[str, int, bool, frozenset[str]]
"""Job, run, whether it is a stop, and the nodes."""


class ShadowTurns:
    """As `Turns`; the steps of a turn are those that a live one would decide, each told once while it stands as it is:
    a job that is to go to other nodes than before is told again."""

    def __init__(self, desk: Desk, engine: Engine, store: Store) -> None:
        self.desk, self.engine, self.store, self.at = desk, engine, store, 0
        self._seen: dict[str, JobSeen] = {}
        self._proposed = frozenset[Proposed]()

    def turn(self) -> Turned:
        """Look and decide once."""
        try:
            events = self._understand(self.engine.observe())
        except EngineError as error:
            return Turned(self.at, trouble=str(error))
        return Turned(self.at, tuple(events), tuple(self._new(self.desk.propose(self.at))))

    def _understand(self, observation: Observation) -> list[Event]:
        before, self._seen = self._seen, latest(observation.jobs)
        found = reconcile(Picture(self.desk.jobs, self.desk.nodes, (), self.at), observation)
        self.at = max(self.at, observation.at)
        events = [event for event in found.events if not self._said_before(event, before)]
        self.store.record(events)
        return [*events, *self.desk.happen(events, self.at)]

    def _said_before(self, event: Event, before: dict[str, JobSeen]) -> bool:
        """An end that the engine lists again."""
        return event.what == What.ENDED and event.job not in self.desk.jobs and before.get(event.job) == event.seen

    def _new(self, steps: list[Step]) -> list[Step]:
        """Those that the turn before did not propose so."""
        before = self._proposed
        self._proposed = frozenset(map(_proposed, steps))
        return [step for step in steps if _proposed(step) not in before]


def _proposed(step: Step) -> Proposed:
    return step.job, step.run, step.stop, frozenset(node for node, _ in step.on)

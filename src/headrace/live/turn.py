"""One turn: look, understand, decide, write down, tell.

    1. observe      what the engine says (EngineError: nothing is done blindly; the next turn looks again)
    2. reconcile    what happened since; intents that it settles are settled
    3. round        what to start and stop
    4. intend       every order is stored before the engine hears of it
    5. act          so many orders at most; what must wait for a stop is told after it is seen
    6. settle       what the engine refused is taken back, and tried again later

A turn that fails half-way leaves its intents in the store; whoever goes on from there looks first.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from headrace.errors import EngineError
from headrace.live.engine import Start, Stop
from headrace.live.event import NOT_STARTED, SILENT, TAKEN, Event, What
from headrace.live.happening import spare
from headrace.live.intents import Intent, Outcome, Settled, may_go
from headrace.live.memory import NOTHING
from headrace.live.recall import Diary, recall
from headrace.live.reconcile import Picture, reconcile
from headrace.units import HOUR_MS, SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from headrace.live.desk import Desk
    from headrace.live.engine import Engine, JobSeen, Observation
    from headrace.live.known import Step
    from headrace.live.memory import Memory
    from headrace.live.reconcile import Unchanged

MOST_ORDERS: Final = 1000
"""Orders that one turn tells the engine; the others are told in the next."""
PATIENCE: Final = 3
"""Turns that an order may take to show before it is told again, and times that it is told before it has failed."""
BACKOFF: Final = 10 * SECOND_MS
LONGEST_BACKOFF: Final = HOUR_MS


class Store(Protocol):
    """What a turn needs to have written down. Each call is committed when it returns, or raises and did nothing."""

    def open_intents(self) -> Sequence[Intent]:
        """Every intent that is not settled, in the order in which they were decided."""

    def intend(self, intents: Sequence[Intent], news: Memory = NOTHING) -> None:
        """Keep these and what is new of the desk's memory, all or none of it."""

    def settle(self, settled: Sequence[Settled], at: int) -> None:
        """These are open no more, since `at` (ms)."""

    def record(self, events: Sequence[Event], news: Memory = NOTHING) -> None:
        """Write down what happened, and what is new of the desk's memory by it; all or none of it."""


@dataclass(frozen=True)
class Turned:
    """What one turn saw, decided and told."""

    at: int
    events: tuple[Event, ...] = ()
    steps: tuple[Step, ...] = ()
    told: int = 0
    settled: tuple[Settled, ...] = ()
    trouble: str = ""
    """What the engine could not be asked or told, in a sentence; empty where all went well."""


class Told:
    """How often an order was told, and for how many turns it was open since."""

    def __init__(self) -> None:
        self.times, self.turns = 0, 0

    @property
    def due(self) -> bool:
        return self.times == 0 or self.turns >= PATIENCE

    @property
    def spent(self) -> bool:
        """It was told often enough, or could not be told for as long."""
        return self.turns >= PATIENCE * (1 if self.times >= PATIENCE else PATIENCE + 1)


class Turns:
    """Turns over one engine and one store, with a `desk` of which nothing is known yet: the first look fills it.

    `new_key` gives a name that no intent had before. Where a turn raises, what is known here may be wrong: these turns
    are thrown away, and others begin with another desk, the same store and the same engine.
    """

    def __init__(
        self, desk: Desk, engine: Engine, store: Store, new_key: Callable[[], str], most: int = MOST_ORDERS
    ) -> None:
        self.desk, self.engine, self.store, self.at = desk, engine, store, 0
        self._diary: Diary | None = None
        self._new_key, self._most = new_key, most
        self.intents = {intent.key: intent for intent in store.open_intents()}
        self._told: dict[str, Told] = {}
        self._seen: dict[str, JobSeen] = {}
        self._refusals: dict[str, int] = {}
        self._unchanged: Unchanged = {}
        self._spared: dict[str, int] = {}
        """Jobs that the engine would not stop, and until when (ms) nobody tries to."""

    def turn(self) -> Turned:
        """Look, decide and tell once. An engine that cannot be asked or told is said in `trouble`, never raised."""
        try:
            events, settled = self._understand(self.engine.observe())
        except EngineError as error:
            return Turned(self.at, trouble=str(error))
        self._spared = {job: until for job, until in self._spared.items() if self.at < until}
        spare(self.desk, self._spared.keys())
        steps = self.desk.round(self.at)
        self._intend(steps)
        told, trouble, stopping = 0, "", self._stopping()
        try:
            told = self._tell(settled)
            if told and stopping and self._untold():
                events += self._look_again(settled)
                told += self._tell(settled)
        except EngineError as error:
            trouble = str(error)
        return Turned(self.at, tuple(events), tuple(steps), told, tuple(settled), trouble)

    def _look_again(self, settled: list[Settled]) -> list[Event]:
        """See at once what was stopped, so that what waits for it need not wait for the next turn."""
        events, more = self._understand(self.engine.observe(), again=True)
        settled += more
        return events

    def _understand(self, observation: Observation, *, again: bool = False) -> tuple[list[Event], list[Settled]]:
        nodes = [] if self._diary else self._begin(observation)
        desk = self.desk
        picture = Picture(desk.jobs, desk.nodes, self.intents.values(), self.at, self._unchanged)
        found = reconcile(picture, observation)
        before, self._seen = self._seen, found.seen
        self.at = max(self.at, observation.at)
        events = [event for event in found.events if not self._said_before(event, before)]
        for event in events:
            if event.what in (What.STARTED, What.ENDED):
                self._refusals.pop(event.job, None)
        events = [*nodes, *events, *self._stopped(found.settled), *self.desk.happen(events, self.at)]
        self.store.record(events, self._news(event.job for event in events))
        settled = [*found.settled]
        self._settle(settled)
        if not again:
            self._grow_old(settled)
        self._drop_hopeless(settled)
        return events, settled

    def _begin(self, observation: Observation) -> list[Event]:
        """The first look: the desk is what an earlier one was. Returns what is new."""
        nodes = recall(self.desk, tuple(self.intents.values()), observation)
        self._diary = Diary(self.desk)
        return nodes

    def _stopped(self, settled: Sequence[Settled]) -> Iterator[Event]:
        """Jobs that were stopped as decided. For the desk they wait since then; others are to know of it too."""
        for one in settled:
            intent = self.intents[one.key]
            seen = self._seen.get(intent.job)
            if isinstance(intent.order, Stop) and one.outcome == Outcome.CONFIRMED and seen is not None:
                said = f"job {intent.job} was stopped, and waits for its run {seen.run}"
                yield Event(What.STOPPED, self.at, said, intent.job, seen.run, seen)

    def _news(self, jobs: Iterable[str]) -> Memory:
        """What is new of the desk's memory."""
        assert self._diary is not None
        return self._diary.news(self.desk, jobs)

    def _said_before(self, event: Event, before: dict[str, JobSeen]) -> bool:
        """An end that the engine lists again."""
        was = before.get(event.job)
        return event.what == What.ENDED and event.job not in self.desk.jobs and was is not None and was == event.seen

    def _grow_old(self, settled: list[Settled]) -> None:
        """One turn more has passed for every open intent; what was told in vain often enough has failed."""
        for key in self.intents:
            self._told.setdefault(key, Told()).turns += 1
        spent = [intent for key, intent in self.intents.items() if self._told[key].spent]
        for intent in spent:
            self._fail(intent, SILENT, settled)

    def _drop_hopeless(self, settled: list[Settled]) -> None:
        """Starts that are not what the desk has by now, or that go to nodes which have no room or are out."""
        gone = []
        for intent in [one for one in self.intents.values() if isinstance(one.order, Start)]:
            known = self.desk.jobs.get(intent.job)
            if known is None or not known.live or known.run != intent.order.run:
                gone.append(Settled(intent.key, Outcome.OVERTAKEN, "the job is not where the order takes it to be"))
            elif self._never_told(intent.key) and not self._has_place(intent.order):
                gone.append(Settled(intent.key, Outcome.OVERTAKEN, "its nodes are not free any more"))
                self._take_back(intent, TAKEN, self.at)
        self._settle(gone)
        settled += gone

    def _never_told(self, key: str) -> bool:
        return key not in self._told or self._told[key].times == 0

    def _has_place(self, order: Start | Stop) -> bool:
        assert isinstance(order, Start)
        nodes = [self.desk.nodes.get(name) for name, _ in order.on]
        return all(node is not None and node.up for node in nodes) and not self.desk.crowded & dict(order.on).keys()

    def _intend(self, steps: Sequence[Step]) -> None:
        """Write every step down as an intent."""
        intents = [Intent(self._order(step), self.at) for step in steps]
        if intents:
            self.store.intend(intents, self._news(step.job for step in steps if step.stop))
        self.intents |= {intent.key: intent for intent in intents}

    def _order(self, step: Step) -> Start | Stop:
        key = self._new_key()
        return Stop(key, step.job, step.run) if step.stop else Start(key, step.job, step.run, step.on)

    def _untold(self) -> bool:
        return any(self._never_told(key) for key in self.intents)

    def _tell(self, settled: list[Settled]) -> int:
        """Tell the engine what is due and may go; take back what it refuses. Returns how many orders were told."""
        stopping = self._stopping()
        due = (intent for key, intent in self.intents.items() if self._told.setdefault(key, Told()).due)
        going = (intent for intent in due if may_go(intent.order, self._seen.get(intent.job), stopping))
        intents = list(islice(going, self._most))  # none is told too: an engine may have something to put in order
        for intent in intents:
            told = self._told[intent.key]
            told.times, told.turns = told.times + 1, 0
        for intent, answer in zip(intents, self.engine.act([intent.order for intent in intents]), strict=True):
            if not answer.taken:
                self._fail(intent, answer.said, settled)
        return len(intents)

    def _stopping(self) -> frozenset[str]:
        """Nodes on which something still runs that is to be stopped."""
        seen = [self._seen.get(i.job) for i in self.intents.values() if isinstance(i.order, Stop)]
        return frozenset(node for one in seen if one is not None for node, _ in one.on)

    def _fail(self, intent: Intent, said: str, settled: list[Settled]) -> None:
        """An order failed. A job that was to start is tried again later; one that was to stop is seen to run on, and is
        let be for as long."""
        self._settle([Settled(intent.key, Outcome.FAILED, said)])
        settled.append(Settled(intent.key, Outcome.FAILED, said))
        times = self._refusals[intent.job] = self._refusals.get(intent.job, 0) + 1
        again = self.at + min(LONGEST_BACKOFF, BACKOFF << min(times - 1, 20))
        if isinstance(intent.order, Stop):
            self._spared[intent.job] = again
        else:
            self._take_back(intent, NOT_STARTED.format(said=said), again)

    def _take_back(self, intent: Intent, why: str, again: int) -> None:
        """A job that was to start waits again, and is not tried before `again` (ms)."""
        known = self.desk.jobs.get(intent.job)
        if known is not None and known.live and known.run == intent.order.run:
            event = Event(What.HELD, self.at, why, intent.job, known.run, again=again)
            self.desk.happen([event], self.at)
            self.store.record([event], self._news([event.job]))

    def _settle(self, settled: Sequence[Settled]) -> None:
        if settled:
            self.store.settle(settled, self.at)
        for one in settled:
            self.intents.pop(one.key, None)
            self._told.pop(one.key, None)

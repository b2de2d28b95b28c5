"""What a turn writes down, in the store: its intents with the lease that allows them, its events as jobs and nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from headrace.live.engine import JobSeen, Status
from headrace.live.event import What
from headrace.live.intents import Intent, Settled
from headrace.live.memory import NOTHING
from headrace.live.store import nouns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from headrace.live.event import Event
    from headrace.live.memory import Memory
    from headrace.live.store.store import Store

STATES: Final = {state.name.lower(): state for state in nouns.IntentState}
SILENT: Final = (What.HELD, What.CROWDED)
"""Events that are the desk's own: what the engine says of the job has not changed."""


class Book:
    """The `Store` of headrace.live.turn. `recall` asks the engine for a job that it no longer lists."""

    def __init__(self, store: Store, recall: Callable[[str], JobSeen | None]) -> None:
        self._store, self.recall = store, recall
        self.held: nouns.Lease | None = None
        """Without it nothing is intended."""

    def open_intents(self) -> list[Intent]:
        """Every intent that is not settled."""
        return [Intent(kept.to_engine(), kept.made) for kept in self._store.open_intents()]

    def memory(self) -> Memory:
        """What a desk is to remember."""
        return self._store.memory()

    def intend(self, intents: Sequence[Intent], news: Memory = NOTHING) -> None:
        """Keep these; StoreError where the lease is another's by now."""
        self._store.intend(intents[0].at, [intent.order for intent in intents], self.held, news)

    def settle(self, settled: Sequence[Settled], at: int) -> None:
        """These are open no more."""
        self._store.settle(at, [nouns.Settled(one.key, STATES[one.outcome.value], one.said) for one in settled])

    def record(self, events: Sequence[Event], news: Memory = NOTHING) -> None:
        """What the engine said of jobs and nodes in these, and what the desk learnt by it."""
        if events or news != NOTHING:
            jobs = [seen for event in events for seen in self._seen(event)]
            nodes = [event.node for event in events if event.node is not None]
            self._store.record(events[0].at if events else 0, jobs, nodes, news)

    def bury(self, at: int, alive: Collection[str]) -> int:
        """End the jobs that were alive when last seen, and that the engine lists no more; how many there were."""
        gone = [kept for kept in self._store.jobs_alive() if kept.asked.job not in alive]
        if gone:
            self._store.record(at, [self._ended(seen, at) for seen in gone])
        return len(gone)

    def _seen(self, event: Event) -> Iterator[JobSeen]:
        if event.what == What.VANISHED:
            kept = self._store.job(event.job)
            if kept is not None:
                yield self._ended(kept.job, event.at)
        elif event.seen is not None and event.what not in SILENT:
            yield event.seen

    def _ended(self, seen: JobSeen, at: int) -> JobSeen:
        """How a job ended that is listed no more: as the engine recalls it, or nobody knows."""
        recalled = self.recall(seen.asked.job)
        if recalled is not None and recalled.status == Status.ENDED:
            return recalled
        return replace(seen, status=Status.ENDED, end=at)

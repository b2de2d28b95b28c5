"""What tests of live share: a store in memory, requests and nodes the way a test would say them, and a fleet to run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from headrace.live.desk import Desk
from headrace.live.engine import Asked, NodeSeen, Status
from headrace.live.engines.fake import FakeEngine
from headrace.live.event import What
from headrace.live.memory import NOTHING, Memory
from headrace.live.turn import Turned, Turns
from headrace.policy.policy import parse
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.live.engine import JobSeen
    from headrace.live.event import Event
    from headrace.live.intents import Intent, Settled
    from headrace.world.fleet import Fleet, Tenant


@dataclass
class DictStore:
    """A store in memory: what it was told survives whatever asks it."""

    intents: dict[str, Intent] = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    jobs: dict[str, JobSeen] = field(default_factory=dict)
    usage: dict[str, tuple[int, int]] = field(default_factory=dict)
    attained: dict[str, int] = field(default_factory=dict)

    def open_intents(self) -> Sequence[Intent]:
        return list(self.intents.values())

    def memory(self) -> Memory:
        """What a desk is to remember."""
        return Memory(self.usage, self.attained, tuple(self.jobs.values()))

    def intend(self, intents: Sequence[Intent], news: Memory = NOTHING) -> None:
        assert not self.intents.keys() & {intent.key for intent in intents}
        self.intents |= {intent.key: intent for intent in intents}
        self._learn(news)

    def settle(self, settled: Sequence[Settled], at: int) -> None:
        for one in settled:
            del self.intents[one.key]
        self.settled += settled

    def record(self, events: Sequence[Event], news: Memory = NOTHING) -> None:
        self.events += events
        for event in events:
            if event.what == What.VANISHED or (event.seen is not None and event.seen.status == Status.ENDED):
                self.jobs.pop(event.job, None)
            elif event.seen is not None and event.what != What.HELD:
                self.jobs[event.job] = event.seen
        self._learn(news)

    def _learn(self, news: Memory) -> None:
        self.usage |= news.usage
        self.attained |= news.attained


def node(name: str = "n1", chips: int = 8, **other: Any) -> NodeSeen:
    """A node of one kind and pool, with more cores and memory than anybody asks for."""
    return replace(NodeSeen(name, "H20", "main", chips, 10**6, 10**6, up=True), **other)


def ask(job: str, chips: int = 1, **other: Any) -> Asked:
    """A request for whole chips of one node."""
    return replace(Asked(job, "t", "u", 0, 1, chips, MILLI, 0, 0), **other)


def nodes_of(fleet: Fleet) -> list[NodeSeen]:
    """The nodes of a fleet file, as an engine would list them."""
    return [
        NodeSeen(name, pool.kind, pool.name, pool.chips, pool.cpu, pool.memory, up=True)
        for pool in fleet.pools
        for name in pool.node_names
    ]


class Running:
    """A fake engine, a store that survives, and turns that can be thrown away."""

    def __init__(
        self,
        nodes: Sequence[NodeSeen],
        policy: str = "fifo/first",
        tenants: Sequence[Tenant] = (),
        store: DictStore | None = None,
        **other: Any,
    ) -> None:
        self.engine, self.store, self.keys = FakeEngine(nodes, **other), store or DictStore(), count()
        self.policy, self.tenants = parse(policy), tenants
        self.crash()

    def crash(self, memory: Memory | None = None) -> None:
        """All that is not in the store or the engine, or was remembered, is lost."""
        self.desk = Desk(self.policy, self.tenants, memory=memory or self.store.memory())
        self.turns = Turns(self.desk, self.engine, self.store, lambda: f"key-{next(self.keys)}")

    def turn(self, at: int | None = None) -> Turned:
        """One turn, at the engine's time or a later one."""
        if at is not None:
            self.engine.until(at)
        return self.turns.turn()

    def said(self, what: What) -> list[str]:
        """What was recorded of this kind of event."""
        return [event.said for event in self.store.events if event.what == what]

"""What goes into the store and comes out of it: plain frozen values. Times are ms, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from headrace.live.engine import Start, Stop
from headrace.units import NEVER

if TYPE_CHECKING:
    from headrace.live.engine import Asked, JobSeen
    from headrace.world.record import Outcome


@dataclass(frozen=True)
class Page:
    """At most `size` rows, oldest first (or `newest` first), that come after the row with the sequence `after`.

    The next page starts after the last row's sequence: rows that come or go meanwhile shift nothing.
    """

    after: int | None = None
    size: int = 100
    newest: bool = False


@dataclass(frozen=True)
class JobKept:
    """A job as the engine last had it, at `seen`; `sequence` says in which order jobs were first seen."""

    sequence: int
    seen: int
    job: JobSeen


@dataclass(frozen=True)
class Stay:
    """One run of a job: from when it was `queued` to its `end`, and where.

    `start` is NEVER for a stay that has not left the queue, or ended there; `end` is NEVER while it lasts. `kind` is
    that of its nodes when it started, empty where it did not.
    """

    sequence: int
    asked: Asked
    run: int
    queued: int
    on: tuple[tuple[str, int], ...]
    kind: str
    start: int
    end: int
    outcome: Outcome
    ours: bool


@dataclass(frozen=True)
class NodeEvent:
    """When `node` took no work: "down" (what ran there was lost), "drain" (it went on). `end`: NEVER while it lasts."""

    sequence: int
    node: str
    start: int
    end: int
    state: str
    reason: str


class Order(Enum):
    """What an intent orders the engine to do."""

    START = 0
    STOP = 1


class IntentState(Enum):
    """How far an intent is: decided, told to the engine, and then one of three ends."""

    NEW = 0
    SENT = 1
    CONFIRMED = 2
    FAILED = 3
    OVERTAKEN = 4


OPEN: Final = (IntentState.NEW, IntentState.SENT)
"""States from which an intent still moves."""


def may_follow(before: IntentState, after: IntentState) -> bool:
    """Whether an intent in `before` may become `after`: only forwards, and never out of an end.

    From SENT to SENT is asking again with the same key. From NEW straight to an end happens when Headrace was killed
    after it acted and before it wrote that it had.
    """
    return before in OPEN and after is not IntentState.NEW


@dataclass(frozen=True)
class Intent:
    """What was decided: start or stop `run` of `job` (`on`: nodes with their chips' masks), made at `made`."""

    sequence: int
    key: str
    order: Order
    job: str
    run: int
    on: tuple[tuple[str, int], ...]
    made: int
    state: IntentState = IntentState.NEW
    said: str = ""
    changed: int = NEVER

    def to_engine(self) -> Start | Stop:
        """The order as the engine is told it, or told it again."""
        if self.order is Order.START:
            return Start(self.key, self.job, self.run, self.on)
        return Stop(self.key, self.job, self.run)


@dataclass(frozen=True)
class Settled:
    """How far the intent `key` is now, and what the engine said."""

    key: str
    state: IntentState
    said: str = ""


@dataclass(frozen=True)
class RoundKept:
    """A round at `at` that took `took` ms: jobs that waited, were started, stopped; what verify rejected, by reason."""

    at: int
    took: int
    waiting: int
    started: int
    stopped: int
    rejected: dict[str, int] = field(default_factory=dict)
    sequence: int = 0


@dataclass(frozen=True)
class Proposal:
    """What shadow mode would have ordered in the round `round`, at `at`."""

    sequence: int
    round: int
    at: int
    order: Order
    job: str
    run: int
    on: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Lease:
    """Who may act until `until`. `term` grows with every change of holder, so that an old holder can be told apart."""

    holder: str
    term: int
    renewed: int
    until: int


class Role(Enum):
    """What a token may do: look, look and submit for its tenant, or everything."""

    VIEWER = 0
    TENANT = 1
    OPERATOR = 2


@dataclass(frozen=True)
class Token:
    """Who a token stands for. The token itself is shown once, when it is made, and kept nowhere."""

    name: str
    tenant: str
    role: Role
    made: int
    used: int = NEVER
    revoked: int = NEVER


@dataclass(frozen=True)
class Submission:
    """What was answered to an idempotency key; `answered` is empty while the first request is still at work.

    `asked` is a checksum of the request: the same key with another request is a mistake of the caller.
    """

    tenant: str
    key: str
    asked: str
    at: int
    job: str = ""
    answered: str = ""

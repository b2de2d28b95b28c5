"""What was decided and is not yet seen: an intent is stored before the engine is told, and settled by what it shows.

    decided -> stored (open) -> told -> the engine shows it: CONFIRMED
                                     -> it is refused, or never shows: FAILED
                                     -> something else happened instead: OVERTAKEN

While it is open it may be told again, with the same key: an engine takes the same key for the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from headrace.live.engine import JobSeen, Start, Status, Stop
from headrace.units import NEVER, UNKNOWN

if TYPE_CHECKING:
    from headrace.live.known import Places


class Outcome(StrEnum):
    """How an intent was settled."""

    CONFIRMED = "confirmed"
    FAILED = "failed"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True)
class Intent:
    """An order that was decided at `at` (ms, engine time)."""

    order: Start | Stop
    at: int

    @property
    def key(self) -> str:
        return self.order.key

    @property
    def job(self) -> str:
        return self.order.job


class Settled(NamedTuple):
    """An intent that is open no more, and why, in a sentence's end."""

    key: str
    outcome: Outcome
    said: str


def judge(intent: Intent, seen: JobSeen | None) -> Settled | None:
    """What the engine shows of an intent's job: settled by it, or None: still open."""
    if seen is None:
        return Settled(intent.key, Outcome.OVERTAKEN, "the engine does not list the job")
    order = intent.order
    outcome = _started(order, seen) if isinstance(order, Start) else _stopped(order, seen)
    return None if outcome is None else Settled(intent.key, *outcome)


def _started(order: Start, seen: JobSeen) -> tuple[Outcome, str] | None:
    if seen.run > order.run:
        return Outcome.OVERTAKEN, f"the job waits for its run {seen.run}, or is on it"
    if seen.status == Status.ENDED:
        began = seen.run == order.run and seen.start < NEVER
        return (Outcome.CONFIRMED, "it ran, and ended") if began else (Outcome.OVERTAKEN, "it ended before it started")
    if seen.run == order.run and seen.status == Status.WAITING and not seen.startable:
        return Outcome.FAILED, seen.said or "the engine holds it"
    if seen.run < order.run or seen.status == Status.WAITING:
        return None
    if agree(order.on, seen.on):
        return Outcome.CONFIRMED, "it runs where it was put"
    return Outcome.OVERTAKEN, "it runs elsewhere"


def _stopped(order: Stop, seen: JobSeen) -> tuple[Outcome, str] | None:
    if seen.run > order.run or (seen.run == order.run and seen.status == Status.WAITING):
        return Outcome.CONFIRMED, "it is back in the queue"
    if seen.status == Status.ENDED:
        return Outcome.OVERTAKEN, "it ended by itself"
    return None


def agree(one: Places, other: Places) -> bool:
    """Are these the same nodes, and the same chips wherever both say which."""
    mine, theirs = dict(one), dict(other)
    if mine.keys() != theirs.keys():
        return False
    return all(UNKNOWN in (mask, theirs[node]) or mask == theirs[node] for node, mask in mine.items())


def may_go(order: Start | Stop, seen: JobSeen | None, stopping: frozenset[str]) -> bool:
    """May the order be told now: the job is where the order takes it to be; what it needs is not being cleared.

    `stopping` are the nodes on which something is still to be stopped.
    """
    if seen is None or seen.run != order.run:
        return False
    if isinstance(order, Stop):
        return seen.status in (Status.STARTING, Status.RUNNING)
    return seen.status == Status.WAITING and not any(node in stopping for node, _ in order.on)

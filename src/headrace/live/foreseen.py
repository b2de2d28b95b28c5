"""What a shadow proposed against what the engine did by itself: the same nodes or others, and how much sooner.

    proposed     |--first------last--|          the job was to start, on these nodes
    engine                           start      sooner = start - first; same = the nodes last proposed

Each proposal is of one moment: the jobs before it were where the engine had put them, not where Headrace would have.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from headrace.live.store.nouns import Order
from headrace.units import MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headrace.live.store.nouns import Proposal, Stay

Run: TypeAlias = tuple[str, int]
"""A job and which of its runs."""
MOST_BETWEEN: Final = 3 * MINUTE_MS
"""Rounds of a shadow are a minute apart at most; where they are further apart than this, nobody watched."""


class Became(StrEnum):
    """What the engine's start of a job was to the shadow."""

    SAME = "same"
    """On the nodes that were proposed."""
    ELSEWHERE = "elsewhere"
    UNFORESEEN = "unforeseen"
    """It waited, and was never proposed."""
    AT_ONCE = "at_once"
    """It was started before a turn could have seen it wait."""
    UNWATCHED = "unwatched"
    OURS = "ours"
    """Headrace itself started it."""


@dataclass(frozen=True)
class Watched:
    """When a shadow looked, of the period [begin, end) ms: the stretches between rounds that followed each other."""

    begin: int
    end: int
    stretches: tuple[tuple[int, int], ...]

    @property
    def length(self) -> int:
        """How long it looked, in ms."""
        return sum(until - since for since, until in self.stretches)

    def at(self, instant: int) -> bool:
        """Whether it looked then."""
        return any(since <= instant <= until for since, until in self.stretches)


@dataclass(frozen=True)
class Foreseen:
    """The engine's starts of a period, by what they were to the shadow.

    `sooner` has, for each start that was proposed, by how many ms the first proposal was ahead of it, least first.
    `waiting` jobs were proposed and had not been started at the end; `stops` were proposed to make room.
    """

    became: Mapping[Became, int]
    sooner: tuple[int, ...]
    waiting: int
    stops: int

    @property
    def starts(self) -> int:
        """All starts of the period."""
        return sum(self.became.values())

    @property
    def sooner_mean(self) -> float | None:
        """By how many ms the proposals were ahead on average; None where there were none."""
        return sum(self.sooner) / len(self.sooner) if self.sooner else None

    @property
    def sooner_median(self) -> int | None:
        """By how many ms half of them were ahead at most."""
        return self.sooner[(len(self.sooner) - 1) // 2] if self.sooner else None


def watched(rounds: Iterable[int], begin: int, end: int) -> Watched:
    """When it was looked, from the instants of the rounds, in order."""
    found: list[tuple[int, int]] = []
    for at in rounds:
        if found and at - found[-1][1] <= MOST_BETWEEN:
            found[-1] = found[-1][0], at
        else:
            found.append((at, at))
    inside = ((max(since, begin), min(until, end)) for since, until in found)
    return Watched(begin, end, tuple((since, until) for since, until in inside if since <= until))


def foreseen(stays: Iterable[Stay], proposals: Iterable[Proposal], watch: Watched, turn: int) -> Foreseen:
    """Compare the starts within what was watched; `turn` ms lie between two turns."""
    first, last, stops = _standing(proposals, watch)
    became, sooner, waiting = Counter[Became](), list[int](), 0
    for stay in stays:
        run = stay.asked.job, stay.run
        if watch.begin <= stay.start < watch.end:
            what = _what(stay, last.get(run), watch, turn)
            became[what] += 1
            if what in (Became.SAME, Became.ELSEWHERE):
                sooner.append(max(0, stay.start - first[run]))
        elif stay.start >= watch.end and stay.end >= watch.end:
            waiting += run in first
    return Foreseen({what: became[what] for what in Became}, tuple(sorted(sooner)), waiting, stops)


def _standing(proposals: Iterable[Proposal], watch: Watched) -> tuple[dict[Run, int], dict[Run, frozenset[str]], int]:
    """When each run was first to start, on which nodes last, and how many stops were proposed."""
    first, last, stops = dict[Run, int](), dict[Run, frozenset[str]](), set[Run]()
    for one in proposals:
        run = one.job, one.run
        if one.order is Order.STOP and watch.begin <= one.at < watch.end:
            stops.add(run)
        elif one.order is Order.START and one.at < watch.end:
            first.setdefault(run, one.at)
            last[run] = frozenset(node for node, _ in one.on)
    return first, last, len(stops)


def _what(stay: Stay, nodes: frozenset[str] | None, watch: Watched, turn: int) -> Became:
    if stay.ours:
        return Became.OURS
    if nodes is not None:
        return Became.SAME if nodes == {node for node, _ in stay.on} else Became.ELSEWHERE
    if not watch.at(stay.start):
        return Became.UNWATCHED
    return Became.AT_ONCE if stay.start - stay.queued <= turn else Became.UNFORESEEN

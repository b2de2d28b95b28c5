"""Which replicas do what: all do everything, or some prefill and others decode, on kinds that suit each.

both      every kind serves whole requests, and their rates add up
apart     kinds in the order of prefill rate over decode rate, chip for chip: those first prefill, those last
          decode, and one between may do some of each; no other deal of whole kinds gives more
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from headrace.estimate.operators import Plan

BOTH, PREFILL, DECODE = "both", "prefill", "decode"
MATCHED: Final = 0.9
"""Share of the slower side's rate that prefill and decode apart reach together, since arrivals are uneven: assumed."""


@dataclass(frozen=True)
class Side:
    """A replica in a role: requests a second, requests at once, and seconds, at the best load in the limits."""

    role: str
    kind: str
    plan: Plan
    requests: float
    batch: float
    ttft: float
    tpot: float

    @property
    def per_chip(self) -> float:
        """Requests a second of one chip."""
        return self.requests / self.plan.chips


@dataclass(frozen=True)
class Part:
    """So many replicas of one kind in one role."""

    role: str
    kind: str
    plan: Plan
    replicas: int

    @property
    def chips(self) -> int:
        """Of all replicas."""
        return self.replicas * self.plan.chips


@dataclass(frozen=True)
class Choice:
    """One answer. Requests a second of all chips together, output tokens a second of a chip; the worst seconds.

    `batch` is the most requests at once on one replica that decodes.
    """

    parts: tuple[Part, ...]
    batch: float
    ttft: float
    tpot: float
    requests: float
    per_chip: float

    @property
    def chips(self) -> int:
        """That are used."""
        return sum(part.chips for part in self.parts)


def choices(sides: Sequence[Side], chips: Mapping[str, int], output: float) -> list[Choice]:
    """Every choice worth looking at, the most requests a second first, of equals the fewest chips.

    `output` is tokens a request. Of choices that give the same kinds the same roles the best stays.
    """
    best: dict[tuple[tuple[str, str], ...], Choice] = {}
    for used in _rosters(sides, chips):
        found = _choice(used, output)
        key = tuple((part.role, part.kind) for part in found.parts)
        if key not in best or _merit(found) > _merit(best[key]):
            best[key] = found
    return sorted(best.values(), key=_merit, reverse=True)


def _merit(choice: Choice) -> tuple[float, int]:
    return choice.requests, -choice.chips


Roster = list[tuple[Side, int]]


def _rosters(sides: Sequence[Side], chips: Mapping[str, int]) -> Iterator[Roster]:
    for count in range(1, len(chips) + 1):
        for kinds in combinations(chips, count):
            yield from _whole(sides, kinds, chips)
            yield from _apart(sides, kinds, chips)


def _whole(sides: Sequence[Side], kinds: tuple[str, ...], chips: Mapping[str, int]) -> Iterator[Roster]:
    for some in product(*(_leading(sides, BOTH, kind, chips[kind]) for kind in kinds)):
        yield [(side, chips[side.kind] // side.plan.chips) for side in some]


def _apart(sides: Sequence[Side], kinds: tuple[str, ...], chips: Mapping[str, int]) -> Iterator[Roster]:
    """Every kind has a way to prefill, or to decode, or both; see the module."""
    firsts: list[list[Side | None]] = [[*_leading(sides, PREFILL, kind, chips[kind])] or [None] for kind in kinds]
    seconds: list[list[Side | None]] = [[*_leading(sides, DECODE, kind, chips[kind])] or [None] for kind in kinds]
    for pairs in product(*(product(*each) for each in zip(firsts, seconds, strict=True))):
        ordered = sorted(pairs, key=_lean, reverse=True)
        for pivot in range(len(ordered)):
            yield from _around(ordered, pivot, chips)


def _lean(pair: tuple[Side | None, Side | None]) -> float:
    """How much better the kind is at prefill than at decode."""
    first, second = pair
    if first is None or second is None:
        return -1.0 if first is None else float("inf")
    return first.per_chip / second.per_chip


def _around(pairs: Sequence[tuple[Side | None, Side | None]], pivot: int, chips: Mapping[str, int]) -> Iterator[Roster]:
    """Kinds before the pivot prefill, those behind it decode, and the pivot does each share of both."""
    before = [(first, chips[first.kind] // first.plan.chips) for first, _ in pairs[:pivot] if first]
    behind = [(second, chips[second.kind] // second.plan.chips) for _, second in pairs[pivot + 1 :] if second]
    if len(before) < pivot or len(behind) < len(pairs) - pivot - 1:
        return
    rates = _rate(before, PREFILL), _rate(behind, DECODE)
    for own in _shares(pairs[pivot], rates, chips):
        yield from _matched([*before, *own, *behind])


def _shares(
    pair: tuple[Side | None, Side | None], rates: tuple[float, float], chips: Mapping[str, int]
) -> Iterator[Roster]:
    """How the pivot's chips are best dealt: all to prefill, all to decode, or the best of what lies between.

    `rates` are what the other kinds prefill and decode.
    """
    first, second = pair
    if first is None or second is None:
        yield from ([(side, chips[side.kind] // side.plan.chips)] for side in pair if side is not None)
        return
    there = chips[first.kind]
    most = there // first.plan.chips
    yield [(second, there // second.plan.chips)]
    yield [(first, most)]
    between = [(count, (there - count * first.plan.chips) // second.plan.chips) for count in range(1, most + 1)]
    both = [(a, b) for a, b in between if b]
    if both:
        slower = [min(rates[0] + a * first.requests, rates[1] + b * second.requests) for a, b in both]
        a, b = both[slower.index(max(slower))]
        yield [(first, a), (second, b)]


def _matched(roster: Roster) -> Iterator[Roster]:
    """The roster without replicas that the other side cannot keep busy, if both sides are there."""
    rates = {role: _rate(roster, role) for role in (PREFILL, DECODE)}
    if min(rates.values()) <= 0:
        return
    spare = max(rates, key=lambda role: rates[role])
    surplus = rates[spare] - min(rates.values())
    kept: Roster = []
    for side, count in roster:
        idle = min(int(surplus / side.requests), count) if side.role == spare else 0
        surplus -= idle * side.requests
        if count > idle:
            kept.append((side, count - idle))
    yield kept


def _rate(roster: Roster, role: str) -> float:
    return sum(count * side.requests for side, count in roster if side.role == role)


def _leading(sides: Sequence[Side], role: str, kind: str, most: int) -> list[Side]:
    """Of each size of replica the best, but for sizes of which a smaller one does as much with each chip."""
    best: dict[int, Side] = {}
    for side in sides:
        if side.role == role and side.kind == kind and side.plan.chips <= most:
            known = best.get(side.plan.chips)
            if known is None or side.requests > known.requests:
                best[side.plan.chips] = side
    kept: list[Side] = []
    for size in sorted(best):
        if not kept or best[size].per_chip > kept[-1].per_chip:
            kept.append(best[size])
    return kept


def _choice(roster: Roster, output: float) -> Choice:
    parts = tuple(Part(side.role, side.kind, side.plan, count) for side, count in roster)
    apart = MATCHED * min(_rate(roster, PREFILL), _rate(roster, DECODE))
    requests = _rate(roster, BOTH) + apart
    decoding = [side for side, _ in roster if side.role != PREFILL]
    return Choice(
        parts=parts,
        batch=max(side.batch for side in decoding),
        ttft=max(side.ttft for side, _ in roster),
        tpot=max(side.tpot for side in decoding),
        requests=requests,
        per_chip=requests * output / sum(part.chips for part in parts),
    )

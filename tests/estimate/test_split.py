"""Splits: against every deal of replicas there is, and against what one side could do alone."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.estimate.operators import Plan
from headrace.estimate.split import BOTH, DECODE, MATCHED, PREFILL, Choice, Side, choices

rates = st.floats(0.1, 10.0)


def side(role: str, kind: str, chips: int, requests: float) -> Side:
    """A replica of that many chips."""
    return Side(role, kind, Plan(tp=chips), requests, 8.0, 0.1, 0.01)


def brute(there: dict[str, int], prefill: dict[str, float], decode: dict[str, float]) -> float:
    """The most requests a second of any deal of single chips to the two roles."""
    best = 0.0
    for deal in product(*(range(count + 1) for count in there.values())):
        first = sum(count * prefill[kind] for kind, count in zip(there, deal, strict=True))
        rest = (there[kind] - count for kind, count in zip(there, deal, strict=True))
        second = sum(count * decode[kind] for kind, count in zip(there, rest, strict=True))
        best = max(best, min(first, second))
    return best


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 5), rates, rates), min_size=1, max_size=3))
def test_no_deal_of_chips_to_prefill_and_decode_gives_much_more(kinds: list[tuple[int, float, float]]) -> None:
    """Dealing whole kinds but one is within one replica of the best deal of all."""
    there = {str(number): count for number, (count, _, _) in enumerate(kinds)}
    prefill = {str(number): rate for number, (_, rate, _) in enumerate(kinds)}
    decode = {str(number): rate for number, (_, _, rate) in enumerate(kinds)}
    sides = [side(role, kind, 1, each[kind]) for role, each in ((PREFILL, prefill), (DECODE, decode)) for kind in there]
    found = max((choice.requests for choice in choices(sides, there, 100.0)), default=0.0) / MATCHED
    best = brute(there, prefill, decode)
    assert found <= best * (1 + 1e-9)
    assert found >= best - max(*prefill.values(), *decode.values(), 0.0)


@given(st.integers(1, 9), rates)
def test_kinds_that_do_everything_add_up(count: int, rate: float) -> None:
    """Two kinds of equal chips serve twice what one does."""
    sides = [side(BOTH, kind, 1, rate) for kind in ("a", "b")]
    best = choices(sides, {"a": count, "b": count}, 100.0)[0]
    assert best.requests == pytest.approx(2 * count * rate)
    assert best.per_chip == pytest.approx(rate * 100.0)


def test_chips_that_make_up_no_replica_stay_unused() -> None:
    """Seven chips are three replicas of two."""
    (found,) = choices([side(BOTH, "a", 2, 1.0)], {"a": 7}, 100.0)
    assert (found.chips, found.requests) == (6, 3.0)


def test_replicas_that_the_other_side_cannot_keep_busy_are_left_out() -> None:
    """One chip that prefills for ten feeds at most ten."""
    sides = [side(PREFILL, "a", 1, 10.0), side(DECODE, "b", 1, 1.0)]
    found: list[Choice] = choices(sides, {"a": 4, "b": 4}, 100.0)
    assert {part.kind: part.replicas for part in found[0].parts} == {"a": 1, "b": 4}

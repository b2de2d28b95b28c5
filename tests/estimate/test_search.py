"""Search: plans fit, limits are kept, chips are not used twice."""

from __future__ import annotations

import pytest

from headrace.errors import InputError
from headrace.estimate.known import chip, model
from headrace.estimate.search import Wanted, plans, search

KINDS = [chip("H20"), chip("H100")]
CHIPS = {"H20": 16, "H100": 8}
WANTED = Wanted(model("Qwen3-32B"), "fp8_block", 4096.0, 512.0, ttft=3.0, tpot=0.05)


def test_every_choice_keeps_the_limits_and_the_chips() -> None:
    for choice in search(WANTED, KINDS, CHIPS, top=1000):
        assert choice.ttft <= WANTED.ttft
        assert choice.tpot <= WANTED.tpot
        used = dict.fromkeys(CHIPS, 0)
        for part in choice.parts:
            used[part.kind] += part.chips
        assert all(used[kind] <= CHIPS[kind] for kind in CHIPS)


def test_the_best_comes_first() -> None:
    rates = [choice.requests for choice in search(WANTED, KINDS, CHIPS)]
    assert rates == sorted(rates, reverse=True)


def test_looser_limits_never_find_less() -> None:
    looser = Wanted(WANTED.shape, WANTED.precision, WANTED.input, WANTED.output, ttft=9.0, tpot=0.2)
    assert search(looser, KINDS, CHIPS)[0].requests >= search(WANTED, KINDS, CHIPS)[0].requests


def test_limits_that_nothing_keeps_find_nothing() -> None:
    assert search(Wanted(WANTED.shape, WANTED.precision, 4096.0, 512.0, tpot=1e-6), KINDS, CHIPS) == []


def test_plans_divide_the_heads_and_stay_within_the_chips() -> None:
    shape = model("DeepSeek-V3")
    for plan in plans(shape, 32):
        assert plan.chips <= 32
        assert shape.heads % plan.tp == 0


def test_four_kinds_in_one_search_are_refused() -> None:
    with pytest.raises(InputError, match="at most 3"):
        search(WANTED, [chip(name) for name in ("H20", "H100", "A100", "L40S")], {})


def test_three_kinds_may_share_prefill_and_decode() -> None:
    """Each kind does what suits it, and together they never serve less than any two of them."""
    there = {"H20": 16, "H100": 8, "A100": 8}
    kinds = [chip(name) for name in there]
    found = search(WANTED, kinds, there, top=100)
    assert any({part.kind for part in choice.parts} == set(there) for choice in found)
    for left_out in there:
        two = {name: count for name, count in there.items() if name != left_out}
        assert found[0].requests >= search(WANTED, [chip(name) for name in two], two)[0].requests


def test_prefill_apart_and_decode_apart_are_matched() -> None:
    """No replica of the faster side could be left out."""
    for choice in search(WANTED, KINDS, CHIPS, top=1000):
        roles = {part.role for part in choice.parts}
        assert roles in ({"both"}, {"prefill", "decode"})

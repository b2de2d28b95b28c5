"""Fit: kinds ranked for a job, and those left out with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.errors import InputError
from headrace.estimate.fit import Job, Terms, fit
from headrace.estimate.known import chip, chips, model

KINDS = ("H20", "H100", "A800", "L40S", "Ascend 910B", "MI300X")
TERMS = Terms({"H20": 8.0, "H100": 20.0, "Ascend 910B": 3.5}, 1.4)
kinds = st.lists(st.sampled_from(KINDS), unique=True, min_size=1)
phases = st.sampled_from(["serve", "prefill", "decode"])


def job(**changed: Any) -> Job:
    """A million tokens of a model of 8 billion parameters, with one thing changed."""
    usual = {"shape": model("Qwen3-8B"), "phase": "serve", "precision": "bf16", "tokens": 1e6}
    return Job(**usual | {"input": 1024.0, "output": 256.0} | changed)


@settings(max_examples=40)
@given(kinds, phases)
def test_every_ranking_rises_and_every_kind_is_ranked_or_left_out(names: list[str], phase: str) -> None:
    """Time, money and energy by the middles of their intervals."""
    found = fit(job(phase=phase), [chip(name) for name in names], TERMS)
    left = [kind for reason in found.left_out.values() for kind in reason]
    assert sorted([*left, *(one.kind for one in found.time)]) == sorted(names)
    assert {one.kind for one in found.money} == {one.kind for one in found.time} & TERMS.costs.keys()
    for values in (
        [one.chip_hours for one in found.time],
        [one.money for one in found.money if one.money],
        [one.energy for one in found.energy if one.energy],
    ):
        assert [value.value for value in values] == sorted(value.value for value in values)
        assert all(0 < value.low <= value.value <= value.high for value in values)


@settings(max_examples=25)
@given(kinds, st.randoms(use_true_random=False))
def test_the_order_in_which_kinds_are_named_changes_no_ranking(names: list[str], chance: Any) -> None:
    """No two of these kinds are equal."""
    other = list(names)
    chance.shuffle(other)
    one, two = (fit(job(), [chip(name) for name in each], TERMS) for each in (names, other))
    assert [each.kind for each in one.time] == [each.kind for each in two.time]
    assert [each.kind for each in one.energy] == [each.kind for each in two.energy]


@settings(max_examples=25)
@given(st.floats(1.5, 1e6))
def test_more_work_takes_more_of_everything_in_proportion(times: float) -> None:
    """Chip-hours, money and energy are linear in the tokens."""
    little, much = (fit(job(tokens=1e6 * each), [chip("H20")], TERMS).time[0] for each in (1.0, times))
    for name in ("chip_hours", "money", "energy"):
        assert getattr(much, name).value == pytest.approx(times * getattr(little, name).value)


def test_money_is_chip_hours_times_what_a_chip_hour_costs() -> None:
    """And its interval with it."""
    one = fit(job(), [chip("H20")], TERMS).time[0]
    assert one.money is not None
    assert one.money.value == pytest.approx(8.0 * one.chip_hours.value)
    assert one.money.high == pytest.approx(8.0 * one.chip_hours.high)


def test_with_chips_that_are_there_time_is_of_all_of_them_together() -> None:
    """Sixty-four chips take a 64th of the chip-hours."""
    one = fit(job(there={"H20": 64}), [chip("H20")], TERMS).time[0]
    assert one.hours is not None
    assert one.chips == 64
    assert one.hours.value == pytest.approx(one.chip_hours.value / 64)


def test_chips_that_make_no_whole_replica_stay_unused() -> None:
    """A model that needs two chips of 48 GB uses four of five."""
    one = fit(job(shape=model("Qwen3-32B"), there={"L40S": 5}), [chip("L40S")], TERMS).time[0]
    assert one.chips == 4


def test_kinds_are_left_out_with_the_reason() -> None:
    """None there, too few, no room on any number, and limits that cannot be kept."""
    large = job(shape=model("DeepSeek-V3"), precision="fp8_block")
    every = [chip(name) for name in ("H20", "H100")]
    assert fit(replace(large, there={"H100": 4}), every, TERMS).left_out == {"none": ("H20",), "few": ("H100",)}
    assert fit(large, [chip("L4")], TERMS).left_out == {"memory": ("L4",)}
    assert fit(job(tpot=1e-6), every, TERMS).left_out == {"limits": ("H20", "H100")}


def test_limits_are_kept_at_the_cost_of_time() -> None:
    """A limit on each next token lowers how many requests run at once, and so the rate."""
    free, kept = (fit(job(tpot=tpot), [chip("H20")], TERMS).time[0] for tpot in (float("inf"), 0.02))
    assert kept.chip_hours.value > free.chip_hours.value


def test_decode_alone_is_faster_than_decode_that_prefills_beside_it() -> None:
    """For the same tokens out."""
    serve, decode = (fit(job(phase=phase), [chip("H20")], TERMS).time[0] for phase in ("serve", "decode"))
    assert decode.chip_hours.value < serve.chip_hours.value


def test_training_uses_a_cut_that_the_chips_allow() -> None:
    """On the chips that are there, or on the fewest; none of it where they are too few."""
    train = job(phase="train", shape=model("Llama-3.1-70B"), input=4096.0, engine="megatron")
    one = fit(replace(train, there={"H100": 64}), [chip("H100")], TERMS).time[0]
    cut = one.cut
    assert (one.chips, cut["tp"] * cut["pp"] * cut["dp"]) == (64, 64)
    assert fit(replace(train, there={"H100": 1}), [chip("H100")], TERMS).left_out == {"few": ("H100",)}
    assert fit(train, [chip("H100")], TERMS).time[0].chips >= 8


def test_every_kind_of_the_catalogue_is_ranked_or_left_out() -> None:
    """None is lost, and none ends in an error."""
    found = fit(job(), list(chips().values()), TERMS)
    assert len(found.time) + sum(map(len, found.left_out.values())) == len(chips())


def test_a_job_without_work_is_refused() -> None:
    """In one sentence."""
    with pytest.raises(InputError, match="0 tokens"):
        job(tokens=0.0)

"""Estimates of inference: what must always hold, whatever the constants."""

from __future__ import annotations

from dataclasses import replace
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.estimate.questions import answer, ask

from headrace.errors import CallError, InputError
from headrace.estimate.inference import Unfit, estimate, within
from headrace.estimate.operators import Plan
from headrace.estimate.question import load, tables, weights

models = st.sampled_from(["Qwen3-8B", "Qwen3-30B-A3B", "Llama-3.1-8B", "gpt-oss-20b"])
kinds = st.sampled_from(["H20", "H100", "A100", "L40S", "Ascend 910B", "MI300X"])


@settings(deadline=None)
@given(models, kinds, st.integers(1, 256), st.integers(1, 256))
def test_a_larger_batch_never_lowers_the_time_a_token_takes(name: str, on: str, one: int, other: int) -> None:
    few, many = sorted((one, other))
    questions = [ask(name, on, asked=float(count), precision="int4_wo") for count in (few, many)]
    if load(questions[0]) is None:
        return
    less, more = (answer(question).tpot.value for question in questions)
    assert less <= more * (1 + 1e-9)


@settings(deadline=None)
@given(models, kinds, st.floats(1, 4))
def test_more_bandwidth_is_never_slower(name: str, on: str, times: float) -> None:
    question = ask(name, on, precision="int4_wo")
    if load(question) is None:
        return
    wider = replace(question, chip=replace(question.chip, bandwidth=question.chip.bandwidth * times))
    tables.cache_clear()
    slow, fast = answer(question), answer(wider)
    tables.cache_clear()
    assert fast.tpot.value <= slow.tpot.value * (1 + 1e-9)
    assert fast.ttft.value <= slow.ttft.value * (1 + 1e-9)


@settings(deadline=None)
@given(models, kinds, st.floats(1, 30_000), st.floats(1, 4_000), st.integers(0, 512))
def test_intervals_contain_the_estimate(name: str, on: str, input_: float, output: float, asked: int) -> None:
    question = ask(name, on, precision="int4_wo", input=input_, output=output, asked=float(asked))
    found = estimate(question)
    if isinstance(found, Unfit):
        return
    for value in (found.tpot, found.ttft, found.decode, found.prefill, found.energy_per_million(1.3)):
        assert 0 < value.low <= value.value <= value.high


@settings(deadline=None)
@given(st.floats(1, 30_000), st.floats(1, 30_000))
def test_a_longer_prompt_never_lowers_the_time_of_the_first_token(one: float, other: float) -> None:
    short, long = sorted((one, other))
    questions = [ask(input=length, asked=1.0) for length in (short, long)]
    assert answer(questions[0]).ttft.value <= answer(questions[1]).ttft.value * (1 + 1e-9)


def test_what_does_not_fit_says_how_much_is_needed() -> None:
    found = estimate(ask("DeepSeek-V3", "H20", precision="fp8_block"))
    assert isinstance(found, Unfit)
    assert found.needed > 670e9 > found.there


def test_tensor_ways_divide_the_weights() -> None:
    question = ask("Qwen3-32B")
    whole, half = (weights(question.shape, Plan(tp=ways), "bf16") for ways in (1, 2))
    assert half == pytest.approx(whole / 2)


def test_requests_beyond_what_memory_holds_wait_for_their_first_token() -> None:
    question = ask("Qwen3-32B", "H100", precision="fp8_block", input=8192.0, output=1024.0)
    held = floor(answer(question).largest_batch)
    few, many = (answer(replace(question, asked=held * times)) for times in (1, 4))
    assert many.ttft.value - few.ttft.value == pytest.approx(3 * 1024 * many.tpot.value, rel=0.01)
    assert many.limit == "capacity"


def test_decode_of_one_request_is_limited_by_memory_or_launches_and_a_crowd_by_compute_on_a_chip_of_little() -> None:
    assert answer(ask("Qwen3-8B", "H20", asked=1.0, output=4096.0)).limit in ("memory", "launch")
    assert answer(ask("Qwen3-8B", "H20", asked=512.0, input=4096.0, output=16.0)).limit in ("compute", "capacity")


def test_money_is_what_a_chip_hour_costs_over_what_it_yields() -> None:
    found = answer(ask())
    assert found.money_per_million(7.2).value == pytest.approx(7.2 / 3600 / found.decode.value * 1e6)


def test_a_chip_that_the_catalogue_does_not_have_is_named() -> None:
    with pytest.raises(CallError, match="no chip"):
        ask(on="H2O")


def test_a_load_without_output_is_refused() -> None:
    with pytest.raises(InputError, match="0 out"):
        ask(output=0.0)


@settings(deadline=None, max_examples=20)
@given(st.floats(0.005, 0.2), st.floats(0.05, 5.0))
def test_the_largest_batch_within_limits_keeps_them_and_one_more_does_not(tpot: float, ttft: float) -> None:
    """As found by halving, and as trying every number would."""
    question = ask("Qwen3-32B", "H20")
    kept = within(question, ttft, tpot)
    batch = int(kept.running) if kept else 0
    assert kept is None or kept.meets(ttft, tpot)
    more = answer(replace(question, asked=float(batch + 1)))
    assert batch + 1 > more.largest_batch or not more.meets(ttft, tpot)


def test_without_prompts_of_others_a_token_takes_less() -> None:
    """Prefill elsewhere leaves the steps to decode; the first token takes what it takes."""
    shared, alone = (estimate(ask(asked=32.0), prompts=prompts) for prompts in (True, False))
    assert not isinstance(shared, Unfit)
    assert not isinstance(alone, Unfit)
    assert alone.tpot.value < shared.tpot.value
    assert alone.prefill == shared.prefill


def test_energy_grows_with_what_the_site_draws_beside_its_chips() -> None:
    """In proportion to PUE."""
    found = answer(ask())
    assert found.energy_per_million(1.5).value == pytest.approx(1.5 * found.energy_per_million(1.0).value)

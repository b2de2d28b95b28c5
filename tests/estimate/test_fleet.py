"""A fleet's history: what its jobs took beside what was estimated, and what that corrects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.estimate.questions import answer, ask

from headrace.estimate.calibration import Calibration, shipped
from headrace.estimate.engines import Stack
from headrace.estimate.fleet import DRAWN, FEWEST, Seen, corrected, correction, corrections, left_out
from headrace.estimate.fleet_job import REASONS, Unasked, read_job
from headrace.estimate.interval import Value
from headrace.estimate.origins import nearest

STACK = Stack("vllm", "0.9", "H20", "bf16", "Qwen3-8B")
OTHER = Stack("vllm", "0.9", "H20", "bf16", "Qwen3-32B")
JOB: dict[str, Any] = {
    "workload": "Qwen3-8B decode",
    "chips": 1,
    "nodes": 1,
    "share_milli": 1000,
    "engine": "vllm",
    "engine_version": "0.9.1",
    "precision": "bf16",
    "input": 1024.0,
    "output": 256.0,
    "batch": 8.0,
}


def seen(*factors: float, stack: Stack = STACK, what: str = "tpot") -> list[Seen]:
    """Jobs that took so many times what was estimated."""
    return [Seen(stack, {what: float(np.log(factor))}) for factor in factors]


def table(jobs: list[Seen]) -> Calibration:
    return Calibration({row.key: row for row in corrections(jobs, "a log")})


@given(st.floats(0.3, 3), st.integers(FEWEST, 60))
def test_a_correction_lies_between_none_and_what_the_jobs_say_and_nears_it_with_their_number(
    factor: float, n: int
) -> None:
    """Drawn towards none by n / (n + DRAWN)."""
    assert correction(np.full(n, np.log(factor))) == pytest.approx(np.log(factor) * n / (n + DRAWN))


@given(st.lists(st.floats(0.5, 2), min_size=FEWEST, max_size=40))
def test_a_corrected_estimate_lies_within_its_interval(factors: list[float]) -> None:
    """Whatever the jobs were."""
    found = corrected(table(seen(*factors)), STACK, "tpot", Value(0.01, 0.008, 0.013))
    assert found.low <= found.value <= found.high


def test_four_jobs_correct_nothing() -> None:
    """Fewer than FEWEST jobs of a stack are too few."""
    assert corrections(seen(*[1.2] * (FEWEST - 1)), "a log") == []


def test_a_correction_moves_its_own_stack_and_no_other_model_engine_or_chip() -> None:
    """One model's jobs say nothing of another's."""
    known, value = table(seen(*[1.5] * 10)), Value(0.01, 0.008, 0.013)
    assert corrected(known, STACK, "tpot", value).value == pytest.approx(0.01 * 1.5 ** (10 / 15))
    assert corrected(known, OTHER, "tpot", value) == value
    assert corrected(known, STACK, "ttft", value) == value


def test_two_models_of_a_chip_correct_a_third() -> None:
    """What slows several models on a chip is the chip's, or the fleet's."""
    known = table([*seen(*[1.2] * 6), *seen(*[1.2] * 6, stack=OTHER)])
    third = Stack("vllm", "0.9", "H20", "bf16", "Llama-3.1-8B")
    assert corrected(known, third, "tpot", Value(1.0, 0.9, 1.1)).value == pytest.approx(1.2 ** (12 / 17))


def test_twenty_jobs_have_an_interval_of_their_own() -> None:
    """It holds about nine tenths of them, and is narrower than the one that ships where they agree."""
    rng = np.random.default_rng(1)
    factors = 1.3 * np.exp(rng.normal(0, 0.03, 60))
    known = table(seen(*factors.tolist()))
    found = corrected(known, STACK, "tpot", Value(1.0, 0.5, 2.0))
    held = np.mean((found.low <= factors) & (factors <= found.high))
    assert 0.85 <= held <= 1.0
    assert found.high / found.low < 1.25


def test_the_error_is_of_jobs_that_the_correction_did_not_see() -> None:
    """Each job is corrected by all others."""
    off = np.log([1.0, 1.1, 1.2, 1.3, 1.4])
    left = left_out(off)
    assert left[0] == pytest.approx(off[0] - correction(off[1:]))
    (row,) = corrections(seen(*np.exp(off).tolist()), "a log")
    assert row.error == pytest.approx(np.median(np.abs(np.expm1(-left))))


def test_a_job_says_what_it_took_over_what_is_estimated() -> None:
    """By the time of a token where it is told, else by the rate of the whole job."""
    found = answer(ask(generation="0.9"))
    slow = read_job(
        JOB | {"tpot_ms": found.tpot.value * 1.2e3, "ttft_ms": str(found.ttft.value * 1e3)}, "H20", shipped()
    )
    assert isinstance(slow, Seen)
    assert slow.stack == STACK
    assert slow.off == pytest.approx({"tpot": np.log(1.2), "ttft": 0.0}, abs=1e-9)
    rate = read_job(JOB | {"tokens_per_s": found.decode.value / 1.5}, "H20", shipped())
    assert isinstance(rate, Seen)
    assert rate.off == pytest.approx({"tpot": np.log(1.5)})


UNUSABLE: dict[str, dict[str, Any]] = {
    "workload": {"workload": "my-training-run"},
    "chip": {},
    "share": {"share_milli": 500},
    "lengths": {"input": None},
    "load": {"batch": "many"},
    "precision": {"precision": "fp7"},
    "measured": {"tpot_ms": None},
    "fit": {"workload": "DeepSeek-V3 decode", "precision": "fp8"},
}


@pytest.mark.parametrize("reason", REASONS)
def test_a_job_that_cannot_be_used_says_why(reason: str) -> None:
    """Each reason by a job to which nothing else is wanting."""
    job = JOB | {"tpot_ms": 8.0} | UNUSABLE[reason]
    assert read_job(job, "H2O" if reason == "chip" else "H20", shipped()) == Unasked(reason)


@given(
    st.dictionaries(st.sampled_from(list(JOB)), st.none() | st.text(max_size=8) | st.floats() | st.integers()),
    st.text(max_size=8),
)
def test_no_job_however_strange_ends_in_a_fault(strange: dict[str, Any], kind: str) -> None:
    """Logs hold anything."""
    assert isinstance(read_job(JOB | {"tpot_ms": 8.0} | strange, kind or "H20", shipped()), Seen | Unasked)


def test_without_a_version_the_one_that_the_fleet_itself_runs_is_taken() -> None:
    """Though others were measured for the chip too; and be it one that was never measured."""
    untold = replace(STACK, generation="")
    for generation in ("0.9", "99.1"):
        own = table(seen(1.3, 1.2, 1.3, 1.3, 1.4, stack=replace(STACK, generation=generation))).over(shipped())
        assert nearest(untold, own).generation == generation != nearest(untold, shipped()).generation


def test_jobs_that_tell_no_version_correct_what_is_asked_without_one() -> None:
    """Both are of the version that stands in for it."""
    found = read_job(JOB | {"engine_version": "", "tpot_ms": 9.0}, "H20", shipped())
    assert isinstance(found, Seen)
    assert found.stack.generation == nearest(replace(STACK, generation=""), shipped()).generation != ""

"""Training: what must hold of plans, and FLOPs by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headrace.errors import InputError
from headrace.estimate.known import chip, model
from headrace.estimate.train import train
from headrace.estimate.training import Run, flops_per_token, micro

RUN = Run(model("Llama-3.1-8B"), chip("H100"), "bf16", 8, 4096.0, micro=1.0, batch=64.0)


def test_flops_of_a_token_are_six_for_each_weight_and_its_share_of_attention() -> None:
    shape = model("Llama-3.1-8B")
    attention = 3 * 2 * 32 * 128 * 4096 * 32
    assert flops_per_token(shape, 4096.0) == pytest.approx(6 * shape.active_parameters + attention)


def test_a_pipeline_with_few_micro_batches_wastes_its_bubble() -> None:
    few, many = (micro(replace(RUN, pp=4, batch=count)).tokens for count in (8.0, 512.0))
    assert few < many


def test_interleaving_makes_the_bubble_smaller() -> None:
    plain, interleaved = (micro(replace(RUN, pp=4, interleaved=parts)).tokens for parts in (1, 4))
    assert plain < interleaved


def test_recomputing_costs_a_forward() -> None:
    assert train(replace(RUN, recompute=True)).rate.value < train(RUN).rate.value


def test_utilisation_is_between_nothing_and_all() -> None:
    found = train(RUN)
    assert 0.05 < found.utilisation.value < 1
    assert found.rate.low <= found.rate.value <= found.rate.high
    assert found.step.value == pytest.approx(64 * 4096 / 8 / found.rate.value)


def test_a_plan_for_more_chips_than_there_are_is_refused() -> None:
    with pytest.raises(InputError, match="more than 8 chips"):
        replace(RUN, tp=8, pp=2)

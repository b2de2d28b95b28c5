"""Operators: what they count is what a model has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.estimate.known import model
from headrace.estimate.operators import Plan, activated, experts, head, kv_bytes, products


@pytest.mark.parametrize("name", ["Qwen3-32B", "DeepSeek-V3", "Llama-3.1-70B", "Qwen3-235B-A22B", "MPT-7b"])
def test_the_products_of_a_model_hold_all_its_weights(name: str) -> None:
    shape, one = model(name), Plan()
    dense = sum(product.n * product.k * product.times for product in products(shape, one))
    held = experts(shape, one)
    routed = 0.0 if held is None else held.local * held.matrices * held.hidden * held.inter * held.times
    last = head(shape, one)
    table = last.n * last.k * (1 if shape.tied else 2)
    assert dense + routed + table == pytest.approx(shape.parameters, rel=1e-3)


@pytest.mark.parametrize("plan", [Plan(tp=8), Plan(pp=4), Plan(tp=8, ep=8), Plan(ep=8, dp=8), Plan(tp=2, pp=2)])
def test_a_plan_divides_the_experts_and_loses_none(plan: Plan) -> None:
    shape = model("DeepSeek-V3")
    whole, part = experts(shape, Plan()), experts(shape, plan)
    assert whole is not None
    assert part is not None
    share = part.local * part.inter * part.times * plan.chips
    assert share == pytest.approx(whole.local * whole.inter * whole.times)


@given(st.integers(1, 10_000), st.integers(1, 8))
def test_activated_experts_are_between_one_tokens_and_all(tokens: int, chosen: int) -> None:
    met = float(activated(256, chosen / 256, np.array([float(tokens)]))[0])
    assert min(chosen, 256) - 1e-6 <= met <= 256


def test_experts_met_by_chance_are_those_that_a_draw_finds() -> None:
    rng = np.random.default_rng(0)
    drawn = [len(np.unique([rng.choice(64, 4, replace=False) for _ in range(20)])) for _ in range(400)]
    assert float(activated(64, 4 / 64, np.array([20.0]))[0]) == pytest.approx(np.mean(drawn), rel=0.02)


def test_latent_attention_keeps_576_numbers_a_token_and_layer() -> None:
    assert kv_bytes(model("DeepSeek-V3"), Plan(tp=8), 2.0) == 61 * 576 * 2


def test_grouped_attention_is_divided_until_one_key_head_is_left() -> None:
    shape = model("Qwen3-235B-A22B")
    assert kv_bytes(shape, Plan(tp=4), 2.0) == kv_bytes(shape, Plan(tp=8), 2.0) == kv_bytes(shape, Plan(), 2.0) / 4

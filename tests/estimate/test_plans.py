"""Cuts: the fewest chips that serve a model, and the cuts of a training run that fit."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.estimate.questions import ask

from headrace.estimate.inference import Estimate, Unfit, estimate
from headrace.estimate.known import chip, model
from headrace.estimate.plans import Held, best, cuts, fewest_to_train, held, ways
from headrace.estimate.train import train
from headrace.estimate.training import Run

powers = st.sampled_from([1, 2, 4, 8])
models = st.sampled_from(["Qwen3-8B", "Qwen3-30B-A3B", "Llama-3.1-70B", "DeepSeek-V3"])


def run(name: str = "Llama-3.1-8B", on: str = "H100", **changed: object) -> Run:
    """A run on 64 chips, with one thing changed."""
    usual: dict[str, object] = {"precision": "bf16", "chips": 64, "length": 4096.0, "batch": 1024.0}
    return Run(model(name), chip(on), **usual | changed)  # type: ignore[arg-type]


def test_the_fewest_chips_that_hold_a_model_are_the_first_that_fit() -> None:
    """Fewer than the first cut do not fit, the first does."""
    first = next(ways(ask("DeepSeek-V3", "H20", precision="fp8_block")))
    half = replace(first, plan=replace(first.plan, tp=first.plan.tp // 2))
    assert first.plan.chips == 8
    assert isinstance(estimate(first), Estimate)
    assert isinstance(estimate(half), Unfit)


def test_no_cut_is_larger_than_the_chips_that_are_there() -> None:
    """A model of 1.3 TB has no cut on four chips of 96 GB."""
    assert list(ways(ask("DeepSeek-V3", "H20"), 4)) == []


def test_state_is_sixteen_bytes_a_parameter_divided_by_the_cut() -> None:
    """8.03 billion parameters take 128 GB on one chip before activations, an eighth of it in eight tensor ways."""
    whole, cut = (held(run(tp=tp, length=1.0, batch=0.0), shard=False).needed for tp in (1, 8))
    assert whole == pytest.approx(16 * model("Llama-3.1-8B").parameters, rel=0.001)
    assert cut == pytest.approx(whole / 8)


def test_sharding_divides_the_state_by_the_replicas_too() -> None:
    """With 64 replicas a chip holds a 64th of the state."""
    whole, shared = (held(run(length=1.0, batch=0.0), shard).needed for shard in (False, True))
    assert shared == pytest.approx(whole / 64, rel=0.01)


def test_recomputing_keeps_two_bytes_in_place_of_thirty_four() -> None:
    """What is above the state falls to a 17th."""
    state = held(run(length=1e-9), shard=True).needed
    kept, again = (held(run(recompute=recompute), shard=True).needed - state for recompute in (False, True))
    assert kept == pytest.approx(17 * again)


@given(models, powers, powers, powers)
def test_a_finer_cut_never_holds_more(name: str, tp: int, pp: int, times: int) -> None:
    """More tensor ways or more stages need no more memory of a chip."""
    coarse = held(run(name, chips=1024, tp=tp, pp=pp), shard=False)
    for finer in (run(name, chips=1024, tp=tp * times, pp=pp), run(name, chips=1024, tp=tp, pp=pp * times)):
        assert held(finer, shard=False).needed <= coarse.needed


@given(models, st.integers(1, 96), st.sampled_from([1.0, 64.0, 1024.0]))
def test_every_cut_uses_all_chips_and_divides_heads_and_batch(name: str, chips: int, batch: float) -> None:
    """tp x pp x replicas is the number of chips; heads divide; no replica is without a micro-batch."""
    for cut in islice(cuts(run(name, chips=chips, batch=batch)), 200):
        assert cut.tp * cut.pp * cut.replicas == chips
        assert cut.shape.heads % cut.tp == 0
        assert cut.replicas * cut.micro <= batch
        assert cut.ep <= max(cut.shape.experts, 1)


def test_the_best_cut_fits_and_none_that_fits_is_faster() -> None:
    """By brute force over all cuts."""
    found = best(run("Llama-3.1-70B"), shard=True)
    assert isinstance(found, Held)
    rates = [train(cut).rate.value for cut in cuts(run("Llama-3.1-70B")) if held(cut, shard=True).fits]
    assert train(found.run).rate.value == max(rates)


def test_what_fits_nowhere_says_how_near_the_finest_cut_comes() -> None:
    """405 billion parameters on eight chips: needed is above what is there."""
    found = best(run("Llama-3.1-405B", chips=8), shard=True)
    assert isinstance(found, Unfit)
    assert found.needed > found.there > 0


def test_more_chips_than_a_batch_has_sequences_have_no_cut() -> None:
    """One sequence a step cannot feed seven chips, which no power of two divides."""
    assert best(run(chips=7, batch=1.0), shard=True) is None


def test_the_fewest_chips_to_train_are_a_power_of_two_of_which_half_do_not_fit() -> None:
    """Half as many do not hold the run."""
    found = fewest_to_train(run("Llama-3.1-70B"), shard=False)
    assert isinstance(found, Held)
    chips = found.run.chips
    assert chips & (chips - 1) == 0
    assert isinstance(best(replace(found.run, chips=chips // 2, tp=1, pp=1), shard=False), Unfit)

"""Models: the parameters that follow from a configuration are those that its maker counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headrace.catalog.facts import Status
from headrace.catalog.load import models

if TYPE_CHECKING:
    from headrace.catalog.model import Model

BILLION = 1e9
COUNTED = [model for model in models().values() if model.fact("parameters_b") is not None]


@pytest.mark.parametrize("model", COUNTED, ids=lambda model: model.name)
def test_the_parameters_are_those_that_its_maker_counts(model: Model) -> None:
    assert model.parameters / BILLION == pytest.approx(float(model.number("parameters_b") or 0), rel=0.015)


@pytest.mark.parametrize(
    "model", [m for m in COUNTED if m.fact("active_parameters_b") is not None], ids=lambda model: model.name
)
def test_the_active_parameters_are_those_that_its_maker_counts_but_for_the_table_of_words(model: Model) -> None:
    """Some makers count the table from which words are looked up, others do not."""
    table = model.count("vocab") * model.count("hidden")
    said = float(model.number("active_parameters_b") or 0) * BILLION
    nearest = min((model.active_parameters, model.active_parameters - table), key=lambda mine: abs(mine - said))
    assert nearest == pytest.approx(said, rel=0.07)


def test_there_are_more_than_eighty_models_of_every_shape() -> None:
    """Many keys for each query or few, one, low ranks, and linear layers between those that attend to everything."""
    assert len(models()) >= 80
    assert {model.text("attention") for model in models().values()} == {"mha", "gqa", "mqa", "mla", "hybrid"}
    assert sum(model.count("experts") > 0 for model in models().values()) >= 20


def test_what_attention_is_called_is_what_its_numbers_make_it() -> None:
    """One key for all queries, some, as many as queries; low ranks; linear layers."""
    for model in models().values():
        queries, keys = model.count("heads"), model.count("kv_heads")
        alike = {1: "mqa", queries: "mha"}.get(keys, "gqa")
        name = "mla" if model.count("kv_lora_rank") else "hybrid" if model.linear_attention else alike
        assert model.text("attention") == name, model.name


def test_a_layer_in_four_attends_to_everything_and_the_others_keep_a_state() -> None:
    """Qwen3-Next: sixteen keys and thirty-two values of 128; its full layers have a gate as wide as their queries."""
    model = models()["Qwen3-Next-80B-A3B"]
    assert model.full_layers == 12
    assert model.linear_attention == 2048 * (2 * 16 * 128 + 2 * 32 * 128) + 32 * 128 * 2048
    assert model.attention == 2048 * 256 * (16 + 16 + 2 * 2) + 16 * 256 * 2048


def test_windows_change_what_is_read_and_not_what_is_stored() -> None:
    gemma = models()["Gemma-2-27B"]
    assert (gemma.full_layers, gemma.linear_attention) == (23, 0)
    assert gemma.parameters == 46 * (gemma.attention + gemma.dense_ffn) + 256000 * 4608


@pytest.mark.parametrize(
    ("model", "attribute", "source"),
    [("MPT-3b", "heads", "mosaicml"), ("Gemma-2B", "kv_heads", "gemma-pytorch"), ("InternLM2-20B", "ffn", "internlm")],
)
def test_a_number_that_was_read_at_its_maker_says_so(model: str, attribute: str, source: str) -> None:
    fact = models()[model].fact(attribute)
    assert fact is not None
    assert (fact.status, fact.source) == (Status.PUBLISHED, source)
    assert fact.locator


def test_every_number_of_a_model_names_where_it_stands() -> None:
    """Only an assumption and a name may do without a place."""
    for model in models().values():
        for fact in (fact for facts in model.facts.values() for fact in facts):
            assert fact.locator or fact.assumed or fact.attribute == "alias", fact.place


def test_a_dense_model_meets_all_its_parameters_with_each_token() -> None:
    dense = models()["Llama-3.1-70B"]
    assert dense.active_parameters == dense.parameters


def test_latent_attention_goes_through_low_ranks() -> None:
    """DeepSeek-V3: its five matrices, one by one."""
    queries = 7168 * 1536 + 1536 * 128 * (128 + 64)
    keys = 7168 * (512 + 64) + 512 * 128 * (128 + 128)
    assert models()["DeepSeek-V3"].attention == queries + keys + 128 * 128 * 7168

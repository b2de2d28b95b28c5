"""Models: the parameters that follow from a configuration are those that its maker counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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


def test_there_are_more_than_thirty_models_of_every_shape() -> None:
    assert len(models()) >= 30
    assert {model.text("attention") for model in models().values()} == {"mha", "gqa", "mla"}
    assert sum(model.count("experts") > 0 for model in models().values()) >= 10


def test_a_dense_model_meets_all_its_parameters_with_each_token() -> None:
    dense = models()["Llama-3.1-70B"]
    assert dense.active_parameters == dense.parameters


def test_latent_attention_goes_through_low_ranks() -> None:
    """DeepSeek-V3: its five matrices, one by one."""
    queries = 7168 * 1536 + 1536 * 128 * (128 + 64)
    keys = 7168 * (512 + 64) + 512 * 128 * (128 + 128)
    assert models()["DeepSeek-V3"].attention == queries + keys + 128 * 128 * 7168

"""Shapes: parameters are those that makers publish, and configurations are read as they are written."""

from __future__ import annotations

import pytest

from headrace.catalog.load import models
from headrace.errors import CallError, InputError
from headrace.estimate.config import shape_of_config
from headrace.estimate.known import model, shapes

BILLIONS = {
    "Qwen3-0.6B": (0.596, 0.596),
    "Qwen3-32B": (32.76, 32.0),
    "Qwen3-30B-A3B": (30.5, 3.04),
    "Qwen3-235B-A22B": (235.1, 21.6),
    "Llama-3.1-405B": (405.9, 403.7),
    "DeepSeek-V3": (671.0, 36.6),
    "Kimi-K2": (1026.4, 31.7),
    "gpt-oss-120b": (116.8, 5.1),
    "MPT-7b": (6.65, 6.65),
    "Qwen3-Next-80B-A3B": (79.7, 3.56),
    "Qwen3.5-397B-A17B": (396.4, 16.4),
    "GLM-5": (743.4, 39.8),
}
"""Published totals, and the weights that a token meets without its row of the embedding, in billions."""


@pytest.mark.parametrize("name", BILLIONS)
def test_parameters_are_those_that_the_maker_publishes(name: str) -> None:
    shape = model(name)
    assert (shape.parameters / 1e9, shape.active_parameters / 1e9) == pytest.approx(BILLIONS[name], rel=0.01)


def test_other_names_of_a_model_have_its_shape() -> None:
    for name in ("deepseek-ai/DeepSeek-R1", "DeepSeek-V3/R1", "nvidia/DeepSeek-V3.1-NVFP4"):
        assert model(name) is model("DeepSeek-V3")


def test_every_model_of_the_catalogue_has_a_shape_with_the_weights_that_follow_from_its_facts() -> None:
    assert list(shapes()) == list(models())
    for name, item in models().items():
        assert shapes()[name].parameters == pytest.approx(item.parameters)


def test_linear_layers_windows_sparse_reading_and_blocks_come_from_the_facts() -> None:
    """Qwen3-Next: keys of 16 x 128, values of 32 x 128, one full layer in four."""
    linear = model("Qwen3-Next")
    assert (linear.linear_in, linear.linear_out, linear.full_layers) == (12288, 4096, 12)
    assert (model("gpt-oss-20b").window, model("gpt-oss-20b").full_layers) == (128, 12)
    assert (model("DeepSeek-V3.2").sparse_topk, model("DeepSeek-V3").sparse_topk) == (2048, 0)
    assert model("GLM-5").block_fp8
    assert not model("Llama-2-7B").block_fp8


def test_a_model_that_is_not_known_is_refused_with_names_that_come_near() -> None:
    with pytest.raises(CallError, match="Qwen3-32B"):
        model("Qwen3-31B")


def test_the_configuration_of_a_model_gives_the_shape_that_the_catalogue_has() -> None:
    """Qwen3.5-9B, as its language part is written."""
    text = {
        "num_hidden_layers": 32,
        "hidden_size": 4096,
        "num_attention_heads": 16,
        "num_key_value_heads": 4,
        "head_dim": 256,
        "intermediate_size": 12288,
        "vocab_size": 248320,
        "full_attention_interval": 4,
        "linear_num_key_heads": 16,
        "linear_key_head_dim": 128,
        "linear_num_value_heads": 32,
        "linear_value_head_dim": 128,
    }
    config = {"text_config": text, "quantization_config": {"weight_block_size": [128, 128]}}
    assert vars(shape_of_config("Qwen3.5-9B", config)) == vars(model("Qwen3.5-9B"))


def test_tables_that_are_tied_are_told_by_the_language_part_or_by_the_whole() -> None:
    part = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4, "vocab_size": 10}
    assert shape_of_config("mine", {"text_config": part, "tie_word_embeddings": True}).tied
    assert not shape_of_config("mine", {"text_config": part}).tied


def test_a_configuration_gives_the_shape_of_the_model_it_is_of() -> None:
    config = {
        "num_hidden_layers": 48,
        "hidden_size": 2048,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
        "head_dim": 128,
        "intermediate_size": 6144,
        "moe_intermediate_size": 768,
        "num_experts": 128,
        "num_experts_per_tok": 8,
        "vocab_size": 151936,
        "tie_word_embeddings": False,
    }
    assert shape_of_config("mine", config).parameters == model("Qwen3-30B-A3B").parameters


def test_a_multi_modal_configuration_is_read_by_its_language_part() -> None:
    text = {
        "num_hidden_layers": 2,
        "hidden_size": 64,
        "num_attention_heads": 4,
        "intermediate_size": 128,
        "vocab_size": 10,
    }
    assert shape_of_config("mine", {"text_config": text}).layers == 2


def test_windows_of_some_layers_are_read() -> None:
    config = {
        "num_hidden_layers": 4,
        "hidden_size": 64,
        "num_attention_heads": 4,
        "vocab_size": 10,
        "sliding_window": 128,
    }
    kinds = {"layer_types": ["sliding_attention", "full_attention"] * 2}
    shape = shape_of_config("mine", config | kinds)
    assert (shape.window, shape.full_layers) == (128, 2)


def test_a_configuration_that_leaves_out_a_size_is_refused_by_its_name() -> None:
    with pytest.raises(InputError, match="does not tell hidden"):
        shape_of_config("mine", {"num_hidden_layers": 2})


def test_a_token_that_meets_more_experts_than_there_are_is_refused() -> None:
    config = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 4, "vocab_size": 10}
    with pytest.raises(InputError, match="active_experts"):
        shape_of_config("mine", config | {"num_experts": 4, "num_experts_per_tok": 8, "intermediate_size": 32})

"""Measured rows: read as questions, or refused with a reason, and judged without a refit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.estimate.accuracy import judged, read, worst
from headrace.estimate.calibration import shipped
from headrace.estimate.measured import Point, Refused, read_serving
from headrace.estimate.operators import Plan
from headrace.estimate.promised import by_source
from headrace.estimate.training_fit import Trained, read_training

COLUMNS = [
    "id",
    "source_group",
    "chip",
    "n_chips",
    "model",
    "weight_precision",
    "kv_precision",
    "engine",
    "engine_version",
    "phase",
    "serving_mode",
    "batch_per_chip",
    "batch_total",
    "concurrency",
    "input_tokens",
    "output_tokens",
    "tp",
    "pp",
    "ep",
    "dp",
    "total_tokens_per_s_total",
    "output_tokens_per_s_total",
    "train_tokens_per_s_per_chip",
    "ttft_s",
    "tpot_s",
    "metric_note",
]
SERVING = {
    "id": "a",
    "source_group": "mine",
    "chip": "H20",
    "n_chips": "1",
    "model": "Qwen3-8B",
    "phase": "prefill+decode",
}
SERVING |= {
    "weight_precision": "fp8",
    "engine": "SGLang",
    "engine_version": "0.5.6.post2",
    "concurrency": "8",
    "tp": "1",
}
SERVING |= {"input_tokens": "1024", "output_tokens": "256", "tpot_s": "0.02", "ttft_s": "0.4"}
TRAINING = {
    "id": "b",
    "source_group": "mine",
    "chip": "A100",
    "n_chips": "8",
    "model": "Llama-2-7B",
    "phase": "training",
}
TRAINING |= {
    "weight_precision": "bf16",
    "engine": "megatron",
    "tp": "2",
    "pp": "2",
    "train_tokens_per_s_per_chip": "3000",
}


def row(usual: dict[str, str], **changed: str) -> dict[str, str]:
    """A row with every column."""
    return dict.fromkeys(COLUMNS, "") | usual | changed


def test_a_row_is_read_as_the_question_it_answers() -> None:
    found = read_serving(row(SERVING))
    assert isinstance(found, Point)
    question = found.question
    assert (question.shape.name, question.chip.name, question.precision) == ("Qwen3-8B", "H20", "fp8_block")
    assert (question.engine, question.generation, question.asked) == ("sglang", "0.5", 8.0)
    assert found.answers == {"tpot_s": 0.02, "ttft_s": 0.4}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"chip": "a spade"}, "chip"),
        ({"model": "a horse"}, "model"),
        ({"input_tokens": ""}, "lengths"),
        ({"concurrency": ""}, "load"),
        ({"tp": "", "n_chips": ""}, "chips"),
        ({"weight_precision": "ternary"}, "precision"),
        ({"tpot_s": "", "ttft_s": ""}, "nothing"),
        ({"output_tokens": "0"}, "numbers"),
        ({"tp": "64"}, "plan"),
        ({"tp": "", "n_chips": "200"}, "plan"),
    ],
)
def test_a_row_that_leaves_something_out_is_refused_with_the_reason(changed: dict[str, str], reason: str) -> None:
    found = read_serving(row(SERVING, **changed))
    assert isinstance(found, Refused)
    assert found.reason == reason


def test_chips_that_a_source_counts_twice_are_counted_once() -> None:
    found = read_serving(row(SERVING, model="DeepSeek-V3", chip="H200", n_chips="64", tp="64", ep="8", dp="1"))
    assert isinstance(found, Point)
    assert found.question.plan.chips == 8


def test_a_training_row_is_read_with_its_plan() -> None:
    found = read_training(row(TRAINING, metric_note="microbatch 4, act ckpt True"))
    assert isinstance(found, Trained)
    assert (found.run.tp, found.run.pp, found.run.recompute, found.run.replicas) == (2, 2, True, 2.0)


def test_many_chips_of_latent_attention_copy_it() -> None:
    """Its cache cannot be cut by heads, so engines give each chip requests of its own."""
    found = read_serving(row(SERVING, model="DeepSeek-V3", chip="GB200", n_chips="36", tp="36"))
    assert isinstance(found, Point)
    assert found.question.plan == Plan(tp=1, ep=36, dp=36)


def test_weights_of_untold_precision_are_as_released_unless_only_smaller_ones_fit() -> None:
    """DeepSeek-V3 is released in FP8; GLM-5 in 16 bits, which eight H200 do not hold."""
    for name, precision in (("DeepSeek-V3", "fp8_block"), ("GLM-5", "fp8_block"), ("Qwen3-8B", "bf16")):
        found = read_serving(row(SERVING, model=name, chip="H200", n_chips="8", tp="8", weight_precision=""))
        assert isinstance(found, Point)
        assert found.question.precision == precision


def test_accuracy_counts_what_it_predicts_and_what_it_does_not_by_reason() -> None:
    """Every row is in exactly one place."""
    rows: list[Any] = [row(SERVING), row(SERVING, chip="a spade"), row(SERVING, model="Kimi-K2"), row(TRAINING)]
    table = read(rows, shipped())
    found = judged(table, shipped())
    assert {line.name: line.n for line in by_source(found)} == {"mine tpot_s": 1, "mine ttft_s": 1, "mine training": 1}
    assert table.refused == {("mine", "chip"): 1, ("mine", "room"): 1}
    assert worst(found)[0].error == max(one.error for one in found)


def test_accuracy_of_what_is_estimated_exactly_is_without_error_and_covered() -> None:
    """Rows that repeat their estimates."""
    first = judged(read([row(SERVING)], shipped()), shipped())
    exact = row(SERVING, tpot_s=str(first[0].estimated), ttft_s=str(first[1].estimated))
    for line in by_source(judged(read([exact], shipped()), shipped())):
        assert (line.mean, line.coverage) == (pytest.approx(0, abs=1e-9), 1.0)


@settings(max_examples=300)
@given(
    st.sampled_from([SERVING, TRAINING]),
    st.dictionaries(
        st.sampled_from(COLUMNS),
        st.sampled_from(["nan", "inf", "-inf", "-1", "0", "1.5", "1e308", "1e-300", "abc", "", "9" * 12, "fp4", "H20"]),
        max_size=3,
    ),
)
def test_no_row_however_strange_ends_in_a_fault(usual: dict[str, str], strange: dict[str, str]) -> None:
    """It is estimated, as a finite number, or refused with its reason; never both, never neither."""
    table = read([row(usual) | strange], shipped())
    assert all(np.isfinite([one.estimated, one.error]).all() for one in judged(table, shipped()))
    assert len(table.serving) + len(table.training) + sum(table.refused.values()) == 1

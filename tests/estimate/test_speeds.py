"""Speeds: of known workloads on kinds, beside the fastest."""

from __future__ import annotations

from headrace.estimate.known import model
from headrace.estimate.speeds import Workload, speeds, workload


def test_an_h20_is_far_behind_an_h100_in_prefill_and_near_or_ahead_in_decode() -> None:
    kinds = ["H20", "H100"]
    prefill, decode = (speeds(Workload(model("Qwen3-32B"), phase, "bf16"), kinds) for phase in ("prefill", "decode"))
    assert prefill["H20"].value / prefill["H100"].value < 0.4
    assert decode["H20"].value / decode["H100"].value > 2 * prefill["H20"].value / prefill["H100"].value


def test_the_fastest_kind_has_speed_one_and_unknown_kinds_are_left_out() -> None:
    found = speeds(Workload(model("Qwen3-8B"), "decode", "bf16"), ["H20", "L40S", "a spade"])
    assert max(value.value for value in found.values()) == 1.0
    assert set(found) == {"H20", "L40S"}


def test_a_workload_is_a_model_and_a_phase() -> None:
    known = workload("Qwen3-32B decode")
    assert known is not None
    assert (known.shape.name, known.phase) == ("Qwen3-32B", "decode")
    assert workload("a horse decode") is None

"""Origins: the rows of the calibration that an estimate rests on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.estimate.questions import ask

from headrace.estimate.calibration import shipped
from headrace.estimate.engines import Stack, constants
from headrace.estimate.known import chip, chips, model
from headrace.estimate.operators import Plan
from headrace.estimate.origins import engines, families, generations, nearest, origins, origins_of_run
from headrace.estimate.training import Run


def named(name: str, on: str = "H20", **changed: object) -> dict[str, tuple[str, ...] | None]:
    """Family -> the key that answered."""
    found = origins(ask(name, on, **changed), chips())
    return {origin.asked[0]: origin.key for origin in found}


def test_a_dense_model_on_one_chip_needs_products_attention_and_an_engine() -> None:
    """No experts, no exchanges."""
    assert list(named("Qwen3-8B")) == ["gemm", "decode", "prefill", "engine"]


def test_experts_and_tensor_ways_bring_their_families() -> None:
    """A mixture of experts with latent attention over eight chips."""
    found = named("DeepSeek-V3", precision="fp8_block", plan=Plan(tp=8))
    assert list(found) == ["gemm", "mla_decode", "mla_prefill", "moe", "comm", "engine"]


def test_every_key_is_a_row_of_the_calibration() -> None:
    """What is named can be looked up, with its n, error and sources."""
    for on in ("H20", "Ascend 910B", "MI300X"):
        for origin in origins(ask("Qwen3-30B-A3B", on, plan=Plan(tp=2)), chips()):
            assert origin.key is None or shipped().rows[origin.key] is origin.row


def test_a_kernel_measured_on_the_chip_itself_is_named_before_one_of_its_die() -> None:
    """H100 has its own table of products; H20's is of the H20-3e, whose die it has."""
    own, near = (named("Qwen3-8B", on)["gemm"] for on in ("H100", "H20"))
    assert own is not None
    assert near is not None
    assert (own[1], near[1]) == ("H100", "H20-3e")


def test_the_engine_row_is_the_one_whose_constants_are_used() -> None:
    """At the depth that `constants` tells."""
    question = ask("Qwen3-8B", engine="sglang", generation="0.4", precision="fp8_block")
    _, depth = constants(shipped(), question.stack)
    assert named("Qwen3-8B", engine="sglang", generation="0.4", precision="fp8_block")["engine"] == question.stack.key(
        depth
    )
    assert depth == 4


def test_a_cache_of_eight_bits_asks_for_attention_in_eight_bits() -> None:
    """Latent attention has one table only."""
    assert ("decode", "fp8") in families(model("Qwen3-8B"), Plan(), "bf16", 1.0)
    assert ("mla_decode", "bf16") in families(model("DeepSeek-V3"), Plan(), "bf16", 1.0)


def test_without_a_version_the_generation_with_the_nearest_rows_is_taken() -> None:
    """SGLang was measured on H20 in its generation 0.4, not in the newest."""
    stack = Stack("sglang", "", "H20", "fp8_block", "Qwen3-8B")
    assert nearest(stack, shipped()).generation == "0.4"


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_of_generations_that_are_equally_near_the_newest_is_taken(engine: str) -> None:
    """Of a chip on which nothing was measured."""
    stack = Stack(engine, "", "Kunlun P800", "bf16", "Qwen3-8B")
    numbered = [name for name in generations(shipped(), engine) if name[0].isdigit()]
    assert nearest(stack, shipped()).generation == numbered[0]
    assert numbered == sorted(numbered, key=lambda name: [int(part) for part in name.split(".")], reverse=True)


def test_a_version_that_is_told_stays() -> None:
    """Whether it was measured or not."""
    stack = Stack("vllm", "0.99", "H20", "bf16", "Qwen3-8B")
    assert nearest(stack, shipped()) is stack


def test_an_engine_that_was_never_measured_has_no_generation() -> None:
    """Its stack stays as it is, and its constants are those of any engine."""
    stack = Stack("a new engine", "", "H20", "bf16", "Qwen3-8B")
    assert nearest(stack, shipped()) is stack
    assert constants(shipped(), replace(stack))[1] == 0


def test_engines_are_named_without_versions_or_notes() -> None:
    """As a user would type them."""
    assert {"vllm", "sglang", "trtllm"} <= set(engines(shipped()))
    assert all(name.isprintable() and "/" not in name and " " not in name for name in engines(shipped()))


def test_training_rests_on_kernels_without_decode_and_on_its_own_constants() -> None:
    """A framework's row is of the family `training`."""
    run = Run(model("Llama-3.1-70B"), chip("H100"), "bf16", 64, 4096.0, tp=8)
    found = origins_of_run(run, chips())
    assert [origin.asked[0] for origin in found] == ["gemm", "prefill", "comm", "training"]

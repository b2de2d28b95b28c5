"""The chips and models that can be estimated: those of the catalogue of which enough is known."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from headrace.catalog import load
from headrace.catalog.facts import YES
from headrace.errors import InputError
from headrace.estimate.chip import Chip, chip_of_numbers
from headrace.estimate.model import Shape, linear_widths

if TYPE_CHECKING:
    from headrace.catalog.model import Model

NUMBERS: Final = (
    "bf16_dense_tflops",
    "fp16_dense_tflops",
    "fp8_dense_tflops",
    "int8_dense_tops",
    "fp4_dense_tflops",
    "memory_gb",
    "memory_bandwidth_gb_s",
    "power_w",
)
RELEASED: Final = {"": "bf16", "fp8": "fp8_block", "int4": "int4_wo", "mxfp4": "mxfp4_wo"}
"""What the catalogue calls the format of released weights, and the precision that it is here."""
DOMAIN: Final = 8.0
ENDINGS: Final = re.compile(
    r"([-_ ](fp8|nvfp4|fp4|bf16|awq|gptq|int4|int8|instruct|chat|base|it|thinking|finetune|2507|0528|0324))+$",
    re.IGNORECASE,
)
"""What is written after a model's name without changing its shape: precision, tuning, date."""


@cache
def chips() -> dict[str, Chip]:
    """Every chip of the catalogue of which enough is known, by its own name."""
    found = {}
    for name, item in load.chips().items():
        numbers = {key: float(item.number(key) or 0) for key in NUMBERS}
        numbers["bf16_dense_tflops"] = numbers["bf16_dense_tflops"] or numbers["fp16_dense_tflops"]
        numbers["link_gb_s"] = float(item.number("link_gb_s") or 128) / 2
        numbers["domain"] = _domains().get(name, DOMAIN)
        try:
            found[name] = chip_of_numbers(name, numbers)
        except InputError:
            continue
    return found


def _domains() -> dict[str, float]:
    """Chips of the largest system known of each chip in which they are joined by links."""
    systems = ((item.text("chip"), float(item.number("chips") or DOMAIN)) for item in load.servers().values())
    return dict(sorted(systems, key=lambda pair: pair[1]))


def chip(name: str) -> Chip:
    """The chip of that name. Raises CallError with near names, InputError where its ceilings are not known."""
    own = load.chips().find(name).name
    if own not in chips():
        raise InputError(f"chip {own}", "has no known rate, memory or bandwidth", "an estimate needs all three")
    return chips()[own]


@cache
def shapes() -> dict[str, Shape]:
    """The shape of every model of the catalogue, by its own name."""
    return {name: shape_of(item) for name, item in load.models().items()}


def model(name: str) -> Shape:
    """The shape of the model of that name, without regard to its maker, precision or tuning.

    Raises CallError with names that come near.
    """
    return shapes()[load.models().find(_listed(name) or name).name]


def is_model(name: str) -> bool:
    """Whether a model is known by that name; quick, since it looks for none that come near."""
    return _listed(name) is not None


def _listed(name: str) -> str | None:
    short = name.split("/")[-1]
    spelled = (name, short, ENDINGS.sub("", short))
    return next((one for one in spelled if one in load.models()), None)


def shape_of(item: Model) -> Shape:
    """The shape that the facts about a model give. InputError where they do not make one."""
    count = item.count
    keys = count("linear_key_heads") * count("linear_key_dim")
    values = count("linear_value_heads") * count("linear_value_dim")
    return Shape(
        name=item.name,
        layers=count("layers"),
        hidden=count("hidden"),
        heads=count("heads"),
        kv_heads=count("kv_heads") or count("heads"),
        head_dim=count("head_dim") or count("v_head_dim"),
        inter=count("ffn"),
        vocab=count("vocab"),
        experts=count("experts"),
        active_experts=count("experts_active"),
        expert_inter=count("moe_ffn"),
        shared_inter=count("shared_experts") * count("moe_ffn"),
        dense_layers=count("dense_layers"),
        q_lora=count("q_lora_rank"),
        kv_lora=count("kv_lora_rank"),
        rope_dim=count("qk_rope_dim"),
        nope_dim=count("qk_nope_dim"),
        v_dim=count("v_head_dim"),
        full_every=count("full_attention_every") or 1,
        window=count("window"),
        sparse_topk=count("index_topk"),
        matrices=item.matrices,
        tied=item.text("tied_embeddings") == YES,
        block_fp8=item.text("block_fp8") == YES,
        released=RELEASED[item.text("released_in")],
        **linear_widths(keys, values),
    )

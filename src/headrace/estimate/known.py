"""The chips and models that can be estimated: the catalogue's, and shapes that its columns cannot say.

`data/shapes.csv` holds, for models by their public `config.json`, windows, linear layers and sparse attention too.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from headrace.catalog import load
from headrace.catalog.named import bare
from headrace.errors import InputError
from headrace.estimate.chip import Chip, chip_of_numbers
from headrace.estimate.model import Shape, shape_of_row

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
ENDINGS: Final = re.compile(
    r"([-_ ](fp8|nvfp4|fp4|bf16|awq|gptq|int4|int8|instruct|chat|base|it|thinking|finetune|2507|0528|0324"
    r"|megatron|deepspeed|torch|pytorch|flagscale|99|99\.9))+$",
    re.IGNORECASE,
)
"""What is written after a model's name without changing its shape: precision, tuning, date, framework."""


@cache
def chips() -> dict[str, Chip]:
    """Every chip of the catalogue of which enough is known, by its own name."""
    found = {}
    for name, item in load.chips().items():
        numbers = {key: float(item.number(key) or 0) for key in NUMBERS}
        numbers["bf16_dense_tflops"] = numbers["bf16_dense_tflops"] or numbers["fp16_dense_tflops"]
        numbers["link_gb_s"] = float(item.number("link_gb_s") or 128) / 2
        try:
            found[name] = chip_of_numbers(name, numbers)
        except InputError:
            continue
    return found


def chip(name: str) -> Chip:
    """The chip of that name. Raises CallError with near names, InputError where its ceilings are not known."""
    own = load.chips().find(name).name
    if own not in chips():
        raise InputError(f"chip {own}", "has no known rate, memory or bandwidth", "an estimate needs all three")
    return chips()[own]


@cache
def shapes() -> dict[str, Shape]:
    """Shapes by bare name, other names among them."""
    text = (files("headrace.estimate") / "data" / "shapes.csv").read_text(encoding="utf-8")
    found: dict[str, Shape] = {}
    for row in csv.DictReader(text.splitlines()):
        shape = shape_of_row(row)
        found |= {bare(name): shape for name in (row["name"], *filter(None, row["aliases"].split(";")))}
    return found


def model(name: str) -> Shape:
    """The shape of the model of that name, without regard to its maker, precision or tuning.

    Raises CallError with names that come near.
    """
    short = name.removeprefix("- ").split("/")[-1] if "/R1" not in name else name
    spelled = (name, short, ENDINGS.sub("", short))
    listed = [load.models()[one].name for one in spelled if one in load.models()]
    for candidate in (*spelled, *listed):
        if bare(candidate) in shapes():
            return shapes()[bare(candidate)]
    return _of_catalogue(load.models().find(next(iter(listed), name)))


def _of_catalogue(item: Model) -> Shape:
    count = item.count
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
        matrices=item.matrices,
        tied=item.text("tied_embeddings") == "yes",
    )

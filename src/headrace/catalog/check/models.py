"""The numbers of a model's configuration fit together, and give the parameters that its maker counts."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from headrace.catalog.check.rates import close
from headrace.catalog.model import Model
from headrace.catalog.whole import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.catalog.whole import Catalogue

BILLION: Final = 10**9
WITHIN: Final = Decimal("0.015")
"""Of the count of parameters: biases, norms and the rounding of its maker."""
TOGETHER: Final = (
    ("experts", "experts_active", "moe_ffn"),
    ("kv_lora_rank", "qk_nope_dim", "qk_rope_dim", "v_head_dim"),
    ("linear_key_heads", "linear_key_dim", "linear_value_heads", "linear_value_dim"),
)
"""Attributes that come together or not at all."""


def check(catalogue: Catalogue) -> Iterator[Problem]:
    """Problems of models."""
    for name, facts in catalogue.models.items.items():
        model = Model(name, facts)
        place = next(iter(facts.values()))[0].place
        faults = [Problem(place, f"{name}: {sentence}") for sentence in _shape(model)]
        yield from faults or (Problem(place, f"{name}: {sentence}") for sentence in _parameters(model))


def _shape(model: Model) -> Iterator[str]:
    for group in TOGETHER:
        given = [attribute for attribute in group if model.count(attribute)]
        if given and len(given) < len(group):
            yield f"has {', '.join(given)} and no {', '.join(sorted(set(group) - set(given)))}"
    if not model.count("kv_lora_rank") and not (model.count("kv_heads") and model.count("head_dim")):
        yield "has no kv_heads or head_dim, and no low ranks either"
    if model.count("kv_heads") and model.count("heads") % model.count("kv_heads"):
        yield f"has {model.count('heads')} heads, which {model.count('kv_heads')} kv_heads do not divide"
    if model.linear_attention and not model.count("full_attention_every"):
        yield "has linear layers, and does not say which attend to the whole context (full_attention_every)"
    if model.count("experts_active") > model.count("experts"):
        yield "has more experts active than it has"
    if model.count("dense_layers") > model.count("layers"):
        yield "has more dense layers than layers"
    if (not model.count("experts") or model.count("dense_layers")) and not model.count("ffn"):
        yield "has layers without experts and no ffn"


def _parameters(model: Model) -> Iterator[str]:
    said = model.number("parameters_b")
    if said is not None and not close(Decimal(model.parameters) / BILLION, said, WITHIN):
        yield f"its configuration gives {model.parameters / BILLION:.2f} billion parameters, its maker {said}"

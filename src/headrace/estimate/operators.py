"""The operators of a step, and the FLOPs and bytes that each one cannot do without.

A step runs `tokens` through every layer of one replica: all new tokens of a prefill, or one a sequence in decode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headrace.estimate.model import Shape

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """How one replica is cut: tensor, pipeline and expert parallel; `dp` replicas share the experts of `ep` chips."""

    tp: int = 1
    pp: int = 1
    ep: int = 1
    dp: int = 1

    @property
    def chips(self) -> int:
        """Chips that hold one copy of everything: attention is copied `dp` times, experts are spread over all."""
        return self.tp * self.pp * self.dp

    @property
    def expert_ways(self) -> int:
        """Chips among which the experts of a layer are divided, whole or in slices."""
        return max(self.tp * self.dp, self.ep)


@dataclass(frozen=True)
class Product:
    """A weight matrix that tokens are multiplied by: n outputs, k inputs, how often in the whole model."""

    n: float
    k: float
    times: float


@dataclass(frozen=True)
class Experts:
    """Grouped products of one chip: experts held, chosen by a token, sizes of one, how often in the whole model."""

    local: float
    active: float
    """Experts of this chip that one token of the group meets, on average."""
    total: int
    topk: int
    hidden: int
    inter: float
    matrices: int
    times: float


def products(shape: Shape, plan: Plan) -> list[Product]:
    """The dense products of all layers on one chip; the head is apart, since it meets last tokens only."""
    tp, layers = plan.tp, shape.layers / plan.pp
    found = [*_attention(shape, tp, layers)]
    dense = (shape.layers - shape.moe_layers) / plan.pp
    if dense and shape.inter:
        found += _feed_forward(shape, shape.inter / tp, dense)
    if shape.moe_layers and shape.shared_inter:
        found += _feed_forward(shape, shape.shared_inter / tp, shape.moe_layers / plan.pp)
    if shape.moe_layers:
        found.append(Product(shape.experts, shape.hidden, shape.moe_layers / plan.pp))
    return found


def _feed_forward(shape: Shape, inter: float, times: float) -> list[Product]:
    return [Product((shape.matrices - 1) * inter, shape.hidden, times), Product(shape.hidden, inter, times)]


def _attention(shape: Shape, tp: int, layers: float) -> list[Product]:
    full = layers * shape.full_layers / shape.layers if shape.linear_in else layers
    found = _latent(shape, tp, full) if shape.kv_lora else _grouped(shape, tp, full)
    if shape.linear_in:
        linear = layers - full
        found += [
            Product(shape.linear_in / tp, shape.hidden, linear),
            Product(shape.hidden, shape.linear_out / tp, linear),
        ]
    return found


def _grouped(shape: Shape, tp: int, times: float) -> list[Product]:
    queries = shape.heads * (2 if shape.linear_in else 1) / tp
    keys = max(shape.kv_heads / tp, 1)
    return [
        Product((queries + 2 * keys) * shape.head_dim, shape.hidden, times),
        Product(shape.hidden, shape.heads / tp * shape.head_dim, times),
    ]


def _latent(shape: Shape, tp: int, times: float) -> list[Product]:
    heads = shape.heads / tp
    return [
        Product(shape.q_lora + shape.kv_lora + shape.rope_dim, shape.hidden, times),
        Product(heads * (shape.nope_dim + shape.rope_dim), shape.q_lora or shape.hidden, times),
        Product(heads * (shape.nope_dim + shape.v_dim), shape.kv_lora, times),
        Product(shape.hidden, heads * shape.v_dim, times),
    ]


def experts(shape: Shape, plan: Plan) -> Experts | None:
    """The grouped products of one chip, or None for a dense model."""
    if not shape.moe_layers:
        return None
    whole = min(plan.ep, plan.expert_ways, shape.experts) if plan.ep > 1 else 1
    local = shape.experts / whole
    return Experts(
        local=local,
        active=shape.active_experts / whole,
        total=shape.experts,
        topk=shape.active_experts,
        hidden=shape.hidden,
        inter=shape.expert_inter * whole / plan.expert_ways,
        matrices=shape.matrices,
        times=shape.moe_layers / plan.pp,
    )


def activated(local: float, share: float, tokens: Floats) -> Floats:
    """Experts of `local` that at least one of `tokens` meets: E (1 - (1 - k/E)^tokens), each token choosing k of E."""
    return np.asarray(local * -np.expm1(tokens * np.log1p(-min(share, 1 - 1e-9))))


def kv_bytes(shape: Shape, plan: Plan, kv_byte: float) -> float:
    """Bytes that one token of context takes on one chip, over its layers."""
    if shape.kv_lora:
        return shape.kv_elements * kv_byte / plan.pp
    heads = max(shape.kv_heads / plan.tp, 1)
    return shape.full_layers / plan.pp * 2 * heads * shape.head_dim * kv_byte


def attended(shape: Shape, context: Floats) -> Floats:
    """Tokens of a context that a full layer reads: all of them, or those that its index finds."""
    return np.minimum(context, shape.sparse_topk) if shape.sparse_topk else np.asarray(context)


def head(shape: Shape, plan: Plan) -> Product:
    """The product with the vocabulary, which the last token of each sequence meets."""
    return Product(shape.vocab / plan.tp, shape.hidden, 1.0)

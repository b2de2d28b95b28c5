"""What an operator cannot do without: FLOPs, bytes, and the three figures that its efficiency depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headrace.estimate.operators import activated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headrace.estimate.operators import Experts
    from headrace.estimate.precision import Precision

    Floats = NDArray[np.float64]

BF16_BYTES = 2.0


@dataclass(frozen=True)
class Work:
    """Arrays of one shape: what calls of an operator of `family` need; `shape` are the axes of the family's grid."""

    family: str
    precision: str
    bits: float
    flops: Floats
    size: Floats
    shape: tuple[Floats, Floats, Floats]


def product(m: Floats, n: Floats, k: Floats, how: Precision) -> Work:
    """An (m, k) by (k, n) product; axes m, n, k."""
    size = m * k * how.activation_bytes + n * k * how.weight_bytes + BF16_BYTES * m * n
    return Work("gemm", how.name, how.bits, 2 * m * n * k, size, (m, n, k))


def grouped(tokens: Floats, experts: Experts, how: Precision) -> Work:
    """One layer's experts of one chip, for `tokens` of the group; axes tokens an expert, experts, elements of one."""
    element = experts.matrices * experts.hidden * experts.inter
    share = experts.topk / experts.total
    met = activated(experts.local, share, tokens)
    size = met * element * how.weight_bytes + tokens * experts.active * experts.hidden * (1 + BF16_BYTES)
    shape = (tokens * share, np.full_like(tokens, experts.local), np.full_like(tokens, element))
    return Work("moe", how.name, how.bits, 2 * tokens * experts.active * element, size, shape)


def decode(batch: Floats, context: Floats, heads: Floats, keys: Floats, dim: Floats, kv_byte: float) -> Work:
    """One layer's attention of one new token a sequence; axes batch x key heads, context, query heads a key head."""
    size = batch * context * 2 * keys * dim * kv_byte
    shape = (batch * keys, context, heads / keys)
    return Work("decode", "fp8" if kv_byte < BF16_BYTES else "bf16", 16, 4 * batch * context * heads * dim, size, shape)


def prefill(batch: Floats, tokens: Floats, heads: Floats, keys: Floats, dim: Floats) -> Work:
    """One layer's causal attention among new tokens; axes batch x query heads, tokens, query heads a key head."""
    size = BF16_BYTES * batch * tokens * dim * (2 * heads + 2 * keys)
    return Work("prefill", "bf16", 16, 2 * batch * tokens**2 * heads * dim, size, (batch * heads, tokens, heads / keys))


def latent_decode(batch: Floats, context: Floats, heads: Floats, width: tuple[int, int], kv_byte: float) -> Work:
    """One layer's latent attention to a cache `width` = (latent, rope) wide; axes batch, context, heads."""
    latent, rope = width
    flops = 2 * batch * context * heads * (2 * latent + rope)
    return Work("mla_decode", "bf16", 16, flops, batch * context * (latent + rope) * kv_byte, (batch, context, heads))


def latent_prefill(batch: Floats, tokens: Floats, heads: Floats, width: tuple[int, int]) -> Work:
    """One layer's latent attention among new tokens, heads `width` = (query, value) wide; axes batch, tokens, heads."""
    flops = batch * tokens**2 * heads * sum(width)
    return Work("mla_prefill", "bf16", 16, flops, 4 * batch * tokens * heads * sum(width), (batch, tokens, heads))

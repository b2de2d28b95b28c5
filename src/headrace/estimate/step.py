"""How long a step of one replica takes, tabled once for a model, a chip and a plan, and then read in a microsecond.

step = products(tokens) + experts(tokens of the group) + attention(batch, context) + head(sequences)
     + exchanges(tokens) + launches
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate import work as needs
from headrace.estimate.chip import FAR, NETWORK
from headrace.estimate.curve import Curve, Sheet
from headrace.estimate.operators import attended, experts, head, products
from headrace.estimate.precision import PRECISIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headrace.estimate.efficiency import Kernels
    from headrace.estimate.model import Shape
    from headrace.estimate.operators import Plan
    from headrace.estimate.precision import Precision

    Floats = NDArray[np.float64]

TOKENS: Final = np.unique(np.round(np.geomspace(1, 2**18, 73)))
BATCH: Final = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096.0])
CONTEXT: Final = np.array([16, 128, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 1048576.0])
SHORTEST: Final = 16.0
"""Tokens of a context that take hardly longer to read than to launch the reading."""
SMALLEST: Final = (1.0, 128.0, 128.0)
"""The product that takes hardly longer to compute than to launch: m, n, k."""
LATE: Final = 5e-6
"""Seconds that sending to experts takes at least: assumed."""
PASSES: Final = 20
"""Times that the hidden state of a token crosses memory in a layer outside of products: norms, sums, rotations."""


@dataclass(frozen=True, eq=False)
class Steps:
    """Seconds on one chip of a stage, by tokens, sequences, or batch and context; `layers` are those of the stage."""

    dense: Curve
    """Dense products of all layers."""
    beside: Curve
    """What else grows with tokens: experts, exchanges, and passes over memory."""
    exchange: Curve
    """The exchanges among chips alone."""
    logits: Curve
    """The head, by sequences of which the last token meets it."""
    causal: Curve
    """Attention among the new tokens of one sequence."""
    cached: Sheet
    """Attention of one new token a sequence, by sequences and their context."""
    layers: float
    level: str
    """How near to the chip its dense products were measured: one of `efficiency.LEVELS`."""


def steps(shape: Shape, kernels: Kernels, plan: Plan, how: Precision, kv_byte: float = 2.0) -> Steps:
    """Tables of what a step takes, by operators at their measured efficiency; more work is never told to be faster."""
    rising = np.maximum.accumulate
    exchange = rising(_exchange(shape, kernels, plan))
    passes = TOKENS * shape.hidden * 2 * PASSES * shape.layers / plan.pp / kernels.chip.bandwidth
    last = head(shape, plan)
    outputs, inputs = _like(TOKENS, last.n, last.k)
    logits = kernels.seconds(needs.product(TOKENS, outputs, inputs, PRECISIONS["bf16"]))
    return Steps(
        dense=Curve(TOKENS, rising(_products(shape, kernels, plan, how))),
        beside=Curve(TOKENS, rising(_experts(shape, kernels, plan, how)) + exchange + passes),
        exchange=Curve(TOKENS, exchange),
        logits=Curve(TOKENS, rising(logits)),
        causal=Curve(TOKENS, rising(_prefill(shape, kernels, plan))),
        cached=Sheet(BATCH, CONTEXT, _decode(shape, kernels, plan, kv_byte)),
        layers=shape.layers / plan.pp,
        level=kernels.level("gemm", how.name),
    )


def _like(model: Floats, *values: float) -> list[Floats]:
    return [np.full_like(model, value) for value in values]


def _products(shape: Shape, kernels: Kernels, plan: Plan, how: Precision) -> Floats:
    each = products(shape, plan)
    n, k, times = (np.array([getattr(one, name) for one in each])[:, None] for name in ("n", "k", "times"))
    rows, n, k = np.broadcast_arrays(TOKENS[None, :], n, k)
    work = needs.product(rows, n, k, how)
    m, n_least, k_least = (np.array([size]) for size in SMALLEST)
    least = needs.product(m, n_least, k_least, how)
    return np.asarray((kernels.seconds_in_a_graph(work, least) * times).sum(axis=0))


def _experts(shape: Shape, kernels: Kernels, plan: Plan, how: Precision) -> Floats:
    held = experts(shape, plan)
    if held is None:
        return np.zeros_like(TOKENS)
    return kernels.seconds(needs.grouped(TOKENS * plan.dp, held, how)) * held.times


def _exchange(shape: Shape, kernels: Kernels, plan: Plan) -> Floats:
    """All-reduces after attention and feed-forward; where attention is copied, tokens go to their experts and back."""
    size, layers = TOKENS * shape.hidden * 2, shape.layers / plan.pp
    total = 2 * layers * _reduced(kernels, size, plan.tp)
    if shape.moe_layers and plan.dp > 1:
        ways = plan.tp * plan.dp
        gathered = _reduced(kernels, size * plan.dp, ways)
        total = total + shape.moe_layers / plan.pp * np.minimum(gathered, _sent(shape, kernels, ways))
    return np.asarray(total)


def _reduced(kernels: Kernels, size: Floats, ways: int) -> Floats:
    """Seconds of an all-reduce of `size` bytes: among linked chips, and, of what each of them then holds, beyond."""
    near = min(ways, kernels.chip.domain)
    seconds = kernels.reduce(size, near)
    return seconds + _far(kernels, size / near * 2) if ways > near else seconds


def _sent(shape: Shape, kernels: Kernels, ways: int) -> Floats:
    """Seconds of sending each token to its experts and back: its hidden state in 8 bits, and its answer in 16."""
    size = TOKENS * min(shape.active_experts, ways) * shape.hidden * (1 + 2)
    near = min(ways, kernels.chip.domain)
    seconds = 2 * LATE + size * (near - 1) / near / kernels.chip.link
    return np.asarray(seconds + _far(kernels, size * (1 - near / ways)) if ways > near else seconds)


def _far(kernels: Kernels, size: Floats) -> Floats:
    return np.asarray(FAR + size * NETWORK / kernels.chip.link)


def _heads(shape: Shape, plan: Plan) -> tuple[float, float]:
    heads = max(shape.heads / plan.tp, 1)
    return heads, min(max(shape.kv_heads / plan.tp, 1), heads)


def _decode(shape: Shape, kernels: Kernels, plan: Plan, kv_byte: float) -> Floats:
    """Seconds of all layers' attention at (BATCH, CONTEXT)."""
    batch, context = np.meshgrid(BATCH, CONTEXT, indexing="ij")
    heads, keys = _heads(shape, plan)
    full = shape.full_layers / plan.pp
    seconds = full * _attend(shape, kernels, batch, attended(shape, context), (heads, keys), kv_byte)
    if shape.sparse_topk:
        seconds = seconds + full * batch * context * 132 / kernels.chip.bandwidth / 0.6
    rest = shape.layers / plan.pp - full
    if rest and shape.window:
        near = np.minimum(context, shape.window)
        seconds = seconds + rest * _attend(shape, kernels, batch, near, (heads, keys), kv_byte)
    elif rest:
        state = 2 * batch * shape.linear_out / plan.tp * 128 * 4
        seconds = seconds + rest * (state / kernels.chip.bandwidth / 0.6 + 10e-6)
    rising = np.maximum.accumulate(np.maximum.accumulate(seconds, axis=0), axis=1)
    return np.asarray(rising)


def _attend(
    shape: Shape, kernels: Kernels, batch: Floats, context: Floats, heads: tuple[float, float], kv_byte: float
) -> Floats:
    if shape.kv_lora:
        width = (shape.kv_lora, shape.rope_dim)
        (queries,) = _like(context, heads[0])
        return kernels.seconds(needs.latent_decode(batch, context, queries, width, kv_byte))
    queries, keys, dim = _like(context, *heads, shape.head_dim)
    one = np.ones(1)
    least = needs.decode(one, SHORTEST * one, queries[0, :1], keys[0, :1], dim[0, :1], kv_byte)
    return kernels.seconds_in_a_graph(needs.decode(batch, context, queries, keys, dim, kv_byte), least)


def _prefill(shape: Shape, kernels: Kernels, plan: Plan) -> Floats:
    heads, keys = _heads(shape, plan)
    one, full = np.ones_like(TOKENS), shape.full_layers / plan.pp
    if shape.kv_lora:
        width = (shape.nope_dim + shape.rope_dim, shape.v_dim)
        whole = needs.latent_prefill(one, TOKENS, np.full_like(TOKENS, heads), width)
    else:
        queries, pairs, dim = _like(TOKENS, heads, keys, shape.head_dim)
        whole = needs.prefill(one, TOKENS, queries, pairs, dim)
    seconds = full * kernels.seconds(whole)
    rest = shape.layers / plan.pp - full
    if shape.sparse_topk:
        seconds = np.minimum(seconds, full * kernels.seconds(whole) * 2 * shape.sparse_topk / TOKENS)
        seconds = np.maximum(seconds, full * 1e-5)
    if rest:
        width_rest = shape.linear_out * 512 if shape.linear_out else 4 * shape.heads * shape.head_dim * shape.window
        flops = TOKENS * np.minimum(width_rest, 4.0 * shape.heads * shape.head_dim * TOKENS) / plan.tp
        seconds = seconds + rest * (flops / kernels.chip.bf16 / 0.3 + 10e-6)
    return np.asarray(seconds)

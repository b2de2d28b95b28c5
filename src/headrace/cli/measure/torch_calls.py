"""What each probe runs in PyTorch: products, attention and copies, on tensors that are made beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from headrace.estimate.probe_plan import COPY, HEAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from headrace.estimate.probe_plan import Probe

    Call = Callable[[], object]


def call_of(torch: Any, probe: Probe, where: str) -> Call:
    """The call to time. What PyTorch raises where memory or the format is wanting, it raises here or when called."""
    return CALLS[probe.family](torch, probe, where)


def _product(torch: Any, probe: Probe, where: str) -> Call:
    m, n, k = probe.sizes
    return PRODUCTS[probe.precision](torch, m, n, k, where)


def _bf16(torch: Any, m: int, n: int, k: int, where: str) -> Call:
    rows, weights = (_random(torch, (side, k), where) for side in (m, n))
    return lambda: torch.nn.functional.linear(rows, weights)


def _fp8(torch: Any, m: int, n: int, k: int, where: str) -> Call:
    rows, weights = (_random(torch, (side, k), where).to(torch.float8_e4m3fn) for side in (m, n))
    one = torch.ones((), device=where)
    return lambda: torch._scaled_mm(rows, weights.t(), scale_a=one, scale_b=one, out_dtype=torch.bfloat16)


def _int8(torch: Any, m: int, n: int, k: int, where: str) -> Call:
    rows, weights = (torch.ones((side, k), dtype=torch.int8, device=where) for side in (m, n))
    return lambda: torch._int_mm(rows, weights.t())


def _decode(torch: Any, probe: Probe, where: str) -> Call:
    batch, context, heads, keys = probe.sizes
    return _attention(torch, (batch, heads, 1), (batch, keys, context), where, causal=False)


def _prefill(torch: Any, probe: Probe, where: str) -> Call:
    batch, tokens, heads, keys = probe.sizes
    return _attention(torch, (batch, heads, tokens), (batch, keys, tokens), where, causal=True)


def _attention(torch: Any, asked: tuple[int, ...], held: tuple[int, ...], where: str, *, causal: bool) -> Call:
    query, key, value = (_random(torch, (*shape, HEAD), where) for shape in (asked, held, held))
    attend = torch.nn.functional.scaled_dot_product_attention
    return lambda: attend(query, key, value, is_causal=causal, enable_gqa=True)


def _copy(torch: Any, probe: Probe, where: str) -> Call:
    here, there = (torch.zeros(probe.sizes, dtype=torch.int8, device=where) for _ in range(2))
    return lambda: there.copy_(here)


def _random(torch: Any, shape: tuple[int, ...], where: str) -> Any:
    return torch.randn(shape, device=where, dtype=torch.bfloat16)


PRODUCTS: Final = {"bf16": _bf16, "fp8": _fp8, "int8": _int8}
CALLS: Final = {"gemm": _product, "decode": _decode, "prefill": _prefill, COPY: _copy}

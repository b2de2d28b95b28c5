"""Which shapes are measured on a chip, and what they need: a few that see compute, bandwidth and launch, each alone.

launch      a product so small that its bounds are below a microsecond
stream      few rows by a large matrix: each weight is read once and hardly used
compute     many rows: each weight that is read is used a thousand times
between     where the two bounds meet, so that how sharply one takes over is judged too
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate import work as needs
from headrace.estimate.precision import PRECISIONS
from headrace.estimate.probes import EXCHANGE, exchange
from headrace.estimate.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

COPY: Final = "copy"
HEAD: Final = 128
"""Elements of a head of attention."""
SMALL: Final = 8
"""By how much each side of a shape is smaller where the chip is a processor that only tries the way."""
LEAST_ROWS: Final = {"int8": 32}
"""Libraries refuse 8-bit integer products of fewer rows."""
PRODUCTS: Final = (
    *((1, 256, 256), (8, 512, 512), (16, 1024, 1024)),
    *((1, 4096, 4096), (1, 8192, 8192), (8, 6144, 4096), (16, 8192, 8192), (32, 12288, 4096), (64, 4096, 12288)),
    *((1024, 4096, 4096), (2048, 8192, 8192), (4096, 4096, 4096), (4096, 8192, 8192), (8192, 8192, 8192)),
    *((8192, 4096, 14336), (128, 4096, 4096), (256, 8192, 8192), (512, 6144, 4096), (128, 1536, 1536)),
    (256, 1024, 4096),
)
"""Rows, columns and the side that is summed over."""
DECODES: Final = (
    *((1, 64, 32, 8), (1, 512, 32, 8), (1, 8192, 32, 8), (1, 32768, 32, 8), (8, 1024, 32, 8), (8, 4096, 32, 8)),
    *(
        (32, 1024, 32, 8),
        (32, 4096, 64, 8),
        (64, 2048, 32, 8),
        (64, 4096, 40, 8),
        (128, 1024, 64, 8),
        (16, 4096, 32, 4),
    ),
)
"""Sequences, their context, heads and key heads."""
PREFILLS: Final = (
    *((1, 64, 32, 8), (1, 256, 32, 8), (1, 1024, 32, 8), (1, 2048, 32, 8), (1, 4096, 32, 8), (1, 8192, 32, 8)),
    *((1, 16384, 32, 8), (2, 2048, 32, 8), (4, 1024, 64, 8), (8, 512, 32, 8), (4, 4096, 32, 4), (1, 4096, 64, 8)),
)
"""Sequences, their tokens, heads and key heads."""
COPIES: Final = tuple(1 << power for power in (12, 16, 20, 22, 24, 26, 28, 29))
EXCHANGES: Final = tuple(1 << power for power in (8, 12, 14, 16, 18, 20, 22, 24, 26, 28))


@dataclass(frozen=True)
class Probe:
    """One thing to measure. `sizes` are rows, columns and depth; sequences, tokens and heads; bytes; or bytes, ways."""

    family: str
    precision: str
    sizes: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.family} {self.precision} {'x'.join(map(str, self.sizes))}"


def plan(precisions: Iterable[str], devices: int, small: bool) -> tuple[Probe, ...]:
    """Everything to measure on a chip that computes in these precisions, with `devices` of it side by side."""
    products = [Probe("gemm", name, sizes) for name in precisions for sizes in _products(name, small)]
    attention = [
        Probe(family, "bf16", sizes)
        for family, those in (("decode", DECODES), ("prefill", PREFILLS))
        for sizes in dict.fromkeys(_fewer(sizes) if small else sizes for sizes in those)
    ]
    copies = [Probe(COPY, "bf16", (size,)) for size in _least(COPIES, small)]
    ways = sorted({2, devices}) if devices > 1 else ()
    exchanges = [Probe(EXCHANGE, "bf16", (size, count)) for count in ways for size in _least(EXCHANGES, small)]
    return (*copies, *products, *attention, *exchanges)


def _products(precision: str, small: bool) -> Iterator[tuple[int, int, int]]:
    least = LEAST_ROWS.get(precision, 1)
    scale = SMALL if small else 1
    yield from dict.fromkeys((max(m // scale, least), n // scale, k // scale) for m, n, k in PRODUCTS)


def _fewer(sizes: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    batch, tokens, heads, keys = sizes
    return max(batch // SMALL, 1), max(tokens // SMALL, 16), heads // 4, max(keys // 4, 1)


def _least(sizes: tuple[int, ...], small: bool) -> tuple[int, ...]:
    return tuple(size for size in sizes if not small or size <= 1 << 24)


def work_of(probes: Sequence[Probe]) -> Work:
    """What probes of one family and precision need, as arrays in their order."""
    columns = [np.array(column, dtype=np.float64) for column in zip(*(probe.sizes for probe in probes), strict=True)]
    return NEEDS[probes[0].family](columns, probes[0].precision)


def _product(columns: Sequence[Floats], precision: str) -> Work:
    m, n, k = columns
    return needs.product(m, n, k, PRECISIONS[precision])


def _decode(columns: Sequence[Floats], _: str) -> Work:
    batch, context, heads, keys = columns
    return needs.decode(batch, context, heads, keys, np.full_like(batch, HEAD), needs.BF16_BYTES)


def _prefill(columns: Sequence[Floats], _: str) -> Work:
    batch, tokens, heads, keys = columns
    return needs.prefill(batch, tokens, heads, keys, np.full_like(batch, HEAD))


def _copy(columns: Sequence[Floats], _: str) -> Work:
    """Each byte is read once and written once."""
    (size,) = columns
    return Work(COPY, "bf16", 16, np.zeros_like(size), 2 * size, (size, size, size))


def _exchange(columns: Sequence[Floats], _: str) -> Work:
    size, ways = columns
    return exchange(size, ways)


NEEDS: Final[dict[str, Callable[[Sequence[Floats], str], Work]]] = {
    "gemm": _product,
    "decode": _decode,
    "prefill": _prefill,
    COPY: _copy,
    EXCHANGE: _exchange,
}

"""The grids of each family of kernels: what their three axes count, at which nodes, and how a table of them reads.

    chip, precision, library, <first axis>, <second axis>, <nodes of the third axis ...>
    H100, bf16, sglang, 1, 128, 1500, 680, ...

Each cell is how many times longer than its bound such a kernel took.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError
from headrace.estimate.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    Key = tuple[str, str, str]

NAMED: Final = ("chip", "precision", "library")


@dataclass(frozen=True, eq=False)
class Axis:
    """What an axis counts, and its nodes, rising."""

    name: str
    nodes: NDArray[np.float64]


def _axis(name: str, *nodes: float) -> Axis:
    return Axis(name, np.array(nodes, dtype=np.float64))


ROWS: Final = (1, 2, 4, 8, 16, 32, 64, 80, 128, 129, 160, 256, 257, 384, 512, 513, 1024, 1025, 2048, 4096, 8192, 32768)
"""A row more than a multiple of a tile takes another tile: nodes on both sides of the steps."""
SMALL: Final = (64, 128, 256, 512, 768, 1024, 1536, 2048)
SIDES: Final = (*SMALL, 3072, 4096, 5120, 7168, 8192, 10240, 12288, 16384, 65536)
AXES: Final[dict[str, tuple[Axis, Axis, Axis]]] = {
    "gemm": (
        _axis("m", *ROWS),
        _axis("n", *SIDES),
        _axis("k", *SIDES),
    ),
    "decode": (
        _axis("sequences_x_key_heads", 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 8192),
        _axis("context", 16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 131072),
        _axis("heads_per_key_head", 1, 2, 4, 8, 16),
    ),
    "prefill": (
        _axis("sequences_x_heads", 1, 2, 4, 8, 16, 32, 64, 128, 512),
        _axis("tokens", 16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768),
        _axis("heads_per_key_head", 1, 4, 8, 16),
    ),
    "moe": (
        _axis("tokens_per_expert", 0.01, 0.03, 0.1, 0.3, 1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096),
        _axis("experts", 1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
        _axis("elements_of_an_expert", 0.25e6, 1e6, 4e6, 16e6, 64e6, 256e6),
    ),
    "mla_decode": (
        _axis("sequences", 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
        _axis("context", 16, 64, 256, 1024, 2048, 4096, 8192, 16384, 65536, 131072),
        _axis("heads", 1, 2, 4, 8, 16, 32, 64, 128),
    ),
    "mla_prefill": (
        _axis("sequences", 1, 2, 4, 8, 16, 32, 64, 128, 256),
        _axis("tokens", 16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384),
        _axis("heads", 1, 2, 4, 8, 16, 32, 64, 128),
    ),
    "comm": (
        _axis("bytes", 256, 4096, 16384, 65536, 262144, 1 << 20, 1 << 22, 1 << 24, 1 << 26, 1 << 28),
        _axis("chips", 2, 4, 8),
        _axis("one", 1, 2),
    ),
}


def nodes(family: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The nodes of a family's three axes."""
    first, second, third = AXES[family]
    return first.nodes, second.nodes, third.nodes


def read_grids(family: str, lines: Iterable[str]) -> dict[Key, Grid]:
    """Grids by (chip, precision, library). Raises InputError with the line where the table is not of the family."""
    reader = csv.reader(lines)
    if next(reader, []) != _header(family):
        raise InputError(f"kernels of {family}", "have other columns", ", ".join(_header(family)))
    found: dict[Key, list[list[str]]] = {}
    for chip, precision, library, *cells in reader:
        found.setdefault((chip, precision, library), []).append(cells[2:])
    return {key: _grid(family, key, cells) for key, cells in found.items()}


def _grid(family: str, key: Key, cells: list[list[str]]) -> Grid:
    shape = tuple(len(axis) for axis in nodes(family))
    values = np.array(cells, dtype=np.float64)
    if values.shape != (shape[0] * shape[1], shape[2]):
        raise InputError(f"kernels of {family}, {' '.join(key)}", f"have {len(cells)} rows", f"{shape[0] * shape[1]}")
    return Grid(nodes(family), np.log(values).reshape(shape))


def write_grids(family: str, grids: Mapping[Key, Grid]) -> str:
    """The table that `read_grids` reads; ratios to three figures."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_header(family))
    for key, grid in grids.items():
        writer.writerows([*key, *row] for row in _rows(family, grid))
    return out.getvalue()


def _header(family: str) -> list[str]:
    first, second, third = AXES[family]
    return [*NAMED, first.name, second.name, *(f"{third.name}={node:g}" for node in third.nodes)]


def _rows(family: str, grid: Grid) -> Iterator[list[str]]:
    first, second, _ = nodes(family)
    ratios = np.exp(grid.values).reshape(len(first) * len(second), -1)
    for (one, other), row in zip(product(first, second), ratios, strict=True):
        yield [f"{one:.10g}", f"{other:.10g}", *(f"{ratio:.3g}" for ratio in row)]

"""The measured efficiencies that ship with Headrace: read once from `data/calibration.csv`, the room's only file.

One row is one fitted thing: `family, chip, precision, generation, constants, n, error, sources`. `constants` are
numbers with a space between; for a grid they are the logarithms of time over bound, in hundredths, last axis fastest.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Key = tuple[str, str, str, str]

FILE: Final = "calibration.csv"
COLUMNS: Final = ("family", "chip", "precision", "generation", "constants", "n", "error", "sources")


def _axis(*nodes: float) -> NDArray[np.float64]:
    return np.array(nodes, dtype=np.float64)


ROWS: Final = _axis(1, 2, 4, 8, 16, 32, 64, 80, 128, 160, 256, 512, 1024, 2048, 4096, 8192, 32768)
SIDES: Final = _axis(128, 256, 512, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 65536)
AXES: Final = {
    "gemm": (ROWS, SIDES, SIDES),
    "decode": (
        _axis(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 8192),
        _axis(16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 131072),
        _axis(1, 2, 4, 8, 16),
    ),
    "prefill": (
        _axis(1, 2, 4, 8, 16, 32, 64, 128, 512),
        _axis(16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768),
        _axis(1, 4, 8, 16),
    ),
    "moe": (
        _axis(0.01, 0.03, 0.1, 0.3, 1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096),
        _axis(1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
        _axis(0.25e6, 1e6, 4e6, 16e6, 64e6, 256e6),
    ),
    "mla_decode": (
        _axis(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024),
        _axis(16, 64, 256, 1024, 2048, 4096, 8192, 16384, 65536, 131072),
        _axis(1, 2, 4, 8, 16, 32, 64, 128),
    ),
    "mla_prefill": (
        _axis(1, 2, 4, 8, 16, 32, 64, 128, 256),
        _axis(16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384),
        _axis(1, 2, 4, 8, 16, 32, 64, 128),
    ),
    "comm": (
        _axis(256, 4096, 16384, 65536, 262144, 1 << 20, 1 << 22, 1 << 24, 1 << 26, 1 << 28),
        _axis(2, 4, 8),
        _axis(1, 2),
    ),
}
"""The nodes of each family's grid; what the axes are is said where the family is used (`efficiency.py`)."""


@dataclass(frozen=True)
class Fitted:
    """One row: constants and how good they were on what they were fitted on."""

    constants: tuple[float, ...]
    n: int
    error: float
    sources: str


@dataclass(frozen=True, eq=False)
class Calibration:
    """All rows by (family, chip, precision, generation), and the grids among them."""

    rows: Mapping[Key, Fitted]
    grids: Mapping[Key, Grid]
    libraries: Mapping[tuple[str, str, str], tuple[str, ...]]
    """The generations, which are libraries, in which a family was measured on a chip in a precision."""

    def constants(self, *key: str) -> tuple[float, ...] | None:
        """The constants of (family, chip, precision, generation), or None."""
        found = self.rows.get((key[0], key[1], key[2], key[3]))
        return found.constants if found else None


def parse(lines: Iterable[str]) -> Calibration:
    """A calibration from the lines of a CSV file with the header COLUMNS."""
    rows: dict[Key, Fitted] = {}
    grids: dict[Key, Grid] = {}
    libraries: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for row in csv.DictReader(lines):
        numbers = tuple(float(text) for text in row["constants"].split())
        key = (row["family"], row["chip"], row["precision"], row["generation"])
        rows[key] = Fitted(numbers, int(row["n"]), float(row["error"]), row["sources"])
        if axes := AXES.get(row["family"]):
            values = np.array(numbers).reshape([len(axis) for axis in axes]) / 100
            grids[key] = Grid(axes, values)
            libraries[key[:3]] = (*libraries.get(key[:3], ()), key[3])
    return Calibration(rows, grids, libraries)


@cache
def calibration() -> Calibration:
    """The calibration that ships, read at the first use."""
    text = (files("headrace.estimate") / "data" / FILE).read_text(encoding="utf-8")
    return parse(text.splitlines())

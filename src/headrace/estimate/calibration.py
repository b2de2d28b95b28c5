"""The measured efficiencies that ship with Headrace: `data/calibration.csv`, and `data/kernels/` with its grids.

One row is one fitted thing: family, chip, precision, generation, constants, n, error, sources. `constants` are names
with their values; a family of kernels has a grid instead, in the table that bears its name (`axes.py`).
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from headrace.errors import InputError
from headrace.estimate.axes import AXES, read_grids, write_grids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable

    from headrace.estimate.grid import Grid

    Key = tuple[str, str, str, str]

TABLE: Final = "calibration.csv"
KERNELS: Final = "kernels"
COLUMNS: Final = ("family", "chip", "precision", "generation", "constants", "n", "error", "sources")


@dataclass(frozen=True)
class Row:
    """One fitted thing. `generation` is of an engine, or the library of a kernel.

    `error` is the median absolute relative error on the `n` points behind it, for a grid on those held out of its fit.
    """

    family: str
    chip: str
    precision: str
    generation: str
    constants: Mapping[str, float]
    n: int
    error: float
    sources: str

    @property
    def key(self) -> Key:
        """What it is found by."""
        return self.family, self.chip, self.precision, self.generation


@dataclass(frozen=True, eq=False)
class Calibration:
    """All rows, and the grids of those that are kernels, by (family, chip, precision, generation)."""

    rows: Mapping[Key, Row]
    grids: Mapping[Key, Grid] = field(default_factory=dict)

    @cached_property
    def libraries(self) -> Mapping[tuple[str, str, str], tuple[str, ...]]:
        """The libraries in which a family was measured on a chip in a precision."""
        found: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for family, chip, precision, library in self.grids:
            found[family, chip, precision] = (*found.get((family, chip, precision), ()), library)
        return found

    def constants(self, *key: str) -> Mapping[str, float] | None:
        """The constants of (family, chip, precision, generation), or None."""
        found = self.rows.get((key[0], key[1], key[2], key[3]))
        return found.constants if found else None

    def over(self, other: Calibration) -> Calibration:
        """These rows, and those of `other` that these do not have."""
        return Calibration({**other.rows, **self.rows}, {**other.grids, **self.grids})


def read_rows(lines: Iterable[str], where: str = TABLE) -> dict[Key, Row]:
    """Rows from the lines of a table. Raises InputError with the line that is wrong."""
    reader = csv.reader(lines)
    if tuple(next(reader, ())) != COLUMNS:
        raise InputError(where, "has other columns", ", ".join(COLUMNS))
    rows = [_row(cells, f"{where}:{reader.line_num}") for cells in reader]
    return {row.key: row for row in rows}


def _row(cells: list[str], where: str) -> Row:
    try:
        family, chip, precision, generation, constants, n, error, sources = cells
        pairs = (pair.split("=") for pair in constants.split())
        values = {name: float(value) for name, value in pairs}
        return Row(family, chip, precision, generation, values, int(n), float(error), sources)
    except ValueError:
        raise InputError(where, "cannot be read", "eight cells, constants as name=value") from None


def write_rows(rows: Iterable[Row]) -> str:
    """The table that `read_rows` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        constants = " ".join(f"{name}={value:.5g}" for name, value in row.constants.items())
        writer.writerow([*row.key, constants, row.n, f"{row.error:.4f}", row.sources])
    return out.getvalue()


def written(calibration: Calibration) -> dict[str, str]:
    """Every file of a calibration: its path below the folder, and its text."""
    texts = {TABLE: write_rows(calibration.rows.values())}
    for family in AXES:
        mine = {key[1:]: grid for key, grid in calibration.grids.items() if key[0] == family}
        texts[f"{KERNELS}/{family}.csv"] = write_grids(family, mine)
    return texts


@cache
def shipped() -> Calibration:
    """The calibration that ships, read at the first use."""
    folder = files("headrace.estimate") / "data"
    rows = read_rows(_lines(folder / TABLE))
    grids = {
        (family, *key): grid
        for family in AXES
        for key, grid in read_grids(family, _lines(folder / KERNELS / f"{family}.csv")).items()
    }
    return Calibration(rows, grids)


def _lines(file: Traversable) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()

"""The sweep itself: what is kept is taken, what is missing is computed, and each cell is kept as soon as it is done."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from headrace.sweep.grid import grid
from headrace.sweep.kept import Cells, Figures
from headrace.sweep.outcome import Failed
from headrace.sweep.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from headrace.sweep.grid import Cell
    from headrace.sweep.outcome import Hands
    from headrace.sweep.prepare import Prepared
    from headrace.sweep.sweep_file import Sheet

COLUMNS: Final = "columns"
CELLS: Final = "cells"


@dataclass(frozen=True)
class Swept:
    """A sweep's cells in their order; each has either figures or a sentence in `failed`, by its key."""

    sheet: Sheet
    fleets: tuple[Prepared, ...]
    cells: tuple[Cell, ...]
    figures: dict[str, Figures]
    failed: dict[str, str]


def sweep(sheet: Sheet, out: Path, hands: Hands, progress: Callable[[str, int, int], None]) -> Swept:
    """Run `sheet` in the folder `out`. Interrupted at any instant, it goes on from the cells that are kept there.

    Raises InputError for what cannot be read or written; what goes wrong in one cell is in the answer's `failed`.
    """
    for name in (COLUMNS, CELLS):
        (out / name).mkdir(parents=True, exist_ok=True)
    fleets = prepare(sheet, out / COLUMNS, progress)
    cells = grid(sheet, {f.name: f.fleet for f in fleets}, {f.name: f.columns for f in fleets})
    kept, failed = Cells(out / CELLS), dict[str, str]()
    figures = {cell.key: found for cell in cells if (found := kept.read(cell.key)) is not None}
    missing = {cell.key: cell for cell in cells if cell.key not in figures}
    total = len(figures) + len(missing)
    progress("cells", len(figures), total)
    with closing(cast("Generator[tuple[Cell, Figures | Failed]]", hands(list(missing.values())))) as outcomes:
        for cell, outcome in outcomes:
            if isinstance(outcome, Failed):
                failed[cell.key] = outcome.sentence
            else:
                kept.keep(cell.key, outcome)
                figures[cell.key] = outcome
            progress("cells", len(figures) + len(failed), total)
    return Swept(sheet, fleets, cells, figures, failed)

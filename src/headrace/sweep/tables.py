"""The table that people read: cells of one setting (a fleet, a part of it, walls) under each other, best in bold."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from headrace.report.names import plain
from headrace.report.quantities import duration, percent
from headrace.report.tables.table import Column, Row, Table
from headrace.sweep.sweep_file import STEPS
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headrace.report.words import Words
    from headrace.sweep.grid import Cell
    from headrace.sweep.sweep import Swept

Value: TypeAlias = Any


@dataclass(frozen=True)
class Figure:
    """A column: its name in the results, how a value is shown, which value is better, and whether it needs room."""

    name: str
    show: Callable[[Value, Words], str]
    better: Literal["less", "more"] = "less"
    wide: bool = False


def _time(seconds: float, words: Words) -> str:
    return duration(seconds * SECOND_MS, words)


def _share(share: float, _: Words) -> str:
    return percent(share)


def _count(count: int, _: Words) -> str:
    return f"{count:,}"


FIGURES: Final = (
    Figure("avg_wait_s", _time),
    Figure("p95_wait_s", _time),
    Figure("avg_completion_s", _time),
    Figure("p99_completion_s", _time, wide=True),
    Figure("allocated", _share, "more"),
    Figure("useful", _share, "more"),
    Figure("stranded", _count),
)


def sweep_table(swept: Swept, words: Words, most: int) -> Table:
    """The first `most` cells, under a heading for each setting."""
    columns, rows = _columns(swept, words), list[Row]()
    for title, cells in settings(swept.cells[:most], words):
        rows.append(Row((title, *[""] * (len(columns) - 1)), "heading"))
        rows += _rows(cells, swept, words)
    return Table(columns, tuple(rows))


def setting_table(cells: Sequence[Cell], swept: Swept, words: Words) -> Table:
    """The cells of one setting."""
    return Table(_columns(swept, words), tuple(_rows(cells, swept, words)))


def _columns(swept: Swept, words: Words) -> tuple[Column, ...]:
    named = [Column(words("sweep.column.policy"), numeric=False)]
    if _seeded(swept):
        named.append(Column(words("sweep.column.seed")))
    return (*named, *(Column(words(f"sweep.figure.{f.name}"), wide=f.wide) for f in FIGURES))


def _seeded(swept: Swept) -> bool:
    return any(cell.seed is not None for cell in swept.cells)


def settings(cells: Sequence[Cell], words: Words) -> list[tuple[str, list[Cell]]]:
    """Neighbouring cells of the same fleet, part and walls, with what these are called."""
    alike = groupby(cells, lambda cell: (cell.fleet_name, cell.scale, cell.walls))
    return [(_setting(*key, words), list(group)) for key, group in alike]


def _setting(fleet: str, scale: int, walls: tuple[str, ...], words: Words) -> str:
    part = [] if scale == STEPS else [words("sweep.part", share=f"{scale * 100 / STEPS:g}")]
    return " · ".join([plain(fleet), *part, *(words(f"sweep.wall.{wall}") for wall in walls)])


def _rows(cells: Sequence[Cell], swept: Swept, words: Words) -> list[Row]:
    best = {figure.name: _best(figure, cells, swept) for figure in FIGURES}
    return [_row(cell, swept, best, words) for cell in cells]


def _row(cell: Cell, swept: Swept, best: dict[str, Value], words: Words) -> Row:
    figures, peeks = swept.figures.get(cell.key), cell.policy.oracle
    named = [cell.policy.name] + (["" if cell.seed is None else str(cell.seed)] if _seeded(swept) else [])
    if figures is None:
        return Row((*named, *[words("none")] * len(FIGURES)), "muted")
    shown = (words("none") if figures[f.name] is None else f.show(figures[f.name], words) for f in FIGURES)
    bold = (i for i, f in enumerate(FIGURES, len(named)) if not peeks and figures[f.name] == best[f.name])
    return Row((*named, *shown), "oracle" if peeks else "plain", best=frozenset(bold))


def _best(figure: Figure, cells: Sequence[Cell], swept: Swept) -> Value:
    """The best value among those that do not peek; nothing where all are the same."""
    rivals = {
        swept.figures[cell.key][figure.name] for cell in cells if cell.key in swept.figures and not cell.policy.oracle
    } - {None}
    if len(rivals) < 2:
        return ...
    return min(rivals) if figure.better == "less" else max(rivals)

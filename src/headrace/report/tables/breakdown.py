"""The ledger by tenant, kind or week: whose chip-hours they were, and in which class they went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from headrace.explain.ledger import Class, Ledger
from headrace.report.instants import day
from headrace.report.names import plain
from headrace.report.quantities import hours_scale, ratio
from headrace.report.tables.table import Bar, Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.report.words import Words

Axis: TypeAlias = Literal["tenant", "kind", "week"]
Line: TypeAlias = tuple[str, dict[Class, int]]
"""What a row is called, and its milli-chip-ms by class."""
AXES: Final[tuple[Axis, ...]] = ("tenant", "kind", "week")
STACKED: Final = tuple(reversed(Class))
"""In bars and areas useful work lies at the bottom, and what was down on top."""


def breakdown_table(ledger: Ledger, axis: Axis, words: Words, most: int) -> Table:
    """One row a tenant, kind or week: its chip-hours, those in each class that occurs, and its bar.

    Of tenants and kinds the `most` with the most chip-hours have a row of their own.
    """
    classes = [c for c in STACKED if ledger.classes[c]]
    lines = weeks(ledger) if axis == "week" else largest(ledger, axis, words, most)
    scale = hours_scale(ledger.paid)
    wholes = dict(zip(Class, scale.steps(list(ledger.classes.values())), strict=True))
    steps = {c: scale.steps([line[c] for _, line in lines], wholes[c]) for c in classes}
    columns = [Column(words(f"column.{axis}"), numeric=False), Column(words("column.chip_hours"))]
    columns += [Column(words(f"class.{c.word}"), cls=c) for c in classes]
    rows = []
    for i, (name, line) in enumerate(lines):
        cells = [scale.text(sum(steps[c][i] for c in classes)), *(scale.text(steps[c][i]) for c in classes)]
        rows.append(Row((name, *cells), bars=tuple(_bars(line))))
    return Table(tuple(columns), tuple(rows))


def weeks(ledger: Ledger) -> list[Line]:
    """The weeks in their order, each called by its Monday."""
    return [(day(int(ledger.weeks[int(number)])), line) for number, line in ledger.by("week").items()]


def largest(ledger: Ledger, axis: Axis, words: Words, most: int) -> list[Line]:
    """The `most` largest, the others together, and at the end what is nobody's."""
    named = {name: line for name, line in ledger.by(axis).items() if name}
    ranked = sorted(named, key=lambda name: (-sum(named[name].values()), name))
    lines: list[Line] = [(plain(name), named[name]) for name in ranked[:most]]
    if others := ranked[most:]:
        together = {c: sum(named[name][c] for name in others) for c in Class}
        lines.append((words("others", count=f"{len(others):,}"), together))
    nobody = ledger.by(axis).get("")
    return lines + ([(words("nobody"), nobody)] if nobody else [])


def _bars(line: dict[Class, int]) -> Iterator[Bar]:
    level, total = 0, sum(line.values())
    for c in STACKED:
        if line[c]:
            yield Bar(c, ratio(level, total), ratio(level + line[c], total))
        level += line[c]

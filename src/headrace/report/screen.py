"""A terminal to write on: paragraphs broken for its width, and tables that split where they do not fit.

Everything is handed to Rich as text, never as markup, so that no name in a log can change how a line looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rich.bar import Bar as RichBar
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from headrace.report.lines import broken
from headrace.report.palette import DARK, QUIET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from headrace.report.tables.table import Bar, Row, Table

WIDE: Final = 116
"""From this width on, columns marked wide are shown."""
GAP: Final = 2
"""Blanks between columns: one of padding, one of the box."""
BAR: Final = (10, 40)
"""The least and the most cells of a column of bars."""
STYLES: Final = {"total": "bold", "muted": "dim", "heading": "bold", "bound": "italic", "oracle": "italic"}


@dataclass(frozen=True)
class Screen:
    """A Rich console on which text is taken literally."""

    console: Console

    def say(self, text: str, style: str = "", indent: int = 0, hanging: int = 0) -> None:
        """One paragraph, `indent` blanks from the left and `hanging` more from its second line; nothing for no text."""
        if text:
            for line in broken(text, self.console.width - indent, hanging):
                self.literal(" " * indent + line, style)

    def title(self, text: str) -> None:
        """A heading, after an empty line."""
        self.console.line()
        self.say(text, "bold cyan")

    def literal(self, line: str, style: str = "") -> None:
        self.console.print(Text(line, style), soft_wrap=True)

    def table(self, table: Table) -> None:
        """The table, its columns dealt out over several where the terminal is too narrow for them."""
        columns = [i for i, c in enumerate(table.columns) if self.console.width >= WIDE or not c.wide]
        for i, chosen in enumerate(self._dealt(table, columns)):
            if i:
                self.console.line()
            self.console.print(self._rich(table, chosen))

    def _dealt(self, table: Table, columns: list[int]) -> Iterator[list[int]]:
        first, *others = columns
        hand, room = [first], self.console.width - width_of(table, first)
        for column in others:
            width = width_of(table, column)
            if width > room and len(hand) > 1:
                yield hand
                hand, room = [first], self.console.width - width_of(table, first)
            hand.append(column)
            room -= width
        yield hand

    def _rich(self, table: Table, chosen: list[int]) -> RichTable:
        rich = RichTable(
            box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0), header_style="bold"
        )
        for i in chosen:
            column = table.columns[i]
            justify: Literal["left", "right"] = "right" if column.numeric else "left"
            rich.add_column(
                Text(_header(column.title)), justify=justify, style=STYLES.get(column.tone, ""), vertical="bottom"
            )
        bars = self._bar_width(table, chosen)
        if bars:
            rich.add_column("", width=bars, no_wrap=True)
        for row in table.rows:
            rich.add_row(*_cells(row, chosen), *([_bar(row.bars[0])] if bars else []), style=STYLES.get(row.tone, ""))
        return rich

    def _bar_width(self, table: Table, chosen: list[int]) -> int:
        """The cells left for bars; none for bars of several pieces, which only colours would tell apart."""
        single = all(len(row.bars) == 1 for row in table.rows) and not self.console.options.ascii_only
        least, most = BAR
        left = self.console.width - sum(width_of(table, i) for i in chosen) - GAP
        return min(left, most) if single and left >= least else 0


def width_of(table: Table, column: int) -> int:
    """The cells that a column takes, with the gap after it."""
    lines = _header(table.columns[column].title).splitlines()
    return max(map(cell_len, [*lines, *(row.cells[column] for row in table.rows)])) + GAP


def _header(title: str) -> str:
    """An oracle's name takes two lines, so that its column stays narrow."""
    return title.replace(":", ":\n", 1)


def _cells(row: Row, chosen: list[int]) -> Iterator[RenderableType]:
    for i in chosen:
        yield Text(row.cells[i], "bold green" if i in row.best else "", overflow="ellipsis", no_wrap=True)


def _bar(bar: Bar) -> RichBar:
    return RichBar(1.0, bar.begin, bar.end, color=DARK[bar.cls] if bar.cls is not None else QUIET[1])

"""A table before it has a form: the terminal, the page and the tests show the same cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from headrace.explain.ledger import Class

Tone: TypeAlias = Literal["plain", "total", "muted", "heading", "bound", "oracle"]
"""How a row or a column stands out: sums, what is zero, a heading over the rows below, a bound, an oracle."""


@dataclass(frozen=True)
class Column:
    """`group` is the heading over neighbouring columns; `numeric` columns align right; `wide` ones need a wide form.

    `cls` is the class whose colour marks the column.
    """

    title: str
    numeric: bool = True
    group: str = ""
    wide: bool = False
    tone: Tone = "plain"
    cls: Class | None = None


@dataclass(frozen=True)
class Bar:
    """A piece of a bar, from `begin` to `end` in 0..1, in the colour of its class (None: of a sum)."""

    cls: Class | None
    begin: float
    end: float


@dataclass(frozen=True)
class Row:
    """`cls` colours the row's mark; `bars` are drawn behind its cells; `best` numbers the cells that are best."""

    cells: tuple[str, ...]
    tone: Tone = "plain"
    cls: Class | None = None
    bars: tuple[Bar, ...] = ()
    best: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def barred(self) -> bool:
        """Whether the rows end in bars."""
        return any(row.bars for row in self.rows)

"""A table's form on the page: grouped headings, marks in the classes' colours, bars drawn by CSS alone."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from headrace.report.markup import Html, element

if TYPE_CHECKING:
    from headrace.explain.ledger import Class
    from headrace.report.tables.table import Bar, Column, Row, Table


def html_table(table: Table, kind: str = "") -> Html:
    """The table in a frame that scrolls sideways where the screen is narrow."""
    body = element("tbody", *(_row(table, row) for row in table.rows))
    return element("div", element("table", _head(table), body, class_=kind), class_="frame", tabindex="0")


def _head(table: Table) -> Html:
    bar = [element("th", class_="bar")] if table.barred else []
    first, *others = (_title(column) for column in table.columns)
    titles = element("tr", first, *bar, *others)
    if not any(column.group for column in table.columns):
        return element("thead", titles)
    groups = ((group, len(list(columns))) for group, columns in groupby(table.columns, lambda column: column.group))
    return element("thead", element("tr", *(_group(title, width) for title, width in groups)), titles)


def _group(title: str, width: int) -> Html:
    return element("th", title, colspan=str(width), scope="colgroup") if title else element("td", colspan=str(width))


def _title(column: Column) -> Html:
    return element("th", _mark(column.cls), column.title, scope="col", class_=_alignment(column))


def _row(table: Table, row: Row) -> Html:
    first, *others = (_cell(table.columns[i], row, i) for i in range(len(row.cells)))
    bar = [element("td", _bar(row.bars), class_="bar")] if table.barred else []
    return element("tr", first, *bar, *others, class_=_classes(row.tone))


def _cell(column: Column, row: Row, number: int) -> Html:
    text = row.cells[number]
    if number == 0:
        classes = _classes("inside" if text.startswith(" ") else "", _alignment(column))
        return element("th", _mark(row.cls), text.strip(), scope="row", class_=classes)
    return element("td", element("b", text) if number in row.best else text, class_=_alignment(column))


def _mark(cls: Class | None) -> Html:
    return element("i", class_=f"mark {cls.word}") if cls is not None else Html("")


def _alignment(column: Column) -> str:
    return _classes("number" if column.numeric else "", "wide" if column.wide else "", column.tone)


def _bar(bars: tuple[Bar, ...]) -> Html:
    pieces = (element("i", class_=bar.cls.word if bar.cls is not None else "whole", style=_place(bar)) for bar in bars)
    return element("div", *pieces)


def _place(bar: Bar) -> str:
    return f"left:{bar.begin * 100:.2f}%;width:{(bar.end - bar.begin) * 100:.2f}%"


def _classes(*names: str) -> str:
    return " ".join(name for name in names if name and name != "plain")

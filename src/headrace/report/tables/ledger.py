"""The ledger as a table from paid down to useful, each line with hours, share, cost and its place in the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.explain.ledger import ALLOCATED, UNALLOCATED, Class, Ledger
from headrace.report.quantities import Scale, hours_scale, money_scale, ratio, share_scale
from headrace.report.tables.table import Bar, Column, Row, Table, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.report.words import Words

LINES: Final[tuple[tuple[str, tuple[Class, ...]], ...]] = (
    ("paid", tuple(Class)),
    ("down", (Class.DOWN,)),
    ("unallocated", UNALLOCATED),
    *((c.word, (c,)) for c in UNALLOCATED),
    ("allocated", ALLOCATED),
    *((c.word, (c,)) for c in ALLOCATED),
)
"""Each line's word and the classes that it sums."""


def ledger_table(ledger: Ledger, words: Words) -> Table:
    """Paid, down, unallocated and its five classes, allocated and its six; every column adds up as printed."""
    columns = (
        Column(words("column.class"), numeric=False),
        Column(words("column.meaning"), numeric=False, wide=True),
        Column(words("column.chip_hours")),
        Column(words("column.share")),
        *(Column(words("column.cost", currency=currency)) for currency in ledger.money()),
    )
    figures = zip(*_columns(ledger), strict=True)
    rows = [_row(line, cells, bar, words) for line, cells, bar in zip(LINES, figures, waterfall(ledger), strict=True)]
    return Table(columns, tuple(rows))


def waterfall(ledger: Ledger) -> Iterator[Bar]:
    """Where each line of LINES stands between nothing (0) and all that was paid (1): each hangs from the one before."""
    level = ledger.paid
    for _word, classes in LINES:
        size = sum(ledger.classes[c] for c in classes)
        cls = classes[0] if len(classes) == 1 else None
        yield Bar(cls, ratio(level - size, ledger.paid), ratio(level, ledger.paid))
        if cls is not None:
            level -= size


def printed_hours(ledger: Ledger) -> dict[str, str]:
    """The chip-hours of each line of LINES, by its word: sentences quote these, so that they agree with the table."""
    return _printed(ledger.classes, hours_scale(ledger.paid))


def printed_shares(ledger: Ledger) -> dict[str, str]:
    """The share of what was paid of each line of LINES, by its word."""
    return _printed(ledger.classes, share_scale(ledger.paid))


def printed_money(ledger: Ledger) -> dict[str, dict[str, str]]:
    """The cost of each line of LINES, by currency and word."""
    return {unit: _printed(parts, money_scale(sum(parts.values()))) for unit, parts in ledger.money().items()}


def _columns(ledger: Ledger) -> Iterator[list[str]]:
    yield list(printed_hours(ledger).values())
    yield list(printed_shares(ledger).values())
    for amounts in printed_money(ledger).values():
        yield list(amounts.values())


def _printed(parts: dict[Class, int], scale: Scale) -> dict[str, str]:
    """Rounded class by class, so that the sums over classes agree with what is printed of them."""
    steps = dict(zip(parts, scale.steps(list(parts.values())), strict=True))
    return {word: scale.text(sum(steps[c] for c in classes)) for word, classes in LINES}


def _row(line: tuple[str, tuple[Class, ...]], cells: tuple[str, ...], bar: Bar, words: Words) -> Row:
    word, classes = line
    if len(classes) > 1:
        return Row((words(f"sum.{word}"), words(f"sum_meaning.{word}"), *cells), tone="total", bars=(bar,))
    label = words(f"class.{word}")
    indented = label if classes[0] is Class.DOWN else words("indent", text=label)
    tone: Tone = "plain" if bar.begin < bar.end else "muted"
    return Row((indented, words(f"meaning.{word}"), *cells), tone, classes[0], (bar,))

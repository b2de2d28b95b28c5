"""The rows that were not understood: how many for each reason, and the first few themselves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from headrace.report.names import plain, short
from headrace.report.tables.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.history.log import Reject
    from headrace.report.words import Words


def by_reason(rejects: Sequence[Reject]) -> dict[str, int]:
    """Reason -> rows, the most frequent first."""
    return dict(Counter(plain(reject.reason) for reject in rejects).most_common())


def rejects_table(rejects: Sequence[Reject], words: Words, first: int, text: int) -> Table:
    """The `first` rows that were not understood, their text cut to `text` characters."""
    columns = (
        Column(words("column.line")),
        Column(words("column.reason"), numeric=False),
        Column(words("column.text"), numeric=False),
    )
    rows = (Row((f"{r.line:,}", plain(r.reason), short(r.text, text))) for r in rejects[:first])
    return Table(columns, tuple(rows))

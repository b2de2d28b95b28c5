"""The smallest fleet that would do, pool by pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.report.names import plain
from headrace.report.tables.table import Column, Row, Table

if TYPE_CHECKING:
    from headrace.report.study import Shrink
    from headrace.report.words import Words


def shrink_table(shrink: Shrink, words: Words) -> Table:
    """Each pool's nodes now and needed, and in all."""
    columns = (
        Column(words("column.pool"), numeric=False),
        Column(words("column.nodes_now")),
        Column(words("column.nodes_needed")),
        Column(words("column.nodes_spared")),
    )
    rows = [_row(plain(pool), now, needed) for pool, (now, needed) in shrink.nodes.items()]
    now = sum(now for now, _ in shrink.nodes.values())
    needed = sum(needed for _, needed in shrink.nodes.values())
    total = Row(_row(words("column.all_pools"), now, needed).cells, "total")
    return Table(columns, (*rows, total))


def _row(pool: str, now: int, needed: int) -> Row:
    return Row((pool, f"{now:,}", f"{needed:,}", f"{now - needed:,}"))

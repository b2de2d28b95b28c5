"""How long each tenant's jobs waited, as it happened and under each policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.report.names import plain
from headrace.report.quantities import duration
from headrace.report.tables.comparison import policy_name
from headrace.report.tables.table import Column, Row, Table, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headrace.report.study import Result, TenantWait
    from headrace.report.words import Words

MOST_TENANTS: Final = 30


def waits_table(shown: Sequence[Result], words: Words) -> Table:
    """Per tenant: its jobs, and under each of `shown` the median and the 95th-percentile wait."""
    columns = [Column(words("column.tenant"), numeric=False), Column(words("column.jobs"))]
    for result in shown:
        group = policy_name(result.name, words)
        tone: Tone = "oracle" if result.oracle else "plain"
        columns += [Column(words(key), group=group, tone=tone) for key in ("figure.median", "column.p95")]
    rows = (Row(tuple(_cells(tenant, shown, words))) for tenant in tenants_by_size(shown)[:MOST_TENANTS])
    return Table(tuple(columns), tuple(rows))


def tenants_by_size(shown: Sequence[Result]) -> list[str]:
    """The tenants in any of `shown`, that which held the most chip-time in one of them first."""
    held: dict[str, int] = {}
    for line in (line for result in shown for line in result.waits):
        held[line.tenant] = max(held.get(line.tenant, 0), line.chip_time)
    return sorted(held, key=lambda tenant: (-held[tenant], tenant))


def wait_of(tenant: str, result: Result) -> TenantWait | None:
    """The tenant's line in `result`, or None where none of its jobs is in it."""
    return next((line for line in result.waits if line.tenant == tenant), None)


def _cells(tenant: str, shown: Sequence[Result], words: Words) -> Iterator[str]:
    waits = [wait_of(tenant, result) for result in shown]
    yield plain(tenant)
    yield f"{max(wait.jobs for wait in waits if wait is not None):,}"
    for wait in waits:
        yield duration(wait.p50_wait, words) if wait else words("none")
        yield duration(wait.p95_wait, words) if wait else words("none")

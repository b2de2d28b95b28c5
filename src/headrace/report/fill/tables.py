"""The table of a fill: one row a rule, what it came to in the end, and the jobs that it dropped, by reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.report.quantities import percent
from headrace.report.tables.table import Column, Row, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.report.fill.fills import Fills, Mean, Rule
    from headrace.report.words import Words
    from headrace.world.plan import Reason

FEW: Final = 100


def fill_table(fills: Fills, words: Words) -> Table:
    """The rules in the order in which they were asked for; the fullest in bold."""
    columns = (
        Column(words("fill.column.rule"), numeric=False),
        *(Column(words(f"fill.column.{name}")) for name in ("allocated", "left", "fragmented")),
        *(Column(words(f"fill.reason.{r.name.lower()}"), group=words("fill.column.dropped")) for r in fills.reasons),
    )
    reached = {rule.allocated.mean for rule in fills.rules}
    best = max(reached) if len(reached) > 1 else None
    return Table(columns, tuple(_row(rule, fills.reasons, rule.allocated.mean == best) for rule in fills.rules))


def _row(rule: Rule, reasons: Sequence[Reason], best: bool) -> Row:
    counts = (f"{rule.dropped_jobs(reason).mean:,.0f}" for reason in reasons)
    cells = (rule.place, share(rule.allocated), chips(rule.left.mean), percent(rule.fragmented.mean), *counts)
    return Row(cells, best=frozenset({1} if best else ()))


def chips(count: float) -> str:
    """Chips, with a decimal where they are few: shares of chips are left too."""
    return f"{count:,.1f}" if count < FEW else f"{count:,.0f}"


def share(mean: Mean) -> str:
    """`95.4% ± 0.1`, or without the deviation where there is none."""
    return percent(mean.mean) + ("" if mean.sd is None else f" ± {mean.sd * 100:.1f}")

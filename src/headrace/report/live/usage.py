"""`usage`: chip-hours and money by tenant, kind or day; every column adds up to its sum."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from headrace.report.instants import minute
from headrace.report.names import short
from headrace.report.quantities import hours_scale, money_scale, share_scale
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from headrace.report.live.told import UsageLine
    from headrace.report.quantities import Scale
    from headrace.report.words import Words

By: TypeAlias = Literal["tenant", "kind", "day"]
WAYS: Final = get_args(By)
NAME: Final = 40


@dataclass
class Sum:
    """Runs, chip-time (milli-chip-ms) and money (smallest unit, by currency) of some lines; `unpriced`: chip-time
    without a price."""

    runs: int = 0
    chip_time: int = 0
    unpriced: int = 0
    costs: dict[str, int] = field(default_factory=dict)

    def add(self, line: UsageLine) -> None:
        self.runs += line.runs
        self.chip_time += line.chip_time
        if line.cost is None or line.currency is None:
            self.unpriced += line.chip_time
        else:
            self.costs[line.currency] = self.costs.get(line.currency, 0) + line.cost


def render(lines: Sequence[UsageLine], since: int, until: int, by: By, console: Console, lang: str) -> None:
    """Print the use from `since` to `until` (ms)."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        screen.say(words("period", begin=minute(since), end=minute(until)), "bold")
        if not lines:
            screen.say(words("live.usage.none"))
            continue
        screen.table(table(lines, by, words))
        unpriced = total(lines).unpriced
        screen.say(words("live.usage.unpriced", hours=hours_scale(unpriced).column([unpriced])[0]) if unpriced else "")


def summed(lines: Sequence[UsageLine], by: By) -> dict[str, Sum]:
    """The lines' sums by tenant, kind or day, in the order of these."""
    sums: dict[str, Sum] = {}
    for line in lines:
        sums.setdefault(getattr(line, by), Sum()).add(line)
    return dict(sorted(sums.items()))


def total(lines: Sequence[UsageLine]) -> Sum:
    """The sum of all lines."""
    whole = Sum()
    for line in lines:
        whole.add(line)
    return whole


def table(lines: Sequence[UsageLine], by: By, words: Words) -> Table:
    """A row a tenant, kind or day, and one for all."""
    sums, whole = summed(lines, by), total(lines)
    names = [short(name, NAME) or words("nobody") for name in sums]
    parts = list(sums.values())
    times = [part.chip_time for part in parts]
    columns = [_column(times, hours_scale), _column(times, share_scale)]
    columns += [_column([part.costs.get(each, 0) for part in parts], money_scale) for each in whole.costs]
    runs = [f"{part.runs:,}" for part in [*parts, whole]]
    cells = zip([*names, words("live.usage.all")], runs, *columns, strict=True)
    rows = [Row(row) for row in cells]
    return Table(_titles(by, list(whole.costs), words), (*rows[:-1], Row(rows[-1].cells, "total")))


def _column(parts: list[int], scale_of: Callable[[int], Scale]) -> list[str]:
    """The parts and their sum, rounded together."""
    scale = scale_of(sum(parts))
    steps = scale.steps(parts)
    return [scale.text(step) for step in [*steps, sum(steps)]]


def _titles(by: By, currencies: list[str], words: Words) -> tuple[Column, ...]:
    money = (Column(words("live.column.cost", currency=currency)) for currency in currencies)
    titles = (Column(words(f"live.column.{key}")) for key in ("runs", "chip_hours", "share"))
    return (Column(words(f"live.column.{by}"), numeric=False), *titles, *money)

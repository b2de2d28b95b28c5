"""The comparison: what happened, each policy and what none can beat side by side, one row a figure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from headrace.explain.metrics import Bounds, Metrics
from headrace.report.names import plain
from headrace.report.quantities import duration, hours, money_scale, times
from headrace.report.study import AS_IT_HAPPENED
from headrace.report.tables.ledger import printed_shares
from headrace.report.tables.table import Column, Row, Table

if TYPE_CHECKING:
    from headrace.report.study import Result
    from headrace.report.words import Words

Better: TypeAlias = Literal["less", "more", "neither"]
Value: TypeAlias = Callable[[Metrics], float]


@dataclass(frozen=True)
class Figure:
    """One row: its message key and its group's, how it is shown, what it is worth, and which worth is better."""

    key: str
    group: str
    show: Callable[[Result, Words], str]
    value: Value
    better: Better = "less"


def _time(key: str, group: str, value: Value) -> Figure:
    return Figure(key, group, lambda result, words: duration(value(result.metrics), words), value)


def _count(key: str, group: str, value: Value, better: Better = "less") -> Figure:
    return Figure(key, group, lambda result, _: f"{value(result.metrics):,}", value, better)


def _share(key: str, value: Value, better: Better) -> Figure:
    """A share of what was paid, as the ledger's own table prints it."""
    return Figure(key, "fleet", lambda result, _: printed_shares(result.ledger)[key], value, better)


def _useful(result: Result, words: Words) -> str:
    """The useful share; none can be told where all that was held was held without telemetry."""
    known = result.metrics.useful or not result.metrics.unknown
    return printed_shares(result.ledger)["useful"] if known else words("none")


def _slowdown(result: Result, words: Words) -> str:
    return times(result.metrics.slowdown, words)


def _slowest(result: Result, words: Words) -> str:
    return plain(result.metrics.slowest) or words("none")


def _lost(result: Result, _: Words) -> str:
    return hours(result.metrics.lost)


FIGURES: Final = (
    _time("mean", "completion", lambda m: m.avg_completion),
    _time("median", "completion", lambda m: m.p50_completion),
    _time("p99", "completion", lambda m: m.p99_completion),
    _time("makespan", "completion", lambda m: m.makespan),
    _time("mean", "wait", lambda m: m.avg_wait),
    _time("median", "wait", lambda m: m.p50_wait),
    _time("p95", "wait", lambda m: m.p95_wait),
    _time("p99", "wait", lambda m: m.p99_wait),
    _share("allocated", lambda m: m.allocated, "more"),
    Figure("useful", "fleet", _useful, lambda m: m.useful, "more"),
    _share("unknown", lambda _: 0, "neither"),
    Figure("slowdown", "tenants", _slowdown, lambda m: m.slowdown),
    Figure("slowest", "tenants", _slowest, lambda _: 0, "neither"),
    _count("preemptions", "broken", lambda m: m.preemptions),
    _count("interruptions", "broken", lambda m: m.interruptions),
    Figure("lost", "broken", _lost, lambda m: m.lost),
    _count("finished", "jobs", lambda m: m.finished, "more"),
    _count("stranded", "jobs", lambda m: m.stranded),
)


def comparison_table(happened: Result | None, results: Sequence[Result], bounds: Bounds, words: Words) -> Table:
    """What happened, then the policies as asked for, in columns; the last rows tell how near each is to the bound."""
    shown = in_order(happened, results)
    columns = (
        Column(words("column.figure"), numeric=False),
        *(Column(policy_name(r.name, words), tone="oracle" if r.oracle else "plain") for r in shown),
    )
    rows: list[Row] = []
    for group, figures in groupby(FIGURES, lambda figure: figure.group):
        rows.append(_heading(words(f"figures.{group}"), shown))
        rows += [Row(tuple(_cells(f, shown, words)), best=_best(f, shown)) for f in figures]
        if group == "broken":
            rows += _money_lost(shown, words)
    return Table(columns, (*rows, _heading(words("figures.bound"), shown), *_bounds(shown, bounds, words)))


def in_order(happened: Result | None, results: Sequence[Result]) -> list[Result]:
    """What is compared: what happened first, where it is known, then the policies as asked for."""
    return ([happened] if happened is not None else []) + list(results)


def policy_name(name: str, words: Words) -> str:
    """A result's name in a table: a policy's own, or the words for what happened."""
    return words("as_it_happened") if name == AS_IT_HAPPENED else plain(name)


def _heading(title: str, shown: Sequence[Result]) -> Row:
    return Row((title, *[""] * len(shown)), "heading")


def _bounds(shown: Sequence[Result], bounds: Bounds, words: Words) -> Iterator[Row]:
    """How many times the lower bound each result takes."""
    completion = [result.metrics.avg_completion for result in shown]
    makespan = [result.metrics.makespan for result in shown]
    yield _bound("bound.mean", bounds.avg_completion, completion, words)
    yield _bound("bound.makespan", bounds.makespan, makespan, words)


def _bound(key: str, bound: float, values: Sequence[float], words: Words) -> Row:
    label = words("indent", text=words(key, bound=duration(bound, words)))
    return Row((label, *(times(value / bound, words) if bound else words("none") for value in values)), "bound")


def _money_lost(shown: Sequence[Result], words: Words) -> Iterator[Row]:
    """What the lost work cost, one row a currency."""
    for currency in dict.fromkeys(unit for result in shown for unit in result.metrics.money_lost):
        amounts = [result.metrics.money_lost.get(currency, 0) for result in shown]
        label = words("indent", text=words("figure.money_lost", currency=plain(currency)))
        yield Row((label, *(money_scale(max(amounts)).column([amount])[0] for amount in amounts)))


def _cells(figure: Figure, shown: Sequence[Result], words: Words) -> Iterator[str]:
    yield words("indent", text=words(f"figure.{figure.key}"))
    yield from (figure.show(result, words) for result in shown)


def _best(figure: Figure, shown: Sequence[Result]) -> frozenset[int]:
    """The columns of the best policies; an oracle competes with nobody, nor does what happened."""
    rivals = {i: figure.value(r.metrics) for i, r in enumerate(shown, 1) if not (r.oracle or r.name == AS_IT_HAPPENED)}
    if figure.better == "neither" or len(set(rivals.values())) < 2:
        return frozenset()
    best = min(rivals.values()) if figure.better == "less" else max(rivals.values())
    return frozenset(i for i, value in rivals.items() if value == best)

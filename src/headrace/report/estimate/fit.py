"""The kinds for a job: three rankings side by side, and what was left out and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len

from headrace.estimate.fit import REASONS
from headrace.estimate.inference import BUSY
from headrace.report.estimate import spans
from headrace.report.estimate.asked import MOST_LISTED
from headrace.report.estimate.figures import INTERVAL, cost_dict
from headrace.report.estimate.origins import Rests, fact_json, rests_on, rows_json, sources
from headrace.report.estimate.rows import NEARNESS
from headrace.report.estimate.screen import rents, say_list
from headrace.report.estimate.spans import span
from headrace.report.names import plain
from headrace.report.quantities import percent
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

    from headrace.catalog.facts import Fact
    from headrace.estimate.fit import Fit, Job, Suited
    from headrace.estimate.interval import Value
    from headrace.report.estimate.tariff import Hourly
    from headrace.report.words import Words

FAR: Final = 1
"""Depth up to which nothing nearer than the engine was measured."""
MORE: Final = "…"
ALIKE: Final = "≈"


def render_fit(
    job: Job,
    found: Fit,
    hours: Mapping[str, Hourly | None],
    pue: Fact,
    console: Console,
    lang: str,
    with_sources: bool = False,
) -> None:
    """Print the rankings, the best first, in the language or in both; and, if asked, the rows behind them."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        screen.say(_headline(job, words), "bold cyan")
        screen.console.line()
        screen.table(table(job, found, hours, words))
        screen.console.line()
        screen.say(words("fit.read", most=MOST_LISTED), "dim")
        say_list(screen, words("fit.plans"), _plans(found, words))
        say_list(screen, words("fit.left_out"), _left_out(found, words))
        say_list(
            screen,
            words("estimate.assumes"),
            _assumptions(job, [one.kind for one in found.money[:MOST_LISTED]], hours, pue, words),
        )
        if with_sources:
            say_list(screen, words("chips.sources"), sources(_rests(found, hours), pue, words))


def _headline(job: Job, words: Words) -> str:
    lengths = {"tokens": f"{job.tokens:,.0f}", "input": f"{job.input:,.0f}", "output": f"{job.output:,.0f}"}
    return words(f"fit.headline.{job.phase}", model=plain(job.shape.name), precision=job.precision, **lengths)


def table(job: Job, found: Fit, hours: Mapping[str, Hourly | None], words: Words) -> Table:
    """A line a rank: the kind, and what the job takes on it, by each measure."""
    currencies = {hour.currency for hour in hours.values() if hour is not None}
    time = words("fit.column.hours" if job.there else "fit.column.chip_hours")
    titles = (time, words("fit.column.money", currency="/".join(sorted(currencies))), words("fit.column.energy"))
    ranked = [
        _column([(one, one.hours or one.chip_hours) for one in found.time]),
        _column([(one, one.money) for one in found.money]),
        _column([(one, one.energy) for one in found.energy]),
    ]
    kept = [(title, column) for title, column in zip(titles, ranked, strict=True) if column]
    columns = (Column("#"), *(Column(title, numeric=False) for title, _ in kept))
    most = max((len(column) for _, column in kept), default=0)
    rows = (Row((str(i + 1), *(column[i] if i < len(column) else "" for _, column in kept))) for i in range(most))
    return Table(tuple(columns), tuple(rows))


def _column(ranked: Sequence[tuple[Suited, Value | None]]) -> list[str]:
    """`H20  6.7 (5.1–9.9)`; a mark before those whose interval holds the first one's value, `?` after the far ones."""
    told = [(one, value) for one, value in ranked if value is not None][:MOST_LISTED]
    names = [plain(one.kind) + ("?" if one.depth <= FAR else "") for one, _ in told]
    width = max(map(cell_len, names), default=0)
    first = told[0][1].value if told else 0.0
    alike = [ALIKE if i and value.low <= first else " " for i, (_, value) in enumerate(told)]
    return [
        f"{mark} {name}{' ' * (width - cell_len(name))}  {span(value)}"
        for mark, name, (_, value) in zip(alike, names, told, strict=True)
    ]


def _shown(found: Fit) -> Iterable[Suited]:
    """Those that stand in a ranking."""
    rankings = (found.time, found.money, found.energy)
    return {one.kind: one for ranking in rankings for one in ranking[:MOST_LISTED]}.values()


def _rests(found: Fit, hours: Mapping[str, Hourly | None]) -> list[Rests]:
    return [rests_on(one.asked, hours.get(one.kind)) for one in _shown(found)]


def _plans(found: Fit, words: Words) -> Iterator[str]:
    """How each kind that stands in a ranking is cut; kinds that are cut alike share a line."""
    alike: dict[str, list[str]] = {}
    for one in _shown(found):
        ways = " ".join(f"{name} {count}" for name, count in one.cut.items() if count > 1)
        text = words("estimate.cut", chips=one.chips, ways=ways) if ways else str(one.chips)
        alike.setdefault(text, []).append(plain(one.kind))
    for text, kinds in alike.items():
        yield words("estimate.of_kinds", kinds=words("list.comma").join(kinds), text=text)


def _left_out(found: Fit, words: Words) -> Iterator[str]:
    for reason in REASONS:
        if kinds := found.left_out.get(reason):
            yield words(f"fit.reason.{reason}", count=len(kinds), kinds=_names(kinds, words))
    ranked = {one.kind: one for one in found.time}
    for key, told in (("no_cost", found.money), ("no_power", found.energy)):
        if kinds := tuple(kind for kind in ranked if kind not in {one.kind for one in told}):
            yield words(f"fit.reason.{key}", count=len(kinds), kinds=_names(kinds, words))


def _names(kinds: Sequence[str], words: Words) -> str:
    more = [MORE] if len(kinds) > MOST_LISTED else []
    return words("list.comma").join([*map(plain, kinds[:MOST_LISTED]), *more])


def _assumptions(
    job: Job, shown: Iterable[str], hours: Mapping[str, Hourly | None], pue: Fact, words: Words
) -> Iterator[str]:
    yield words("estimate.power", busy=percent(BUSY), pue=pue.value, source=pue.source, as_of=pue.as_of)
    if not job.generation:
        yield words("estimate.untold.version")
    if job.phase == "train":
        yield words("fit.trained")
    yield from rents([(kind, hours[kind]) for kind in shown if hours[kind] is not None], words)


def fit_dict(
    job: Job, found: Fit, hours: Mapping[str, Hourly | None], pue: Fact, with_sources: bool = False
) -> dict[str, Any]:
    """The job, the rankings by kinds' names, an entry a kind, those left out, and, if asked, the rows behind them."""
    asked = {
        "model": job.shape.name,
        "phase": job.phase,
        "precision": job.precision,
        "tokens": job.tokens,
        "input_tokens": job.input,
        "output_tokens": job.output,
        "engine": job.engine,
    }
    rankings = {"time": found.time, "money": found.money, "energy": found.energy}
    return {
        "job": asked,
        "interval": INTERVAL,
        "busy_share_of_rated_power": BUSY,
        "pue": fact_json(pue),
        "rankings": {name: [one.kind for one in ranked] for name, ranked in rankings.items()},
        "kinds": [_kind(one, hours.get(one.kind)) for one in found.time],
        "left_out": {reason: list(kinds) for reason, kinds in found.left_out.items()},
    } | ({"sources": rows_json(_rests(found, hours), pue)} if with_sources else {})


def _kind(one: Suited, hour: Hourly | None) -> dict[str, Any]:
    values = {"hours": one.hours, "chip_hours": one.chip_hours, "money": one.money, "kwh": one.energy}
    return {
        "kind": one.kind,
        "chips": one.chips,
        "plan": dict(one.cut),
        "tokens_per_s_per_chip": spans.plain(one.rate),
        "cost": cost_dict(hour),
        "nearest_measured": NEARNESS[one.depth],
    } | {name: None if value is None else spans.plain(value) for name, value in values.items()}

"""Estimates of training on the terminal and as JSON: a column or an entry a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from headrace.estimate.inference import BUSY, HOUR, KWH, MILLION
from headrace.estimate.interval import Value, inverse
from headrace.estimate.known import chips
from headrace.estimate.plans import STEP_TOKENS, Held
from headrace.report.estimate import spans
from headrace.report.estimate.figures import INTERVAL, cost_dict
from headrace.report.estimate.origins import Rests, fact_json, rests_on, rows_json, sources
from headrace.report.estimate.rows import GIGA, NEARNESS, software
from headrace.report.estimate.screen import of_kinds, rents, say_list
from headrace.report.estimate.spans import digits, span
from headrace.report.names import plain
from headrace.report.quantities import percent
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from headrace.catalog.facts import Fact
    from headrace.estimate.train import Training
    from headrace.estimate.training import Run
    from headrace.report.estimate.runs import Answered, AskedRun
    from headrace.report.words import Words

DAY: Final = 24 * HOUR
PER_CENT: Final = 100.0
ROWS: Final = (
    *("chips", "fits", "state", "step", "rate", "total", "mfu", "days"),
    *("hour", "money", "money_all", "energy", "energy_all", "nearest"),
)


def render_runs(
    asked: AskedRun, found: Sequence[Answered], pue: Fact, console: Console, lang: str, with_sources: bool
) -> None:
    """Print the runs side by side, in the language or in both."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        lengths = {"length": f"{asked.length:,.0f}", "precision": asked.precision, "engine": asked.engine}
        screen.say(words("estimate.train.headline", model=plain(asked.shape.name), **lengths), "bold cyan")
        screen.console.line()
        screen.table(table(asked, found, float(pue.number or 0), words))
        screen.console.line()
        screen.say(words("estimate.interval"), "dim")
        say_list(screen, words("estimate.rests"), _nearness(found, words))
        say_list(screen, words("estimate.assumes"), _assumptions(asked, found, pue, words))
        if with_sources:
            say_list(screen, words("chips.sources"), sources(_rests(found), pue, words))


def table(asked: AskedRun, found: Sequence[Answered], pue: float, words: Words) -> Table:
    """A column a kind, a row a figure; rows that no kind has are left out."""
    columns = [Column(words("chips.column.figure"), numeric=False), *(Column(plain(one.kind)) for one in found)]
    each = [dict(_cells(one, asked, pue, words)) for one in found]
    rows = (
        Row((words(f"estimate.train.{key}"), *(one.get(key, words("none")) for one in each)))
        for key in ROWS
        if any(key in one for one in each)
    )
    return Table(tuple(columns), tuple(rows))


def _cells(one: Answered, asked: AskedRun, pue: float, words: Words) -> Iterator[tuple[str, str]]:
    placed = one.placed
    yield "fits", words("chips.yes" if one.found else "chips.no")
    if placed is not None:
        there = digits(max(placed.there, 0.0) / GIGA)
        yield "state", words("estimate.of", part=digits(placed.needed / GIGA), whole=there)
    if isinstance(placed, Held) and one.found is not None:
        yield "chips", words("estimate.cut", chips=placed.run.chips, ways=ways(placed.run))
        yield from _speed(one.found, placed.run)
        yield from ((key, _shown(key, value, one)) for key, value in _whole(one, asked, placed.run, pue).items())
        if one.hour is not None:
            yield "hour", f"{digits(one.hour.amount)} {one.hour.currency}{'*' if one.hour.market else ''}"
        yield "nearest", words(f"estimate.near.{NEARNESS[one.found.depth]}")


def ways(run: Run) -> str:
    """How the chips are cut: `tp 8 pp 2 dp 4`."""
    counts = {"tp": run.tp, "pp": run.pp, "cp": run.cp, "ep": run.ep, "dp": round(run.replicas)}
    return " ".join(f"{name} {count}" for name, count in counts.items() if count > 1) or "dp 1"


def _speed(found: Training, run: Run) -> Iterator[tuple[str, str]]:
    yield "step", span(found.step)
    yield "rate", span(found.rate)
    yield "total", span(found.rate, run.chips)
    yield "mfu", span(_possible(found.utilisation), PER_CENT)


def _possible(share: Value) -> Value:
    """A share of the peak with an interval that does not pass the peak."""
    return Value(share.value, share.low, max(share.value, min(share.high, 1.0)))


def _shown(key: str, value: Value, one: Answered) -> str:
    return f"{span(value)} {one.hour.currency}" if key.startswith("money") and one.hour else span(value)


def _whole(one: Answered, asked: AskedRun, run: Run, pue: float) -> dict[str, Value]:
    """Days, money and kWh of `tokens`, and of a million of them; what is not known is left out."""
    if one.found is None:
        return {}
    rate, power = one.found.rate, chips()[one.kind].power * BUSY * pue / KWH
    hour = one.hour.amount / HOUR if one.hour else 0.0
    each = {"money": hour * MILLION, "energy": power * MILLION}
    every = {
        "days": asked.tokens / run.chips / DAY,
        "money_all": hour * asked.tokens,
        "energy_all": power * asked.tokens,
    }
    return {key: inverse(cost, rate) for key, cost in (each | every).items() if cost}


def _nearness(found: Sequence[Answered], words: Words) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for one in found:
        if one.found is not None and isinstance(one.placed, Held):
            engine = software(one.placed.run.engine, one.placed.run.generation, words)
            text = words(f"estimate.nearest.{NEARNESS[one.found.depth]}", engine=engine)
            said.setdefault(text, []).append(one.kind)
    yield from of_kinds(said, words)


def _assumptions(asked: AskedRun, found: Sequence[Answered], pue: Fact, words: Words) -> Iterator[str]:
    for name in asked.untold:
        yield words(f"estimate.untold.{name}")
    if not asked.batch:
        yield words("estimate.train.untold_batch", tokens=f"{STEP_TOKENS:,}")
    if not asked.planned:
        yield words("estimate.train.untold_plan")
    yield words("estimate.train.memory")
    yield words("estimate.power", busy=percent(BUSY), pue=pue.value, source=pue.source, as_of=pue.as_of)
    yield from rents([(one.kind, one.hour) for one in found if one.found], words)


def _rests(found: Sequence[Answered]) -> list[Rests]:
    placed = [(one, one.placed.run) for one in found if isinstance(one.placed, Held)]
    return [rests_on(run, one.hour) for one, run in placed]


def runs_dict(asked: AskedRun, found: Sequence[Answered], pue: Fact, with_sources: bool) -> dict[str, Any]:
    """What was asked, an entry a kind in order, and with `with_sources` the rows behind them."""
    told = {
        "model": asked.shape.name,
        "precision": asked.precision,
        "length_tokens": asked.length,
        "tokens": asked.tokens or None,
        "sharded": asked.shard,
        "recomputed": asked.recompute,
        "untold": list(asked.untold),
    }
    terms = {"interval": INTERVAL, "busy_share_of_rated_power": BUSY, "pue": fact_json(pue)}
    kinds = {"kinds": [_answer(one, asked, float(pue.number or 0)) for one in found]}
    return {"asked": told} | terms | kinds | ({"sources": rows_json(_rests(found), pue)} if with_sources else {})


def _answer(one: Answered, asked: AskedRun, pue: float) -> dict[str, Any]:
    memory = {"needed_gb_per_chip": one.placed and one.placed.needed / GIGA}
    memory |= {"there_gb_per_chip": one.placed and one.placed.there / GIGA}
    start = {"kind": one.kind, "fits": one.found is not None} | memory
    if one.found is None or not isinstance(one.placed, Held):
        return start
    run, found, whole = one.placed.run, one.found, _whole(one, asked, one.placed.run, pue)
    names = {"days": "days", "money": "money_per_million_tokens", "money_all": "money"}
    names |= {"energy": "kwh_per_million_tokens", "energy_all": "kwh"}
    return (
        start
        | {
            "chips": run.chips,
            "plan": {"tp": run.tp, "pp": run.pp, "cp": run.cp, "ep": run.ep, "dp": round(run.replicas)},
            "micro_batch_sequences": run.micro,
            "batch_sequences": run.batch,
            "engine": run.engine,
            "generation": run.generation,
            "step_s": spans.plain(found.step),
            "tokens_per_s_per_chip": spans.plain(found.rate),
            "tokens_per_s": spans.plain(found.rate, run.chips),
            "mfu_share": spans.plain(_possible(found.utilisation)),
            "cost": cost_dict(one.hour),
            "nearest_measured": NEARNESS[found.depth],
        }
        | {name: spans.plain(whole[key]) if key in whole else None for key, name in names.items()}
    )

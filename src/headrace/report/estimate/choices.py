"""The best choices of chips, cuts and loads: one line each on the terminal, one entry each in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from headrace.estimate.known import chip
from headrace.report.estimate.origins import Rests, rests_on, rows_json, sources
from headrace.report.estimate.rows import software
from headrace.report.estimate.screen import say_list
from headrace.report.estimate.spans import digits
from headrace.report.estimate.tariff import pue
from headrace.report.names import plain
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from headrace.estimate.operators import Plan
    from headrace.estimate.search import Wanted
    from headrace.estimate.split import Choice, Part
    from headrace.report.words import Words

COLUMNS: Final = ("replicas", "cut", "requests", "per_chip", "ttft", "tpot", "batch")
MILLI: Final = 1e3


def render_choices(
    wanted: Wanted,
    there: Mapping[str, int],
    found: Sequence[Choice],
    console: Console,
    lang: str,
    with_sources: bool = False,
) -> None:
    """Print the choices, the best first; and, if asked, the rows behind them."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        chips = words("list.plus").join(f"{count} {plain(kind)}" for kind, count in there.items())
        asked = {"model": plain(wanted.shape.name), "precision": wanted.precision, "chips": chips}
        lengths = {"input": f"{wanted.input:,.0f}", "output": f"{wanted.output:,.0f}"}
        screen.say(words("estimate.search.headline", **asked, **lengths), "bold cyan")
        screen.console.line()
        screen.table(table(found, words))
        screen.console.line()
        screen.say(words("estimate.search.read"), "dim")
        engine = software(wanted.engine, wanted.generation, words)
        screen.say(words("estimate.search.engine", engine=engine), "dim")
        if with_sources:
            say_list(screen, words("chips.sources"), sources(_rests(wanted, found), pue(), words))


def table(found: Sequence[Choice], words: Words) -> Table:
    """A line a choice: what runs where, how it is cut, and what that gives."""
    columns = (Column(words(f"estimate.search.{name}"), numeric=name not in ("replicas", "cut")) for name in COLUMNS)
    return Table(tuple(columns), tuple(Row(_cells(choice, words)) for choice in found))


def _cells(choice: Choice, words: Words) -> tuple[str, ...]:
    where = words("list.plus").join(_part(part, words) for part in choice.parts)
    rates = (choice.requests, choice.per_chip, choice.ttft, choice.tpot * MILLI, choice.batch)
    return where, words("list.plus").join(_cut(part.plan) for part in choice.parts), *map(digits, rates)


def _part(part: Part, words: Words) -> str:
    sizes = {"replicas": part.replicas, "chips": part.plan.chips, "kind": plain(part.kind)}
    return words(f"estimate.search.part.{part.role}", **sizes)


def _cut(plan: Plan) -> str:
    return " ".join(f"{name}{count}" for name, count in vars(plan).items() if count > 1) or "1"


def _rests(wanted: Wanted, found: Sequence[Choice]) -> list[Rests]:
    """Of each kind, as the best choice that uses it is cut."""
    plans = {part.kind: part.plan for choice in reversed(found) for part in choice.parts}
    return [rests_on(wanted.question(chip(kind), plan)) for kind, plan in plans.items()]


def choices_dict(
    wanted: Wanted, there: Mapping[str, int], found: Sequence[Choice], with_sources: bool = False
) -> dict[str, Any]:
    """What was asked, the choices in order, and, if asked, the rows behind them."""
    asked = {"model": wanted.shape.name, "precision": wanted.precision, "engine": wanted.engine}
    asked |= {"generation": wanted.generation, "chips": dict(there)}  # type: ignore[dict-item]
    lengths = {"input_tokens": wanted.input, "output_tokens": wanted.output}
    return {"asked": asked | lengths, "choices": [_choice(choice) for choice in found]} | (
        {"sources": rows_json(_rests(wanted, found), pue())} if with_sources else {}
    )


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "parts": [vars(part) | {"plan": dict(vars(part.plan))} for part in choice.parts],
        "chips": choice.chips,
        "requests_per_s": choice.requests,
        "decode_tokens_per_s_per_chip": choice.per_chip,
        "ttft_s": choice.ttft,
        "tpot_s": choice.tpot,
        "batch_requests": choice.batch,
    }

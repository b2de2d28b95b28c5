"""The best choices of chips, cuts and loads: one line each on the terminal, one entry each in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from headrace.report.estimate.rows import software
from headrace.report.estimate.spans import digits
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
    wanted: Wanted, there: Mapping[str, int], found: Sequence[Choice], console: Console, lang: str
) -> None:
    """Print the choices, the best first."""
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


def choices_dict(wanted: Wanted, there: Mapping[str, int], found: Sequence[Choice]) -> dict[str, Any]:
    """What was asked, and the choices in order."""
    asked = {"model": wanted.shape.name, "precision": wanted.precision, "engine": wanted.engine}
    asked |= {"generation": wanted.generation, "chips": dict(there)}  # type: ignore[dict-item]
    lengths = {"input_tokens": wanted.input, "output_tokens": wanted.output}
    return {"asked": asked | lengths, "choices": [_choice(choice) for choice in found]}


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

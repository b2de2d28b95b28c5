"""How good estimates are: a line a set and way of fitting; rows that could not be asked, by reason; the worst rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from headrace.estimate.accuracy import worst
from headrace.estimate.promised import SETS, by_source, promised
from headrace.report.estimate.spans import digits
from headrace.report.names import plain
from headrace.report.quantities import percent
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from headrace.estimate.judged import Judged, Line
    from headrace.report.words import Words

Fits: TypeAlias = "dict[str, list[Judged]]"
"""Rows beside their estimates, by how these were fitted: as shipped, or without a part of the rows."""
LINES = ("set", "rows", "mean", "median", "covered", "rank")
WORST = ("row", "quantity", "measured", "estimated")


def render_accuracy(found: Fits, refused: Mapping[tuple[str, str], int], console: Console, lang: str) -> None:
    """Print the tables."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        for way, judged in found.items():
            screen.say(words(f"accuracy.way.{way}"), "bold cyan")
            screen.table(lines(judged, words))
            screen.console.line()
        screen.say(words("accuracy.read"), "dim")
        if refused:
            screen.console.line()
            screen.say(words("accuracy.refused", count=f"{sum(refused.values()):,}"), "bold cyan")
            screen.table(refusals(refused, words))
        screen.console.line()
        screen.say(words("accuracy.worst"), "bold cyan")
        screen.table(furthest(found["shipped"], words))


def lines(judged: Sequence[Judged], words: Words) -> Table:
    """The sets that are told, then every source."""
    columns = (Column(words(f"accuracy.{name}"), numeric=name != "set") for name in LINES)
    named = [(words(f"accuracy.sets.{line.name}"), line) for line in promised(judged)]
    sources = [(plain(line.name), line) for line in by_source(judged)]
    return Table(tuple(columns), tuple(Row((name, *_cells(line, words))) for name, line in (*named, *sources)))


def _cells(line: Line, words: Words) -> tuple[str, ...]:
    rank = words("accuracy.no_rank") if line.spearman is None else f"{line.spearman:.3f}"
    return f"{line.n:,}", *(percent(share) for share in (line.mean, line.median, line.coverage)), rank


def refusals(refused: Mapping[tuple[str, str], int], words: Words) -> Table:
    """A line a source and reason."""
    columns = (Column(words(f"accuracy.{name}"), numeric=name == "rows") for name in ("source", "because", "rows"))
    rows = (
        Row((plain(source), words(f"accuracy.reason.{reason}"), f"{count:,}"))
        for (source, reason), count in sorted(refused.items())
    )
    return Table(tuple(columns), tuple(rows))


def furthest(judged: Sequence[Judged], words: Words) -> Table:
    """The worst rows, by name."""
    columns = (Column(words(f"accuracy.{name}"), numeric=name in ("measured", "estimated")) for name in WORST)
    rows = (
        Row(
            (
                plain(f"{one.source} {one.id}"),
                words(f"accuracy.what.{one.what}"),
                *map(digits, (one.measured, one.estimated)),
            )
        )
        for one in worst(judged)
    )
    return Table(tuple(columns), tuple(rows))


def accuracy_dict(found: Fits, refused: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """Every line, refusal and worst row; errors and coverage as shares of one."""
    return {
        "fits": {
            way: [_line(line) for line in (*promised(judged), *by_source(judged))] for way, judged in found.items()
        },
        "refused": [{"source": s, "reason": r, "rows": n} for (s, r), n in sorted(refused.items())],
        "worst": [_judged(one) for one in worst(found["shipped"])],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "set": line.name,
        "told": line.name in SETS,
        "rows": line.n,
        "mean_error": line.mean,
        "median_error": line.median,
        "in_interval": line.coverage,
        "spearman": line.spearman,
    }


def _judged(one: Judged) -> dict[str, Any]:
    values = {"measured": one.measured, "estimated": one.estimated, "low": one.low, "high": one.high}
    return {"id": one.id, "source": one.source, "what": one.what} | values

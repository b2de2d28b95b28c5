"""Estimates of inference on the terminal: a column a kind, then what the figures rest on and what is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.catalog.market import HOME_REGION
from headrace.estimate.inference import BUSY, Unfit
from headrace.estimate.question import BESIDE, USABLE
from headrace.estimate.work import BF16_BYTES
from headrace.report.estimate.origins import rests_of, sources
from headrace.report.estimate.rows import GIGA, LIMITS, NEARNESS, cells, software
from headrace.report.estimate.spans import digits
from headrace.report.names import plain
from headrace.report.quantities import percent
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import languages, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import Console

    from headrace.catalog.facts import Fact
    from headrace.catalog.market import Market
    from headrace.report.estimate.asked import Answer, Asked
    from headrace.report.estimate.tariff import Hourly
    from headrace.report.words import Words

ROWS = (
    *("chips", "software", "fits", "weights", "ttft", "tpot", "prefill", "decode", "largest", "running"),
    *("keeps_up", "wait", "busy", "kept_batch", "kept_decode", "limit", *(f"share_{name}" for name in LIMITS)),
    *("hour", "money", "energy", "nearest"),
)
"""Every row, in order; those that no kind has are left out."""


LISTED = ("chips", "decode", "tpot", "ttft", "keeps_up", "kept_decode", "money", "energy")
"""What is shown of each kind in a list, where it is known of any."""


def render_estimates(
    asked: Asked, found: Sequence[Answer], pue: Fact, console: Console, lang: str, *, listed: bool, with_sources: bool
) -> None:
    """Print the estimates, a line a kind where they are `listed`, a column a kind otherwise."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        screen.say(headline(asked, words), "bold cyan")
        screen.console.line()
        shown = listing if listed else table
        screen.table(shown(asked, found, float(pue.number or 0), words))
        screen.console.line()
        screen.say(words("estimate.interval"), "dim")
        say_list(screen, words("estimate.rests"), _nearness(found, words))
        say_list(screen, words("estimate.assumes"), _assumptions(asked, found, pue, words))
        if with_sources:
            say_list(screen, words("chips.sources"), sources(rests_of(found), pue, words))


def headline(asked: Asked, words: Words) -> str:
    """The model, the precision of weights and cache, and the lengths."""
    cache = "fp8" if asked.kv_byte < BF16_BYTES else "bf16"
    lengths = {"input": f"{asked.input:,.0f}", "output": f"{asked.output:,.0f}"}
    name = plain(asked.shape.name)
    return words("estimate.headline", model=name, precision=asked.precision, cache=cache, **lengths)


def table(asked: Asked, found: Sequence[Answer], pue: float, words: Words) -> Table:
    """A column a kind, a row a figure; rows that no kind has are left out."""
    columns = [Column(words("chips.column.figure"), numeric=False), *(Column(plain(one.kind)) for one in found)]
    each = [cells(one, asked, pue, words) for one in found]
    rows = (
        Row((words(f"estimate.row.{key}"), *(one.get(key, words("none")) for one in each)))
        for key in ROWS
        if any(key in one for one in each)
    )
    return Table(tuple(columns), tuple(rows))


def listing(asked: Asked, found: Sequence[Answer], pue: float, words: Words) -> Table:
    """A line a kind, in order: the chips of a replica, and the figures that kinds are chosen by."""
    each = [(one.kind, cells(one, asked, pue, words)) for one in found]
    keys = [key for key in LISTED if any(key in known for _, known in each)]
    columns = (
        Column(words("chips.short.chip"), numeric=False),
        *(Column(words(f"estimate.short.{key}")) for key in keys),
    )
    rows = (Row((plain(kind), *(known.get(key, words("none")) for key in keys))) for kind, known in each)
    return Table(columns, tuple(rows))


def say_list(screen: Screen, title: str, lines: Iterable[str]) -> None:
    """A title and a bullet a line; nothing where there is no line."""
    for i, line in enumerate(lines):
        if not i:
            screen.title(title)
        screen.say(f"- {line}", hanging=2)


def _nearness(found: Sequence[Answer], words: Words) -> Iterator[str]:
    """How near to each kind's question the nearest measured thing is."""
    said: dict[str, list[str]] = {}
    for one in found:
        if not isinstance(one.found, Unfit):
            key = f"estimate.nearest.{NEARNESS[one.found.depth]}"
            said.setdefault(
                words(key, engine=software(one.question.engine, one.question.generation, words)), []
            ).append(one.kind)
    yield from of_kinds(said, words)


def of_kinds(said: Mapping[str, Sequence[str]], words: Words) -> Iterator[str]:
    """What is said, with the kinds of which it is."""
    for text, kinds in said.items():
        yield words("estimate.of_kinds", kinds=words("list.comma").join(map(plain, kinds)), text=text)


def _assumptions(asked: Asked, found: Sequence[Answer], pue: Fact, words: Words) -> Iterator[str]:
    """What nobody told, and what stands in for it."""
    for name in asked.untold:
        yield words(f"estimate.untold.{name}")
    if not asked.generation:
        yield words("estimate.untold.version")
    yield words("estimate.memory", usable=percent(USABLE), beside=digits(BESIDE / GIGA))
    yield words("estimate.power", busy=percent(BUSY), pue=pue.value, source=pue.source, as_of=pue.as_of)
    yield from rents([(one.kind, one.hour) for one in found if not isinstance(one.found, Unfit)], words)


def rents(hours: Sequence[tuple[str, Hourly | None]], words: Words) -> Iterator[str]:
    """Where an hour's money is from, for kinds of which nobody told it; and the kinds of which nobody knows it."""
    markets = [(kind, hour.market) for kind, hour in hours if hour is not None and hour.market is not None]
    if markets:
        yield words("estimate.rented", kinds=words("list.comma").join(_rent(*each, words) for each in markets))
    missing = [plain(kind) for kind, hour in hours if hour is None]
    if missing:
        yield words("estimate.no_rent", kinds=words("list.comma").join(missing))


def _rent(kind: str, market: Market, words: Words) -> str:
    abroad = "" if market.region == HOME_REGION else words("estimate.abroad")
    return words("estimate.rent", kind=plain(kind), count=len(market.prices), abroad=abroad)

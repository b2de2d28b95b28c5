"""Chips on the terminal: all of them in a list, one on a sheet, several side by side for a buyer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.catalog.facts import ALIAS
from headrace.catalog.market import market
from headrace.report.catalog.quote import Quotes, money, paid, unit_of, written
from headrace.report.names import plain
from headrace.report.screen import Screen
from headrace.report.tables.table import Column, Row, Table
from headrace.report.words import Words, languages, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console

    from headrace.catalog.chip import Chip
    from headrace.catalog.facts import Fact, Source
    from headrace.catalog.market import Market
    from headrace.catalog.money import Price, Rate

BUYERS: Final = (
    *("bf16_dense_tflops", "fp16_dense_tflops", "fp8_dense_tflops", "int8_dense_tops", "fp4_dense_tflops"),
    *("memory_gb", "memory_kind", "memory_bandwidth_gb_s", "link", "link_gb_s", "pcie", "power_w"),
)
"""What a buyer compares, in order."""
LISTED: Final = ("vendor", "year", "bf16_dense_tflops", "fp8_dense_tflops", "memory_gb", "memory_bandwidth_gb_s")


@dataclass(frozen=True)
class Shelf:
    """What is shown beside a chip: prices, exchange rates, and the sources of everything."""

    prices: Sequence[Price]
    rates: Sequence[Rate]
    sources: Mapping[str, Source]

    def market(self, chip: Chip, unit: str) -> Market | None:
        """What the chip costs by the card or by the card-hour."""
        return market(chip.name, unit, self.prices, self.rates)

    def of(self, chip: Chip) -> list[Price]:
        """Every price of the chip, the newest first."""
        asked = (price for price in self.prices if price.item == chip.name)
        return sorted(asked, key=lambda price: price.as_of, reverse=True)


def render_list(chips: Sequence[Chip], console: Console, lang: str) -> None:
    """Print every chip, a line each."""
    for words in map(load, languages(lang)):
        screen = Screen(console)
        screen.say(words("chips.list", count=len(chips)), "bold cyan")
        screen.console.line()
        screen.table(list_table(chips, words))
        _legend(screen, words)


def render_sheet(chip: Chip, shelf: Shelf, console: Console, lang: str, with_sources: bool) -> None:
    """Print all that is known of one chip."""
    for words in map(load, languages(lang)):
        screen, quotes = Screen(console), Quotes(words, with_sources)
        screen.say(plain(chip.name), "bold cyan")
        names = words("list.comma").join(map(plain, chip.aliases))
        screen.say(words("chips.also", names=names) if names else "", "dim")
        screen.console.line()
        screen.table(sheet_table(chip, shelf, words, quotes))
        _legend(screen, words)
        _disputes([chip], screen, words)
        _prices(chip, shelf, screen, words)
        _sources(quotes, shelf, screen)


def render_comparison(chips: Sequence[Chip], shelf: Shelf, console: Console, lang: str, with_sources: bool) -> None:
    """Print chips side by side: what they can do, what they cost, and what that is for what they can do."""
    for words in map(load, languages(lang)):
        screen, quotes = Screen(console), Quotes(words, with_sources)
        screen.table(comparison_table(chips, shelf, words, quotes))
        _legend(screen, words)
        screen.say(words("chips.market"), "dim")
        _disputes(chips, screen, words)
        _sources(quotes, shelf, screen)


def list_table(chips: Sequence[Chip], words: Words) -> Table:
    """A line a chip, in the order of vendors and years."""
    quotes = Quotes(words, False)
    titles = [words(f"chips.short.{name}") for name in LISTED]
    columns = [Column(words("chips.short.chip"), numeric=False), Column(titles[0], numeric=False)]
    columns += [Column(title) for title in titles[1:]] + [Column(words("chips.figure.performance"))]
    rows = (
        Row((plain(chip.name), *(_listed(chip, name, quotes) for name in LISTED), quotes.figure(chip.tpp_figure, 0)))
        for chip in sorted(chips, key=lambda chip: (chip.text("vendor"), chip.text("year") or "9", chip.name))
    )
    return Table(tuple(columns), tuple(rows))


def _listed(chip: Chip, attribute: str, quotes: Quotes) -> str:
    """FP16 stands in where a chip has no BF16, and INT8 where it has no FP8."""
    stand_in = {"bf16_dense_tflops": "fp16_dense_tflops", "fp8_dense_tflops": "int8_dense_tops"}
    known = attribute if chip.fact(attribute) is not None else stand_in.get(attribute, attribute)
    return quotes.fact(chip, known, unit=False)


def sheet_table(chip: Chip, shelf: Shelf, words: Words, quotes: Quotes) -> Table:
    """Attribute, value, how well it is founded, and as of when."""
    columns = tuple(
        Column(words(f"chips.column.{name}"), numeric=name == "value")
        for name in ("figure", "value", "status", "as_of")
    )
    rows = [
        Row((label(words, name), quotes.fact(chip, name), words(f"chips.status.{best.status.value}"), best.as_of))
        for name, best in _ordered(chip, words)
    ]
    computed = words("chips.status.computed")
    rows += [Row((name, value, computed, ""), tone="total") for name, value in _computed(chip, shelf, words, quotes)]
    return Table(columns, tuple(rows))


def comparison_table(chips: Sequence[Chip], shelf: Shelf, words: Words, quotes: Quotes) -> Table:
    """A column a chip, a row a figure; rows that no chip has are left out."""
    columns = (Column(words("chips.column.figure"), numeric=False), *(Column(plain(chip.name)) for chip in chips))
    rows = [
        Row((label(words, name), *(quotes.fact(chip, name) for chip in chips)))
        for name in BUYERS
        if any(chip.fact(name) is not None for chip in chips)
    ]
    computed = [dict(_computed(chip, shelf, words, quotes)) for chip in chips]
    rows += [
        Row((name, *(figures.get(name, words("none")) for figures in computed)), tone="total")
        for name in dict.fromkeys(name for figures in computed for name in figures)
    ]
    return Table(columns, tuple(rows))


def _computed(chip: Chip, shelf: Shelf, words: Words, quotes: Quotes) -> Iterator[tuple[str, str]]:
    """TPP and density; the market by the card and the hour, and for what the chip can do."""
    if chip.tpp is not None:
        yield words("chips.figure.performance"), quotes.figure(chip.tpp_figure, 0)
    if chip.density is not None:
        yield words("chips.figure.density"), quotes.figure(chip.density_figure, 2)
    for unit, key in (("card", "buy"), ("card-hour", "rent")):
        found = shelf.market(chip, unit)
        if found is None:
            continue
        abroad = "" if found.region == "CN" else f" ({words('chips.abroad')})"
        yield words(f"chips.figure.{key}"), quotes.market(found) + abroad
        for name, value in (("pflops", found.per_pflops(chip)), ("tb_s", found.per_tb_s(chip))):
            yield words(f"chips.figure.{key}_{name}"), words("none") if value is None else money(value)


def label(words: Words, attribute: str) -> str:
    """What an attribute is called."""
    return words(f"chips.figure.{attribute}")


def _ordered(chip: Chip, words: Words) -> list[tuple[str, Fact]]:
    """Attributes with their best facts, in the order of their labels in the files of words."""
    place = {key: i for i, key in enumerate(words.messages)}
    best = [(name, facts[0]) for name, facts in chip.facts.items() if name != ALIAS]
    return sorted(best, key=lambda pair: place.get(f"chips.figure.{pair[0]}", len(place)))


def _legend(screen: Screen, words: Words) -> None:
    screen.console.line()
    screen.say(words("chips.legend"), "dim")


def _disputes(chips: Sequence[Chip], screen: Screen, words: Words) -> None:
    lines = [(chip, facts) for chip in chips for facts in chip.disputed()]
    if lines:
        screen.title(words("chips.disputed"))
    for chip, facts in lines:
        values = (f"{written(f, words)}{unit_of(f)} ({f.source}, {f.as_of}{_said(f.note)})" for f in facts)
        figure, said = label(words, facts[0].attribute), "; ".join(values)
        screen.say(
            words("bullet", text=words("chips.dispute", chip=plain(chip.name), figure=figure, values=said)), hanging=2
        )


def _said(note: str) -> str:
    return f": {note}" if note else ""


def _prices(chip: Chip, shelf: Shelf, screen: Screen, words: Words) -> None:
    prices = shelf.of(chip)
    if prices:
        screen.title(words("chips.prices"))
        screen.say(words("chips.market"), "dim")
    for price in prices:
        text = f"{price.as_of}  {paid(price, words)}{_said(price.note)} ({price.source})"
        screen.say(words("bullet", text=text), hanging=2)


def _sources(quotes: Quotes, shelf: Shelf, screen: Screen) -> None:
    if quotes.shown and quotes.rows:
        screen.title(quotes.words("chips.sources"))
    for line in quotes.lines(shelf.sources):
        screen.say(line, hanging=4)

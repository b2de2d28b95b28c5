"""How a figure of the catalogue is written, and the numbered list of the rows that it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TypeAlias

from headrace.catalog.facts import Fact
from headrace.catalog.money import Price

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from headrace.catalog.facts import Source
    from headrace.catalog.item import Figure, Item
    from headrace.catalog.market import Market
    from headrace.report.words import Words

Quoted: TypeAlias = Fact | Price
Origin: TypeAlias = tuple[str, str, str, str, str]
"""Source, locator, status, date and note."""
ASSUMED: Final = "?"
DISPUTED: Final = "*"
WORDS: Final = frozenset({"", "yes/no"})
"""Units of values that are written as they are."""
PLAIN: Final = frozenset({"year", "units", "count", "chips"})
"""Units that a label already says."""


@dataclass
class Quotes:
    """Numbers the rows that are quoted, where their sources are asked for (`shown`); marks what is doubtful."""

    words: Words
    shown: bool
    rows: dict[Origin, dict[Quoted, None]] = field(default_factory=dict)

    def fact(self, item: Item, attribute: str, unit: bool = True) -> str:
        """The value that is used, such as `4,000 GB/s*[3]`; the word for none where there is none."""
        best = item.fact(attribute)
        if best is None:
            return self.words("none")
        text = written(best, self.words) + (unit_of(best) if unit else "")
        disputed = any(facts[0].attribute == attribute for facts in item.disputed())
        quoted = item.facts[attribute] if disputed else (best,)
        return text + (ASSUMED if best.assumed else "") + (DISPUTED if disputed else "") + self.numbers(quoted)

    def figure(self, figure: Figure | None, places: int) -> str:
        """A computed figure."""
        if figure is None:
            return self.words("none")
        return f"{figure.value:,.{places}f}" + (ASSUMED if figure.assumed else "") + self.numbers(figure.facts)

    def market(self, market: Market | None) -> str:
        """From the lowest to the highest price."""
        if market is None:
            return self.words("none")
        ends = [money(market.low), money(market.high)]
        span = "–".join(dict.fromkeys(ends))
        rows: list[Quoted] = [*market.prices, *(rate.fact for rate in market.rates)]
        return span + (ASSUMED if market.assumed else "") + self.numbers(rows)

    def numbers(self, rows: Sequence[Quoted]) -> str:
        """`[1,4]`, or nothing where sources are not asked for. Rows of one origin share a number."""
        if not self.shown:
            return ""
        for row in rows:
            self.rows.setdefault(_origin(row), {})[row] = None
        numbers = sorted({list(self.rows).index(_origin(row)) + 1 for row in rows})
        return f"[{','.join(map(str, numbers))}]"

    def lines(self, sources: Mapping[str, Source]) -> Iterator[str]:
        """Where the rows that were quoted are from, by their numbers."""
        for number, ((key, locator, status, as_of, note), rows) in enumerate(self.rows.items(), 1):
            source = sources[key]
            said = ", ".join(filter(None, (source.publisher, source.title, source.reference, locator, note)))
            founded = self.words(f"chips.status.{status}")
            places = self.words("list.comma").join(row.place for row in rows)
            yield self.words("chips.source", number=number, status=founded, as_of=as_of, said=said, rows=places)


def _origin(row: Quoted) -> Origin:
    return row.source, row.locator, row.status.value, row.as_of, row.note


def written(fact: Fact, words: Words) -> str:
    """The value as a person reads it."""
    if fact.unit == "yes/no":
        return words(f"chips.{fact.value}")
    number = fact.number
    if number is None or fact.unit == "year":
        return fact.value
    return f"{number:,}"


def unit_of(fact: Fact) -> str:
    """The unit after a value, with its blank; nothing where the label says it."""
    if fact.unit in WORDS | PLAIN:
        return ""
    return " mm²" if fact.unit == "mm2" else "" if fact.unit == "TPP" else f" {fact.unit}"


def money(amount: Decimal) -> str:
    """CNY with the decimals that suit its size."""
    return f"{amount:,.0f}" if amount >= Decimal(100) else f"{amount:,.2f}"


def paid(price: Price, words: Words) -> str:
    """A price as it was asked or paid."""
    span = f"{price.low:,}" if price.low == price.high else f"{price.low:,}–{price.high:,}"
    unit, kind = words(f"chips.unit.{price.unit}", cards=price.cards), words(f"chips.kind.{price.kind}")
    taxed = words(f"chips.tax.{price.tax}")
    return words(
        "chips.price", span=span, currency=price.currency, unit=unit, kind=kind, region=price.region, taxed=taxed
    )

"""The catalogue as a whole: every table, as it is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from headrace.catalog.facts import Facts, Source

if TYPE_CHECKING:
    from decimal import Decimal

    from headrace.catalog.money import Price, Rate


@dataclass(frozen=True)
class Attribute:
    """What an attribute is given in, and the least and the most that is believed of it (None of a word)."""

    name: str
    unit: str
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True)
class Ratio:
    """In an architecture the dense rate of one precision is `times` that `of` another, but for a share `within`."""

    architecture: str
    rate: str
    times: Decimal
    of: str
    within: Decimal
    note: str


@dataclass(frozen=True)
class Catalogue:
    """`ratios` has every architecture, with no ratio for one that follows none."""

    chips: Facts
    models: Facts
    servers: Facts
    site: Facts
    rates: tuple[Rate, ...]
    prices: tuple[Price, ...]
    sources: Mapping[str, Source]
    attributes: Mapping[str, Attribute]
    ratios: Mapping[str, tuple[Ratio, ...]]

    @property
    def tables(self) -> tuple[Facts, ...]:
        """The tables of facts."""
        return self.chips, self.models, self.servers, self.site, Facts(tuple(rate.fact for rate in self.rates))


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: where it stands, and a sentence."""

    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


Check: TypeAlias = Callable[[Catalogue], Iterator[Problem]]

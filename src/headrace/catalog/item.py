"""An item: the facts about one thing, of which the best is used and all are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headrace.catalog.facts import differ

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from decimal import Decimal

    from headrace.catalog.facts import Fact


@dataclass(frozen=True)
class Figure:
    """A value that is shown, and every fact that it rests on."""

    value: Decimal
    facts: tuple[Fact, ...]

    @property
    def assumed(self) -> bool:
        """Whether an assumption is among its facts."""
        return any(fact.assumed for fact in self.facts)


@dataclass(frozen=True)
class Item:
    """`facts` are by attribute, the best first."""

    name: str
    facts: Mapping[str, tuple[Fact, ...]]

    def fact(self, attribute: str) -> Fact | None:
        """The best fact of an attribute."""
        return next(iter(self.facts.get(attribute, ())), None)

    def figure(self, attribute: str) -> Figure | None:
        """The value that is used, with its fact."""
        fact = self.fact(attribute)
        return None if fact is None or fact.number is None else Figure(fact.number, (fact,))

    def number(self, attribute: str) -> Decimal | None:
        """The value that is used. Ask `assumed` before it is taken for what a maker says."""
        fact = self.fact(attribute)
        return None if fact is None else fact.number

    def text(self, attribute: str) -> str:
        """The value as it is written; empty where it is not known."""
        fact = self.fact(attribute)
        return "" if fact is None else fact.value

    def assumed(self, attribute: str) -> bool:
        """Whether the value that is used has no document behind it."""
        fact = self.fact(attribute)
        return fact is not None and fact.assumed

    def disputed(self) -> Iterator[tuple[Fact, ...]]:
        """The attributes of which sources give different values, each with all its facts."""
        return (facts for attribute, facts in self.facts.items() if attribute != "alias" and differ(facts))

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names."""
        return tuple(fact.value for fact in self.facts.get("alias", ()))


def gathered(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Facts without those that are there already, in order."""
    return tuple(dict.fromkeys(facts))

"""A fact is a row: one value of one attribute of one item, with the source that says so.

    item, attribute, value, unit, status, as_of, source, locator, note

Facts that contradict each other are all kept. The one that is used is the first by status, then by date.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLUMNS: Final = ("item", "attribute", "value", "unit", "status", "as_of", "source", "locator", "note")
TEXT: Final = ""
"""The unit of a value that is a word."""
YES: Final = "yes"


class Status(Enum):
    """How well a fact is founded, the best first."""

    PUBLISHED = "published"  # its maker, or the law, says so, as was read there
    CITED = "cited"  # its maker's document is named, and was not opened again for this row
    DERIVED = "derived"  # computed from published facts, as its note says
    MEASURED = "measured"  # somebody ran it and gave the figure
    REPORTED = "reported"  # press, resellers, analysts, tables in repositories
    ASSUMED = "assumed"  # common knowledge or an inference without a document


RANK: Final = {status: i for i, status in enumerate(Status)}


@dataclass(frozen=True)
class Source:
    """A document, who published it, and where and when; `kind` is datasheet, regulation, filing, press, and so on."""

    key: str
    title: str
    publisher: str
    reference: str
    date: str
    kind: str


@dataclass(frozen=True)
class Fact:
    """A row, and the place where it stands (`file`, `line`)."""

    item: str
    attribute: str
    value: str
    unit: str
    status: Status
    as_of: str
    source: str
    locator: str = ""
    note: str = ""
    file: str = ""
    line: int = 0

    @property
    def number(self) -> Decimal | None:
        """The value as a number; None of a word."""
        return None if self.unit == TEXT else decimal(self.value)

    @property
    def assumed(self) -> bool:
        """Whether no document stands behind the value."""
        return self.status is Status.ASSUMED

    @property
    def place(self) -> str:
        """`nvidia.csv:12`."""
        return f"{self.file}:{self.line}"


def decimal(text: str) -> Decimal | None:
    """The number written in `text`, or None."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def by_merit(facts: list[Fact]) -> list[Fact]:
    """The best first: by status, then the later date; the order of the file decides between equals."""
    latest = sorted(facts, key=lambda fact: fact.as_of, reverse=True)
    return sorted(latest, key=lambda fact: RANK[fact.status])


@dataclass(frozen=True)
class Facts:
    """Rows in the order of their files, and the sources that they name."""

    rows: tuple[Fact, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)

    @cached_property
    def items(self) -> Mapping[str, Mapping[str, tuple[Fact, ...]]]:
        """Item -> attribute -> its facts, the best first."""
        gathered: defaultdict[str, defaultdict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
        for fact in self.rows:
            gathered[fact.item][fact.attribute].append(fact)
        return {
            item: {attribute: tuple(by_merit(facts)) for attribute, facts in attributes.items()}
            for item, attributes in gathered.items()
        }

    def of(self, item: str, attribute: str) -> tuple[Fact, ...]:
        """Every fact that gives this attribute, the best first."""
        return self.items.get(item, {}).get(attribute, ())

    def conflicts(self) -> Iterator[tuple[Fact, ...]]:
        """Facts of one item and attribute that give different values, side by side, the best first."""
        for attributes in self.items.values():
            for attribute, facts in attributes.items():
                if attribute != ALIAS and differ(facts):
                    yield facts


ALIAS: Final = "alias"
CLOSE: Final = Decimal("0.005")
"""Numbers that differ by less are one number, rounded twice."""


def differ(facts: tuple[Fact, ...]) -> bool:
    """Whether the facts give values that rounding does not explain."""
    numbers = [fact.number for fact in facts]
    if any(number is None for number in numbers):
        return len({fact.value for fact in facts}) > 1
    values = [number for number in numbers if number is not None]
    return bool(values) and max(values) - min(values) > CLOSE * max(values, key=abs)

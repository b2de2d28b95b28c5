"""Every row has an attribute that there is, in its unit, within what is believed; no source contradicts itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.catalog.facts import ALIAS, TEXT, differ
from headrace.catalog.whole import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.catalog.facts import Fact
    from headrace.catalog.whole import Attribute, Catalogue

YES_OR_NO: Final = "yes/no"


def check(catalogue: Catalogue) -> Iterator[Problem]:
    """Problems of single rows, and of rows that one source gives twice."""
    for table in catalogue.tables:
        for fact in table.rows:
            yield from _row(fact, catalogue)
        yield from _twice(table.rows)


def _row(fact: Fact, catalogue: Catalogue) -> Iterator[Problem]:
    attribute = catalogue.attributes.get(fact.attribute)
    if not fact.item:
        yield Problem(fact.place, "has no item")
    if attribute is None:
        yield Problem(fact.place, f"there is no attribute {fact.attribute!r} in attributes.csv")
    elif fact.unit != attribute.unit:
        yield Problem(fact.place, f"{fact.attribute} is in {attribute.unit or 'words'}, not in {fact.unit or 'words'}")
    else:
        yield from _value(fact, attribute)


def _value(fact: Fact, attribute: Attribute) -> Iterator[Problem]:
    if fact.unit == TEXT:
        if not fact.value.strip():
            yield Problem(fact.place, f"{fact.attribute} is empty")
    elif fact.unit == YES_OR_NO:
        if fact.value not in ("yes", "no"):
            yield Problem(fact.place, f"{fact.attribute} is {fact.value!r}; it is yes or no")
    elif fact.number is None:
        yield Problem(fact.place, f"{fact.attribute} is {fact.value!r}, which is no number")
    elif not (attribute.low is None or attribute.high is None or attribute.low <= fact.number <= attribute.high):
        believed = f"{attribute.low} to {attribute.high} {attribute.unit} is believed"
        yield Problem(fact.place, f"{fact.item}: {fact.attribute} of {fact.value} {fact.unit}; {believed}")


def _twice(rows: tuple[Fact, ...]) -> Iterator[Problem]:
    """A source says one thing of an attribute on one date; what is derived from it may differ from what it says."""
    seen: dict[tuple[str, ...], Fact] = {}
    for fact in rows:
        if fact.attribute == ALIAS:
            continue
        first = seen.setdefault((fact.item, fact.attribute, fact.source, fact.as_of, fact.status.value), fact)
        if first is not fact:
            said = "otherwise" if differ((first, fact)) else "already"
            yield Problem(fact.place, f"{fact.source} says {said} in {first.place} what {fact.attribute} is then")

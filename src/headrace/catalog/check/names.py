"""A name leads to one item; prices and servers name chips that there are; a chip says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from headrace.catalog.facts import ALIAS
from headrace.catalog.named import bare
from headrace.catalog.whole import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.catalog.facts import Facts
    from headrace.catalog.whole import Catalogue

NEEDED: Final = {"chips": ("vendor", "architecture", "data_centre"), "models": ("layers", "hidden", "heads", "vocab")}


def check(catalogue: Catalogue) -> Iterator[Problem]:
    """Problems of names."""
    for table in catalogue.tables:
        yield from _ambiguous(table)
    for kind, facts in (("chips", catalogue.chips), ("models", catalogue.models)):
        yield from _incomplete(facts, NEEDED[kind])
    chips = {bare(name) for name in catalogue.chips.items}
    for server, attributes in catalogue.servers.items.items():
        for fact in attributes.get("chip", ()):
            if bare(fact.value) not in chips:
                yield Problem(fact.place, f"{server} has chips {fact.value!r}, which the catalogue does not know")
    for price in catalogue.prices:
        if bare(price.item) not in chips:
            yield Problem(price.place, f"there is no chip {price.item!r}; a price names a chip as it is listed")


def _ambiguous(table: Facts) -> Iterator[Problem]:
    meant = {bare(item): item for item in table.items}
    for fact in (row for row in table.rows if row.attribute == ALIAS):
        other = meant.setdefault(bare(fact.value), fact.item)
        if other != fact.item:
            yield Problem(fact.place, f"{fact.value!r} is a name of {other} and of {fact.item}")


def _incomplete(table: Facts, needed: tuple[str, ...]) -> Iterator[Problem]:
    for item, attributes in table.items.items():
        missing = [attribute for attribute in needed if attribute not in attributes]
        if missing:
            first = next(iter(attributes.values()))[0]
            yield Problem(first.place, f"{item} has no {', '.join(missing)}")

"""Every row names a source that is declared, and no weaker source stands behind a stronger status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from headrace.catalog.facts import ALIAS, Status
from headrace.catalog.whole import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.catalog.facts import Fact, Source
    from headrace.catalog.money import Price
    from headrace.catalog.whole import Catalogue

KINDS: Final = frozenset(
    {"datasheet", "regulation", "filing", "paper", "press", "repository", "analyst", "reseller", "blog", "none"}
)
SPEAKING: Final = frozenset({"datasheet", "regulation", "filing", "paper", "repository"})
"""Kinds by which a maker or an authority speaks; a repository where the maker's own configuration stands."""
DATE: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def check(catalogue: Catalogue) -> Iterator[Problem]:
    """Problems of sources, of the rows that name them, and of dates."""
    for source in catalogue.sources.values():
        yield from _declared(source)
    for table in catalogue.tables:
        for fact in table.rows:
            yield from _named(fact, catalogue)
    for price in catalogue.prices:
        yield from _named(price, catalogue)


def _declared(source: Source) -> Iterator[Problem]:
    place = f"sources.toml, [{source.key}]"
    if source.kind not in KINDS:
        yield Problem(place, f"{source.kind!r} is no kind of source; {', '.join(sorted(KINDS))} are")
    if not DATE.fullmatch(source.date):
        yield Problem(place, f"{source.date!r} is no date; write it as in 2025, 2025-04 or 2025-04-15")
    if not (source.title and source.publisher and source.reference):
        yield Problem(place, "has no title, publisher or reference")


def _named(row: Fact | Price, catalogue: Catalogue) -> Iterator[Problem]:
    if not DATE.fullmatch(row.as_of):
        yield Problem(row.place, f"as_of {row.as_of!r} is no date; write it as in 2025, 2025-04 or 2025-04-15")
    source = catalogue.sources.get(row.source)
    if source is None:
        yield Problem(row.place, f"its source {row.source!r} is not declared in sources.toml")
    elif row.status is Status.PUBLISHED and source.kind not in SPEAKING:
        yield Problem(row.place, f"is marked published, but {source.key!r} is {source.kind}; mark it reported")
    elif source.kind == "none" and not row.assumed and getattr(row, "attribute", "") != ALIAS:
        yield Problem(row.place, f"has no document behind it and is marked {row.status.value}; mark it assumed")
    if row.status is Status.DERIVED and not row.note:
        yield Problem(row.place, "is derived, and no note says from what")

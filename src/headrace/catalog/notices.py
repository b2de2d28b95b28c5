"""Notices: rules, measures and reported deliveries, each a row with its dates and its source."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from headrace.catalog.shipped import listed, rows, shipped, sources_in
from headrace.errors import InputError

if TYPE_CHECKING:
    from headrace.catalog.facts import Source

BASES: Final = ("law", "letter", "guidance", "licence", "statement", "bill", "press", "filing")
"""What a notice rests on. A letter is known as its receivers reported it; a bill is not law."""
CONFIDENCE: Final = ("text", "reported", "weak")
"""Whether the wording itself was read, or it was reported by several, or by a single or doubtful source."""
ROLES: Final = ("decides", "note", "proposed", "not_enforced")
"""Only the first kind decides a gate; the others are told beside it."""


@dataclass(frozen=True)
class Notice:
    """What somebody decided, or is reported to have: `outcome` is what it makes of a chip that it is about.

    `chips` are the names in its own wording, if it has any; `scope` is whom it binds.
    """

    id: str
    role: str
    outcome: str
    name: str
    name_zh: str
    citation: str
    published: date
    begins: date
    ends: date | None
    destinations: tuple[str, ...]
    scope: str
    chips: tuple[str, ...]
    basis: str
    confidence: str
    consequence: str
    consequence_zh: str
    sources: tuple[str, ...]
    note: str

    def in_force(self, on: date, destination: str) -> bool:
        """Whether it stands on that day; `ends` is its last day."""
        return destination in self.destinations and self.begins <= on and (self.ends is None or on <= self.ends)


COLUMNS: Final = tuple(field.name for field in fields(Notice))


@cache
def rules() -> dict[str, Notice]:
    """Rules of the United States by id."""
    return _notices("rules.csv")


@cache
def measures() -> dict[str, Notice]:
    """Measures of the Chinese side by id, in the order in which they are tested."""
    return _notices("measures.csv")


@cache
def deliveries() -> dict[str, Notice]:
    """What was reported of shipments, by id: the days are those of the period that is reported on."""
    return _notices("deliveries.csv")


@cache
def designers() -> dict[str, str]:
    """Vendor in lower case -> country of its headquarters."""
    found = rows(shipped("designers.csv"), ("vendor", "headquarters"))
    return {row["vendor"].casefold(): row["headquarters"] for _, row in found}


def notice_sources() -> dict[str, Source]:
    """The documents that notices rest on, by key."""
    return sources_in("sources_rules.toml")


def _notices(name: str) -> dict[str, Notice]:
    return {row["id"]: _notice(row, f"{name}:{line}") for line, row in rows(shipped(name), COLUMNS)}


def _notice(row: dict[str, str], where: str) -> Notice:
    for column, allowed in (("role", ROLES), ("basis", BASES), ("confidence", CONFIDENCE)):
        if row[column] not in allowed:
            raise InputError(f"{where}, {column}", f"{row[column]!r} is none", f"{', '.join(allowed)} are")
    return Notice(
        **{column: row[column] for column in COLUMNS if column not in _CONVERTED},
        published=_day(row["published"], where),
        begins=_day(row["begins"], where),
        ends=_day(row["ends"], where) if row["ends"] else None,
        destinations=listed(row["destinations"]),
        chips=listed(row["chips"]),
        sources=listed(row["sources"]),
    )


_CONVERTED: Final = ("published", "begins", "ends", "destinations", "chips", "sources")


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(where, f"{text!r} is no day", "a day is like 2025-04-09") from None

"""Reads the notices: rules, measures and reported deliveries, each a row with its dates and its source."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from headrace.catalog.facts import Source
from headrace.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

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
    rows = _rows(_data("designers.csv"), ("vendor", "headquarters"))
    return {row["vendor"].casefold(): row["headquarters"] for _, row in rows}


@cache
def notice_sources() -> dict[str, Source]:
    """The documents that notices rest on, by key."""
    entries = tomllib.loads(_data("sources_rules.toml").read_text(encoding="utf-8"))
    return {key: Source(key, **entry) for key, entry in entries.items()}


def _notices(name: str) -> dict[str, Notice]:
    file = _data(name)
    return {row["id"]: _notice(row, f"{file.name}:{line}") for line, row in _rows(file, COLUMNS)}


def _notice(row: dict[str, str], where: str) -> Notice:
    for column, allowed in (("role", ROLES), ("basis", BASES), ("confidence", CONFIDENCE)):
        if row[column] not in allowed:
            raise InputError(f"{where}, {column}", f"{row[column]!r} is none", f"{', '.join(allowed)} are")
    return Notice(
        **{column: row[column] for column in COLUMNS if column not in _CONVERTED},
        published=_day(row["published"], where),
        begins=_day(row["begins"], where),
        ends=_day(row["ends"], where) if row["ends"] else None,
        destinations=_list(row["destinations"]),
        chips=_list(row["chips"]),
        sources=_list(row["sources"]),
    )


_CONVERTED: Final = ("published", "begins", "ends", "destinations", "chips", "sources")


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(where, f"{text!r} is no day", "a day is like 2025-04-09") from None


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _data(name: str) -> Traversable:
    return files("headrace.catalog") / "data" / name


def _rows(file: Traversable, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(file.read_text(encoding="utf-8").splitlines())
    if tuple(next(reader, ())) != columns:
        raise InputError(f"{file.name}:1", "has other columns", f"they are {', '.join(columns)}")
    for cells in reader:
        if len(cells) != len(columns):
            raise InputError(f"{file.name}:{reader.line_num}", f"has {len(cells)} cells", f"a row has {len(columns)}")
        yield reader.line_num, dict(zip(columns, cells, strict=True))

"""The catalogue's statements: one sentence in two languages, with its date, its verdict and its sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from headrace.catalog.shipped import listed, rows, shipped, sources_in

if TYPE_CHECKING:
    from headrace.catalog.facts import Source

VERDICTS: Final = ("confirmed", "reported", "derived", "planned", "forecast", "unconfirmed", "opinion", "assumed")
"""How sure a statement is, from what its maker or a law says to what nobody stands for."""


@dataclass(frozen=True)
class Statement:
    """`date` is when it happened, `as_of` when it was known; `instead` names the statement to read instead."""

    id: str
    topic: str
    about: tuple[str, ...]
    date: str
    en: str
    zh: str
    verdict: str
    sources: tuple[Source, ...]
    as_of: str
    instead: str

    def text(self, lang: str) -> str:
        """The sentence in `lang`, en or zh."""
        return self.en if lang == "en" else self.zh


@cache
def statements() -> dict[str, Statement]:
    """Every statement, by its id."""
    return {row["id"]: _statement(row) for _, row in rows(shipped("statements.csv"))}


def _statement(row: dict[str, str]) -> Statement:
    known = sources_in("sources_claims.toml")
    return Statement(
        id=row["id"],
        topic=row["topic"],
        about=listed(row["about"], "|"),
        date=row["date"],
        en=row["en"],
        zh=row["zh"],
        verdict=row["verdict"],
        sources=tuple(known[key] for key in listed(row["source"])),
        as_of=row["as_of"],
        instead=row["instead"],
    )

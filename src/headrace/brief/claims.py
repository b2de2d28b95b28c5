"""Claims that texts make, one a row: how each is recognised, what is right, and what to say of it.

subject   groups joined by " & "; of each group one of the terms between "|" must be in the sentence
context   one of these must be somewhere in the text;  unless: none of these in the sentence
kind      wording  `wrong` terms contradict and `right` ones confirm; "*" is any sentence, and `right` is asked first
          date     the date nearest to the last group's term must agree with one of `right`
          number   {n}, or {m} of millions, where a `pattern` says is one of `right`; its hedge, if any, of `hedges`
          open     nobody can say: the sentence is listed as such
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from headrace.brief.figures import AFTER, BEFORE, DIGITS, SCALES
from headrace.brief.fold import folded
from headrace.catalog.shipped import listed, rows, shipped, sources_in

if TYPE_CHECKING:
    from headrace.catalog.facts import Source

KINDS: Final = ("wording", "date", "number", "open")
BEFORE_N: Final = rf"(?:(?:{'|'.join(BEFORE.values())})[\s?]{{0,3}})?(?:us\$|\$|¥)?\s?(?:{DIGITS})"
RANGE_N: Final = rf"(?:\s?[-–~至到]\s?(?:{DIGITS}))?"
SCALE_N: Final = rf"\s?(?:{'|'.join(SCALES)})"
AFTER_N: Final = rf"(?:[个家座种]?(?:{'|'.join(AFTER.values())}))?"
NUMBERS: Final = {
    "{n}": f"(?P<n>{BEFORE_N}{RANGE_N}(?:{SCALE_N})?{AFTER_N})",
    "{m}": f"(?P<n>{BEFORE_N}{RANGE_N}{SCALE_N}{AFTER_N})",
}
"""What stands for a number in a pattern, with its hedge: any, or one in millions, billions and the like."""
ANY: Final = "*"


@dataclass(frozen=True)
class Claim:
    """A row; `groups`, `right` and `wrong` hold compiled terms, `values` what a date or a number should be."""

    id: str
    kind: str
    en: str
    zh: str
    groups: tuple[re.Pattern[str], ...]
    context: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    patterns: tuple[re.Pattern[str], ...]
    values: tuple[str, ...]
    right: re.Pattern[str] | None
    wrong: re.Pattern[str] | None
    hedges: frozenset[str]
    note_en: str
    note_zh: str
    sources: tuple[Source, ...]
    as_of: str
    basis: str

    def note(self, lang: str) -> str:
        """What is known, in `lang`."""
        return self.note_en if lang == "en" else self.note_zh

    def said(self, lang: str) -> str:
        """What the claim is about, in `lang`."""
        return self.en if lang == "en" else self.zh

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        """The values of a claim about a number."""
        return tuple(Decimal(value) for value in self.values)


@cache
def claims() -> tuple[Claim, ...]:
    """Every claim, in the order of the file."""
    return tuple(_claim(row) for _, row in rows(shipped("claims.csv")))


def terms(cell: str) -> re.Pattern[str] | None:
    """What finds any of the terms of a cell in folded text: whole words, but for a term that ends in `*`."""
    if cell == ANY:
        return re.compile("")
    found = [_term(folded(term.rstrip("*")), term.endswith("*")) for term in listed(cell, "|")]
    return re.compile("|".join(found)) if found else None


def _term(term: str, beginning: bool) -> str:
    before = r"(?<![a-z0-9])" if term[:1].isascii() else ""
    after = r"(?![a-z0-9])" if term[-1:].isascii() and not beginning else ""
    return f"{before}{re.escape(term)}{after}"


def _pattern(cell: str) -> re.Pattern[str]:
    for mark, number in NUMBERS.items():
        cell = cell.replace(mark, number)
    return re.compile(cell)


def _claim(row: dict[str, str]) -> Claim:
    known = sources_in("sources_claims.toml")
    worded = row["kind"] == "wording"
    return Claim(
        id=row["id"],
        kind=row["kind"],
        en=row["en"],
        zh=row["zh"],
        groups=tuple(found for group in listed(row["subject"], "&") if (found := terms(group)) is not None),
        context=terms(row["context"]),
        unless=terms(row["unless"]),
        patterns=tuple(map(_pattern, listed(row["pattern"], "||"))),
        values=() if worded else listed(row["right"], "|"),
        right=terms(row["right"]) if worded else None,
        wrong=terms(row["wrong"]),
        hedges=frozenset(listed(row["hedges"], "|")),
        note_en=row["note_en"],
        note_zh=row["note_zh"],
        sources=tuple(known[key] for key in listed(row["source"])),
        as_of=row["as_of"],
        basis=row["basis"],
    )

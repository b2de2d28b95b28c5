"""The dates in a text, in English and in Chinese, as far as they are told: a year, a month, a day may be missing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
NAMED: Final = rf"(?P<month>{'|'.join(FULL)}|{'|'.join(m for m in MONTHS if m not in ('may', 'mar'))})\.?(?![a-z])"
YEAR: Final = r"(?:19|20)\d\d"
PATTERNS: Final = (
    re.compile(rf"(?<!\d)(?P<year>{YEAR})-(?P<number>\d\d?)(?:-(?P<day>\d\d?))?(?!\d)"),
    re.compile(rf"(?:(?P<year>{YEAR})年)?(?<!\d)(?P<number>\d\d?)月(?:(?P<day>\d\d?)[日号])?"),
    re.compile(rf"(?<![a-z])(?:(?P<day>\d\d?)(?:st|nd|rd|th)? )?{NAMED}(?:,? (?P<year>{YEAR}))?(?!,? ?\d)"),
    re.compile(rf"(?<![a-z]){NAMED} (?P<day>\d\d?)(?:st|nd|rd|th)?(?!\d)(?:,? (?P<year>{YEAR}))?"),
)


@dataclass(frozen=True)
class Told:
    """A date as it is told, 0 for what is not; `at` is where it begins in the text."""

    year: int
    month: int
    day: int
    at: int

    def agrees(self, date: str) -> bool:
        """Whether it may be the date `2025-08` or `2025-08-08`: what both tell is the same."""
        parts = (*map(int, date.split("-")), 0, 0)
        return all(not mine or not other or mine == other for mine, other in zip(self._parts, parts, strict=False))

    @property
    def _parts(self) -> tuple[int, int, int]:
        return self.year, self.month, self.day


def dates(text: str) -> Iterator[Told]:
    """Every date in folded `text` that tells at least its month."""
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            month = _month(groups)
            if 1 <= month <= len(MONTHS):
                yield Told(int(groups["year"] or 0), month, int(groups["day"] or 0), match.start())


def _month(groups: dict[str, str | None]) -> int:
    if groups.get("number"):
        return int(groups["number"] or 0)
    return MONTHS.index((groups.get("month") or "")[:3]) + 1

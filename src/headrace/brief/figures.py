"""The numbers and the hedges of a text, equal in any two sentences that say the same in English and in Chinese.

"nearly 400 centres, US$8.0 billion in July"      近 400 个，7 月 80 亿美元      {nearly, 400, 8000000000, 7}
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
CHINESE: Final = "一二三四五六七八九十"
SCALES: Final = {
    "trillion": 10**12, "billion": 10**9, "million": 10**6, "thousand": 10**3, "bn": 10**9,
    "万亿": 10**12, "亿": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4,
}  # fmt: skip

SCALE: Final = rf"\s?(?P<scale>{'|'.join(SCALES)})"
DIGITS: Final = r"\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,6})?|\d{1,15}(?:\.\d{1,6})?"
NAME: Final = r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,6}\d[A-Za-z0-9]*|\d{2,4}(?:PR|DT|[A-D])(?![A-Za-z]))"
NUMBER: Final = rf"(?P<digits>{DIGITS})(?:{SCALE})?"
MONTH: Final = r"(?P<month>" + "|".join(m for m in MONTHS if m != "May") + r"|May(?=\s+\d)|(?<=\d )May|(?<=[Ii]n )May)"
ORDINAL: Final = rf"\b(?P<ordinal>{'|'.join(ORDINALS)})\b|第(?P<chinese>[{CHINESE}])"
TOKEN: Final = re.compile(rf"(?P<name>{NAME})|{MONTH}(?![a-z])|{ORDINAL}|{NUMBER}")
RANGE: Final = re.compile(rf"({DIGITS})(\s?(?:[-–—~至到]|to)\s?)(?=(?:US\$|\$)?(?:{DIGITS}){SCALE})")

BEFORE: Final = {
    "nearly": r"nearly|almost|close to|just under|将近|接近|近",
    "about": r"about|around|roughly|approximately|some|大约|约",
    "over": r"over|more than|above|exceeding|(?<!不)超过|逾|多于|超",
    "under": r"less than|fewer than|under|below|不到|不足|(?<!不)低于|(?<!不)少于",
    "at_least": r"at least|no less than|至少|不低于|不少于",
    "up_to": r"up to|at most|no more than|至多|最多|高达|不超过",
}
AFTER: Final = {"about": r"左右|上下", "over": r"以上|余|多(?=[个家座种])", "under": r"以下|以内"}
ANYWHERE: Final = {
    "reportedly": r"\breport(?:edly|ed)\b|据报道|据悉|据称|报道",
    "unconfirmed": r"\bunconfirmed\b|未经证实|未证实|未获证实",
    "expected": r"\bexpect(?:s|ed)?\b|预计|预期",
    "forecast": r"\bforecast(?:s)?\b|预测",
    "estimated": r"\bestimate[ds]?\b|估计|估算|据估",
    "may": r"\b(?:may|might|could)\b|可能",
    "only": r"\bonly\b|仅",
    "early": r"\bearly(?=[\s-]+[A-Z0-9])|(?<=月)初|上旬|年初",
    "mid": r"\bmid(?=[\s-]+[A-Z0-9])|中旬",
    "late": r"\blate(?=[\s-]+[A-Z0-9])|(?<=月)底|下旬",
}
GAP: Final = r"[\s?]{0,3}(?:have |has |是|为其|为|有|达|的)?\s?(?:US\$|\$|¥)?"
NEXT: Final = rf"{GAP}(?=\d)"


@dataclass(frozen=True)
class Quantity:
    """A number with the hedge that is on it, "" for none."""

    value: Decimal
    hedge: str


def figures(text: str) -> Counter[str]:
    """How often each number, name of a model and hedge occurs in `text`."""
    seen = unicodedata.normalize("NFKC", text)
    found: Counter[str] = Counter()
    for match in TOKEN.finditer(_ranges_scaled(seen)):
        found[_said(match)] += 1
    for hedge, words in BEFORE.items():
        found[hedge] += len(re.findall(rf"(?<![A-Za-z])(?:{words}){NEXT}", seen, re.IGNORECASE))
    for hedge, words in AFTER.items():
        found[hedge] += len(re.findall(rf"(?:{DIGITS})\s?(?:万亿|亿|万)?\s?[个家座种%]?\s?(?:{words})", seen))
    for hedge, words in ANYWHERE.items():
        found[hedge] += len(re.findall(words, seen.replace("Only", "only")))
    return +found


def quantity(text: str) -> Quantity | None:
    """The first number of `text` and its hedge; None where there is no number."""
    seen = _ranges_scaled(unicodedata.normalize("NFKC", text))
    match = next((m for m in TOKEN.finditer(seen) if m["digits"]), None)
    if match is None:
        return None
    told = figures(text)
    hedges = [hedge for hedge in (*BEFORE, *AFTER) if hedge in told]
    return Quantity(_value(match), hedges[0] if hedges else "")


def _said(match: re.Match[str]) -> str:
    """A token as it is counted."""
    if match["name"]:
        return match["name"].upper()
    if match["month"]:
        return str(MONTHS.index(match["month"]) + 1)
    if match["ordinal"]:
        return str(ORDINALS.index(match["ordinal"]) + 1)
    if match["chinese"]:
        return str(CHINESE.index(match["chinese"]) + 1)
    return f"{_value(match).normalize():f}"


def _value(match: re.Match[str]) -> Decimal:
    return Decimal(match["digits"].replace(",", "")) * SCALES.get(match["scale"] or "", 1)


def _ranges_scaled(text: str) -> str:
    """In a range such as 50–70亿 the first number is in the unit of the second."""
    return RANGE.sub(lambda m: f"{m[1]}{m['scale']}{m[2]}", text)

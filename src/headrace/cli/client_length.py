"""Lengths of time as people type them: `2h`, `90m`, `1d12h`, `45s`."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from headrace.errors import CallError
from headrace.units import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

UNITS: Final = {"d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS, "min": MINUTE_MS, "s": SECOND_MS}
PART: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?) *(min|[dhms]) *")


def length_ms(option: str, text: str) -> int:
    """`text` in ms. CallError, which names `option`, for what is no length."""
    parts = PART.findall(text)
    whole = sum(Fraction(number) * UNITS[unit] for number, unit in parts)
    if PART.sub("", text.strip()) or whole <= 0:
        raise CallError(f"{option} {text!r} is no length of time; write it as in 2h, 90m, 45s or 1d12h")
    return round(whole)

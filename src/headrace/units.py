"""Integer units: decisions never depend on a rounding.

time        milliseconds since 1970-01-01 UTC, or a length of time
chip        thousandths (MILLI) of one chip
cpu         thousandths of one core
memory      MiB
chip-time   milli-chip-milliseconds
money       the currency's smallest unit (fen, cent)
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

MILLI: Final = 1000
SECOND_MS: Final = 1000
MINUTE_MS: Final = 60 * SECOND_MS
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
WEEK_MS: Final = 7 * DAY_MS
CHIP_HOUR: Final = MILLI * HOUR_MS
"""One chip-hour in milli-chip-milliseconds."""
PPM: Final = 1_000_000
"""Activity is kept in parts per million of full activity."""
NEVER: Final = 2**62
"""An instant that does not come; far enough from the edge of int64 that lengths can be added to it."""
UNKNOWN: Final = -1
"""In an integer column: not known. Never zero."""
EPOCH_MONDAY_MS: Final = 4 * DAY_MS
"""1970-01-05, the first Monday: weeks are counted from Mondays, 00:00 UTC."""


def chip_hours(chip_time: int) -> float:
    """Chip-hours of `chip_time` milli-chip-milliseconds."""
    return int(chip_time) / CHIP_HOUR


def cost(chip_time: int, price: int) -> Fraction:
    """Exact cost in the smallest unit of `chip_time` milli-chip-milliseconds at `price` (smallest unit a chip-hour)."""
    return Fraction(int(chip_time) * int(price), CHIP_HOUR)


def apportion(parts: list[Fraction], whole: int) -> list[int]:
    """Round `parts` to integers that sum to `whole`, each within one of its exact value (largest remainder).

    `whole` must be the sum of `parts`, rounded; so that rounded lines of a bill add up to the bill.
    """
    floors = [part.numerator // part.denominator for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i], i))
    for i in by_remainder[: whole - sum(floors)]:
        floors[i] += 1
    return floors

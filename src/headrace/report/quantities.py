"""Quantities as a person reads them: durations, chip-hours, money and shares; columns of them still add up.

A column is rounded together, by largest remainder, so that its printed lines sum to its printed total.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from headrace.units import CHIP_HOUR, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, apportion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.report.words import Words

SMALLEST_UNITS: Final = 100
"""Smallest units of money (fen, cent) in the main unit."""
MUCH_MONEY: Final = 10_000 * SMALLEST_UNITS
"""From here on the decimals are left out."""
MANY_DAYS: Final = 100
UNITS: Final = (("day", DAY_MS), ("hour", HOUR_MS), ("minute", MINUTE_MS), ("second", SECOND_MS))


@dataclass(frozen=True)
class Scale:
    """How one column of figures is printed: in whole steps of `step`, shown with `places` decimals."""

    step: Fraction
    places: int
    suffix: str = ""

    def steps(self, parts: Sequence[int], whole: int | None = None) -> list[int]:
        """Each part in whole steps, within one of its exact value; they sum to `whole`, the rounded sum of the parts.

        A `whole` that was rounded as a part of a larger column is given by the caller.
        """
        exact = [Fraction(int(part)) / self.step for part in parts]
        return apportion(exact, round(sum(exact, Fraction(0))) if whole is None else whole)

    def text(self, steps: int) -> str:
        return f"{steps / 10**self.places:,.{self.places}f}{self.suffix}"

    def column(self, parts: Sequence[int]) -> list[str]:
        return [self.text(steps) for steps in self.steps(parts)]


def hours_scale(total: int) -> Scale:
    """Chip-hours from milli-chip-ms, in the decimals that suit a column with this `total`."""
    whole = total / CHIP_HOUR
    places = 0 if whole >= 10_000 or not total else 1 if whole >= 100 else 2 if whole >= 1 else 4
    return Scale(Fraction(CHIP_HOUR, 10**places), places)


def share_scale(total: int) -> Scale:
    """Percentages of `total`, with one decimal."""
    return Scale(Fraction(max(total, 1), 1000), 1, "%")


def money_scale(total: int) -> Scale:
    """Money in the main unit from the smallest, without decimals where the `total` is large."""
    return Scale(Fraction(SMALLEST_UNITS), 0) if abs(total) >= MUCH_MONEY else Scale(Fraction(1), 2)


def hours(chip_time: int) -> str:
    """Chip-hours of `chip_time` (milli-chip-ms), on its own."""
    return hours_scale(chip_time).column([chip_time])[0]


def money(amounts: dict[str, int], words: Words) -> str:
    """Amounts by currency, on their own: `1,204 CNY + 88.10 USD`; empty for none."""
    parts = (f"{money_scale(amount).column([amount])[0]} {currency}" for currency, amount in amounts.items())
    return words("list.plus").join(parts)


def percent(share: float) -> str:
    """A share in 0..1 as a percentage with one decimal."""
    return f"{share * 100:.1f}%"


def ratio(part: float, whole: float) -> float:
    """`part` over `whole`, and 0 of nothing."""
    return part / whole if whole else 0.0


def times(factor: float, words: Words) -> str:
    """A factor such as a slowdown: `4.20×`."""
    return f"{factor:,.2f}×" if math.isfinite(factor) else words("none")


def duration(ms: float, words: Words) -> str:
    """A length of time in its two largest units, rounded to the smaller: `3 h 12 min`, `2 d 5 h`, `0.4 s`."""
    if not math.isfinite(ms):
        return words("none")
    if 0 < ms < SECOND_MS:
        return words("unit.second", n=f"{max(ms, 100) / SECOND_MS:.1f}")
    if ms >= MANY_DAYS * DAY_MS:
        return words("unit.day", n=f"{round(ms / DAY_MS):,}")
    return _in_two_units(ms, words)


def _in_two_units(ms: float, words: Words) -> str:
    large = next((i for i, (_, size) in enumerate(UNITS[:-1]) if ms >= size), len(UNITS) - 1)
    small = min(large + 1, len(UNITS) - 1)
    step = UNITS[small][1]
    left = round(ms / step) * step
    if large and left >= UNITS[large - 1][1]:
        return _in_two_units(left, words)
    parts: list[str] = []
    for unit, size in UNITS[large : small + 1]:
        count, left = divmod(left, size)
        if count or (unit == "second" and not parts):
            parts.append(words(f"unit.{unit}", n=count))
    return " ".join(parts)

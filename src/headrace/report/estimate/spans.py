"""Estimated values as a person reads them: three digits, with the interval in brackets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from headrace.estimate.interval import Value

WHOLE: Final = 100
"""From here on decimals are left out."""
SMALLEST: Final = 1e-3
"""Below it a power of ten is plainer."""


def digits(value: float) -> str:
    """Three digits that count: `1,650`, `82.3`, `0.0699`."""
    rounded = float(f"{value:.3g}")
    if rounded and abs(rounded) < SMALLEST:
        return f"{rounded:.2e}"
    return f"{rounded:,.0f}" if abs(rounded) >= WHOLE else f"{rounded:.3g}"


def span(value: Value, scale: float = 1.0) -> str:
    """The value times `scale` and its 90 % interval: `82.3 (44.4–139)`; alone where it is certain."""
    middle, low, high = (digits(each * scale) for each in (value.value, value.low, value.high))
    if value.low == value.high:
        return middle
    return f"{middle} ({low}–{high})"


def plain(value: Value, scale: float = 1.0) -> dict[str, float]:
    """The same for a program: `value`, `low` and `high`, in six digits."""
    return {name: float(f"{each * scale:.6g}") for name, each in vars(value).items()}

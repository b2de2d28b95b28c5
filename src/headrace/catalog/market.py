"""What a chip costs now: the prices of the last year in which there were any, for one card and in CNY.

Prices asked in China count where there are some, those asked abroad otherwise; an assumed price counts only alone.
`rates` of a market are those by which its prices were changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from headrace.catalog.money import exchange, to_home

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from headrace.catalog.chip import Chip
    from headrace.catalog.money import Price, Rate

HOME_REGION: Final = "CN"
YEAR_MONTHS: Final = 12
A_THOUSAND: Final = 1000


@dataclass(frozen=True)
class Market:
    """CNY for one card (`unit` is card or card-hour): the lowest, the median and the highest of `prices`."""

    unit: str
    low: Decimal
    middle: Decimal
    high: Decimal
    region: str
    prices: tuple[Price, ...]
    rates: tuple[Rate, ...] = ()

    @property
    def assumed(self) -> bool:
        """Whether no price has a document behind it, or a rate by which one was changed has none."""
        return all(price.assumed for price in self.prices) or any(rate.fact.assumed for rate in self.rates)

    def per_pflops(self, chip: Chip) -> Decimal | None:
        """The middle for one PFLOPS of dense 16-bit rate."""
        return _per(self.middle, chip.rate("bf16") or chip.rate("fp16"))

    def per_tb_s(self, chip: Chip) -> Decimal | None:
        """The middle for one TB/s of memory bandwidth."""
        return _per(self.middle, chip.number("memory_bandwidth_gb_s"))


def market(item: str, unit: str, prices: Iterable[Price], rates: Sequence[Rate]) -> Market | None:
    """The market of a chip by the card or by the card-hour; None where nobody named a price."""
    asked = [price for price in prices if price.item == item and price.per_card[0] == unit]
    asked = [price for price in asked if not price.assumed] or asked
    home = [price for price in asked if price.region == HOME_REGION]
    chosen = _recent(home or asked)
    if not chosen:
        return None
    spans = [_in_home(price, rates) for price in chosen]
    middles = sorted((low + high) / 2 for low, high in spans)
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    used = (exchange(price.currency, price.as_of, rates) for price in chosen)
    known = tuple(dict.fromkeys(rate for rate in used if rate is not None))
    return Market(unit, low, median(middles), high, chosen[0].region, tuple(chosen), known)


def _recent(prices: list[Price]) -> list[Price]:
    newest = max((_month(price.as_of) for price in prices), default=0)
    recent = [price for price in prices if newest - _month(price.as_of) < YEAR_MONTHS]
    return sorted(recent, key=lambda price: price.as_of, reverse=True)


def _month(as_of: str) -> int:
    """Months since the year 0; a year alone counts as its first."""
    year, *rest = as_of.split("-")
    return int(year) * YEAR_MONTHS + (int(rest[0]) - 1 if rest else 0)


def _in_home(price: Price, rates: Sequence[Rate]) -> tuple[Decimal, Decimal]:
    _, low, high = price.per_card
    rate = to_home(price.currency, price.as_of, rates)
    return low * rate, high * rate


def _per(money: Decimal, thousandths: Decimal | None) -> Decimal | None:
    return None if not thousandths else money * A_THOUSAND / thousandths

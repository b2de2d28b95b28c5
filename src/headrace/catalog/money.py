"""What a chip costs: prices as they were asked or paid, by the card or by the card-hour, and in one currency.

server        / cards            = a card
card-month    / 720 h            = a card-hour
server-month  / cards / 720 h    = a card-hour
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from headrace.catalog.facts import decimal
from headrace.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headrace.catalog.facts import Fact, Status

MONTH_HOURS: Final = 720
"""A month of renting: 30 days."""
HOME: Final = "CNY"
END: Final = "-99"
"""After every month of a year and every day of a month: `2026` reaches to its end."""
Unit: TypeAlias = Literal["card", "card-hour"]
UNITS: Final[dict[str, tuple[Unit, int]]] = {
    "card": ("card", 1),
    "server": ("card", 1),
    "card-hour": ("card-hour", 1),
    "card-month": ("card-hour", MONTH_HOURS),
    "server-hour": ("card-hour", 1),
    "server-month": ("card-hour", MONTH_HOURS),
}
"""Unit of a price -> what it becomes by the card, and the hours that it is spread over."""


@dataclass(frozen=True)
class Price:
    """From `low` to `high` of `currency` for one `unit` of `cards` cards; `kind` is list, quote, transaction, ..."""

    item: str
    deal: str
    low: Decimal
    high: Decimal
    currency: str
    unit: str
    cards: int
    kind: str
    tax: str
    region: str
    status: Status
    as_of: str
    source: str
    locator: str
    note: str
    file: str
    line: int

    @classmethod
    def of(cls, row: dict[str, str], status: Status, file: str, line: int) -> Price:
        """From a row of a file. Raises InputError for what is no number."""
        numbers = {name: _number(row, name, file, line) for name in ("low", "high", "cards")}
        words = {name: row[name] for name in row.keys() - numbers.keys() - {"status"}}
        cards = int(numbers.pop("cards"))
        return cls(**words, **numbers, cards=cards, status=status, file=file, line=line)  # type: ignore[arg-type]

    @property
    def place(self) -> str:
        """`prices.csv:12`."""
        return f"{self.file}:{self.line}"

    @property
    def assumed(self) -> bool:
        """Whether no document stands behind it."""
        return self.status.value == "assumed"

    @property
    def per_card(self) -> tuple[Unit, Decimal, Decimal]:
        """The unit (card or card-hour), and the low and the high for one card in it, in the price's currency."""
        unit, hours = UNITS[self.unit]
        return unit, self.low / self.cards / hours, self.high / self.cards / hours

    def middle(self, rates: Iterable[Rate]) -> Decimal:
        """The middle for one card in CNY, at the rate of its date."""
        _, low, high = self.per_card
        return (low + high) / 2 * to_home(self.currency, self.as_of, rates)


@dataclass(frozen=True)
class Rate:
    """What one unit of `currency` is in CNY on a date."""

    currency: str
    value: Decimal
    as_of: str
    fact: Fact

    @classmethod
    def of(cls, fact: Fact) -> Rate:
        """From a row whose item is the currency. Raises InputError for what is no number."""
        if fact.number is None:
            raise InputError(f"{fact.place}, value", f"{fact.value!r} is no number")
        return cls(fact.item, fact.number, fact.as_of, fact)


def to_home(currency: str, as_of: str, rates: Iterable[Rate]) -> Decimal:
    """CNY for one unit of `currency` on a date."""
    rate = exchange(currency, as_of, rates)
    return Decimal(1) if rate is None else rate.value


def exchange(currency: str, as_of: str, rates: Iterable[Rate]) -> Rate | None:
    """The rate of that date or the last before it, the first there is otherwise; None for CNY itself."""
    if currency == HOME:
        return None
    known = sorted((rate for rate in rates if rate.currency == currency), key=lambda rate: rate.as_of)
    if not known:
        raise InputError(f"rates, {currency}", "there is no exchange rate for it")
    return next((rate for rate in reversed(known) if rate.as_of <= as_of + END), known[0])


def _number(row: dict[str, str], name: str, file: str, line: int) -> Decimal:
    number = decimal(row[name])
    if number is None:
        raise InputError(f"{file}:{line}, {name}", f"{row[name]!r} is no number")
    return number

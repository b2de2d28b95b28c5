"""Every price is one that can be believed: by the card, by the card-hour, and beside what the chip costs to buy.

    a card                         1,000 to 1,000,000 CNY
    a card-hour                    0.1 to 100 CNY
    a card-hour by dense PFLOPS    1 to 300 CNY (16 bits)
    a month of renting             at most two thirds of the dearest price of the card

A server with eight RTX 5090 at 550,000 a month is refused by the last two: 95 CNY a card-hour for 0.2 PFLOPS.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from headrace.catalog.chip import Chip
from headrace.catalog.money import HOME, MONTH_HOURS, UNITS, to_home
from headrace.catalog.whole import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.catalog.money import Price
    from headrace.catalog.whole import Catalogue

KINDS: Final = ("list", "quote", "transaction", "estimate", "tender")
TAXES: Final = ("included", "excluded", "unknown")
REGIONS: Final = ("CN", "US", "abroad")
DEALS: Final = {"buy": ("card", "server"), "rent": tuple(unit for unit in UNITS if unit not in ("card", "server"))}
BELIEVED: Final = {"card": (Decimal(1000), Decimal(1_000_000)), "card-hour": (Decimal("0.1"), Decimal(100))}
"""CNY for one card."""
A_PFLOPS: Final = (Decimal(1), Decimal(300))
"""CNY a card-hour for one PFLOPS of dense 16-bit rate."""
MONTH_SHARE: Final = Decimal(2) / 3
"""The most of a card's price that a month of renting it may cost."""
TERA_A_PETA: Final = 1000


def check(catalogue: Catalogue) -> Iterator[Problem]:
    """Problems of prices."""
    for price in catalogue.prices:
        faults = list(_form(price, catalogue))
        yield from faults or _range(price, catalogue)


def _form(price: Price, catalogue: Catalogue) -> Iterator[Problem]:
    known = {
        "deal": tuple(DEALS),
        "unit": DEALS.get(price.deal, tuple(UNITS)),
        "kind": KINDS,
        "tax": TAXES,
        "region": REGIONS,
        "currency": (HOME, *sorted({rate.currency for rate in catalogue.rates})),
    }
    for field, possible in known.items():
        value = getattr(price, field)
        if value not in possible:
            yield Problem(price.place, f"{field} is {value!r}; {', '.join(possible)} are possible here")
    if price.low > price.high or price.low <= 0:
        yield Problem(price.place, f"goes from {price.low} to {price.high}; a price rises from above zero")
    if (price.cards > 1) != price.unit.startswith("server"):
        yield Problem(price.place, f"is by the {price.unit} of {price.cards} cards; a server has several, a card one")


def _range(price: Price, catalogue: Catalogue) -> Iterator[Problem]:
    unit, low, high = per_card(price, catalogue)
    least, most = BELIEVED[unit]
    if low < least or high > most:
        yield Problem(price.place, f"{_is(price, low, high, unit)}; {least} to {most} is believed")
    if unit == "card-hour":
        yield from _by_performance(price, catalogue)
        yield from _beside_buying(price, catalogue)


def _by_performance(price: Price, catalogue: Catalogue) -> Iterator[Problem]:
    chip = Chip(price.item, catalogue.chips.items.get(price.item, {}))
    rate = chip.rate("bf16") or chip.rate("fp16")
    if rate is None:
        return
    unit, low, high = per_card(price, catalogue)
    least, most = A_PFLOPS
    if low * TERA_A_PETA / rate < least or high * TERA_A_PETA / rate > most:
        believed = f"for {rate} TFLOPS {least * rate / TERA_A_PETA:.2f} to {most * rate / TERA_A_PETA:.2f} is believed"
        yield Problem(price.place, f"{_is(price, low, high, unit)}; {believed}")


def _beside_buying(price: Price, catalogue: Catalogue) -> Iterator[Problem]:
    bought = [per_card(other, catalogue)[2] for other in catalogue.prices if _buys(other, price.item, catalogue)]
    _, _, high = per_card(price, catalogue)
    if bought and high * MONTH_HOURS > MONTH_SHARE * max(bought):
        month = f"a month of renting a {price.item} at {high * MONTH_HOURS:,.0f} {HOME}"
        yield Problem(price.place, f"{month} costs nearly what the card does, which is {max(bought):,.0f} at most")


def _buys(price: Price, item: str, catalogue: Catalogue) -> bool:
    return price.item == item and price.deal == "buy" and not any(_form(price, catalogue))


def per_card(price: Price, catalogue: Catalogue) -> tuple[str, Decimal, Decimal]:
    """The unit, and the low and the high for one card in CNY."""
    unit, low, high = price.per_card
    rate = to_home(price.currency, price.as_of, catalogue.rates)
    return unit, low * rate, high * rate


def _is(price: Price, low: Decimal, high: Decimal, unit: str) -> str:
    span = f"{low:,.2f}" if low == high else f"{low:,.2f} to {high:,.2f}"
    return f"{price.item} at {span} {HOME} a {unit}"

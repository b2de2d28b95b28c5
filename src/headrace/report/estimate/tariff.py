"""What an hour of a chip costs and what a site draws for its chips: as told, or from the catalogue's rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.catalog.load import prices, rates, site
from headrace.catalog.market import market
from headrace.catalog.money import HOME
from headrace.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headrace.catalog.facts import Fact
    from headrace.catalog.market import Market

MEAN_PUE: Final = "PUE, national mean"
COST: Final = re.compile(r"(?:(?P<kind>.+)=)?(?P<amount>\d{1,9}(?:\.\d{1,6})?) ?(?P<currency>[A-Z]{3})")
EVERY: Final = ""
"""The kind of a cost that is told for all kinds."""


@dataclass(frozen=True)
class Hourly:
    """Money for an hour of one chip, and the market whose median it is; None where it was told."""

    amount: float
    currency: str
    market: Market | None = None


def hourly(kind: str, told: Mapping[str, Hourly]) -> Hourly | None:
    """As told for the kind, or for every kind; else the median of the catalogue's rents; None where there is none."""
    if (given := told.get(kind) or told.get(EVERY)) is not None:
        return given
    found = market(kind, "card-hour", prices(), rates())
    return None if found is None else Hourly(float(found.middle), HOME, found)


def costs(texts: Iterable[str], own: Mapping[str, str]) -> dict[str, Hourly]:
    """Costs as typed, `6.7CNY` or `H20=6.7CNY`, by the kinds' own names. `own` leads from a kind as typed to its name.

    Raises CallError for a text that is no cost, or for a kind that is not estimated.
    """
    found: dict[str, Hourly] = {}
    for text in texts:
        parts = COST.fullmatch(text.strip())
        if parts is None:
            raise CallError(f"--cost {text!r} is no cost of a chip-hour; write 6.7CNY, or H20=6.7CNY for one kind")
        kind = parts["kind"] or EVERY
        if kind and kind not in own:
            raise CallError(f"--cost {text!r} is for a kind that is not estimated; those are {', '.join(own)}")
        found[own.get(kind, EVERY)] = Hourly(float(parts["amount"]), parts["currency"])
    return found


def pue() -> Fact:
    """The row of the mean power usage effectiveness: what a site draws for each kWh of its chips."""
    fact = site()[MEAN_PUE].fact("pue")
    if fact is None or fact.number is None:
        raise LookupError(f"the catalogue has no {MEAN_PUE}")
    return fact

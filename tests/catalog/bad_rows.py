"""The catalogue with something wrong in it, for tests of the check."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from headrace.catalog.check import check
from headrace.catalog.facts import Fact, Facts, Status
from headrace.catalog.load import catalogue, prices
from headrace.catalog.money import Price


def fact(item: str = "H20", attribute: str = "power_w", value: str = "400", **other: object) -> Fact:
    """A row that holds, as it stands in the file, but for what is given."""
    unit = catalogue().attributes[attribute].unit if attribute in catalogue().attributes else ""
    row = {"unit": unit, "status": Status.REPORTED, "as_of": "2031-01", "source": "smbom", "file": "bad.csv", "line": 7}
    return Fact(item=item, attribute=attribute, value=value, **row | other)  # type: ignore[arg-type]


def price(item: str = "H20", **other: object) -> Price:
    """A price of the catalogue, but for what is given."""
    usual = next(p for p in prices() if p.item == "H20" and p.unit == "card-hour")
    other |= {name: Decimal(str(other[name])) for name in ("low", "high") if name in other}
    return replace(usual, item=item, file="bad.csv", line=7, **other)  # type: ignore[arg-type]


def told(*rows: Fact | Price) -> list[str]:
    """What the check says of the catalogue with these rows added, but for what it says without them."""
    whole = catalogue()
    facts = tuple(row for row in rows if isinstance(row, Fact))
    asked = tuple(row for row in rows if isinstance(row, Price))
    chips = Facts(whole.chips.rows + facts, whole.sources)
    return [str(problem) for problem in check(replace(whole, chips=chips, prices=whole.prices + asked))]


def told_of_models(*rows: Fact) -> list[str]:
    """The same with rows of models."""
    whole = catalogue()
    models = Facts(whole.models.rows + rows, whole.sources)
    return [str(problem) for problem in check(replace(whole, models=models))]

"""Chips as JSON: every value with its unit, status, date and source, and what other sources say beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from headrace.catalog.facts import ALIAS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from headrace.catalog.chip import Chip
    from headrace.catalog.facts import Fact
    from headrace.catalog.item import Figure
    from headrace.catalog.market import Market
    from headrace.catalog.money import Price
    from headrace.report.catalog.chips import Shelf

Figures: TypeAlias = dict[str, Any]


def chips_json(chips: Sequence[Chip], shelf: Shelf) -> str:
    """The chips in order, and under `sources` every source that they name."""
    shown = [chip_figures(chip, shelf) for chip in chips]
    named = {fact.source for chip in chips for facts in chip.facts.values() for fact in facts}
    named |= {price.source for chip in chips for price in shelf.of(chip)}
    sources = {key: vars(shelf.sources[key]) for key in sorted(named)}
    return json.dumps({"chips": shown, "sources": sources}, ensure_ascii=False, indent=2) + "\n"


def chip_figures(chip: Chip, shelf: Shelf) -> Figures:
    """One chip: its facts by attribute, what follows from them, and its prices."""
    return {
        "name": chip.name,
        "aliases": list(chip.aliases),
        "facts": {name: _best(facts) for name, facts in chip.facts.items() if name != ALIAS},
        "tpp": _computed(chip.tpp_figure),
        "performance_density": _computed(chip.density_figure),
        "markets": {unit: _market(shelf.market(chip, unit), chip) for unit in ("card", "card-hour")},
        "prices": [_price(price) for price in shelf.of(chip)],
    }


def _best(facts: tuple[Fact, ...]) -> Figures:
    best, *others = facts
    return _fact(best) | ({"others": [_fact(fact) for fact in others]} if others else {})


def _fact(fact: Fact) -> Figures:
    value = fact.value if fact.number is None else _number(fact.number)
    row = {"value": value, "unit": fact.unit, "status": fact.status.value, "as_of": fact.as_of, "source": fact.source}
    return row | {"locator": fact.locator, "note": fact.note, "row": fact.place}


def _computed(figure: Figure | None) -> Figures | None:
    if figure is None:
        return None
    rows = [fact.place for fact in figure.facts]
    return {"value": round(float(figure.value), 4), "assumed": figure.assumed, "rows": rows}


def _market(market: Market | None, chip: Chip) -> Figures | None:
    if market is None:
        return None
    money = {"low": market.low, "median": market.middle, "high": market.high}
    per = {"median_per_pflops": market.per_pflops(chip), "median_per_tb_s": market.per_tb_s(chip)}
    figures = {name: None if value is None else round(float(value), 2) for name, value in (money | per).items()}
    return figures | {"currency": "CNY", "region": market.region, "rows": [price.place for price in market.prices]}


def _price(price: Price) -> Figures:
    row = {name: value for name, value in vars(price).items() if name not in ("item", "file", "line")}
    numbers = {"low": _number(price.low), "high": _number(price.high), "status": price.status.value}
    return row | numbers | {"row": price.place}


def _number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)

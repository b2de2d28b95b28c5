"""The catalogue that Headrace ships, read once: chips, models, servers, sites, prices and their sources."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

from headrace.catalog.chip import Chip
from headrace.catalog.facts import ALIAS, COLUMNS, Fact, Facts, Source, Status, decimal
from headrace.catalog.item import Item
from headrace.catalog.model import Model
from headrace.catalog.money import Price, Rate
from headrace.catalog.named import Named
from headrace.catalog.shipped import rows, shipped, sources_in
from headrace.catalog.whole import Attribute, Catalogue, Ratio
from headrace.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

T = TypeVar("T", bound=Item)
TABLES: Final = ("chips", "models", "servers", "site")
RATIO_COLUMNS: Final = ("architecture", "rate", "times", "of", "within", "note")
PRICE_COLUMNS: Final = (
    *("item", "deal", "low", "high", "currency", "unit", "cards", "kind", "tax", "region"),
    *("status", "as_of", "source", "locator", "note"),
)


@cache
def chips() -> Named[Chip]:
    """Every chip by name; other names find it too."""
    return _named("chip", facts("chips"), Chip)


@cache
def models() -> Named[Model]:
    """Every model by name; other names find it too."""
    return _named("model", facts("models"), Model)


@cache
def servers() -> Named[Item]:
    """Every server and larger system by name."""
    return _named("server", facts("servers"), Item)


@cache
def site() -> Named[Item]:
    """What a site pays and needs: electricity by region, power usage effectiveness, aid."""
    return _named("figure of a site", facts("site"), Item)


@cache
def facts(table: str) -> Facts:
    """The rows of chips, models, servers or site, with the sources that they may name."""
    return Facts(tuple(row for file in _files(table) for row in _facts(file)), sources())


@cache
def every_fact() -> Facts:
    """The rows of all four tables."""
    return Facts(tuple(row for table in TABLES for row in facts(table).rows), sources())


@cache
def prices() -> tuple[Price, ...]:
    """What was asked or paid, in the order of the file."""
    return tuple(_price(row, file.name, line) for file in _files("prices") for line, row in rows(file, PRICE_COLUMNS))


@cache
def rates() -> tuple[Rate, ...]:
    """Exchange rates by date."""
    return tuple(Rate.of(fact) for file in _files("rates") for fact in _facts(file))


@cache
def catalogue() -> Catalogue:
    """Every table, to be checked."""
    tables = {table: facts(table) for table in TABLES}
    money = {"rates": rates(), "prices": prices()}
    return Catalogue(**tables, **money, sources=sources(), attributes=_attributes(), ratios=_ratios())  # type: ignore[arg-type]


@cache
def sources() -> dict[str, Source]:
    """Every source that a fact or a price may name, by its key."""
    return sources_in("sources.toml")


def _attributes() -> dict[str, Attribute]:
    found = (row for file in _files("attributes") for _, row in rows(file, ("attribute", "unit", "low", "high")))
    return {
        row["attribute"]: Attribute(row["attribute"], row["unit"], decimal(row["low"]), decimal(row["high"]))
        for row in found
    }


def _ratios() -> dict[str, tuple[Ratio, ...]]:
    known: dict[str, tuple[Ratio, ...]] = {}
    for _, row in (each for file in _files("ratios") for each in rows(file, RATIO_COLUMNS)):
        none = not row["rate"]
        numbers = {name: Decimal(row[name]) for name in ("times", "within") if not none}
        ratio = () if none else (Ratio(**row | numbers),)  # type: ignore[arg-type]
        known[row["architecture"]] = (*known.get(row["architecture"], ()), *ratio)
    return known


def _named(what: str, known: Facts, make: type[T]) -> Named[T]:
    items = {name: make(name, attributes) for name, attributes in known.items.items()}
    aliases = {fact.value: name for name, item in items.items() for fact in item.facts.get(ALIAS, ())}
    return Named(what, items, aliases)


def _files(table: str) -> list[Traversable]:
    """`chips.csv`, or every file of the folder `chips`, by name."""
    folder = shipped(table)
    found = folder.iterdir() if folder.is_dir() else [shipped(f"{table}.csv")]
    return sorted((file for file in found if file.name.endswith(".csv")), key=lambda file: file.name)


def _facts(file: Traversable) -> Iterator[Fact]:
    for line, row in rows(file, COLUMNS):
        yield Fact(**row | {"status": _status(row, file.name, line)}, file=file.name, line=line)  # type: ignore[arg-type]


def _price(row: dict[str, str], file: str, line: int) -> Price:
    return Price.of(row, _status(row, file, line), file, line)


def _status(row: dict[str, str], file: str, line: int) -> Status:
    try:
        return Status(row["status"])
    except ValueError:
        known = ", ".join(status.value for status in Status)
        raise InputError(f"{file}:{line}, status", f"{row['status']!r} is no status", f"{known} are") from None

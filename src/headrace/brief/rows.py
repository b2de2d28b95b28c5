"""Rows of the catalogue's own files, and the sources that they name."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from headrace.catalog.facts import Source

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DATA: Final = "data"


def folder() -> Traversable:
    """The catalogue's data."""
    return files("headrace.catalog") / DATA


def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `name`, a CSV file with a header."""
    text = (folder() / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def tables(name: str) -> dict[str, Any]:
    """The tables of `name`, a TOML file."""
    return tomllib.loads((folder() / name).read_text(encoding="utf-8"))


@cache
def sources() -> dict[str, Source]:
    """Every source of a statement or a claim, by its key."""
    return {key: Source(key=key, **table) for key, table in tables("sources_claims.toml").items()}


def listed(cell: str, mark: str = ";") -> tuple[str, ...]:
    """The parts of a cell that holds several."""
    return tuple(part.strip() for part in cell.split(mark) if part.strip())

"""The files that Headrace ships: rows with their lines, tables, sources. The only place that opens one of them."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from headrace.catalog.facts import Source
from headrace.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable


def shipped(name: str) -> Traversable:
    """The file, or the folder of files, of this name."""
    return files("headrace.catalog") / "data" / name


def rows(file: Traversable, columns: tuple[str, ...] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row of a CSV file with its line. InputError where a row has more or fewer cells than the file has columns,
    or the file has others than `columns`, if any are wanted."""
    reader = csv.reader(file.read_text(encoding="utf-8").splitlines())
    header = tuple(next(reader, ()))
    if columns and header != columns:
        raise InputError(f"{file.name}:1", "has other columns", f"they are {', '.join(columns)}")
    for cells in reader:
        if len(cells) != len(header):
            where = f"{file.name}:{reader.line_num}"
            raise InputError(where, f"has {len(cells)} cells", f"a row has {len(header)}")
        yield reader.line_num, dict(zip(header, cells, strict=True))


def tables(file: Traversable) -> dict[str, Any]:
    """The tables of a TOML file."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def sources_in(name: str) -> dict[str, Source]:
    """The documents that a file of sources declares, by their keys."""
    return {key: Source(key, **table) for key, table in tables(shipped(name)).items()}


def listed(cell: str, mark: str = ";") -> tuple[str, ...]:
    """The parts of a cell that holds several."""
    return tuple(part.strip() for part in cell.split(mark) if part.strip())

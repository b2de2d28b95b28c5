"""The calibration that verbs estimate by: what ships, and over it the rows that this user measured."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Final

from headrace.cli.documents import readers_library
from headrace.errors import InputError
from headrace.estimate import fleet, probes
from headrace.estimate.calibration import TABLE, Calibration, read_rows, shipped, write_rows
from headrace.report.write import make_folder, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headrace.estimate.calibration import Row

    Key = tuple[str, str, str, str]

NEEDED: Final = {probes.FAMILY: {"stream", "launch_us"}, fleet.FAMILY: set[str]()}
"""Constants that a row of a family must have."""


def own_table() -> Path:
    """The user's table: calibration.csv beside the library of documents."""
    return readers_library().path.with_name(TABLE)


def known() -> Calibration:
    """What ships, and the user's own rows over it where there are any. Raises InputError where these are broken."""
    path = own_table()
    return _over_shipped(_text(path), str(path)) if path.exists() else shipped()


def without_corrections() -> Calibration:
    """`known`, without what was learnt from a fleet's history: what such a history is judged by."""
    found = known()
    return Calibration({key: row for key, row in found.rows.items() if key[0] != fleet.FAMILY}, found.grids)


def keep(rows: Sequence[Row], out: Path | None) -> Path:
    """Write rows into the table at `out`, else into the user's own; of equal keys the new one stays."""
    path, before = out or own_table(), rows_in(out)
    if out is None:
        make_folder(path.parent)
    write_text(path, write_rows((before | {row.key: row for row in rows}).values()))
    return path


def rows_in(out: Path | None) -> dict[Key, Row]:
    """The rows of the table at `out`, else of the user's own, if there is one yet. InputError where it is broken."""
    path = out or own_table()
    return dict(rows_of(_text(path), str(path)).rows) if path.exists() else {}


def rows_of(text: str, where: str) -> Calibration:
    """The rows of a table. Raises InputError with the line that cannot be read or cannot be."""
    lines = text.splitlines()
    found = read_rows(lines, where)
    for row in found.values():
        _refuse_senseless(row, f"{where}:{_line_of(row, lines)}")
    return Calibration(found)


def _refuse_senseless(row: Row, where: str) -> None:
    for name, value in row.constants.items():
        if not isfinite(value) or value <= 0:
            raise InputError(where, f"has {name}={value:g}", "a constant is above zero and finite")
    missing = sorted(NEEDED.get(row.family, set()) - row.constants.keys())
    if missing:
        raise InputError(where, f"has no {missing[0]}", f"a row of {row.family} needs it")


def _line_of(row: Row, lines: Sequence[str]) -> int:
    """The last line that begins as the row does: of rows with one key the last counts."""
    begins = ",".join(row.key[:3])
    return max((number for number, line in enumerate(lines, 1) if line.startswith(begins) and row.key[3] in line))


@lru_cache(maxsize=4)
def _over_shipped(text: str, where: str) -> Calibration:
    return rows_of(text, where).over(shipped())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise InputError(
            str(path), f"cannot be read ({wrong})", "a table of calibration rows, or no such file"
        ) from None

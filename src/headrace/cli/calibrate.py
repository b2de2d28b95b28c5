"""`headrace calibrate`: fits the efficiencies that estimates rest on, and writes them as one table."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import astuple
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from headrace.cli.kernel_tables import kernel_tables
from headrace.errors import InputError
from headrace.estimate import calibration
from headrace.estimate.calibrate import Row, grid_row, software_rows
from headrace.estimate.known import chips
from headrace.estimate.measured import Point, read_serving
from headrace.estimate.training_fit import Trained, read_training
from headrace.report.write import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable

GRIDS: Final = frozenset(calibration.AXES)


def measured_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table of measured points, CSV or gzipped CSV. Raises InputError where it cannot be read."""
    try:
        data = path.read_bytes()
        text = gzip.decompress(data) if path.suffix == ".gz" else data
        return list(csv.DictReader(io.StringIO(text.decode("utf-8"))))
    except (OSError, UnicodeDecodeError) as wrong:
        raise InputError(
            str(path), f"cannot be read ({wrong})", "a CSV file of measured points, or one in gzip"
        ) from None


def run(folder: Path, kernels: bool, out: Path | None) -> Path:
    """Fit from the tables in `folder`; without `kernels` the grids that ship are kept. Returns where it was written."""
    path = out or _shipped()
    grids = list(_grids(folder)) if kernels else _kept(grids=True)
    if kernels:
        write_text(_shipped(), _text([*grids, *_kept(grids=False)]))
        calibration.calibration.cache_clear()
    write_text(path, _text([*grids, *software_rows(*points(measured_rows(folder / "measured.csv.gz")))]))
    return path


def points(rows: list[dict[str, str]]) -> tuple[list[Point], list[Trained]]:
    """The rows that can be asked: inference and training."""
    serving = [read for row in rows if isinstance(read := _serving(row), Point)]
    return serving, [read for row in rows if isinstance(read := _training(row), Trained)]


def _serving(row: dict[str, str]) -> object:
    return None if row["phase"].startswith("training") else read_serving(row)


def _training(row: dict[str, str]) -> object:
    return read_training(row) if row["phase"].startswith("training") else None


def _grids(folder: Path) -> Iterable[Row]:
    for table in kernel_tables(folder, chips()):
        yield grid_row(table.chip, table.precision, table.library, table.points, table.source)


def _kept(*, grids: bool) -> list[Row]:
    known = calibration.calibration()
    return [
        Row(*key, " ".join(f"{value:g}" for value in row.constants), row.n, row.error, row.sources)
        for key, row in known.rows.items()
        if (key[0] in GRIDS) is grids
    ]


def _shipped() -> Path:
    with as_file(files("headrace.estimate") / "data" / calibration.FILE) as path:
        return Path(path)


def _text(rows: Iterable[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(calibration.COLUMNS)
    writer.writerows([*astuple(row)[:6], f"{row.error:.4f}", row.sources] for row in rows)
    return out.getvalue()

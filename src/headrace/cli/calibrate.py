"""`headrace calibrate`: fits the efficiencies that estimates rest on, and writes them as tables."""

from __future__ import annotations

import csv
import gzip
import io
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from headrace.cli.kernel_tables import kernel_tables
from headrace.errors import InputError
from headrace.estimate.axes import AXES
from headrace.estimate.calibrate import of_kernels, of_software
from headrace.estimate.calibration import Calibration, shipped, written
from headrace.estimate.known import chips
from headrace.estimate.measured import Point, read_serving
from headrace.estimate.training_fit import Trained, read_training
from headrace.report.write import write_text

MEASURED: Final = "measured.csv.gz"


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
    grids = of_kernels(kernel_tables(folder, chips())) if kernels else _grids_that_ship()
    software = of_software(*points(measured_rows(folder / MEASURED), grids))
    where = out or _shipped()
    for name, text in written(software.over(grids)).items():
        write_text(where / name, text)
    return where


def points(rows: list[dict[str, str]], known: Calibration | None = None) -> tuple[list[Point], list[Trained]]:
    """The rows that can be asked, inference and training, of kernels as `known`; without it, of those that ship."""
    serving = [read for row in rows if isinstance(read := _serving(row, known), Point)]
    return serving, [read for row in rows if isinstance(read := _training(row, known), Trained)]


def _serving(row: dict[str, str], known: Calibration | None) -> object:
    return None if row["phase"].startswith("training") else read_serving(row, known)


def _training(row: dict[str, str], known: Calibration | None) -> object:
    return read_training(row, known) if row["phase"].startswith("training") else None


def _grids_that_ship() -> Calibration:
    known = shipped()
    return Calibration({key: row for key, row in known.rows.items() if key[0] in AXES}, known.grids)


def _shipped() -> Path:
    with as_file(files("headrace.estimate") / "data") as path:
        return Path(path)

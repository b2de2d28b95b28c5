"""`headrace calibrate`: fits the efficiencies that estimates rest on, and writes them as tables."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from headrace.cli.kernel_tables import kernel_tables
from headrace.errors import InputError
from headrace.estimate.accuracy import read
from headrace.estimate.axes import AXES
from headrace.estimate.calibrate import of_kernels, of_software
from headrace.estimate.calibration import Calibration, shipped, written
from headrace.estimate.known import chips
from headrace.report.write import write_text

MEASURED: Final = "measured.csv.gz"


COLUMNS: Final = frozenset(
    (
        *("id", "source_group", "chip", "n_chips", "model", "weight_precision", "engine", "engine_version"),
        *("phase", "serving_mode", "batch_per_chip", "batch_total", "concurrency", "input_tokens", "output_tokens"),
        *("tp", "pp", "ep", "dp", "output_tokens_per_s_total", "total_tokens_per_s_total"),
        *("train_tokens_per_s_per_chip", "ttft_s", "tpot_s", "metric_note"),
    )
)
"""Those that are read; others may be there too."""


def measured_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table of measured points, CSV or gzipped CSV; a row that ends early has empty cells.

    Raises InputError where it cannot be read, or has no column that is read.
    """
    try:
        data = path.read_bytes()
        text = gzip.decompress(data) if path.suffix == ".gz" else data
        reader = csv.DictReader(io.StringIO(text.decode("utf-8-sig")), restval="")
        rows = [{name: cell for name, cell in row.items() if name} for row in reader]
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as wrong:
        right = "a CSV file of measured points, or one in gzip"
        raise InputError(str(path), f"cannot be read ({wrong})", right) from None
    if missing := sorted(COLUMNS - set(reader.fieldnames or ())):
        raise InputError(f"{path}:1", f"has no column {missing[0]}", f"it needs {', '.join(sorted(COLUMNS))}")
    return rows


def run(folder: Path, kernels: bool, out: Path | None) -> Path:
    """Fit from the tables in `folder`; without `kernels` the grids that ship are kept. Returns where it was written."""
    grids = of_kernels(kernel_tables(folder, chips())) if kernels else _grids_that_ship()
    table = read(measured_rows(folder / MEASURED), grids)
    software = of_software(table.serving, table.training)
    where = out or _shipped()
    for name, text in written(software.over(grids)).items():
        write_text(where / name, text)
    return where


def _grids_that_ship() -> Calibration:
    known = shipped()
    return Calibration({key: row for key, row in known.rows.items() if key[0] in AXES}, known.grids)


def _shipped() -> Path:
    with as_file(files("headrace.estimate") / "data") as path:
        return Path(path)

"""The results as a table: one row a cell, in the order of the sweep file, the same bytes however they came about."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import polars as pl

import headrace
from headrace.explain.ledger import Class
from headrace.sweep.kept import keep_file
from headrace.sweep.sweep_file import STEPS

if TYPE_CHECKING:
    from pathlib import Path

    from headrace.sweep.grid import Cell
    from headrace.sweep.sweep import Swept

OF_THE_CELL: Final[dict[str, pl.DataType]] = {
    "cell": pl.String(),
    "fleet": pl.String(),
    "scale": pl.Float64(),
    "policy": pl.String(),
    "seed": pl.Int64(),
    "walls": pl.String(),
}
"""Which cell a row is: its key, the fleet as the sweep file names it, and so on; `walls` are joined by +."""
OF_THE_REPLAY: Final[dict[str, pl.DataType]] = {
    "oracle": pl.Boolean(),
    "chips": pl.Int64(),
    "jobs": pl.Int64(),
    "finished": pl.Int64(),
    "stranded": pl.Int64(),
    "avg_completion_s": pl.Float64(),
    "p50_completion_s": pl.Float64(),
    "p99_completion_s": pl.Float64(),
    "avg_wait_s": pl.Float64(),
    "p50_wait_s": pl.Float64(),
    "p95_wait_s": pl.Float64(),
    "p99_wait_s": pl.Float64(),
    "makespan_s": pl.Float64(),
    "allocated": pl.Float64(),
    "useful": pl.Float64(),
    "unknown": pl.Float64(),
    "preemptions": pl.Int64(),
    "interruptions": pl.Int64(),
    "lost_money": pl.String(),
    "worst_slowdown": pl.Float64(),
    "worst_tenant": pl.String(),
    "paid_chip_hours": pl.Float64(),
    **{f"{c.word}_chip_hours": pl.Float64() for c in Class},
}
"""Figures under their names in study.json, and the ledger's classes; `lost_money` is its JSON. Empty if it failed."""
COLUMNS: Final = OF_THE_CELL | OF_THE_REPLAY


def table_of(swept: Swept) -> pl.DataFrame:
    """One row a cell."""
    rows = [of_the_cell(cell) | swept.figures.get(cell.key, {}) for cell in swept.cells]
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in COLUMNS}, schema=COLUMNS)


def of_the_cell(cell: Cell) -> dict[str, Any]:
    """The columns that say which cell it is."""
    values = (cell.key, cell.fleet_name, cell.scale / STEPS, cell.policy.name, cell.seed, "+".join(cell.walls))
    return dict(zip(OF_THE_CELL, values, strict=True))


def write_table(swept: Swept, path: Path) -> None:
    """The table as Parquet, with Headrace's version and the log's checksum in the file's metadata."""
    whole = BytesIO()
    about = swept.fleets[0].about
    said = {"version": headrace.__version__, "source": about.source, "sha256": about.sha256}
    table_of(swept).write_parquet(whole, metadata={f"headrace.{key}": text for key, text in said.items()})
    keep_file(path, whole.getvalue())

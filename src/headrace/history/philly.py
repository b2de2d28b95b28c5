"""Microsoft's Philly trace (2017) as a job log, from the list of one row a job.

    timestamp            submit        the trace's zone is not in the file: UTC unless one is stated
    duration (s)         work_s        there are no start and end times, so there is no "as it happened"
    num_gpus             chips, nodes  up to 8 on one node; more on the fewest nodes of at most 8 that share them evenly
    cluster              tenant        a virtual cluster
    gpu_time             -             duration * num_gpus

Source: msr-fiddle/philly-traces (CC-BY-4.0), in the form of one job a row. The file has no final state: every job
counts as completed.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.errors import CallError
from headrace.history.files import sha256_of
from headrace.history.log import LINE, MAX_GANG, MAX_SECONDS, TEXT, TIME, JobLog, Rule, make_log, refuse, rule
from headrace.history.table import tables

if TYPE_CHECKING:
    from pathlib import Path

KINDS: Final[dict[str, pl.DataType]] = {
    "timestamp": TIME,
    "duration": pl.Float64(),
    "num_gpus": pl.Int64(),
    "cluster": pl.String(),
}
CHIPS_A_NODE: Final = 8


def read_philly(path: Path, *, tz: tzinfo | None = None, node_events: Path | None = None) -> JobLog:
    """The log of a Philly job list (CSV, .gz or not). A job is named by its row, from 1: "philly-1"."""
    if node_events is not None:
        raise CallError("a Philly job list has no nodes, so that node events say nothing about it")
    zone = tz or UTC
    blocks, rejects = [], []
    for frame, wrong in tables(path, KINDS, tuple(KINDS), zone):
        kept, senseless = refuse(frame, _rules())
        blocks.append(_columns(kept))
        rejects += wrong + senseless
    return make_log(
        pl.concat(blocks),
        source=path.name,
        sha256=sha256_of(path),
        format="philly",
        rejects=rejects,
        notes=_notes(zone, stated=tz is not None),
    )


def _rules() -> list[Rule]:
    seconds, chips = pl.col("duration"), pl.col("num_gpus")
    sane = seconds.is_between(0, MAX_SECONDS)
    return [
        rule(seconds.is_null() | ~sane, "has the duration {}, which is no length of time in seconds", "duration"),
        rule(
            chips.is_null() | ~chips.is_between(0, MAX_GANG),
            f"asks for {{}} GPUs; 0 to {MAX_GANG} make sense",
            "num_gpus",
        ),
    ]


def _columns(frame: pl.DataFrame) -> pl.DataFrame:
    total = pl.col("num_gpus")
    a_node = pl.coalesce(pl.when(total % n == 0).then(n) for n in range(CHIPS_A_NODE, 0, -1))
    chips = pl.when(total > 0).then(a_node).otherwise(0)
    return frame.select(
        pl.format("philly-{}", pl.col(LINE) - 1).alias("job"),
        pl.col("cluster").alias("tenant"),
        pl.col("timestamp").alias("submit"),
        pl.lit("completed").alias("state"),
        chips.cast(pl.Int64).alias("chips"),
        pl.when(total > 0).then(total // a_node).otherwise(1).alias("nodes"),
        pl.col("duration").alias("work_s"),
        LINE,
        TEXT,
    )


def _notes(zone: tzinfo, *, stated: bool) -> list[str]:
    return [
        f"times were read as {zone}" + ("" if stated else ", because the Philly trace does not state its zone"),
        "the Philly trace does not say how jobs ended; all count as completed",
        "the Philly trace does not say when jobs started; there is no record of what happened",
    ]

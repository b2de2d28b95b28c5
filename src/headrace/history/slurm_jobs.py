"""From rows of sacct (all text) to runs of jobs: one stage for each thing that a row says.

    identify  ->  time      ->  place    ->  demand    ->  measure
    job, user     submit..      ran_on       chips..       activity
    state         end, limit

Each stage takes rows and gives rows with more columns, and the rejects among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from headrace.history.log import ENDED, TIME, Reject, refuse, rule
from headrace.history.slurm_demand import NO_NODES, demand, place
from headrace.history.slurm_jobstats import measure
from headrace.history.slurm_table import looked_up
from headrace.history.slurm_times import plain_times
from headrace.history.slurm_tres import parse_limit
from headrace.history.table import conform

if TYPE_CHECKING:
    from datetime import tzinfo

    from headrace.history.slurm_nodes import Known

STATES: Final = {
    "COMPLETED": "completed",
    "FAILED": "failed",
    "OUT_OF_MEMORY": "failed",
    "SPECIAL_EXIT": "failed",
    "CANCELLED": "cancelled",
    "TIMEOUT": "timeout",
    "DEADLINE": "timeout",
    "PREEMPTED": "preempted",
    "REQUEUED": "preempted",
    "NODE_FAIL": "node_fail",
    "BOOT_FAIL": "node_fail",
    "LAUNCH_FAILED": "node_fail",
    "RECONFIG_FAIL": "node_fail",
    "RUNNING": "running",
    "SUSPENDED": "running",
    "STOPPED": "running",
    "COMPLETING": "running",
    "CONFIGURING": "running",
    "SIGNALING": "running",
    "STAGE_OUT": "running",
    "RESIZING": "running",
    "PENDING": "pending",
    "REQUEUE_HOLD": "pending",
    "REQUEUE_FED": "pending",
    "RESV_DEL_HOLD": "pending",
}
"""Slurm's states and ours. An operator's requeue loses work as a preemption does. What ended without a start is
cancelled, whatever Slurm calls it; the ended part of a job that was resized is completed, for its work goes on."""

REVOKED: Final = "REVOKED"
"""The copy of a federated job that started elsewhere: no job of this cluster."""

TIMES: Final = {"submit": TIME, "eligible": TIME, "start": TIME, "end": TIME}
JOB_ID: Final = r"^[0-9]+(_[0-9]+|\+[0-9]+|_\[[0-9,:%-]+\])?$"
CUT_RANGE: Final = r"^[0-9]+_\[.*\.\.\.\]?$"


def runs_of(
    rows: pl.DataFrame, given: frozenset[str], known: Known, tz: tzinfo | None
) -> tuple[pl.DataFrame, list[Reject]]:
    """The runs in `rows`, with the columns of a job log and some facts under #, and the rejects.

    `rows` are text; `given` are the columns that the source had. Times without a zone are in `tz`.
    """
    rows, unidentified = identify(rows)
    rows, untimely = time(rows, given, tz)
    rows, misplaced = place(rows, known)
    rows, unclear = demand(rows, known.widest)
    return measure(rows), [*unidentified, *untimely, *misplaced, *unclear]


def identify(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Reject]]:
    """Which job, whose, and in what state."""
    word = pl.col("state").str.extract(r"^([A-Za-z_]+)").str.to_uppercase()
    named = rows.with_columns(
        pl.when(pl.col("jobid") != "").then("jobid").otherwise("jobidraw").alias("job"),
        pl.col("account").alias("tenant"),
        pl.col("partition").alias("pool"),
        word.alias("#state"),
        pl.col("state").alias("#said"),
        word.replace_strict(STATES, default=None, return_dtype=pl.String).alias("state"),
    )
    cut = "has the JobID '{}', whose tasks Slurm cut short; make it again with SLURM_BITSTR_LEN=0"
    rules = [
        rule(pl.col("job").str.contains(CUT_RANGE), cut, "job"),
        rule(~pl.col("job").str.contains(JOB_ID), "has the JobID '{}'; such as 17, 17_4 or 17+1 are possible", "job"),
        rule(pl.col("state").is_null(), "has the State '{}', which is none of Slurm's", "#said"),
    ]
    return refuse(named, rules)


def time(rows: pl.DataFrame, given: frozenset[str], tz: tzinfo | None) -> tuple[pl.DataFrame, list[Reject]]:
    """When: submit, eligible, start, end and the time limit."""
    timed, wrong = conform(plain_times(rows, TIMES), TIMES, tz)
    begun = rule((pl.col("state") == "running") & pl.col("start").is_null(), "is {} and has no start", "#state")
    timed, unbegun = refuse(_settled(timed, given), [begun] if "start" in given else [])
    minutes = pl.col("timelimitraw").cast(pl.Int64, strict=False)
    limits = looked_up(timed, "timelimit", lambda text: (parse_limit(text),), {"limit_s": pl.Float64()})
    raw = pl.when(minutes > 0).then(minutes * 60.0)
    return limits.with_columns(pl.coalesce("limit_s", raw).alias("limit_s")), [*wrong, *unbegun]


def _settled(rows: pl.DataFrame, given: frozenset[str]) -> pl.DataFrame:
    """Without the starts of what never started: Slurm writes the end of such a job as its start.

    A job that ended before it might have started was never eligible, so that its end stands for that.
    """
    no_nodes = pl.col("nodelist").is_in(NO_NODES) if "nodelist" in given else pl.lit(True)
    nothing = pl.col("alloctres") == "" if "alloctres" in given else pl.lit(True)
    over = pl.col("state").is_in(ENDED)
    idle = (over | (pl.col("state") == "pending")) & no_nodes & nothing
    idle = idle & pl.lit(bool(given & {"nodelist", "alloctres"}))
    rows = rows.with_columns(pl.when(~idle).then("start").alias("start"))
    never = over & pl.col("start").is_null() & pl.lit("start" in given)
    resized = (pl.col("#state") == "RESIZING") & pl.col("end").is_not_null()
    late = pl.when(never).then("end") if "eligible" in given else pl.lit(None, TIME)
    return rows.with_columns(
        pl.when(never)
        .then(pl.lit("cancelled"))
        .when(resized)
        .then(pl.lit("completed"))
        .otherwise("state")
        .alias("state"),
        pl.coalesce("eligible", late).alias("eligible"),
    )

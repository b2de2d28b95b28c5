"""What was assumed where the log is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from headrace.units import SECOND_MS, UNKNOWN

if TYPE_CHECKING:
    from headrace.history.log import JobLog
    from headrace.world.fleet import Fleet

LOSSLESS = (pl.col("state") == "completed") | (pl.col("class") == "serving")
"""Rows that lose no work, checkpoints or not."""


def assumptions(log: JobLog, fleet: Fleet, asked_period: bool) -> tuple[tuple[str, str], ...]:
    """Each assumption as (message key, value); counts are of jobs that ran, by name."""
    jobs = log.jobs
    ran = jobs.filter(pl.col("start").is_not_null()) if log.has_starts else jobs
    counts = {
        "no_telemetry": _jobs(ran, pl.col("activity").is_null()),
        "no_checkpoints": _jobs(ran, pl.col("checkpoint_s").is_null() & ~LOSSLESS),
        "no_limits": _jobs(ran, pl.col("limit_s").is_null()),
        "eligible": _jobs(jobs, pl.col("eligible") > pl.col("submit")) if "eligible" in jobs.columns else 0,
    }
    silent = log.has_starts and not bool((jobs["ran_on"].str.split(":").list.last() != "").any())
    unpriced = ", ".join(dict.fromkeys(pool.kind for pool in fleet.pools if pool.price == UNKNOWN))
    said = [
        ("no_start_times", "") if not log.has_starts else None,
        ("submissions", ""),
        ("same_speed", ""),
        ("failures", "") if bool((jobs["state"] == "failed").any()) else None,
        *((key, f"{count:,}") for key, count in counts.items() if count),
        ("no_places", "") if silent else None,
        ("start", f"{fleet.start / SECOND_MS:g} s") if fleet.start else None,
        ("no_price", unpriced) if unpriced else None,
        ("period_asked" if asked_period else "period", ""),
    ]
    return tuple(line for line in said if line is not None)


def _jobs(rows: pl.DataFrame, which: pl.Expr) -> int:
    """How many jobs have a row of which this is true."""
    return rows.filter(which)["job"].n_unique()

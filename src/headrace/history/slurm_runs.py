"""From rows to the runs of jobs: array tasks unfolded, names that tell jobs apart, the runs of a job numbered.

17_[5-9%2]  PENDING     ->   17_5 .. 17_9, each pending
17  REQUEUED  08:00     ->   17, run 0
17  COMPLETED 09:00     ->   17, run 1
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

from headrace.history.log import LINE, Reject, refuse, rule

TASKS: Final = r"^[0-9]+_\[.*\]$"
MOST_TASKS: Final = 1_000_000
"""Array tasks that the rows of one file may stand for; Slurm's own bound is 4,000,000 for one array."""
_ARRAY: Final = re.compile(r"([0-9]+)_\[([0-9,:-]+)(?:%[0-9]+)?\]")
_RANGE: Final = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9})(?::([0-9]{1,9}))?)?")


def parse_tasks(job: str) -> tuple[range, ...]:
    """The task numbers in a JobID such as `17_[1,5-9,20-40:3%2]`; () where it is none."""
    array = _ARRAY.fullmatch(job)
    found = [_RANGE.fullmatch(part) for part in array[2].split(",")] if array else []
    ranges = [range(int(m[1]), int(m[2] or m[1]) + 1, max(1, int(m[3] or 1))) for m in found if m]
    return tuple(ranges) if len(ranges) == len(found) and all(ranges) else ()


def unfold(rows: pl.DataFrame, left: int) -> tuple[pl.DataFrame, list[Reject], int]:
    """A row for each array task where a row stands for several; the rejects; and what `left` tasks remain allowed."""
    folded = rows.filter(pl.col("job").str.contains(TASKS))
    if folded.is_empty():
        return rows, [], left
    counts = [sum(map(len, parse_tasks(job))) for job in folded["job"]]
    fits = _fitting(counts, left)
    sized = folded.with_columns(pl.Series("#tasks", counts, pl.Int64), pl.Series("#fits", fits))
    unread = rule(pl.col("#tasks") == 0, "has the JobID '{}', whose tasks are not understood", "job")
    many = rule(~pl.col("#fits"), f"brings the array tasks above {MOST_TASKS:,}, the most that are read")
    kept, wrong = refuse(sized, [unread, many])
    tasks = kept.with_columns(pl.Series("job", [_names(job) for job in kept["job"]], pl.List(pl.String))).explode("job")
    others = rows.filter(~pl.col("job").str.contains(TASKS))
    return pl.concat([others, tasks.select(rows.columns)]), wrong, left - int(kept["#tasks"].sum())


def _fitting(counts: list[int], left: int) -> list[bool]:
    """Which of `counts`, taken one after the other where it still fits, come within `left`."""
    fits = []
    for count in counts:
        fits.append(count <= left)
        left -= count if count <= left else 0
    return fits


def _names(job: str) -> list[str]:
    array, _, _ = job.partition("_")
    return [f"{array}_{task}" for part in parse_tasks(job) for task in part]


def tell_apart(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Names that are one job's own, where several clusters or several users have the same JobID.

    `site` is the cluster where there are several, and else empty: a fleet of one cluster needs no sites.
    """
    notes = []
    clusters = sorted(rows.filter(pl.col("cluster") != "")["cluster"].unique())
    if len(clusters) > 1:
        notes.append("jobs of several clusters, named CLUSTER/JOB, sites named as they: " + ", ".join(clusters[:10]))
        both = pl.concat_str("cluster", pl.lit("/"), "job")
        rows = rows.with_columns(both.alias("job"), pl.col("cluster").alias("site"))
    several = rows.filter(pl.col("job").is_duplicated()).group_by("job").agg(pl.col("user").n_unique().alias("users"))
    reused = several.filter(pl.col("users") > 1)["job"]
    if len(reused):
        notes.append(f"JobIDs that were used again by another user, named JOB@USER: {len(reused)}")
        named = pl.when(pl.col("job").is_in(reused.implode())).then(pl.concat_str("job", pl.lit("@"), "user"))
        rows = rows.with_columns(named.otherwise("job").alias("job"))
    return rows, notes


def number(rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` with `run`. A run is told by its submission and start; the same run said twice has the same number.

    Slurm gives a requeued run its own Submit. It gives the rest of a job that was resized the first Start of the job:
    that piece begins with its own Submit.
    """
    several = pl.col("job").is_duplicated()
    once = rows.filter(~several).with_columns(pl.lit(0, pl.Int64).alias("run"))
    return pl.concat([once, _numbered(rows.filter(several)).select(once.columns)])


def _numbered(rows: pl.DataFrame) -> pl.DataFrame:
    resized = (pl.col("#state") == "RESIZING").any().over("job")
    piece = resized & (pl.col("start") < pl.col("submit"))
    rows = rows.with_columns(pl.when(piece).then("submit").otherwise("start").alias("start"))
    begun = pl.col("start").fill_null(pl.col("start").min().over("job", "submit"))
    rows = rows.with_columns(begun.alias("#begun")).sort("job", "submit", "#begun", LINE, nulls_last=True)
    differs = [pl.col(name).ne_missing(pl.col(name).shift(1)) for name in ("job", "submit", "#begun")]
    new = pl.any_horizontal(differs).cast(pl.Int64)
    return rows.with_columns((new.cum_sum().over("job") - new.first().over("job")).alias("run"))

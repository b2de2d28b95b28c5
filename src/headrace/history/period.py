"""A period cut out of a log that goes on: what lasted at its end, and what a replay of it is to begin with.

    begin|        |end      as it happened                    as it is replayed
    --run--|      |         as it was, from `begin` on        starts when it did, and asks for the nodes it ran on
    wait--|run-|  |         its wait counts from `begin`      submitted at `begin`
          |   --run--...    held to `end`                     lasts to its limit, without one beyond `end`
          |     wait--...   waited to `end`                   as long, if it is started at all
          |  wait|x         waited                            left out: nobody knows what it would have taken

What lasts at the end is taken to be long, so that nothing is gained from chips that it might not have given back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from headrace.history.log import TIME
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.history.log import JobLog
    from headrace.world.fleet import Fleet, Pool


def up_to(log: JobLog, end: int) -> JobLog:
    """`log` as it stood at `end` (ms): what ran or waited then did so until then."""
    last = pl.max_horizontal(_instant(end), "start", "submit")
    return replace(log, jobs=log.jobs.filter(pl.col("submit") < _instant(end)).with_columns(_or("end", last)))


def to_replay(log: JobLog, begin: int, end: int) -> JobLog:
    """The jobs of [begin, end) ms as a replay is to meet them: see `with_named_nodes` for its fleet."""
    known = log.jobs.filter((pl.col("submit") < _instant(end)) & ~_left_the_queue())
    before = pl.col("start") < _instant(begin)
    known = known.with_columns(
        pl.when(before).then("start").otherwise(pl.max_horizontal("submit", _instant(begin))).alias("submit"),
        pl.when(before & (_part(0) != "")).then(_part(0)).otherwise("kinds").alias("kinds"),
        pl.when(before & (_part(1) != "")).then(_part(1)).otherwise("pool").alias("pool"),
    )
    lasting = pl.when(pl.col("end").is_null())
    return replace(
        log,
        jobs=known.with_columns(
            lasting.then(pl.col("start") + _long(end)).otherwise("end").alias("end"),
            lasting.then(_long(end).dt.total_milliseconds() / SECOND_MS).alias("work_s"),
            lasting.then(pl.lit("running")).otherwise("state").alias("state"),
        ),
    )


def with_named_nodes(fleet: Fleet, log: JobLog) -> Fleet:
    """`fleet`, its nodes in their order, with a pool of its own for each node that a job of `log` asks for by name."""
    asked = {name for names in log.jobs["pool"].unique() for name in names.split(";")}
    return replace(fleet, pools=tuple(part for pool in fleet.pools for part in _parts(pool, asked)))


def _parts(pool: Pool, named: set[str]) -> Iterator[Pool]:
    for own, names in groupby(pool.node_names, lambda name: name if name in named else ""):
        several = tuple(names)
        partitions = (pool.name, *pool.partitions, *([own] if own else []))
        yield replace(pool, name=f"{pool.name} from {several[0]}", node_names=several, partitions=partitions)


def withdrawn(log: JobLog, end: int) -> int:
    """How many runs, of those submitted before `end` (ms), ended without having started."""
    return log.jobs.filter((pl.col("submit") < _instant(end)) & _left_the_queue()).height


def _left_the_queue() -> pl.Expr:
    return pl.col("start").is_null() & pl.col("end").is_not_null()


def _long(end: int) -> pl.Expr:
    """How long a job runs that lasts at `end`: to its limit; beyond `end`, whenever it starts, without one."""
    limit = pl.duration(milliseconds=(pl.col("limit_s") * SECOND_MS).round())
    had = _instant(end) - pl.col("start")
    beyond = _instant(end) - pl.col("submit") + pl.duration(seconds=1)
    return pl.max_horizontal(pl.coalesce(limit, beyond), had)


def _part(number: int) -> pl.Expr:
    """Where a run was: 0 its kind, 1 its nodes."""
    return pl.col("ran_on").str.split_exact(":", 1).struct.field(f"field_{number}").fill_null("")


def _or(column: str, otherwise: pl.Expr) -> pl.Expr:
    return pl.coalesce(column, otherwise).alias(column)


def _instant(ms: int) -> pl.Expr:
    return pl.lit(datetime.fromtimestamp(ms / SECOND_MS, UTC)).cast(TIME)

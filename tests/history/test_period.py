"""A period cut out of a log: what lasted at either end, as it happened and as a replay meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from headrace.history.log import JobLog, make_log
from headrace.history.period import to_replay, up_to, with_named_nodes, withdrawn
from headrace.units import HOUR_MS, MINUTE_MS, SECOND_MS
from headrace.world.fleet import Fleet, Pool

if TYPE_CHECKING:
    from datetime import datetime

BEGIN, END = 10 * HOUR_MS, 20 * HOUR_MS
ROWS = (
    ("ran", 8, 9, 15, "completed", None),
    ("waited", 8, 12, 13, "completed", None),
    ("lasts", 11, 12, None, "running", None),
    ("limited", 11, 19, None, "running", 3 * 3600.0),
    ("waits", 15, None, None, "pending", None),
    ("left", 15, None, 16, "cancelled", None),
    ("later", 21, 22, 23, "completed", None),
)
"""Job, hours of submission, start and end, state, limit in seconds."""


def log() -> JobLog:
    frame = pl.DataFrame(
        [
            {
                "job": job,
                "submit": submit * HOUR_MS,
                "start": None if start is None else start * HOUR_MS,
                "end": None if end is None else end * HOUR_MS,
                "state": state,
                "limit_s": limit,
                "chips": 1,
                "ran_on": "" if start is None else "H20:n2",
            }
            for job, submit, start, end, state, limit in ROWS
        ]
    ).with_columns(pl.col("submit", "start", "end").cast(pl.Int64).cast(pl.Datetime("ms", "UTC")))
    return make_log(frame, source="test", sha256="", format="own")


def hours(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp() * SECOND_MS / HOUR_MS


def column(found: JobLog, name: str) -> dict[str, float | None]:
    return {job: hours(at) for job, at in found.jobs.select("job", name).iter_rows()}


def test_what_lasted_at_the_end_lasted_until_then() -> None:
    """And what came later is not there."""
    ends = column(up_to(log(), END), "end")
    assert ends == {"ran": 15, "waited": 13, "lasts": 20, "limited": 20, "waits": 20, "left": 16}


def test_a_replay_meets_what_ran_where_it_ran_and_what_waited_at_the_beginning() -> None:
    """A job that ran when the period began comes when it started, and asks for its node."""
    found = to_replay(log(), BEGIN, END)
    assert column(found, "submit") == {"ran": 9, "waited": 10, "lasts": 11, "limited": 11, "waits": 15}
    pools = dict(found.jobs.select("job", "pool").iter_rows())
    assert {job for job, pool in pools.items() if pool} == {"ran"}
    assert pools["ran"] == "n2"


def test_what_is_not_over_is_taken_to_be_long() -> None:
    """To its limit; without one, beyond the end whenever it starts."""
    found = to_replay(log(), BEGIN, END)
    ends = column(found, "end")
    assert (ends["limited"], ends["ran"]) == (22, 15)
    assert ends["lasts"] is not None
    assert ends["lasts"] > 20
    work = dict(found.jobs.select("job", "work_s").iter_rows())
    assert work["lasts"] * SECOND_MS > END - 11 * HOUR_MS
    assert work["waits"] * SECOND_MS > END - 15 * HOUR_MS
    assert work["ran"] is None


def test_who_left_the_queue_is_counted_and_not_replayed() -> None:
    """Nobody knows how long it would have taken."""
    assert withdrawn(log(), END) == 1
    assert withdrawn(log(), 15 * HOUR_MS) == 0
    assert "left" not in column(to_replay(log(), BEGIN, END), "submit")


def test_a_node_that_is_asked_for_is_a_pool_of_its_own() -> None:
    """The nodes keep their order, and the old pool's name means them all."""
    fleet = Fleet("f", (Pool("p", "H20", ("n1", "n2", "n3"), 8, 1, 1, partitions=("all",)),))
    found = with_named_nodes(fleet, to_replay(log(), BEGIN, END))
    assert found.node_names == fleet.node_names
    assert [pool.node_names for pool in found.pools] == [("n1",), ("n2",), ("n3",)]
    assert [pool.partitions for pool in found.pools] == [("p", "all"), ("p", "all", "n2"), ("p", "all")]
    assert with_named_nodes(fleet, up_to(log(), MINUTE_MS)).node_names == fleet.node_names

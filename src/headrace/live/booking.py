"""Put on the desk's books what the engine says is so, whether it fits or not; and take it off again.

Where the engine put more on a node than it has, what can be booked is booked: chips as far as they are free, never less
than nothing left of one. Cores and memory may fall below zero; nothing is placed on such a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headrace.policy.backfill import length
from headrace.policy.order.dispatch import job_key
from headrace.policy.order.fair import settle
from headrace.policy.preempt import milli
from headrace.units import UNKNOWN
from headrace.world.queue import dequeue, enqueue
from headrace.world.state import ABSENT, LIVE, NONE, RUNNING, WAITING
from headrace.world.take import give_back, take, touch

if TYPE_CHECKING:
    from headrace.live.known import Places
    from headrace.live.tables import Tables


def held(tables: Tables, j: int) -> Places:
    """What job `j` holds, as booked."""
    rows, row, found = tables.state.rows, int(tables.state.jobs[j]["row"]), []
    while row != NONE:
        found.append((tables.nodes[int(rows[row]["node"])].name, int(rows[row]["chipmask"])))
        row = int(rows[row]["of_job"])
    return tuple(reversed(found))


def book(tables: Tables, j: int, on: Places) -> tuple[str, ...]:
    """Book job `j` on the nodes of `on` that are known; the names of those that have not all that it takes there."""
    crowded = []
    for name, mask in dict(on).items():
        n = tables.number.get(name)
        if n is not None:
            chips = _bookable(tables, j, n, mask)
            wanted = int(tables.state.shapes[int(tables.state.jobs[j]["shape"])]["chips"])
            take(tables.state_ref, j, n, chips)
            node = tables.state.nodes[n]
            if chips.bit_count() < wanted or node["cpu"] < 0 or node["memory"] < 0:
                crowded.append(name)
    return tuple(crowded)


def _bookable(tables: Tables, j: int, n: int, mask: int) -> int:
    """The chips of `mask` with room for the job's share; where the engine chooses them, the first that have."""
    shape = tables.state.shapes[int(tables.state.jobs[j]["shape"])]
    share, wanted, found = int(shape["share"]), int(shape["chips"]), 0
    for c, left in enumerate(tables.state.free[n].tolist()):
        named = mask == UNKNOWN or mask >> c & 1
        if named and left >= share and found.bit_count() < wanted:
            found |= 1 << c
    return found


def unbook(tables: Tables, j: int) -> None:
    """Free all that job `j` holds; it stays live."""
    give_back(tables.state_ref, j)


def run(tables: Tables, j: int, on: Places, start: int, now: int) -> tuple[str, ...]:
    """Job `j` is live on these nodes since `start`, wherever it was before; the nodes that are crowded by it."""
    state, row = tables.state, tables.state.jobs[j]
    settle(tables.state_ref, int(row["tenant"]), now)
    if row["status"] == WAITING:
        dequeue(tables.state_ref, j)
    if row["status"] == LIVE:
        give_back(tables.state_ref, j)
    else:
        state.counts[RUNNING] += 1
    row["status"], row["start"], row["expected"] = LIVE, start, start + length(tables.state_ref, j)
    return book(tables, j, on)


def begun(tables: Tables, j: int, start: int) -> None:
    """Live job `j` began at `start`, not when it was decided; what was made of its end is made anew."""
    row = tables.state.jobs[j]
    if row["start"] == start:
        return
    row["start"], row["expected"] = start, start + length(tables.state_ref, j)
    for name, _ in held(tables, j):
        touch(tables.state_ref, tables.number[name])


def line_up(tables: Tables, order: int, j: int, queued: int) -> None:
    """Put job `j` into its line, where it has waited since `queued`."""
    row = tables.state.jobs[j]
    submit, left, attained = (int(row[name]) for name in ("submit", "left", "attained"))
    row["key"] = job_key(order, submit, left, milli(tables.state_ref, j), attained)
    row["status"], row["queued"] = WAITING, queued
    enqueue(tables.state_ref, j)


def leave_line(tables: Tables, j: int) -> None:
    """Take job `j` out of its line, if it stands in one."""
    if tables.state.jobs[j]["status"] == WAITING:
        dequeue(tables.state_ref, j)
        tables.state.jobs[j]["status"] = ABSENT

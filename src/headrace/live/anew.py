"""Make a desk's tables anew, for other nodes or another number of jobs: what lasts is kept, and so is the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headrace.live import booking
from headrace.live.demand import in_pools
from headrace.live.tables import Tables, needed
from headrace.world.queue import enqueue
from headrace.world.state import RUNNING, WAITING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.live.desk import Desk
    from headrace.live.engine import Asked, NodeSeen
    from headrace.live.known import Places


def make_anew(desk: Desk, asked: Sequence[Asked], rows: int, now: int) -> None:
    """Tables for the jobs that are there, with room for `asked` and their `rows` allocations beside."""
    old, alive = desk.tables, sorted(desk.jobs, key=lambda job: desk.jobs[job].number)
    requests = [desk.jobs[job].asked for job in alive]
    pinned = {name for one in (*requests, *asked) for name in one.pinned if name in desk.nodes}
    holding = sum(desk.rows(one.nodes, len(desk.jobs[one.job].on)) for one in requests)
    room = needed([*requests, *asked], holding + rows)
    room = room._replace(tenants=room.tenants + len(old.tenants) + len(desk.memory.usage))
    new = Tables(in_pools(_there(desk)), pinned, desk.tenants, room)
    new.rows = holding
    new.learn(requests, now)
    new.take_target(old)
    _recall_tenants(desk, new)
    _take_tenants(old, new, now)
    places = {job: booking.held(old, desk.jobs[job].number) for job in alive if desk.jobs[job].live}
    new.take_jobs(old, [desk.jobs[job].number for job in alive])
    desk.tables, desk.names = new, dict(enumerate(alive))
    desk.jobs |= {job: desk.jobs[job].at_place(j) for j, job in enumerate(alive)}
    for j in np.flatnonzero(new.state.jobs["status"] == WAITING).tolist():
        enqueue(new.state_ref, j)
    for job, on in places.items():
        _book(desk, job, on)
    for name in desk.nodes:
        desk.mark(name)


def _there(desk: Desk) -> list[NodeSeen]:
    """The desk's nodes, without those that are gone and on which nothing runs."""
    used = {name for known in desk.jobs.values() for name, _ in known.on}
    for name in desk.gone - used:
        del desk.nodes[name]
        desk.gone.discard(name)
    return list(desk.nodes.values())


def _recall_tenants(desk: Desk, new: Tables) -> None:
    """What tenants had used when an earlier desk was closed; told once."""
    for name, (usage, settled) in desk.memory.usage.items():
        tenant = new.state.tenants[new.tenant(name, settled)]
        tenant["usage"], tenant["settled"] = usage, settled
    desk.memory.usage.clear()


def _take_tenants(old: Tables, new: Tables, now: int) -> None:
    """What tenants have used is not forgotten, though none of their jobs is left."""
    for name, was in old.tenants.items():
        t = new.tenant(name, now)
        for column in ("usage", "settled", "key"):
            new.state.tenants[t][column] = old.state.tenants[was][column]


def _book(desk: Desk, job: str, on: Places) -> None:
    """What was on the books is there again; what did not fit, as the engine has it."""
    where = desk.short.get(job, on)
    desk.tables.state.counts[RUNNING] += 1
    if booking.book(desk.tables, desk.jobs[job].number, where):
        desk.short[job] = where

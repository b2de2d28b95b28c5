"""Why a job waits, in numbers: what is free, what is missing, who is ahead, and when it is expected to start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headrace.policy.backfill import UNLIMITED, forget, promise
from headrace.policy.find import allow, latest_end
from headrace.policy.memo import DEPTH, PROMISED_JOBS
from headrace.units import NEVER, UNKNOWN
from headrace.world.fits import FREE, against, tally
from headrace.world.plan import Reason
from headrace.world.state import WAITING

if TYPE_CHECKING:
    from headrace.live.desk import Desk
    from headrace.live.known import Known
    from headrace.world.record import Ints


@dataclass(frozen=True)
class Hold:
    """Why `job` waits. Chips in milli; UNKNOWN where there is no such number.

    `free` is what is free where it may run, `wanted` what it asks for; `nodes_fit` of the `nodes` that it needs could
    take their part now. Its tenant holds `held` of a quota of `quota` on the kinds that the job may use. `ahead` jobs
    go before it, `first` the first of them. `expected` is when it starts if every job runs to its limit and none is
    submitted that goes before it (ms, NEVER where that cannot be told). `why` is the engine's own word where the
    engine holds the job, or refused it, and `again` when it is tried again (ms).
    """

    job: str
    reason: Reason
    wanted: int
    free: int
    nodes: int
    nodes_fit: int
    held: int
    quota: int
    ahead: int
    first: str
    expected: int
    why: str = ""
    again: int = NEVER


def holds(desk: Desk, now: int, most: int | None = None) -> list[Hold]:
    """Why each job waits that stands in line, first the one that goes first; then those that are not tried for now."""
    order = in_turn(desk)[:most]
    expected = _expected(desk, order, now)
    found = [_hold(desk, desk.names[j], i, order, int(expected[i])) for i, j in enumerate(order.tolist())]
    tried = [job for job, known in desk.jobs.items() if known.why]
    return found + [_hold(desk, job, 0, order, NEVER) for job in tried]


def hold(desk: Desk, job: str, now: int) -> Hold | None:
    """Why `job` waits; None if it does not."""
    known = desk.jobs.get(job)
    if known is None or known.live:
        return None
    order = in_turn(desk)
    place = np.flatnonzero(order == known.number)
    if len(place) == 0:
        return _hold(desk, job, 0, order, NEVER)
    ahead = int(place[0])
    return _hold(desk, job, ahead, order, int(_expected(desk, order[: ahead + 1], now)[ahead]))


def in_turn(desk: Desk) -> Ints:
    """The numbers of the jobs that stand in line, in the order in which the last round looked at them."""
    state = desk.tables.state
    waiting = np.flatnonzero(state.jobs["status"][: desk.tables.size] == WAITING)
    row = state.jobs[waiting]
    return waiting[np.lexsort((waiting, row["key"], state.tenants["key"][row["tenant"]]))]


def _hold(desk: Desk, job: str, ahead: int, order: Ints, expected: int) -> Hold:
    known = desk.jobs[job]
    row, state = desk.tables.state.jobs[known.number], desk.tables.state
    shape, tenant = int(row["shape"]), int(row["tenant"])
    counts, demand = tally(desk.tables.state_ref, shape, tenant), state.shapes[shape]
    held, quota = _of_quota(desk, shape, tenant)
    return Hold(
        job,
        _reason(desk, known, shape, tenant),
        int(demand["nodes"] * demand["chips"] * demand["share"]),
        int(counts[FREE]),
        int(demand["nodes"]),
        int(counts[Reason.FITS]),
        held,
        quota,
        ahead,
        desk.names[int(order[0])] if ahead else "",
        expected,
        known.why,
        known.again,
    )


def _reason(desk: Desk, known: Known, shape: int, tenant: int) -> Reason:
    """What is against it now; if nothing is, why the last round did not get to it."""
    tables = desk.tables
    now = against(tables.state_ref, shape, tenant, bool(tables.memo.shapes[shape]["possible"]))
    line = int(tables.state.jobs[known.number]["line"])
    return Reason(now) or Reason(int(tables.state.lines[line]["hold"])) or Reason.BEHIND


def _of_quota(desk: Desk, shape: int, tenant: int) -> tuple[int, int]:
    """What the tenant holds on the kinds that the shape may use, and its quota of them, or UNKNOWN without one."""
    tables = desk.tables
    may = np.flatnonzero(tables.state.pools[shape]).tolist()
    kinds = sorted({tables.kinds.index(tables.pools[p].kind) for p in may})
    quota = tables.state.quota[tenant, kinds]
    return int(tables.state.used[tenant, kinds].sum()), UNKNOWN if (quota >= NEVER).any() else int(quota.sum())


def _expected(desk: Desk, order: Ints, now: int) -> Ints:
    """When each of the first jobs in `order` starts, if each has a promise beside those of the jobs before it."""
    tables, found = desk.tables, np.full(len(order), NEVER)
    state, memo = tables.state_ref, tables.memo_ref
    for i, j in enumerate(order[:DEPTH].tolist()):
        row = tables.state.jobs[j]
        shape = int(row["shape"])
        if tables.memo.shapes[shape]["possible"]:
            allow(state, memo, shape, int(row["tenant"]), latest_end(state, j, now))
            promise(state, memo, j, now)
            since = int(tables.memo.owed["since"][int(tables.memo.promised[PROMISED_JOBS]) - 1])
            found[i] = since if since < now + UNLIMITED // 2 else NEVER
    forget(memo)
    return found

"""The state of a fleet and its queue, in tables.

    nodes    what each node has left                 rows     who holds what on which node
    shapes   the demands                             lines    waiting jobs alike in tenant, shape and limit
    jobs     each job's place in its life            tenants  quota, chips in use, decayed usage

A line is a queue of jobs that are interchangeable for every decision but their order, so a round looks at lines, not
at jobs. Lists are threaded through the tables (`next`, `head`), the way a compiled loop likes them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.experimental import structref

from headrace.units import MILLI, NEVER, UNKNOWN
from headrace.world.fleet import Fleet
from headrace.world.record import Bools, Ints, Service, Workload
from headrace.world.table import Reference, ReferenceType, Table, alike, table

NONE = -1

ABSENT, WAITING, LIVE, DONE = 0, 1, 2, 3
"""A job's status: not yet submitted, in a line, on its nodes, ended."""

STAMP, ACTIVE, CHANGES, FREE_ROW, ROWS_USED, RUNNING, QUEUED = 0, 1, 2, 3, 4, 5, 6
"""Places in `State.counts`: last stamp given, active lines, changes logged, first free row, rows in use, live jobs,
waiting jobs."""


class State(NamedTuple):
    """Everything that a round reads; only `round.apply` and `round.observe` change it for good.

    nodes[N]    pool, kind, island; all_chips, all_cpu, all_memory (its size); cpu, memory (left); out (outages upon
                it); stamp (differs whenever anything of the node does); row (its first allocation)
    free[N, C]  milli left on each chip; zero beyond the node's chips
    mix[N, C+1] allocations by class: 0 is a share, k is k whole chips
    shapes[S]   nodes (the gang); per node chips, share (milli), cpu, memory        pools[S, P]: where it may run
    jobs[J]     shape, tenant, line, submit, limit, checkpoint, starting, stopping (ms that a run loses at its start,
                and where it is cut off); stoppable (keeps its work to the last checkpoint, and serves nobody); status;
                left (work to do, ms, without start-up); attained (milli-chip-ms received); key (the order's); queued
                (when it last entered its line); start; expected (when it must have ended by its limit); row (its first
                allocation); next, prev (in its line)
    lines[L]    shape, tenant, limit; head, tail, length; place (in `active`, or NONE); hold (why its first job waits)
    active      the lines with a waiting job: the first counts[ACTIVE] of it
    rows        allocations, each a job's part on one node: job, node, chipmask; threaded by job (of_job) and by node
                (of_node, before)
    tenants[T]  held (milli-chips), weight (thousandths), usage (milli-chip-ms, decayed) as settled at `settled`, key
    quota[T, K], used[T, K]   milli-chips by kind
    changed     the ring of changed nodes
    """

    nodes: Table
    free: Ints
    mix: Ints
    shapes: Table
    pools: Bools
    jobs: Table
    lines: Table
    active: Ints
    rows: Table
    tenants: Table
    quota: Ints
    used: Ints
    changed: Ints
    counts: Ints


@structref.register
class StateType(ReferenceType):
    pass


class StateReference(Reference):
    pass


structref.define_proxy(StateReference, StateType, State._fields)


@njit(cache=True)
def refer_state(state: State) -> State:
    """`state` behind one pointer, for the compiled loops."""
    reference: Any = StateReference(*state)
    return reference


def build(fleet: Fleet, workload: Workload) -> State:
    """An idle, whole fleet and a workload of which nothing is submitted yet."""
    nodes, lines, line = _nodes(fleet), *_lines(workload)
    widest, n = max(1, int(nodes["all_chips"].max())), len(nodes)
    quota, tenants = _tenants(fleet, workload)
    shapes = workload.shapes
    counts = np.zeros(7, np.int64)
    counts[STAMP] = 1
    return State(
        nodes=nodes,
        free=np.where(np.arange(widest) < nodes["all_chips"][:, None], MILLI, 0).astype(np.int64),
        mix=np.zeros((n, widest + 1), np.int64),
        shapes=table(len(shapes), **{name: getattr(shapes, name) for name in ("nodes", "chips", "share", *_ROOM)}),
        pools=np.ascontiguousarray(shapes.pools),
        jobs=_jobs(workload, line),
        lines=lines,
        active=np.zeros(len(lines), np.int64),
        rows=_rows(int(shapes.nodes[workload.shape].sum()) + 1),
        tenants=tenants,
        quota=quota,
        used=np.zeros_like(quota),
        changed=np.zeros(max(1024, n), np.int64),
        counts=counts,
    )


_ROOM = ("cpu", "memory")


def _nodes(fleet: Fleet) -> Table:
    pool = np.repeat(np.arange(len(fleet.pools)), [p.nodes for p in fleet.pools])
    islands = list(dict.fromkeys((p.site, p.kind) for p in fleet.pools))
    chips, cpu, memory = (np.array([getattr(p, name) for p in fleet.pools])[pool] for name in ("chips", *_ROOM))
    return table(
        len(pool),
        pool=pool,
        kind=np.array([fleet.kinds.index(p.kind) for p in fleet.pools])[pool],
        island=np.array([islands.index((p.site, p.kind)) for p in fleet.pools])[pool],
        all_chips=chips,
        all_cpu=cpu,
        all_memory=memory,
        cpu=cpu,
        memory=memory,
        out=0,
        stamp=1,
        row=NONE,
    )


def _lines(workload: Workload) -> tuple[Table, Ints]:
    """The lines, and each job's line."""
    distinct, line = alike(workload.tenant, workload.shape, workload.limit)
    lines = table(
        len(distinct),
        shape=distinct[:, 1],
        tenant=distinct[:, 0],
        limit=distinct[:, 2],
        head=NONE,
        tail=NONE,
        length=0,
        place=NONE,
        hold=0,
    )
    return lines, line


def _jobs(workload: Workload, line: Ints) -> Table:
    given = ("shape", "tenant", "submit", "limit", "checkpoint", "starting")
    return table(
        len(workload),
        **{name: getattr(workload, name) for name in given},
        line=line,
        stopping=0,
        stoppable=(workload.checkpoint != UNKNOWN) & (workload.service != int(Service.SERVING)),
        status=ABSENT,
        left=np.maximum(workload.work - workload.starting, 0),
        attained=0,
        key=0,
        queued=0,
        start=NEVER,
        expected=NEVER,
        row=NONE,
        next=NONE,
        prev=NONE,
    )


def _rows(n: int) -> Table:
    """All rows free, each naming the next."""
    after = np.append(np.arange(1, n), NONE)
    return table(n, job=0, node=0, chipmask=0, of_job=after, of_node=NONE, before=NONE)


def _tenants(fleet: Fleet, workload: Workload) -> tuple[Ints, Table]:
    known = {tenant.name: tenant for tenant in fleet.tenants}
    quota = np.full((len(workload.tenants), len(fleet.kinds)), NEVER, np.int64)
    tenants = table(len(workload.tenants), "key", held=0, weight=MILLI, usage=0, settled=0)
    for i, name in enumerate(workload.tenants):
        if (tenant := known.get(name)) is None:
            continue
        tenants["weight"][i] = max(1, round(tenant.weight * MILLI))
        if tenant.quota is not None:
            quota[i] = [tenant.quota.get(kind, 0) * MILLI for kind in fleet.kinds]
    return quota, tenants

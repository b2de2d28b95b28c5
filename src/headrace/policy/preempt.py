"""What a stop costs, and whom `las` stops so that a job can start: those that have received more, and lose little.

`las` stops a job only for one in a lower band; so a stopped job never stops in turn the one it made room for. A job
without checkpoints is never stopped by any order, nor one that serves.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from headrace.policy.backfill import cheapest_gang, release
from headrace.policy.memo import Memo
from headrace.policy.order.las import band
from headrace.world.checkpoint import kept_work
from headrace.world.fits import FITS, room
from headrace.world.record import Ints
from headrace.world.state import NONE, State


@njit(cache=True)
def milli(state: State, job: int) -> int:
    """Milli-chips that `job` holds on all its nodes."""
    s = state.jobs[job].shape
    return int(state.shapes[s].nodes * state.shapes[s].chips * state.shapes[s].share)


@njit(cache=True)
def band_of(state: State, job: int, now: int) -> int:
    """The band of a job, live or waiting."""
    live = state.jobs[job].row != NONE
    return band(state.jobs[job].attained + (milli(state, job) * (now - state.jobs[job].start) if live else 0))


@njit(cache=True)
def kept(state: State, job: int, now: int) -> int:
    """Work (ms) that stopping `job` now would keep."""
    row = state.jobs[job]
    return kept_work(now - row.start, row.starting + row.stopping, row.checkpoint)


@njit(cache=True)
def loss(state: State, job: int, now: int) -> int:
    """Chip-time that stopping `job` now would lose: its start-up, and the work since its last checkpoint."""
    return milli(state, job) * (now - state.jobs[job].start - kept(state, job, now))


@njit(cache=True)
def choose_nodes(state: State, memo: Memo, job: int, now: int) -> bool:
    """Put into `memo.chosen` the nodes on which making room for `job` loses least. False if there are too few."""
    s, losses, nodes, pools = state.jobs[job].shape, memo.losses, state.nodes, memo.pools
    mine = band_of(state, job, now)
    for n in range(len(nodes)):
        losses[n] = np.inf
        if pools[nodes[n].pool].ok and nodes[n].out == 0:
            losses[n] = _cost(state, memo, s, n, mine, now)
    return cheapest_gang(state, memo, state.shapes[s].nodes) < np.inf


@njit(cache=True)
def _cost(state: State, memo: Memo, s: int, n: int, mine: int, now: int) -> float:
    count = victims(state, memo, s, n, mine, now)
    if count < 0:
        return np.inf
    cost = 0
    for i in range(count):
        cost += loss(state, state.rows[memo.order[i]].job, now)
    return float(cost)


@njit(cache=True)
def victims(state: State, memo: Memo, s: int, n: int, mine: int, now: int) -> int:
    """Put into `memo.order` the rows of node `n` to free so that `s` fits; how many, or -1 if none would do."""
    order, free = memo.order, memo.free
    free[:] = state.free[n]
    cpu, memory = state.nodes[n].cpu, state.nodes[n].memory
    count = _by_band(state, order, n, mine, now)
    for i in range(count + 1):
        if room(free, cpu, memory, state.shapes[s]) == FITS:
            return i
        if i < count:
            cpu, memory = release(state, order[i], free, cpu, memory)
    return -1


@njit(cache=True)
def _by_band(state: State, order: Ints, n: int, mine: int, now: int) -> int:
    """Rows of node `n` whose jobs may be stopped for band `mine`: highest band first, then the latest started."""
    jobs, rows, count = state.jobs, state.rows, 0
    row = state.nodes[n].row
    while row != NONE:
        job = rows[row].job
        theirs = band_of(state, job, now)
        if jobs[job].stoppable and theirs > mine and jobs[job].start < now:
            i = count
            while i > 0 and _goes_before(state, job, theirs, rows[order[i - 1]].job, now):
                order[i] = order[i - 1]
                i -= 1
            order[i] = row
            count += 1
        row = rows[row].of_node
    return count


@njit(cache=True)
def _goes_before(state: State, job: int, theirs: int, other: int, now: int) -> bool:
    return (-theirs, -state.jobs[job].start, -job) < (-band_of(state, other, now), -state.jobs[other].start, -other)

"""Take and give back: the only two things that can happen to a node's room.

Both touch the nodes they name and nothing else, and log them as changed. A proposal takes and gives back in reverse
order, with the stamps that were there before, so that it leaves no trace.
"""

from __future__ import annotations

from numba import njit

from headrace.units import MILLI
from headrace.world.state import CHANGES, FREE_ROW, NONE, ROWS_USED, STAMP, State


@njit(cache=True)
def touch(state: State, n: int) -> None:
    """Say that node `n` is not what it was."""
    count = state.counts
    count[STAMP] += 1
    state.nodes[n].stamp = count[STAMP]
    log_change(state, n)


@njit(cache=True)
def log_change(state: State, n: int) -> None:
    """Put node `n` on the ring of changed nodes."""
    state.changed[state.counts[CHANGES] % len(state.changed)] = n
    state.counts[CHANGES] += 1


@njit(cache=True)
def move(state: State, s: int, n: int, mask: int, sign: int) -> None:
    """Add (`sign` 1) or take away (-1) one node's part of shape `s`, a placement, from what node `n` has left."""
    shift(state, s, n, mask, sign)
    if state.shapes[s].chips > 0:
        state.mix[n, state.shapes[s].chips if state.shapes[s].share == MILLI else 0] -= sign


@njit(cache=True)
def shift(state: State, s: int, n: int, mask: int, sign: int) -> None:
    """Add or take away room alone. `mask` may have fewer chips than `s` wants, and `s` want more than there are: a
    log may claim what is no placement."""
    nodes, shapes = state.nodes, state.shapes
    for c in range(state.free.shape[1]):
        if (mask >> c) & 1:
            state.free[n, c] += sign * shapes[s].share
    nodes[n].cpu += sign * shapes[s].cpu
    nodes[n].memory += sign * shapes[s].memory


@njit(cache=True)
def bill(state: State, job: int, kind: int, sign: int) -> None:
    """Charge (`sign` 1) or credit (-1) one node's part of `job` to its tenant's chips in use."""
    s = state.jobs[job].shape
    milli = sign * state.shapes[s].chips * state.shapes[s].share
    state.used[state.jobs[job].tenant, kind] += milli
    state.tenants[state.jobs[job].tenant].held += milli


@njit(cache=True)
def take(state: State, job: int, n: int, mask: int) -> None:
    """Give `job` its part of node `n`, on the chips of `mask`. The caller has seen that it fits."""
    rows, count = state.rows, state.counts
    row = count[FREE_ROW]
    count[FREE_ROW] = rows[row].of_job
    count[ROWS_USED] += 1
    rows[row].job, rows[row].node, rows[row].chipmask = job, n, mask
    rows[row].of_job = state.jobs[job].row
    state.jobs[job].row = row
    rows[row].before, rows[row].of_node = NONE, state.nodes[n].row
    if rows[row].of_node != NONE:
        rows[rows[row].of_node].before = row
    state.nodes[n].row = row
    move(state, state.jobs[job].shape, n, mask, -1)
    bill(state, job, state.nodes[n].kind, 1)
    touch(state, n)


@njit(cache=True)
def give_back(state: State, job: int) -> None:
    """Free everything that `job` holds."""
    while state.jobs[job].row != NONE:
        row = state.jobs[job].row
        n = state.rows[row].node
        move(state, state.jobs[job].shape, n, state.rows[row].chipmask, 1)
        bill(state, job, state.nodes[n].kind, -1)
        _unthread(state, row, n)
        state.jobs[job].row = state.rows[row].of_job
        state.rows[row].of_job = state.counts[FREE_ROW]
        state.counts[FREE_ROW] = row
        state.counts[ROWS_USED] -= 1
        touch(state, n)


@njit(cache=True)
def _unthread(state: State, row: int, n: int) -> None:
    rows = state.rows
    before, after = rows[row].before, rows[row].of_node
    if before == NONE:
        state.nodes[n].row = after
    else:
        rows[before].of_node = after
    if after != NONE:
        rows[after].before = before

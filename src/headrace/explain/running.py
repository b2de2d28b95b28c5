"""Runs that start and end: which chips they hold, and what of a log's claim exists at all.

A record may name nodes and chips (a replay), nodes (most logs), only a kind, or nothing. What is not named is put on
the first nodes with room, or spread over whatever is free: an inference never makes a log claim more than there is.
"""

from __future__ import annotations

from numba import njit

from headrace.explain.sweep import (
    FIRST_OVER,
    OVER_BUSY,
    OVER_CAPACITY,
    OVER_NODE,
    OVER_RUNS,
    PIECES,
    Sweep,
    bits,
    free_mask,
    hold_chips,
    usable_part,
)
from headrace.world.state import NONE, State


@njit(cache=True)
def begin(state: State, sweep: Sweep, run: int, now: int) -> None:
    """`run` starts: take what it holds, row by row; what does not exist is excess."""
    short = 0
    for k in range(sweep.runs[run].first, sweep.runs[run].first + sweep.runs[run].parts):
        short += _begin_row(state, sweep, run, k, now)
    sweep.counts[OVER_RUNS] += short > 0


@njit(cache=True)
def _begin_row(state: State, sweep: Sweep, run: int, k: int, now: int) -> int:
    """Chips of row `k` that do not exist."""
    s, n = sweep.lines[sweep.runs[run].line].shape, sweep.rows[k].node
    wanted = state.shapes[s].chips
    if n < 0:
        held = _infer(state, sweep, run, s, k)
    else:
        mask = sweep.rows[k].chipmask
        mask = usable_part(state, s, n, mask) if mask else free_mask(state, s, n)
        _hold(state, sweep, run, s, k, n, mask)
        held = bits(mask)
    if held < wanted:
        _over(state, sweep, s, k, n, wanted - held, now)
    return int(wanted - held)


@njit(cache=True)
def _infer(state: State, sweep: Sweep, run: int, s: int, k: int) -> int:
    """Place a row whose node is not known: where it fits, else spread over free chips. Returns how many it got."""
    wanted, got = state.shapes[s].chips, 0
    for n in range(len(state.nodes)):
        if _may_have_run(state, sweep, s, k, n) and bits(free_mask(state, s, n)) == wanted:
            _hold(state, sweep, run, s, k, n, free_mask(state, s, n))
            return int(wanted)
    for n in range(len(state.nodes)):
        if got < wanted and _may_have_run(state, sweep, s, k, n):
            mask = free_mask(state, s, n)
            while bits(mask) > wanted - got:
                mask &= mask - 1
            if mask:
                _hold(state, sweep, run, s, k, n, mask)
                got += bits(mask)
    return got


@njit(cache=True)
def _may_have_run(state: State, sweep: Sweep, s: int, k: int, n: int) -> bool:
    """Is node `n` of the kind that row `k` names, or, if it names none, one that shape `s` may use."""
    kind = -2 - sweep.rows[k].node
    if kind >= 0:
        return bool(state.nodes[n].kind == kind)
    return bool(state.pools[s, state.nodes[n].pool])


@njit(cache=True)
def _hold(state: State, sweep: Sweep, run: int, s: int, k: int, n: int, mask: int) -> None:
    piece = sweep.counts[PIECES]
    sweep.counts[PIECES] += 1
    sweep.pieces[piece].node, sweep.pieces[piece].chipmask = n, mask
    sweep.pieces[piece].next = sweep.runs[run].piece
    sweep.runs[run].piece = piece
    hold_chips(state, sweep, s, n, mask, -1)
    milli = bits(mask) * state.shapes[s].share
    sweep.pieces[piece].milli = milli
    tenant = sweep.lines[sweep.runs[run].line].tenant
    state.used[tenant, state.nodes[n].kind] += milli


@njit(cache=True)
def _over(state: State, sweep: Sweep, s: int, k: int, n: int, chips: int, now: int) -> None:
    """Row `k` wants `chips` more than exist; the first such instant is kept."""
    sweep.rows[k].excess = chips * state.shapes[s].share
    if sweep.counts[FIRST_OVER] >= 0:
        return
    capacity, free = 0, 0
    for other in range(len(state.nodes)):
        if other == n or (n < 0 and _may_have_run(state, sweep, s, k, other)):
            capacity += state.nodes[other].all_chips * 1000
            free += state.free[other].sum()
    sweep.counts[FIRST_OVER], sweep.counts[OVER_NODE] = now, n
    sweep.counts[OVER_CAPACITY] = capacity
    sweep.counts[OVER_BUSY] = capacity - free + chips * state.shapes[s].share


@njit(cache=True)
def finish(state: State, sweep: Sweep, run: int) -> None:
    """`run` ends: free what it held. Its pieces stay, for the ledger."""
    s, tenant = sweep.lines[sweep.runs[run].line].shape, sweep.lines[sweep.runs[run].line].tenant
    piece = sweep.runs[run].piece
    while piece != NONE:
        n = sweep.pieces[piece].node
        hold_chips(state, sweep, s, n, sweep.pieces[piece].chipmask, 1)
        state.used[tenant, state.nodes[n].kind] -= sweep.pieces[piece].milli
        piece = sweep.pieces[piece].next

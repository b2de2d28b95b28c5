"""Runs that start and end: which chips they hold, and what of a log's claim exists at all.

A record may name nodes and chips (a replay), nodes (most logs), only a kind, or nothing. What is not named is put on
the first nodes with room, and on a node's chips as a share or whole chips would be; where that does not work out, it is
spread over whatever is free there: an inference never makes a log claim more than there is.
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
    hold_part,
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
    """Milli-chips of row `k` that do not exist."""
    s, n = sweep.lines[sweep.runs[run].line].shape, sweep.rows[k].node
    wanted, share = state.shapes[s].chips, state.shapes[s].share
    if n < 0:
        missing = (wanted - _infer(state, sweep, run, s, k)) * share
    else:
        mask = sweep.rows[k].chipmask
        named = mask != 0
        mask = usable_part(state, s, n, mask) if named else free_mask(state, s, n)
        _hold(state, sweep, run, s, n, mask)
        missing = (wanted - bits(mask)) * share
        if missing > 0 and not named:
            missing -= _scatter(state, sweep, run, n, missing)
    if missing > 0:
        _over(state, sweep, s, k, n, missing, now)
    return int(missing)


@njit(cache=True)
def _scatter(state: State, sweep: Sweep, run: int, n: int, milli: int) -> int:
    """Hold up to `milli` of whatever is free on node `n`, chip by chip; returns how much."""
    got = 0
    for c in range(state.free.shape[1]):
        part = min(milli - got, state.free[n, c])
        if part > 0:
            _note(state, sweep, run, n, -1 - c, part)
            hold_part(state, sweep, n, c, part, -1)
            got += part
    return got


@njit(cache=True)
def _infer(state: State, sweep: Sweep, run: int, s: int, k: int) -> int:
    """Place a row whose node is not known: where it fits, else spread over free chips. Returns how many it got."""
    wanted, got = state.shapes[s].chips, 0
    for n in range(len(state.nodes)):
        if _may_have_run(state, sweep, s, k, n) and bits(free_mask(state, s, n)) == wanted:
            _hold(state, sweep, run, s, n, free_mask(state, s, n))
            return int(wanted)
    for n in range(len(state.nodes)):
        if got < wanted and _may_have_run(state, sweep, s, k, n):
            mask = free_mask(state, s, n)
            while bits(mask) > wanted - got:
                mask &= mask - 1
            if mask:
                _hold(state, sweep, run, s, n, mask)
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
def _hold(state: State, sweep: Sweep, run: int, s: int, n: int, mask: int) -> None:
    _note(state, sweep, run, n, mask, bits(mask) * state.shapes[s].share)
    hold_chips(state, sweep, s, n, mask, -1)


@njit(cache=True)
def _note(state: State, sweep: Sweep, run: int, n: int, mask: int, milli: int) -> None:
    """Write down a piece: `milli` on the chips of `mask`, or on the one chip -1 - `mask`."""
    piece = sweep.counts[PIECES]
    sweep.counts[PIECES] += 1
    sweep.pieces[piece].node, sweep.pieces[piece].chipmask = n, mask
    sweep.pieces[piece].next = sweep.runs[run].piece
    sweep.runs[run].piece = piece
    sweep.pieces[piece].milli = milli
    tenant = sweep.lines[sweep.runs[run].line].tenant
    state.used[tenant, state.nodes[n].kind] += milli


@njit(cache=True)
def _over(state: State, sweep: Sweep, s: int, k: int, n: int, missing: int, now: int) -> None:
    """Row `k` claims `missing` milli-chips more than exist; the first such instant is kept."""
    sweep.rows[k].excess = missing
    if sweep.counts[FIRST_OVER] >= 0:
        return
    capacity, free = 0, 0
    for other in range(len(state.nodes)):
        if other == n or (n < 0 and _may_have_run(state, sweep, s, k, other)):
            capacity += state.nodes[other].all_chips * 1000
            free += state.free[other].sum()
    sweep.counts[FIRST_OVER], sweep.counts[OVER_NODE] = now, n
    sweep.counts[OVER_CAPACITY] = capacity
    sweep.counts[OVER_BUSY] = capacity - free + missing


@njit(cache=True)
def finish(state: State, sweep: Sweep, run: int) -> None:
    """`run` ends: free what it held. Its pieces stay, for the ledger."""
    s, tenant = sweep.lines[sweep.runs[run].line].shape, sweep.lines[sweep.runs[run].line].tenant
    piece = sweep.runs[run].piece
    while piece != NONE:
        n, mask = sweep.pieces[piece].node, sweep.pieces[piece].chipmask
        if mask < 0:
            hold_part(state, sweep, n, -1 - mask, sweep.pieces[piece].milli, 1)
        else:
            hold_chips(state, sweep, s, n, mask, 1)
        state.used[tenant, state.nodes[n].kind] -= sweep.pieces[piece].milli
        piece = sweep.pieces[piece].next

"""Runs that start and end: which chips they hold, and what of a log's claim exists at all.

A record may name nodes and chips (a replay), nodes (most logs), only a kind, or nothing. What is not named is put on
the first nodes with room, and on a node's chips as a share or whole chips would be; where that does not work out, it is
spread over whatever is free there: an inference never makes a log claim more than there is. What a run claims and is
not there, it lacks until others free it: a run that begins a second before another ends lacks chips for that second.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from headrace.explain.sweep import (
    FIRST_OVER,
    FREED,
    LACK,
    LACKING,
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
from headrace.units import MILLI
from headrace.world.state import NONE, State


@njit(cache=True)
def most_pieces(state: State, sweep: Sweep, run: int) -> int:
    """Pieces that one event can make, the start of `run` among them: each of them takes the last of a chip, or all
    that a row lacks, or a chip that a row wants."""
    wanted = state.shapes[sweep.lines[sweep.runs[run].line].shape].chips
    return int(state.free.size + sweep.counts[LACKING] + sweep.runs[run].parts * (wanted + 2))


@njit(cache=True)
def begin(state: State, sweep: Sweep, run: int, now: int) -> None:
    """`run` starts: take what it holds, row by row; what is not there is excess until others free it."""
    short = 0
    for k in range(sweep.runs[run].first, sweep.runs[run].first + sweep.runs[run].parts):
        short += _begin_row(state, sweep, k, now)
    sweep.counts[OVER_RUNS] += short > 0


@njit(cache=True)
def _begin_row(state: State, sweep: Sweep, k: int, now: int) -> int:
    """Milli-chips that row `k` lacks."""
    row = sweep.rows[k]
    s, n = sweep.lines[sweep.runs[row.run].line].shape, row.node
    row.lack = state.shapes[s].chips * state.shapes[s].share
    sweep.counts[LACK] += row.lack
    if n < 0:
        _infer(state, sweep, k, s, now)
    elif row.chipmask:
        _hold(state, sweep, k, s, n, usable_part(state, s, n, row.chipmask), now)
    else:
        _hold(state, sweep, k, s, n, free_mask(state, s, n), now)
    if row.lack > 0:
        for other in range(len(state.nodes)):
            if row.lack > 0 and _may_have_run(state, sweep, k, other):
                _gather(state, sweep, k, other, now)
    if row.lack > 0:
        _over(state, sweep, k, now)
        sweep.lacking[sweep.counts[LACKING]] = k
        sweep.counts[LACKING] += 1
    return int(row.lack)


@njit(cache=True)
def _infer(state: State, sweep: Sweep, k: int, s: int, now: int) -> None:
    """Place a row whose node is not known: on the first node on which it fits, else on free chips here and there."""
    wanted = state.shapes[s].chips
    for n in range(len(state.nodes)):
        if _may_have_run(state, sweep, k, n) and bits(free_mask(state, s, n)) == wanted:
            _hold(state, sweep, k, s, n, free_mask(state, s, n), now)
            return
    for n in range(len(state.nodes)):
        if wanted > 0 and _may_have_run(state, sweep, k, n):
            mask = free_mask(state, s, n)
            while bits(mask) > wanted:
                mask &= mask - 1
            if mask:
                _hold(state, sweep, k, s, n, mask, now)
                wanted -= bits(mask)


@njit(cache=True)
def regain(state: State, sweep: Sweep, now: int) -> None:
    """What was freed goes to the rows that lack something, first come first."""
    keep = 0
    for i in range(sweep.counts[LACKING]):
        k = sweep.lacking[i]
        for n in np.sort(sweep.freed[: sweep.counts[FREED]]):
            if sweep.rows[k].lack > 0 and _may_have_run(state, sweep, k, n):
                _gather(state, sweep, k, n, now)
        if sweep.rows[k].lack > 0:
            sweep.lacking[keep] = k
            keep += 1
    sweep.counts[LACKING], sweep.counts[FREED] = keep, 0
    sweep.fresh[:] = False


@njit(cache=True)
def _gather(state: State, sweep: Sweep, k: int, n: int, now: int) -> None:
    """Row `k` takes what it lacks of whatever is free on node `n`, chip by chip."""
    for c in range(state.free.shape[1]):
        part = min(sweep.rows[k].lack, state.free[n, c])
        if part > 0:
            _note(state, sweep, k, n, -1 - c, part, now)
            hold_part(state, sweep, n, c, part, -1)


@njit(cache=True)
def _may_have_run(state: State, sweep: Sweep, k: int, n: int) -> bool:
    """Is node `n` the one that row `k` names; or of the kind that it names; or, if it names none, one it might use."""
    named = sweep.rows[k].node
    if named >= 0:
        return bool(named == n)
    if named < -1:
        return bool(state.nodes[n].kind == -2 - named)
    return bool(state.pools[sweep.lines[sweep.runs[sweep.rows[k].run].line].shape, state.nodes[n].pool])


@njit(cache=True)
def _hold(state: State, sweep: Sweep, k: int, s: int, n: int, mask: int, now: int) -> None:
    _note(state, sweep, k, n, mask, bits(mask) * state.shapes[s].share, now)
    hold_chips(state, sweep, s, n, mask, -1)


@njit(cache=True)
def _note(state: State, sweep: Sweep, k: int, n: int, mask: int, milli: int, now: int) -> None:
    """Write down a piece of row `k`: `milli` on the chips of `mask`, or on the one chip -1 - `mask`."""
    piece, run = sweep.pieces[sweep.counts[PIECES]], sweep.runs[sweep.rows[k].run]
    piece.node, piece.chipmask, piece.milli, piece.since, piece.next = n, mask, milli, now, run.piece
    run.piece = sweep.counts[PIECES]
    sweep.counts[PIECES] += 1
    sweep.rows[k].lack -= milli
    sweep.counts[LACK] -= milli
    state.used[sweep.lines[run.line].tenant, state.nodes[n].kind] += milli


@njit(cache=True)
def _over(state: State, sweep: Sweep, k: int, now: int) -> None:
    """Row `k` claims more than is there; the first such instant is kept."""
    if sweep.counts[FIRST_OVER] >= 0:
        return
    capacity, free = 0, 0
    for n in range(len(state.nodes)):
        if _may_have_run(state, sweep, k, n):
            capacity += state.nodes[n].all_chips * MILLI
            free += state.free[n].sum()
    sweep.counts[FIRST_OVER], sweep.counts[OVER_NODE] = now, sweep.rows[k].node
    sweep.counts[OVER_CAPACITY] = capacity
    sweep.counts[OVER_BUSY] = capacity - free + sweep.rows[k].lack


@njit(cache=True)
def finish(state: State, sweep: Sweep, run: int) -> None:
    """`run` ends: free what it held, and lack nothing more. Its pieces stay, for the ledger."""
    s, tenant = sweep.lines[sweep.runs[run].line].shape, sweep.lines[sweep.runs[run].line].tenant
    for k in range(sweep.runs[run].first, sweep.runs[run].first + sweep.runs[run].parts):
        sweep.counts[LACK] -= sweep.rows[k].lack
        sweep.rows[k].lack = 0
    i = sweep.runs[run].piece
    while i != NONE:
        piece = sweep.pieces[i]
        if piece.chipmask < 0:
            hold_part(state, sweep, piece.node, -1 - piece.chipmask, piece.milli, 1)
        else:
            hold_chips(state, sweep, s, piece.node, piece.chipmask, 1)
        state.used[tenant, state.nodes[piece.node].kind] -= piece.milli
        if sweep.counts[LACKING] > 0 and not sweep.fresh[piece.node]:
            sweep.fresh[piece.node] = True
            sweep.freed[sweep.counts[FREED]] = piece.node
            sweep.counts[FREED] += 1
        i = piece.next

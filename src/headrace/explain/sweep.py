"""Sweep through a period, event by event: what is busy, what is free, and who would have had it.

Between two events nothing changes, so the free chips of that stretch are offered, in the order of submission, to those
who wait (`claims`), and each claim goes to the class of the first rule that explains it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import njit
from numba.experimental import structref

from headrace.world.record import Bools, Ints
from headrace.world.state import NONE, State
from headrace.world.table import Reference, ReferenceType, Table
from headrace.world.take import log_change, shift

END, BACK, OUT, QUEUE, LEAVE, START, TICK = 0, 1, 2, 3, 4, 5, 6
"""Kinds of event, in the order in which those of one instant happen. A TICK is where a slice or a week begins."""
PIECES, FIRST_OVER, OVER_NODE, OVER_BUSY, OVER_CAPACITY, OVER_RUNS = 0, 1, 2, 3, 4, 5
ACTIVE, SHORT, UNDONE, STRETCH, NOW, WEEK = 6, 7, 8, 9, 10, 11
LACKING, LACK, EXCESS, FREED = 12, 13, 14, 15
"""Places in `Sweep.counts`: pieces made; the first over-commitment (when, node, milli busy and there), how many runs;
active lines; the overlay `short`; entries in `undo`; the number of the stretch; the time and week reached; rows that
lack something, milli that they lack together and milli-chip-ms so far; nodes in `freed`."""


class Sweep(NamedTuple):
    """The state of the sweep.

    events      time, kind, which (a run, a node)
    runs        job, line, first (row), parts (rows), order (of submission), next, prev (among those waiting alike);
                piece (its first, once running)
    rows        run, node (as record.Runs), chipmask, lack (milli-chips claimed beyond what is there)
    pieces      what a run holds: node, chipmask (or -1 - chip, for part of one), milli, since (ms), next (of its run);
                never reused
    lacking     rows that lack something, first come first        freed, fresh[N]   nodes with chips for them, and which
    lines       waiting jobs alike in tenant and shape: shape, tenant, head, tail, cursor, place (in `active`)
    active      the lines with a waiting job        heap    the same, first submitted first, while they claim
    pools[P]    free (milli, on nodes that are up), down (milli free on nodes that are out), left (unclaimed), short,
                kind, open (to the claim at hand); its nodes: begin, end; bare (before it none has anything left)
    kinds[S, P] where a shape might run, had no partition been asked for
    roomy[S, N] does the node have room for one part of the shape, whoever may use it; brought up to date from the ring
    shapes[S]   seen (how far the ring was read); roomy (on how many nodes); failed (the stretch in which it could claim
                nothing more), walled, nowhere (those in which it found no place where it may run, or anywhere);
                stretch (of which it is up to date)
    since[S, P] the first node of the pool that may have room for the shape in this stretch
    undo        shape (NONE: part of one chip), tenant, node, chipmask (or the chip), milli, credited: what was
                claimed in this stretch, to be given back
    total[class, P, tenant, week], curve[class, slice], by_job[class, job]   milli-chip-ms
    """

    events: Table
    runs: Table
    rows: Table
    pieces: Table
    lacking: Ints
    freed: Ints
    fresh: Bools
    lines: Table
    active: Ints
    heap: Ints
    pools: Table
    kinds: Bools
    roomy: Bools
    shapes: Table
    since: Ints
    undo: Table
    islands: Ints
    chosen: Ints
    total: Ints
    curve: Ints
    by_job: Ints
    counts: Ints


@structref.register
class SweepType(ReferenceType):
    pass


class SweepReference(Reference):
    pass


structref.define_proxy(SweepReference, SweepType, Sweep._fields)


@njit(cache=True)
def refer_sweep(sweep: Sweep) -> Sweep:
    """`sweep` behind one pointer, for the compiled loops."""
    reference: Any = SweepReference(*sweep)
    return reference


@njit(cache=True)
def enter(sweep: Sweep, run: int) -> None:
    """`run` begins to wait, behind those that wait alike."""
    line = sweep.lines[sweep.runs[run].line]
    sweep.runs[run].prev, sweep.runs[run].next = line.tail, NONE
    if line.tail == NONE:
        line.head = run
        line.place = sweep.counts[ACTIVE]
        sweep.active[sweep.counts[ACTIVE]] = sweep.runs[run].line
        sweep.counts[ACTIVE] += 1
    else:
        sweep.runs[line.tail].next = run
    line.tail = run


@njit(cache=True)
def leave(sweep: Sweep, run: int) -> None:
    """`run` waits no more."""
    line, before, after = sweep.lines[sweep.runs[run].line], sweep.runs[run].prev, sweep.runs[run].next
    if before == NONE:
        line.head = after
    else:
        sweep.runs[before].next = after
    if after == NONE:
        line.tail = before
    else:
        sweep.runs[after].prev = before
    if line.head == NONE:
        sweep.counts[ACTIVE] -= 1
        last = sweep.active[sweep.counts[ACTIVE]]
        sweep.active[line.place] = last
        sweep.lines[last].place = line.place


@njit(cache=True)
def hold_chips(state: State, sweep: Sweep, s: int, n: int, mask: int, sign: int) -> None:
    """Take (`sign` -1) or free (1) one node's part of `s`, in the state and in its pool's sums."""
    shift(state, s, n, mask, sign)
    chips = 0
    for c in range(state.free.shape[1]):
        chips += (mask >> c) & 1
    _add_free(state, sweep, n, sign * chips * state.shapes[s].share)


@njit(cache=True)
def hold_part(state: State, sweep: Sweep, n: int, chip: int, milli: int, sign: int) -> None:
    """Take (`sign` -1) or free (1) `milli` of one chip, in the state and in its pool's sums."""
    state.free[n, chip] += sign * milli
    _add_free(state, sweep, n, sign * milli)


@njit(cache=True)
def _add_free(state: State, sweep: Sweep, n: int, milli: int) -> None:
    log_change(state, n)
    pool = sweep.pools[state.nodes[n].pool]
    if state.nodes[n].out > 0:
        pool.down += milli
    else:
        pool.free += milli


@njit(cache=True)
def outage(state: State, sweep: Sweep, n: int, sign: int) -> None:
    """An outage begins (`sign` 1) or ends (-1) on node `n`: its free chips are down, or are back."""
    log_change(state, n)
    was = state.nodes[n].out > 0
    state.nodes[n].out += sign
    if was != (state.nodes[n].out > 0):
        pool, free = sweep.pools[state.nodes[n].pool], state.free[n].sum()
        pool.free -= sign * free
        pool.down += sign * free


@njit(cache=True)
def free_mask(state: State, s: int, n: int) -> int:
    """As many chips of node `n` with room for `s` as it wants: whole ones lowest first, shares tightest first."""
    mask, share = 0, state.shapes[s].share
    for _ in range(state.shapes[s].chips):
        best = -1
        for c in range(state.free.shape[1]):
            left = state.free[n, c]
            if left >= share and not (mask >> c) & 1 and (best < 0 or left < state.free[n, best]):
                best = c
        if best < 0:
            return mask
        mask |= 1 << best
    return mask


@njit(cache=True)
def usable_part(state: State, s: int, n: int, mask: int) -> int:
    """The chips of `mask` that have room for `s`."""
    part = 0
    for c in range(state.free.shape[1]):
        if (mask >> c) & 1 and state.free[n, c] >= state.shapes[s].share:
            part |= 1 << c
    return part


@njit(cache=True)
def bits(mask: int) -> int:
    """How many chips are in `mask`."""
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count

"""Claims: whose the free chips of a stretch would have been, and which rule kept them apart.

In the order of submission, each waiting job claims under the first rule that explains why it did not run:

    order        it fits and is allowed: the scheduler's own delay
    quota        it would fit but for a quota, a partition or a site
    kind         it would fit if it accepted another kind
    fragmented   enough is free in all where it may run, but no placement exists

What nobody claims is no_demand. A claim takes its chips from those behind it; all are given back after the stretch.
"""

from __future__ import annotations

from numba import njit

from headrace.explain.ledger import Class
from headrace.explain.sweep import ACTIVE, SHORT, STRETCH, UNDONE, Sweep, bits, free_mask
from headrace.world.fits import FITS, quota_fits, room
from headrace.world.record import Ints
from headrace.world.state import CHANGES, NONE, State
from headrace.world.table import Table
from headrace.world.take import shift

NO_DEMAND, FRAGMENTED, QUOTA = int(Class.NO_DEMAND), int(Class.FRAGMENTED), int(Class.QUOTA)
KIND, ORDER, DOWN = int(Class.KIND), int(Class.ORDER), int(Class.DOWN)


@njit(cache=True)
def account(state: State, sweep: Sweep, length: int, week: int, part: int) -> None:
    """Class the unallocated chips of a stretch of `length` ms that lies in one week and one slice (`part`)."""
    nobody = sweep.total.shape[2] - 1
    free = 0
    for p in range(len(sweep.pools)):
        pool = sweep.pools[p]
        pool.left, pool.bare = pool.free, pool.begin
        free += pool.free
        _add(sweep, DOWN, p, nobody, week, part, pool.down * length)
    if free > 0 and sweep.counts[ACTIVE] > 0:
        _offer(state, sweep, length, week, part)
    for p in range(len(sweep.pools)):
        pool = sweep.pools[p]
        _add(sweep, NO_DEMAND, p, nobody, week, part, pool.left * length)
        if pool.short:
            sweep.counts[SHORT] += pool.left * length
            pool.short = 0


@njit(cache=True)
def _add(sweep: Sweep, which: int, p: int, tenant: int, week: int, part: int, amount: int) -> None:
    sweep.total[which, p, tenant, week] += amount
    sweep.curve[which, part] += amount


@njit(cache=True)
def _offer(state: State, sweep: Sweep, length: int, week: int, part: int) -> None:
    """Let those who wait claim, first submitted first."""
    sweep.counts[STRETCH] += 1
    size = sweep.counts[ACTIVE]
    for i in range(size):
        line = sweep.lines[sweep.active[i]]
        line.cursor = line.head
        sweep.heap[i] = sweep.active[i]
        _refresh(state, sweep, line.shape)
    heap, lines, runs = sweep.heap, sweep.lines, sweep.runs
    for i in range(size // 2 - 1, -1, -1):
        _sink(heap, lines, runs, i, size)
    while size > 0 and _any_left(sweep):
        line = lines[heap[0]]
        which = NO_DEMAND
        if sweep.shapes[line.shape].failed != sweep.counts[STRETCH]:
            which = _claim(state, sweep, line.shape, line.tenant)
        if which == NO_DEMAND:
            sweep.shapes[line.shape].failed = sweep.counts[STRETCH]
            line.cursor = NONE
        else:
            _credit(state, sweep, line.cursor, which, length, week, part)
            line.cursor = runs[line.cursor].next
        if line.cursor == NONE:
            size -= 1
            heap[0] = heap[size]
        _sink(heap, lines, runs, 0, size)
    _give_back(state, sweep)


@njit(cache=True)
def _any_left(sweep: Sweep) -> bool:
    left = 0
    for p in range(len(sweep.pools)):
        left += sweep.pools[p].left
    return left > 0


@njit(cache=True)
def _sink(heap: Ints, lines: Table, runs: Table, i: int, size: int) -> None:
    """Put the line at `i` of the heap in its place: those whose job in turn was submitted first are at the top."""
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and _turn(heap, lines, runs, child + 1) < _turn(heap, lines, runs, child):
            child += 1
        if _turn(heap, lines, runs, i) <= _turn(heap, lines, runs, child):
            return
        heap[i], heap[child] = heap[child], heap[i]
        i = child


@njit(cache=True)
def _turn(heap: Ints, lines: Table, runs: Table, i: int) -> int:
    return int(runs[lines[heap[i]].cursor].order)


@njit(cache=True)
def _claim(state: State, sweep: Sweep, s: int, tenant: int) -> int:
    """Claim chips for one job of shape `s`; the class, or NO_DEMAND if it can claim nothing.

    Each class waives a rule more than the one before it, and within a stretch room only shrinks: what found no place
    once finds none later. (A tenant's quota is another matter: `order` may fail for one and not for the next.)
    """
    known, now = sweep.shapes[s], sweep.counts[STRETCH]
    if state.shapes[s].chips == 0:
        return NO_DEMAND
    if known.roomy >= state.shapes[s].nodes and known.nowhere != now:
        if known.walled != now:
            if _place(state, sweep, s, tenant, ORDER):
                return ORDER
            if _place(state, sweep, s, tenant, QUOTA):
                return QUOTA
            known.walled = now
        if _place(state, sweep, s, tenant, KIND):
            return KIND
        known.nowhere = now
    return FRAGMENTED if _scrape(state, sweep, s) else NO_DEMAND


@njit(cache=True)
def _refresh(state: State, sweep: Sweep, s: int) -> None:
    """Bring what is known of shape `s` up to date with the nodes that changed, before anything is claimed."""
    known, changes, ring = sweep.shapes[s], state.counts[CHANGES], len(state.changed)
    if known.stretch == sweep.counts[STRETCH]:
        return
    known.stretch = sweep.counts[STRETCH]
    for p in range(len(sweep.pools)):
        sweep.since[s, p] = sweep.pools[p].begin
    roomy, nodes, free, demand, changed = sweep.roomy[s], state.nodes, state.free, state.shapes[s], state.changed
    every = known.seen < 0 or changes - known.seen > ring
    for i in range(0 if every else known.seen, len(nodes) if every else changes):
        n = i if every else changed[i % ring]
        now = nodes[n].out == 0 and room(free[n], nodes[n].cpu, nodes[n].memory, demand) == FITS
        if now != roomy[n]:
            roomy[n] = now
            known.roomy += 1 if now else -1
    known.seen = changes


@njit(cache=True)
def _open(state: State, sweep: Sweep, s: int, tenant: int, which: int) -> bool:
    """Mark the pools with chips left that `s` may use by the rules that stay when those before class `which` are
    waived. False if together they have too little left: cheap, and never wrong when it says no."""
    wanted = state.shapes[s].nodes * state.shapes[s].chips * state.shapes[s].share
    for p in range(len(sweep.pools)):
        pool = sweep.pools[p]
        if which == ORDER:
            pool.open = state.pools[s, p] and quota_fits(state, s, tenant, pool.kind)
        else:
            pool.open = which == KIND or sweep.kinds[s, p]
        pool.open &= pool.left > 0
        wanted -= pool.left * pool.open
    return bool(wanted <= 0)


@njit(cache=True)
def _has_room(state: State, s: int, n: int) -> bool:
    return bool(room(state.free[n], state.nodes[n].cpu, state.nodes[n].memory, state.shapes[s]) == FITS)


@njit(cache=True)
def _place(state: State, sweep: Sweep, s: int, tenant: int, which: int) -> bool:
    """Put a gang of `s` on the first nodes of one island with room; False, and nothing taken, if there is none.

    A node that had no room for a shape in a stretch has none later in it: `since` passes over those in front.
    """
    gang, home = state.shapes[s].nodes, NONE
    if not _open(state, sweep, s, tenant, which):
        return False
    roomy, nodes, pools, islands, chosen = sweep.roomy[s], state.nodes, sweep.pools, sweep.islands, sweep.chosen
    since = sweep.since[s]
    islands[:] = 0
    for p in range(len(pools)):
        n, end = since[p], pools[p].end if pools[p].open and home == NONE else 0
        while n < end and home == NONE:
            if roomy[n] and _has_room(state, s, n):
                island = nodes[n].island
                chosen[islands[island] * len(islands) + island] = n
                islands[island] += 1
                if islands[island] == gang:
                    home = island
            elif n == since[p]:
                since[p] += 1
            n += 1
    for i in range(gang if home != NONE else 0):
        n = chosen[i * len(islands) + home]
        _take(state, sweep, s, tenant, n, free_mask(state, s, n))
    return bool(home != NONE)


@njit(cache=True)
def _take(state: State, sweep: Sweep, s: int, tenant: int, n: int, mask: int) -> None:
    entry = sweep.undo[sweep.counts[UNDONE]]
    sweep.counts[UNDONE] += 1
    milli = bits(mask) * state.shapes[s].share
    entry.shape, entry.tenant, entry.node, entry.chipmask, entry.milli = s, tenant, n, mask, milli
    entry.credited = 0
    shift(state, s, n, mask, -1)
    state.used[tenant, state.nodes[n].kind] += milli
    sweep.pools[state.nodes[n].pool].left -= milli


@njit(cache=True)
def _scrape(state: State, sweep: Sweep, s: int) -> bool:
    """Claim as much as `s` wants of what is free where it may run, wherever it lies. False if that is not enough."""
    wanted, there = state.shapes[s].nodes * state.shapes[s].chips * state.shapes[s].share, 0
    for p in range(len(sweep.pools)):
        there += sweep.pools[p].left if state.pools[s, p] else 0
    if there < wanted:
        for p in range(len(sweep.pools)):
            sweep.pools[p].short |= state.pools[s, p]
        return False
    for p in range(len(sweep.pools)):
        if state.pools[s, p] and wanted > 0:
            wanted -= _scrape_pool(state, sweep, p, wanted)
    return True


@njit(cache=True)
def _scrape_pool(state: State, sweep: Sweep, p: int, wanted: int) -> int:
    """Claim up to `wanted` milli of what is free in pool `p`; returns how much it was. Nodes in front that have
    nothing left in this stretch are passed over by `bare`."""
    pool, free, got = sweep.pools[p], state.free, 0
    n = pool.bare
    while n < pool.end and got < wanted:
        if state.nodes[n].out == 0:
            for c in range(free.shape[1]):
                part = min(wanted - got, free[n, c])
                if part > 0:
                    _scrape_chip(state, sweep, n, c, part)
                    got += part
        if got < wanted:
            n += 1
            pool.bare = n
    return got


@njit(cache=True)
def _scrape_chip(state: State, sweep: Sweep, n: int, c: int, milli: int) -> None:
    entry = sweep.undo[sweep.counts[UNDONE]]
    sweep.counts[UNDONE] += 1
    entry.shape, entry.node, entry.chipmask, entry.milli, entry.credited = NONE, n, c, milli, 0
    state.free[n, c] -= milli
    sweep.pools[state.nodes[n].pool].left -= milli


@njit(cache=True)
def _credit(state: State, sweep: Sweep, run: int, which: int, length: int, week: int, part: int) -> None:
    """Write what `run` has just claimed under class `which`."""
    i, tenant = sweep.counts[UNDONE] - 1, sweep.lines[sweep.runs[run].line].tenant
    while i >= 0 and not sweep.undo[i].credited:
        amount = sweep.undo[i].milli * length
        _add(sweep, which, state.nodes[sweep.undo[i].node].pool, tenant, week, part, amount)
        sweep.by_job[which, sweep.runs[run].job] += amount
        sweep.undo[i].credited = 1
        i -= 1


@njit(cache=True)
def _give_back(state: State, sweep: Sweep) -> None:
    for i in range(sweep.counts[UNDONE]):
        entry = sweep.undo[i]
        if entry.shape == NONE:
            state.free[entry.node, entry.chipmask] += entry.milli
        else:
            shift(state, entry.shape, entry.node, entry.chipmask, 1)
            state.used[entry.tenant, state.nodes[entry.node].kind] -= entry.milli
    sweep.counts[UNDONE] = 0

"""Backfill: jobs may pass one that waits, if by their time limits they do not delay it.

A job that must wait is given a promise: the earliest instant at which, going by the limits of what runs, nodes for its
whole gang will be free, and the chips it will have there. A job that passes either ends by then or fits beside it.

    none            no job passes one that waits for the same pools
    easy            the first waiting job of each pool has a promise (Lifka, JSSPP '95)
    conservative    every waiting job has one, up to DEPTH of them
    greedy          whatever fits starts, and nobody has a promise: jobs of many chips may wait for ever

A job without a limit is taken to run on for a year: it is never assumed to end, but what started first is expected
to go first.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from headrace.policy.memo import DEPTH, PROMISED_JOBS, PROMISED_NODES, Memo
from headrace.policy.registry import CONSERVATIVE, EASY, NO_BACKFILL
from headrace.policy.select import smallest
from headrace.units import DAY_MS, NEVER, UNKNOWN
from headrace.world.fits import FITS, node_fits, room
from headrace.world.record import Ints
from headrace.world.state import NONE, State

UNLIMITED = 365 * DAY_MS


@njit(cache=True)
def length(state: State, job: int) -> int:
    """How long `job` may run once started, by its limit."""
    limit = state.jobs[job].limit
    return UNLIMITED if limit == UNKNOWN else int(limit)


@njit(cache=True)
def wait(state: State, memo: Memo, backfill: int, job: int, now: int) -> None:
    """`job` must wait: block its pools, or promise it a place, as `backfill` has it."""
    first = False
    for p in range(len(memo.pools)):
        pool = memo.pools[p]
        if pool.ok and backfill == NO_BACKFILL:
            pool.blocked = 1
        elif pool.ok:
            first = first or not pool.promised
            pool.promised = 1
    if (backfill == EASY and first) or (backfill == CONSERVATIVE and memo.promised[PROMISED_JOBS] < DEPTH):
        promise(state, memo, job, now)


@njit(cache=True)
def promise(state: State, memo: Memo, job: int, now: int) -> None:
    """Promise `job` the nodes on which its gang can start earliest."""
    s, owed = state.jobs[job].shape, memo.owed[memo.promised[PROMISED_JOBS]]
    memo.promised[PROMISED_JOBS] += 1
    since = _earliest(state, memo, s, now)
    owed.since = since
    if since >= NEVER:
        return
    owed.tenant, owed.kind = state.jobs[job].tenant, state.nodes[memo.chosen[0]].kind
    owed.milli = state.shapes[s].nodes * state.shapes[s].chips * state.shapes[s].share
    for i in range(state.shapes[s].nodes):
        _keep(state, memo, s, memo.chosen[i], since, since + length(state, job), now)


@njit(cache=True)
def _earliest(state: State, memo: Memo, s: int, now: int) -> int:
    """The first instant at which some island has room for the gang, its nodes in `memo.chosen`; NEVER if none."""
    nodes, pools, promises, losses = state.nodes, memo.pools, memo.promises, memo.losses
    ready, stamps = memo.ready[s], memo.ready_stamp[s]
    for n in range(len(nodes)):
        losses[n] = np.inf
        if not pools[nodes[n].pool].ok or nodes[n].out > 0:
            continue
        if promises[n].since < NEVER:
            when = _ready_beside(state, memo, s, n, now)
        else:
            if stamps[n] != nodes[n].stamp:
                ready[n] = now if node_fits(state, s, n) == FITS else _drain(state, memo, s, n)
                stamps[n] = nodes[n].stamp
            when = ready[n]
        if when < NEVER:
            losses[n] = max(now, when)
    since = cheapest_gang(state, memo, state.shapes[s].nodes)
    return NEVER if since == np.inf else int(since)


@njit(cache=True)
def cheapest_gang(state: State, memo: Memo, gang: int) -> float:
    """Put into `memo.chosen` the `gang` nodes of one island with the least of `memo.losses`; returns the most that one
    of them has, or infinity if no island has as many. Of islands alike, the one whose last node comes first."""
    nodes, losses, islands, chosen = state.nodes, memo.losses, memo.islands, memo.chosen
    if gang == 1:
        chosen[0] = np.argmin(losses)
        return float(losses[chosen[0]])
    islands[:] = 0
    for n in range(len(nodes)):
        islands[nodes[n].island] += losses[n] < np.inf
    best, least = -1, (np.inf, 0)
    for home in range(len(islands)):
        if islands[home] >= gang:
            here = smallest(losses, nodes, home, gang, chosen)
            if best < 0 or here < least:
                best, least = home, here
    if best >= 0:
        smallest(losses, nodes, best, gang, chosen)
    return least[0]


@njit(cache=True)
def _drain(state: State, memo: Memo, s: int, n: int) -> int:
    """The end of the allocation after which node `n` has room for `s`, if they end in the order of their limits."""
    free = memo.free
    free[:] = state.free[n]
    cpu, memory = state.nodes[n].cpu, state.nodes[n].memory
    for i in range(_by_end(state, memo.order, n)):
        row = memo.order[i]
        cpu, memory = release(state, row, free, cpu, memory)
        if room(free, cpu, memory, state.shapes[s]) == FITS:
            return int(state.jobs[state.rows[row].job].expected)
    return NEVER


@njit(cache=True)
def release(state: State, row: int, free: Ints, cpu: int, memory: int) -> tuple[int, int]:
    """Add what `row` holds to `free`; returns cores and memory with it."""
    held = state.jobs[state.rows[row].job].shape
    for c in range(len(free)):
        if (state.rows[row].chipmask >> c) & 1:
            free[c] += state.shapes[held].share
    return cpu + state.shapes[held].cpu, memory + state.shapes[held].memory


@njit(cache=True)
def _by_end(state: State, order: Ints, n: int) -> int:
    """Put the rows of node `n` into `order` by (expected end, job); returns how many. Insertion: they are few."""
    jobs, rows, count = state.jobs, state.rows, 0
    row = state.nodes[n].row
    while row != NONE:
        job, i = rows[row].job, count
        while i > 0 and (jobs[rows[order[i - 1]].job].expected, rows[order[i - 1]].job) > (jobs[job].expected, job):
            order[i] = order[i - 1]
            i -= 1
        order[i] = row
        count += 1
        row = rows[row].of_node
    return count


@njit(cache=True)
def _ready_beside(state: State, memo: Memo, s: int, n: int, now: int) -> int:
    """As `_drain`, with what is promised on the node taken from now until the last of its promises ends."""
    kept, free = memo.promises[n], memo.free
    free[:] = state.free[n] - memo.promised_chips[n]
    cpu, memory = state.nodes[n].cpu - kept.cpu, state.nodes[n].memory - kept.memory
    if room(free, cpu, memory, state.shapes[s]) == FITS:
        return now
    count, promised = _by_end(state, memo.order, n), True
    for i in range(count + 1):
        end = state.jobs[state.rows[memo.order[i]].job].expected if i < count else NEVER
        if promised and kept.until <= end:
            promised = False
            free += memo.promised_chips[n]
            cpu, memory = cpu + kept.cpu, memory + kept.memory
            if room(free, cpu, memory, state.shapes[s]) == FITS:
                return int(kept.until)
        if i < count:
            cpu, memory = release(state, memo.order[i], free, cpu, memory)
            if room(free, cpu, memory, state.shapes[s]) == FITS:
                return int(end)
    return NEVER


@njit(cache=True)
def _keep(state: State, memo: Memo, s: int, n: int, since: int, until: int, now: int) -> None:
    """Promise one node's part of `s` on node `n` over [since, until); what is left beside it is the slack."""
    kept, demand, free, slack = memo.promises[n], state.shapes[s], memo.free, memo.slack[n]
    cpu, memory = _free_at(state, memo, n, since)
    wanted = demand.chips
    for c in range(len(free)):
        if wanted > 0 and free[c] >= demand.share:
            free[c] -= demand.share
            memo.promised_chips[n, c] += demand.share
            wanted -= 1
    if kept.since == NEVER:
        memo.promised_nodes[memo.promised[PROMISED_NODES]] = n
        memo.promised[PROMISED_NODES] += 1
        slack[:], kept.slack_cpu, kept.slack_memory = free, cpu - demand.cpu, memory - demand.memory
    else:
        slack[:] = np.minimum(slack, free)
        kept.slack_cpu = min(kept.slack_cpu, cpu - demand.cpu)
        kept.slack_memory = min(kept.slack_memory, memory - demand.memory)
    kept.cpu += demand.cpu
    kept.memory += demand.memory
    kept.since, kept.until = min(kept.since, since), max(kept.until, until)


@njit(cache=True)
def _free_at(state: State, memo: Memo, n: int, when: int) -> tuple[int, int]:
    """Fill `memo.free` with node `n`'s chips at `when` by limits and promises; returns its cores and memory."""
    kept, free = memo.promises[n], memo.free
    free[:] = state.free[n]
    cpu, memory = state.nodes[n].cpu, state.nodes[n].memory
    if when < kept.until:
        free -= memo.promised_chips[n]
        cpu, memory = cpu - kept.cpu, memory - kept.memory
    row = state.nodes[n].row
    while row != NONE:
        if state.jobs[state.rows[row].job].expected <= when:
            cpu, memory = release(state, row, free, cpu, memory)
        row = state.rows[row].of_node
    return cpu, memory


@njit(cache=True)
def use_slack(state: State, memo: Memo, s: int, n: int, mask: int, end: int) -> None:
    """A job that ends at `end` was put on node `n`: if it outlasts a promise there, it has used up slack."""
    kept = memo.promises[n]
    if kept.since >= end:
        return
    for c in range(memo.slack.shape[1]):
        if (mask >> c) & 1:
            memo.slack[n, c] -= state.shapes[s].share
    kept.slack_cpu -= state.shapes[s].cpu
    kept.slack_memory -= state.shapes[s].memory


@njit(cache=True)
def forget(memo: Memo) -> None:
    """Promises are made anew each round."""
    for i in range(memo.promised[PROMISED_NODES]):
        kept = memo.promises[memo.promised_nodes[i]]
        kept.since = NEVER
        kept.until = kept.cpu = kept.memory = 0
        memo.promised_chips[memo.promised_nodes[i], :] = 0
    memo.promised[:] = 0
    for p in range(len(memo.pools)):
        memo.pools[p].promised = memo.pools[p].blocked = 0

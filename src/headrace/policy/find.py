"""Find nodes for one job: all of its gang or none.

1. nodes that fit (memo), in allowed pools          2. less what is promised to jobs ahead (backfill)
3. an island with enough of them                    4. the highest scores there; of equals, the first
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from headrace.policy.memo import PROMISED_JOBS, PROMISED_NODES, Memo, refresh
from headrace.policy.place import dispatch
from headrace.policy.registry import FIRST
from headrace.policy.select import smallest
from headrace.units import NEVER, UNKNOWN
from headrace.world.fits import FITS, quota_fits, room
from headrace.world.plan import Reason
from headrace.world.record import Floats, Ints
from headrace.world.state import State
from headrace.world.table import Table

CHIPS, RESERVED, QUOTA = int(Reason.CHIPS), int(Reason.RESERVED), int(Reason.QUOTA)
BEHIND = int(Reason.BEHIND)


class Rules(NamedTuple):
    """A policy as the compiled loops take it: registry numbers, and the seed. `restless`: a job that an order deals the
    very chips it has is stopped and started all the same."""

    order: int
    backfill: int
    place: int
    seed: int
    restless: int = 0


@njit(cache=True)
def latest_end(state: State, job: int, now: int) -> int:
    """When `job` must have ended if it starts now: NEVER without a limit."""
    limit = state.jobs[job].limit
    return NEVER if limit == UNKNOWN else now + limit


@njit(cache=True)
def allow(state: State, memo: Memo, s: int, tenant: int, end: int) -> int:
    """Set `ok` of the pools that `s` may use until `end`. FITS if there is one, else QUOTA or BEHIND."""
    answer = BEHIND
    for p in range(len(memo.pools)):
        pool = memo.pools[p]
        within = state.pools[s, p] and quota_fits(state, s, tenant, pool.kind, owed(memo, tenant, pool.kind, end))
        pool.ok = within and not pool.blocked
        if pool.ok:
            answer = FITS
        elif state.pools[s, p] and not within and answer == BEHIND:
            answer = QUOTA
    return answer


@njit(cache=True)
def owed(memo: Memo, tenant: int, kind: int, end: int) -> int:
    """Milli-chips of `kind` promised to jobs of `tenant` from before `end` on."""
    milli = 0
    for i in range(memo.promised[PROMISED_JOBS]):
        one = memo.owed[i]
        if one.since < end and one.tenant == tenant and one.kind == kind:
            milli += one.milli
    return milli


@njit(cache=True)
def usable(state: State, memo: Memo, n: int, end: int) -> tuple[int, int]:
    """Fill `memo.free` with what a job ending at `end` may use of node `n`; returns its cores and memory."""
    node, promise, free = state.nodes[n], memo.promises[n], memo.free
    if promise.since >= end:
        free[:] = state.free[n]
        return node.cpu, node.memory
    for c in range(len(free)):
        free[c] = min(state.free[n, c], memo.slack[n, c])
    return min(node.cpu, promise.slack_cpu), min(node.memory, promise.slack_memory)


@njit(cache=True)
def candidate(state: State, memo: Memo, s: int, n: int, end: int) -> bool:
    """May shape `s`, ending at `end`, start on node `n` as far as node and promises go."""
    if not memo.fit[s, n] or not memo.pools[state.nodes[n].pool].ok:
        return False
    if memo.promises[n].since >= end:
        return True
    cpu, memory = usable(state, memo, n, end)
    return room(memo.free, cpu, memory, state.shapes[s]) == FITS


@njit(cache=True)
def find(state: State, memo: Memo, rules: Rules, job: int, now: int) -> int:
    """Choose nodes (`memo.chosen`) and chips (`memo.masks`) for `job`; FITS, or why there are none."""
    s = state.jobs[job].shape
    gang, end = state.shapes[s].nodes, latest_end(state, job, now)
    if not hopeful(state, memo, s, end):
        return RESERVED if memo.fitting[s].max() >= gang else CHIPS
    if gang == 1:
        found = _one(state, memo, rules, job, end)
    else:
        found = _gang(state, memo, rules, job, gang, end)
    if not found:
        return RESERVED if memo.promised[PROMISED_NODES] > 0 else BEHIND
    for i in range(gang):
        n = memo.chosen[i]
        usable(state, memo, n, end)
        memo.masks[i] = dispatch.chips(rules.place, rules.seed, state, memo, job, n, memo.free)
    return FITS


@njit(cache=True)
def hopeful(state: State, memo: Memo, s: int, end: int) -> bool:
    """Cheap and never wrong when it says no: could any island hold the gang."""
    refresh(state, memo, s)
    gang, promised = state.shapes[s].nodes, memo.promised[PROMISED_NODES]
    islands = memo.islands
    hope = False
    for i in range(len(islands)):
        islands[i] = memo.fitting[s, i]
        hope = hope or islands[i] >= gang
    if not hope or promised == 0:
        return hope
    for i in range(promised):
        n = memo.promised_nodes[i]
        if memo.fit[s, n] and not candidate(state, memo, s, n, end):
            islands[state.nodes[n].island] -= 1
    return bool(islands.max() >= gang)


@njit(cache=True)
def _one(state: State, memo: Memo, rules: Rules, job: int, end: int) -> bool:
    """The best node for one node's part, in `memo.chosen`. The loop holds what it reads: it is a replay's hottest."""
    s, best, highest = state.jobs[job].shape, -1, 0.0
    nodes, fit, pools, promises = state.nodes, memo.fit[s], memo.pools, memo.promises
    scores, stamps = memo.score[s], memo.score_stamp[s]
    dispatch.renew(memo, s)
    for n in range(len(nodes)):
        if not fit[n] or not pools[nodes[n].pool].ok:
            continue
        if promises[n].since < end and not candidate(state, memo, s, n, end):
            continue
        if rules.place == FIRST:
            best = n
            break
        if stamps[n] != nodes[n].stamp:
            dispatch.score(rules.place, rules.seed, state, memo, job, n)
        if best < 0 or scores[n] > highest:
            best, highest = n, scores[n]
    memo.chosen[0] = best
    return best >= 0


@njit(cache=True)
def _gang(state: State, memo: Memo, rules: Rules, job: int, gang: int, end: int) -> bool:
    """The best nodes of the island with the best node, of those islands with enough of them, in `memo.chosen`."""
    s, islands, losses = state.jobs[job].shape, memo.islands, memo.losses
    nodes, fit, scores, stamps = state.nodes, memo.fit[s], memo.score[s], memo.score_stamp[s]
    dispatch.renew(memo, s)
    islands[:] = 0
    for n in range(len(nodes)):
        losses[n] = np.inf
        if fit[n] and candidate(state, memo, s, n, end):
            if stamps[n] != nodes[n].stamp:
                dispatch.score(rules.place, rules.seed, state, memo, job, n)
            losses[n] = -scores[n]
            islands[nodes[n].island] += 1
    home = _best_island(nodes, losses, islands, gang)
    if home < 0:
        return False
    smallest(losses, nodes, home, gang, memo.chosen)
    return True


@njit(cache=True)
def _best_island(nodes: Table, losses: Floats, counts: Ints, gang: int) -> int:
    """The island of the best node among those with nodes for the whole gang, or -1."""
    best = -1
    for n in range(len(losses)):
        roomy = losses[n] < np.inf and counts[nodes[n].island] >= gang
        if roomy and (best < 0 or losses[n] < losses[best]):
            best = n
    return -1 if best < 0 else int(nodes[best].island)

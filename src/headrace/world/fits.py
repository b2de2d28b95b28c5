"""Does it fit? The one test that policies propose with, `verify` commits with, and `why` quotes."""

from __future__ import annotations

import numpy as np
from numba import njit

from headrace.units import MILLI
from headrace.world.plan import Hold, Reason
from headrace.world.record import Bools, Ints
from headrace.world.state import State
from headrace.world.table import Row

FITS, NEVER_FITS, QUOTA, KIND = int(Reason.FITS), int(Reason.NEVER), int(Reason.QUOTA), int(Reason.KIND)
CHIPS, FRAGMENTED = int(Reason.CHIPS), int(Reason.FRAGMENTED)
CPU, MEMORY = int(Reason.CPU), int(Reason.MEMORY)


@njit(cache=True)
def chips_with(free: Ints, share: int) -> int:
    """How many of one node's chips have at least `share` milli left."""
    count = 0
    for left in free:
        if left >= share:
            count += 1
    return count


@njit(cache=True)
def room(free: Ints, cpu: int, memory: int, demand: Row) -> int:
    """FITS, CHIPS, CPU or MEMORY: does one node's part of a shape (`demand`) fit into what is left."""
    if demand.chips > 0 and chips_with(free, demand.share) < demand.chips:
        return CHIPS
    if cpu < demand.cpu:
        return CPU
    if memory < demand.memory:
        return MEMORY
    return FITS


@njit(cache=True)
def node_fits(state: State, s: int, n: int) -> int:
    """FITS, or why node `n` cannot take its part of shape `s` now; quotas and gangs apart."""
    node = state.nodes[n]
    if node.out > 0 or not state.pools[s, node.pool]:
        return KIND
    return room(state.free[n], node.cpu, node.memory, state.shapes[s])


@njit(cache=True)
def quota_fits(state: State, s: int, tenant: int, kind: int, owed: int = 0) -> bool:
    """May `tenant` hold shape `s` on chips of `kind`, beside what it holds and the `owed` milli it was promised."""
    demand = state.shapes[s]
    wanted = demand.nodes * demand.chips * demand.share
    return bool(wanted == 0 or state.used[tenant, kind] + owed + wanted <= state.quota[tenant, kind])


@njit(cache=True)
def whole_node_fits(state: State, s: int, n: int) -> int:
    """FITS, or why node `n` could not take its part of shape `s` even if it were empty and up."""
    node = state.nodes[n]
    if not state.pools[s, node.pool]:
        return KIND
    empty = np.zeros(state.free.shape[1], np.int64)
    empty[: node.all_chips] = MILLI
    return room(empty, node.all_cpu, node.all_memory, state.shapes[s])


@njit(cache=True)
def possible(state: State) -> Bools:
    """[S]: could a gang of this shape start on the whole fleet, empty and up."""
    answer = np.zeros(len(state.shapes), np.bool_)
    islands = np.zeros(len(state.nodes), np.int64)
    for s in range(len(answer)):
        islands[:] = 0
        for n in range(len(state.nodes)):
            islands[state.nodes[n].island] += whole_node_fits(state, s, n) == FITS
        answer[s] = islands.max() >= state.shapes[s].nodes
    return answer


OWED, TOGETHER, FREE = 13, 14, 15
"""In a tally, beside the reasons: the most nodes of one island that fit or would but for a quota; that fit; and
milli-chips free where it may run."""


@njit(cache=True)
def tally(state: State, s: int, tenant: int) -> Ints:
    """Count the nodes by what they say to shape `s` of `tenant`: [Reason] -> nodes; and TOGETHER, FREE."""
    nodes, counts = state.nodes, np.zeros(16, np.int64)
    islands, owed = np.zeros(len(nodes), np.int64), np.zeros(len(nodes), np.int64)
    for n in range(len(nodes)):
        answer = node_fits(state, s, n)
        owed[nodes[n].island] += answer == FITS
        counts[FREE] += 0 if answer == KIND else state.free[n].sum()
        if answer == FITS and not quota_fits(state, s, tenant, nodes[n].kind):
            answer = QUOTA
        counts[answer] += 1
        islands[nodes[n].island] += answer == FITS
    counts[OWED], counts[TOGETHER] = owed.max(), islands.max()
    return counts


@njit(cache=True)
def against(state: State, s: int, tenant: int, could: bool) -> int:
    """FITS, or the first reason why a job of shape `s` cannot start now; `could` it on the whole fleet, empty and up.

    In this order: never, quota, no node up, too few chips in all, cores or memory short, no placement.
    """
    now, demand = tally(state, s, tenant), state.shapes[s]
    wanted = demand.nodes * demand.chips * demand.share
    if now[TOGETHER] >= demand.nodes:
        return FITS
    if not could:
        return NEVER_FITS
    if now[OWED] >= demand.nodes:
        return QUOTA
    if len(state.nodes) - now[KIND] < demand.nodes:
        return KIND
    if wanted > 0 and now[FREE] < wanted:
        return CHIPS
    for short in (CPU, MEMORY):
        if now[short] > 0 and now[short] + now[TOGETHER] >= demand.nodes:
            return short
    return FRAGMENTED


def fits(state: State, shape: int, tenant: int) -> Reason | None:
    """None if a job of `shape` of `tenant` could start now; otherwise the first reason against it."""
    reason = against(state, shape, tenant, bool(possible(state)[shape]))
    return None if reason == FITS else Reason(reason)


def hold(state: State, job: int) -> Hold:
    """Why waiting `job` does not run, in numbers: chips wanted and free (milli), nodes that fit and that are needed."""
    s, tenant, line = (int(state.jobs[job][name]) for name in ("shape", "tenant", "line"))
    counts, demand = tally(state, s, tenant), state.shapes[s]
    numbers = {
        "wanted_milli": int(demand["nodes"] * demand["chips"] * demand["share"]),
        "free_milli": int(counts[FREE]),
        "nodes_needed": int(demand["nodes"]),
        "nodes_that_fit": int(counts[FITS]),
        "held_by_tenant_milli": int(state.tenants[tenant]["held"]),
        "waiting_alike": int(state.lines[line]["length"]),
    }
    reason = fits(state, s, tenant)
    if reason is None:
        reason = Reason(int(state.lines[line]["hold"])) or Reason.BEHIND
    return Hold(job, reason, numbers)

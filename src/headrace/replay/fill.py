"""Fill a fleet: jobs arrive, none leave. How full does each placement rule get it, and what is left over in pieces?

One job is offered after another, in the order of arrival. It is placed by the same code as in a round, or, if it fits
nowhere, dropped. After Weng et al., "Beware of Fragmentation" (USENIX ATC '23), whose experiments are such fills.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from headrace.policy.find import Rules, allow, find
from headrace.policy.memo import Memo, empty_memo, refer_memo
from headrace.policy.place.fgd import fragment
from headrace.policy.registry import FIFO, NO_BACKFILL, PLACES
from headrace.units import MILLI, NEVER
from headrace.world.fits import FITS, against
from headrace.world.fleet import Fleet
from headrace.world.record import Ints, Workload
from headrace.world.state import NONE, State, build, refer_state
from headrace.world.take import take

Progress = Callable[[int, int], None]
"""Called with (jobs offered, jobs)."""


@dataclass(frozen=True)
class Filled:
    """How full the fleet was at every per cent of arrived load, and what became of each of the A arrivals.

    load[L]         arrived so far, in whole per cent of the fleet's chips: 0, 1, ...
    allocated[L]    milli-chips held then
    fragmented[L]   milli-chips free then of which the next job, drawn from the mix, is expected to make no use
    reason[A]       FITS where the job was placed, else why it was dropped (Reason)
    first[A + 1]    the job's nodes are `node[first[i]:first[i + 1]]`, on the chips of `chipmask`
    """

    load: Ints
    allocated: Ints
    fragmented: Ints
    reason: Ints
    first: Ints
    node: Ints
    chipmask: Ints


def fill(
    fleet: Fleet,
    mix: Workload,
    arrivals: Ints,
    place: str,
    *,
    seed: int = 0,
    node_order: Ints | None = None,
    progress: Progress | None = None,
) -> Filled:
    """Offer the jobs of `mix` that `arrivals` numbers, one after another, to an idle fleet, by the rule `place`.

    The target of `fgd`, against which fragments are measured, is the whole `mix`. Of nodes equally good, the one that
    stands first in `node_order` (node numbers, each once; the fleet's own order) is taken.
    """
    order = np.arange(len(fleet.node_names)) if node_order is None else node_order
    state = _in_order(build(fleet, _arriving(mix, arrivals)), order)
    asked = np.bincount(mix.shape, mix.shapes.nodes[mix.shape], len(mix.shapes)).astype(np.int64)
    behind = refer_state(state), refer_memo(empty_memo(state, asked)), Rules(FIFO, NO_BACKFILL, PLACES[place], seed)
    reason, ends = np.zeros(len(arrivals), np.int64), _ends(fleet, mix.demand[arrivals])
    allocated, fragmented = np.zeros(len(ends), np.int64), np.zeros(len(ends), np.int64)
    offered = 0
    for i, end in enumerate(ends.tolist()):
        offer(*behind, offered, end, reason)
        allocated[i], fragmented[i], offered = fleet.chips * MILLI - state.free.sum(), fragments(*behind[:2]), end
        if progress is not None:
            progress(offered, len(arrivals))
    return Filled(np.arange(len(ends)), allocated, fragmented, reason, *_places(state, order))


def _arriving(mix: Workload, arrivals: Ints) -> Workload:
    """The jobs of `mix`, as often as they arrive and in that order, each on its own."""
    columns = {name: column[arrivals] for name, column in vars(mix).items() if isinstance(column, np.ndarray)}
    alone = {"after": np.full(len(arrivals), NONE), "gap": np.zeros(len(arrivals), np.int64)}
    return replace(mix, names=tuple(mix.names[i] for i in arrivals.tolist()), **(columns | alone))


def _in_order(state: State, order: Ints) -> State:
    """`state`, its nodes in another order."""
    return state._replace(nodes=state.nodes[order], free=state.free[order])


def _ends(fleet: Fleet, demand: Ints) -> Ints:
    """How many arrivals make each whole per cent of load; the last per cent takes what is left over."""
    arrived = np.cumsum(demand)
    whole = fleet.chips * MILLI
    percents = int(arrived[-1]) * 100 // whole if len(arrived) and whole else 0
    ends = np.searchsorted(arrived, np.arange(percents + 1) * whole // 100, side="right")
    ends[-1] = len(demand)
    return ends.astype(np.int64)


@njit(cache=True)
def offer(state: State, memo: Memo, rules: Rules, first: int, last: int, reason: Ints) -> None:
    """Place jobs `first` to `last`, one after another, or write down the `reason` why not."""
    for job in range(first, last):
        s, tenant = state.jobs[job].shape, state.jobs[job].tenant
        found = allow(state, memo, s, tenant, NEVER)
        if found == FITS:
            found = find(state, memo, rules, job, 0)
        if found != FITS:
            reason[job] = against(state, s, tenant, memo.shapes[s].possible)
            continue
        for i in range(state.shapes[s].nodes):
            take(state, job, memo.chosen[i], memo.masks[i])


@njit(cache=True)
def fragments(state: State, memo: Memo) -> float:
    """Milli-chips free of which the next job, drawn from the target workload, is expected to make no use."""
    sum_ = 0.0
    for n in range(len(state.nodes)):
        sum_ += fragment(state.free[n], state.nodes[n].cpu, state.nodes[n].pool, memo.target)
    return sum_


def _places(state: State, order: Ints) -> tuple[Ints, Ints, Ints]:
    """(first, node, chipmask) of every job's rows, nodes by their number in the fleet."""
    first, node, chipmask = [0], [], []
    for row in state.jobs["row"].tolist():
        at = row
        while at != NONE:
            node.append(order[state.rows[at]["node"]])
            chipmask.append(state.rows[at]["chipmask"])
            at = state.rows[at]["of_job"]
        first.append(len(node))
    return tuple(np.array(column, np.int64) for column in (first, node, chipmask))  # type: ignore[return-value]

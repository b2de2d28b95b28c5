"""Least worth lost: where the node loses least of what it could still serve of the target workload.

A node is worth the least of three: what its free chips, its cores left and its memory left could serve, in chips of the
workload at its prices (policy/prices.py). So jobs that want many cores go where cores are plenty, and a share goes into
the gap that is worth just its price. Of places equally good, the chip, or else the node, with the least left.
"""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.policy.place.chips import bit, lowest
from headrace.policy.prices import MICRO, learn
from headrace.policy.target import CORES, EPOCH, MEMORY, PRICED
from headrace.units import MILLI, NEVER
from headrace.world.record import Ints
from headrace.world.state import State

STEP = 1000
"""Losses are compared in thousandths of a chip; finer differences are ties."""
TIE = 1_000_000
"""Above any tie key: what is left, in thousandths of a chip, of a chip or of a node's chips."""


@njit(cache=True)
def worth(free: Ints, mask: int, share: int, cpu: int, memory: int, values: Ints, cores: int, mib: int) -> int:
    """The worth, in millionths of a chip, of a node with `share` taken of each free chip in `mask`."""
    chips = 0
    for c in range(len(free)):
        chips += values[free[c] - share] if mask & bit(c) else values[free[c]]
    by_cpu = cpu * MICRO // cores if cores > 0 else NEVER
    by_memory = memory * MICRO // mib if mib > 0 else NEVER
    return int(min(chips, by_cpu, by_memory))


@njit(cache=True)
def score(state: State, memo: Memo, s: int, n: int) -> float:
    memo.free[:] = state.free[n]
    return float(-_best(state, memo, s, n, memo.free)[0])


@njit(cache=True)
def chips(state: State, memo: Memo, s: int, n: int, free: Ints) -> int:
    """The chips on which least is lost. `free` is what may be used of node `n`."""
    return _best(state, memo, s, n, free)[1]


@njit(cache=True)
def _best(state: State, memo: Memo, s: int, n: int, free: Ints) -> tuple[int, int]:
    """(loss and tie key in one number, chips)."""
    target, demand, node = memo.target, state.shapes[s], state.nodes[n]
    if target.counts[PRICED] != target.counts[EPOCH]:
        learn(target)
    values, cores, mib = target.worth, target.counts[CORES], target.counts[MEMORY]
    cpu, memory, share = node.cpu - demand.cpu, node.memory - demand.memory, demand.share
    before = worth(free, 0, 0, node.cpu, node.memory, values, cores, mib)
    if demand.chips != 1 or share == MILLI:
        mask = lowest(free, demand.chips, share)
        lost = before - worth(free, mask, share, cpu, memory, values, cores, mib)
        return (lost + STEP // 2) // STEP * TIE + free.sum(), mask
    best, mask = NEVER, 0
    for c in range(len(free)):
        if free[c] >= share:
            lost = before - worth(free, bit(c), share, cpu, memory, values, cores, mib)
            here = (lost + STEP // 2) // STEP * TIE + free[c]
            if here < best:
                best, mask = here, bit(c)
    return best, mask

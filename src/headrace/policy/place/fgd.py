"""Fragmentation gradient descent: the node whose expected fragment grows least (Weng et al., USENIX ATC '23).

The fragment of a node for one type of demand is what of its free chips that type cannot use: all of it if the type
cannot run there at all, otherwise the remainders that are smaller than its share. The expected fragment weighs the
types of the target workload. Scores are the published ones: 100 × sigmoid of the gradient, cut to an integer.
"""

from __future__ import annotations

from math import exp

from numba import njit

from headrace.policy.memo import Memo
from headrace.policy.place.chips import bit, lowest
from headrace.policy.target import TYPES, Target
from headrace.units import MILLI
from headrace.world.record import Ints
from headrace.world.state import State


@njit(cache=True)
def fragment(free: Ints, cpu: int, pool: int, target: Target) -> float:
    """Expected fragment in milli-chips. Summed bucket by bucket, so that doubles round as in the published code."""
    both = small = cores = chipless = chipless_short = barred = 0.0
    types, pools, ranked, weight = target.types, target.pools, target.ranked, target.weight
    total = free.sum()
    for i in range(target.counts[TYPES]):
        y, p = ranked[i], weight[i]
        wanted, enough, remainder = types[y], 0, 0
        for left in free:
            if left >= wanted.share:
                enough += 1
            else:
                remainder += left
        if wanted.chips == 0:
            if cpu >= wanted.cpu:
                chipless += p * total
            else:
                chipless_short += p * total
        elif not pools[y, pool]:
            barred += p * total
        elif enough < wanted.chips:
            if cpu < wanted.cpu:
                both += p * total
            else:
                small += p * total
        elif cpu < wanted.cpu:
            cores += p * total
        else:
            small += p * remainder
    return both + small + cores + chipless + chipless_short + barred


@njit(cache=True)
def grade(before: float, after: float) -> int:
    """The published integer score of a change of the fragment."""
    return int(100 / (1 + exp(-(before - after) / MILLI)))


@njit(cache=True)
def score(state: State, memo: Memo, s: int, n: int) -> float:
    memo.free[:] = state.free[n]
    return float(_best(state, memo, s, n, memo.free)[0])


@njit(cache=True)
def chips(state: State, memo: Memo, s: int, n: int, free: Ints) -> int:
    """The chips on which the score is reached. `free` is what may be used of node `n`; it is left as it was."""
    return _best(state, memo, s, n, free)[1]


@njit(cache=True)
def _best(state: State, memo: Memo, s: int, n: int, free: Ints) -> tuple[int, int]:
    shapes, pool = state.shapes, state.nodes[n].pool
    left, share = state.nodes[n].cpu - shapes[s].cpu, shapes[s].share
    before = fragment(free, state.nodes[n].cpu, pool, memo.target)
    if shapes[s].chips != 1 or share == MILLI:
        mask = lowest(free, shapes[s].chips, share)
        return grade(before, _after(free, mask, share, left, pool, memo.target)), mask
    best, mask = -1, 0
    for c in range(len(free)):
        if free[c] >= share and not _seen_before(free, c):
            here = grade(before, _after(free, bit(c), share, left, pool, memo.target))
            if here > best:
                best, mask = here, bit(c)
    return best, mask


@njit(cache=True)
def _seen_before(free: Ints, c: int) -> bool:
    """Is as much left of a chip before `c`: then to take from `c` makes the same fragment."""
    for other in range(c):
        if free[other] == free[c]:
            return True
    return False


@njit(cache=True)
def _after(free: Ints, mask: int, share: int, cpu: int, pool: int, target: Target) -> float:
    """The fragment with `share` of each chip in `mask` taken."""
    for c in range(len(free)):
        if mask & bit(c):
            free[c] -= share
    after = fragment(free, cpu, pool, target)
    for c in range(len(free)):
        if mask & bit(c):
            free[c] += share
    return after

"""The compiled side of the registry of places: number -> score, and which chips."""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.policy.place import best, clustering, dot, fgd, first, packing, random
from headrace.policy.place.chips import lowest, tightest
from headrace.policy.registry import BEST, CLUSTERING, DOT, FGD, FIRST, PACKING, RANDOM
from headrace.policy.target import EPOCH
from headrace.units import MILLI
from headrace.world.record import Ints
from headrace.world.state import State


@njit(cache=True)
def _score(place: int, state: State, memo: Memo, s: int, n: int) -> float:
    if place == FIRST:
        return first.score(state, memo, s, n)
    if place == BEST:
        return best.score(state, memo, s, n)
    if place == PACKING:
        return packing.score(state, memo, s, n)
    if place == CLUSTERING:
        return clustering.score(state, memo, s, n)
    if place == DOT:
        return dot.score(state, memo, s, n)
    assert place == FGD
    return fgd.score(state, memo, s, n)


@njit(cache=True)
def score(place: int, seed: int, state: State, memo: Memo, job: int, n: int) -> float:
    """The score of node `n` for `job`, remembered until the node or the target changes."""
    if place == RANDOM:
        return random.draw(seed, job, n)
    s, stamp = state.jobs[job].shape, state.nodes[n].stamp
    if memo.shapes[s].epoch != memo.target.counts[EPOCH]:
        memo.shapes[s].epoch = memo.target.counts[EPOCH]
        memo.score_stamp[s, :] = 0
    if memo.score_stamp[s, n] != stamp:
        memo.score[s, n] = _score(place, state, memo, s, n)
        memo.score_stamp[s, n] = stamp
    return float(memo.score[s, n])


@njit(cache=True)
def chips(place: int, seed: int, state: State, memo: Memo, job: int, n: int, free: Ints) -> int:
    """The chips of node `n` for `job`, of what `free` says may be used."""
    s = state.jobs[job].shape
    count, share = state.shapes[s].chips, state.shapes[s].share
    if count == 0:
        return 0
    if place == RANDOM:
        return random.chips(free, count, share, seed, job, n)
    if place == FGD:
        return fgd.chips(state, memo, s, n, free)
    if share == MILLI and place != PACKING:
        return lowest(free, count, share)
    return tightest(free, count, share)

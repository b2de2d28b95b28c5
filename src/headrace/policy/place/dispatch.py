"""The compiled side of the registry of places: number -> score, and which chips."""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.policy.place import best, clustering, dot, fgd, first, packing, random, worth
from headrace.policy.place.chips import lowest, tightest
from headrace.policy.registry import BEST, CLUSTERING, DOT, FGD, FIRST, PACKING, RANDOM, WORTH
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
    if place == WORTH:
        return worth.score(state, memo, s, n)
    assert place == FGD
    return fgd.score(state, memo, s, n)


@njit(cache=True)
def renew(memo: Memo, s: int) -> None:
    """Forget the scores of shape `s` that were made for another target."""
    if memo.shapes[s].epoch != memo.target.counts[EPOCH]:
        memo.shapes[s].epoch = memo.target.counts[EPOCH]
        memo.score_stamp[s, :] = 0


@njit(cache=True)
def score(place: int, seed: int, state: State, memo: Memo, job: int, n: int) -> None:
    """Write the score of node `n` for `job` into the memo, to last until the node changes; a random one does not."""
    s = state.jobs[job].shape
    if place == RANDOM:
        memo.score[s, n] = random.draw(seed, job, n)
        return
    memo.score[s, n] = _score(place, state, memo, s, n)
    memo.score_stamp[s, n] = state.nodes[n].stamp


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
    if place == WORTH:
        return worth.chips(state, memo, s, n, free)
    if share == MILLI and place != PACKING:
        return lowest(free, count, share)
    return tightest(free, count, share)

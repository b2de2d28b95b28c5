"""What making room for a shape came to, so that it is not tried again and again in one round.

The same answer comes again for a job of the same shape and band, ending no earlier, as long as the plan has as many
steps (a round's steps only grow, so the nodes are as they were) and every pool of the shape may be used. Promises made
in between take more away, and give nothing.
"""

from __future__ import annotations

from numba import njit

from headrace.policy.find import latest_end
from headrace.policy.memo import Memo
from headrace.policy.preempt import band_of
from headrace.world.plan import STEPS, Plan
from headrace.world.state import NONE, State


@njit(cache=True)
def in_vain(state: State, memo: Memo, job: int, now: int, plan: Plan) -> int:
    """What trying to make room for `job` is known to come to; NONE where that is not known."""
    known = memo.shapes[state.jobs[job].shape]
    if known.vain != plan.size[STEPS] or known.vain_band != band_of(state, job, now):
        return NONE
    if latest_end(state, job, now) < known.vain_end or not _everywhere(state, memo, job):
        return NONE
    return int(known.vain_answer)


@njit(cache=True)
def was_in_vain(state: State, memo: Memo, job: int, now: int, plan: Plan, answer: int) -> None:
    """Making room for `job` came to `answer`; FITS says that there are too few nodes whose jobs may be stopped."""
    known = memo.shapes[state.jobs[job].shape]
    if _everywhere(state, memo, job):
        known.vain, known.vain_answer = plan.size[STEPS], answer
        known.vain_band, known.vain_end = band_of(state, job, now), latest_end(state, job, now)


@njit(cache=True)
def _everywhere(state: State, memo: Memo, job: int) -> bool:
    """May `job` use every pool that its shape may."""
    allowed = state.pools[state.jobs[job].shape]
    for p in range(len(memo.pools)):
        if allowed[p] and not memo.pools[p].ok:
            return False
    return True

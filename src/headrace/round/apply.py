"""Apply: the accepted steps of a plan become the state. The only place where they do."""

from __future__ import annotations

from numba import njit

from headrace.policy.backfill import length
from headrace.policy.find import Rules
from headrace.policy.order.fair import settle
from headrace.round.observe import interrupt
from headrace.world.fits import FITS
from headrace.world.plan import STEPS, Plan
from headrace.world.queue import dequeue
from headrace.world.state import LIVE, RUNNING, State
from headrace.world.take import take


@njit(cache=True)
def apply(state: State, rules: Rules, plan: Plan, now: int) -> None:
    """Do every accepted step at `now`."""
    for i in range(plan.size[STEPS]):
        step = plan.steps[i]
        if step.rejected == FITS:
            if step.stop:
                interrupt(state, rules, step.job, now)
            else:
                _start(state, plan, i, now)


@njit(cache=True)
def _start(state: State, plan: Plan, i: int, now: int) -> None:
    step = plan.steps[i]
    job = state.jobs[step.job]
    settle(state, job.tenant, now)
    dequeue(state, step.job)
    for k in range(step.first, plan.steps[i + 1].first):
        take(state, step.job, plan.rows[k].node, plan.rows[k].chipmask)
    job.status, job.start, job.expected = LIVE, now, now + length(state, step.job)
    state.counts[RUNNING] += 1

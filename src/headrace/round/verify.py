"""Verify: each step of a plan against the state as it is, by the same test that proposed it."""

from __future__ import annotations

from numba import njit

from headrace.round.propose import roll_back
from headrace.world.fits import CHIPS, FITS, QUOTA, node_fits, quota_fits
from headrace.world.plan import STEPS, Plan, Reason
from headrace.world.state import LIVE, WAITING, State
from headrace.world.take import give_back, take

GONE = int(Reason.GONE)


@njit(cache=True)
def verify(state: State, plan: Plan) -> int:
    """Fill `plan.rejected`; returns how many steps are accepted. The state is as before when it returns."""
    accepted = 0
    for i in range(plan.size[STEPS]):
        plan.steps[i].rejected = _why_not(state, plan, i)
        if plan.steps[i].rejected == FITS:
            _do(state, plan, i)
            accepted += 1
    roll_back(state, plan, 0)
    return accepted


@njit(cache=True)
def _why_not(state: State, plan: Plan, i: int) -> int:
    """FITS, or the reason against step `i`."""
    step = plan.steps[i]
    job, first, last = step.job, step.first, plan.steps[i + 1].first
    if step.stop:
        return FITS if state.jobs[job].status == LIVE else GONE
    s, tenant = state.jobs[job].shape, state.jobs[job].tenant
    if state.jobs[job].status != WAITING or last - first != state.shapes[s].nodes:
        return GONE
    kind = state.nodes[plan.rows[first].node].kind
    if not quota_fits(state, s, tenant, kind):
        return QUOTA
    for k in range(first, last):
        row = plan.rows[k]
        reason = node_fits(state, s, row.node)
        if reason == FITS and not _chips_fit(state, s, row.node, row.chipmask):
            reason = CHIPS
        if reason != FITS:
            return int(reason)
    return FITS


@njit(cache=True)
def _chips_fit(state: State, s: int, n: int, mask: int) -> bool:
    """Does `mask` name as many chips as `s` wants, each with room for its share."""
    named = 0
    for c in range(state.free.shape[1]):
        if (mask >> c) & 1:
            named += 1
            if state.free[n, c] < state.shapes[s].share:
                return False
    return bool(named == state.shapes[s].chips)


@njit(cache=True)
def _do(state: State, plan: Plan, i: int) -> None:
    step = plan.steps[i]
    for k in range(step.first, plan.steps[i + 1].first):
        row = plan.rows[k]
        row.stamp = state.nodes[row.node].stamp
        if not step.stop:
            take(state, step.job, row.node, row.chipmask)
    if step.stop:
        give_back(state, step.job)

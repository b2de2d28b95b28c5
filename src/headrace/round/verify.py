"""Verify: each step of a plan against the state as it is, by the same test that proposed it."""

from __future__ import annotations

from numba import njit

from headrace.round.steps import roll_back
from headrace.world.fits import CHIPS, FITS, FRAGMENTED, QUOTA, node_fits, quota_fits
from headrace.world.plan import STEPS, Plan, Reason
from headrace.world.state import LIVE, NONE, WAITING, State
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
        return FITS if _runs_there(state, plan, job, first, last) else GONE
    s, tenant = state.jobs[job].shape, state.jobs[job].tenant
    status, stopped = state.jobs[job].status, state.jobs[job].row == NONE
    if status not in (WAITING, LIVE) or not stopped or last - first != state.shapes[s].nodes:
        return GONE
    kind = state.nodes[plan.rows[first].node].kind
    if not quota_fits(state, s, tenant, kind):
        return QUOTA
    if not _one_gang(state, plan, first, last):
        return FRAGMENTED
    for k in range(first, last):
        row = plan.rows[k]
        reason = node_fits(state, s, row.node)
        if reason == FITS and not _chips_fit(state, s, row.node, row.chipmask):
            reason = CHIPS
        if reason != FITS:
            return int(reason)
    return FITS


@njit(cache=True)
def _runs_there(state: State, plan: Plan, job: int, first: int, last: int) -> bool:
    """Is `job` live, and are these rows all that it holds."""
    row, held = state.jobs[job].row, 0
    if state.jobs[job].status != LIVE or row == NONE:
        return False
    while row != NONE:
        for k in range(first, last):
            same = plan.rows[k].node == state.rows[row].node and plan.rows[k].chipmask == state.rows[row].chipmask
            held += same
        row = state.rows[row].of_job
    return bool(held == last - first == state.shapes[state.jobs[job].shape].nodes)


@njit(cache=True)
def _one_gang(state: State, plan: Plan, first: int, last: int) -> bool:
    """Are the nodes of these rows distinct, and of one island."""
    for k in range(first, last):
        for i in range(first, k):
            if plan.rows[i].node == plan.rows[k].node:
                return False
        if state.nodes[plan.rows[k].node].island != state.nodes[plan.rows[first].node].island:
            return False
    return True


@njit(cache=True)
def _chips_fit(state: State, s: int, n: int, mask: int) -> bool:
    """Does `mask` name as many chips as `s` wants, each with room for its share."""
    named = 0
    if mask < 0 or mask >> state.free.shape[1] != 0:
        return False
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

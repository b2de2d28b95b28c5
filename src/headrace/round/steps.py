"""The steps of a plan: each is done as it is written, so that what follows sees it; in the end all are undone."""

from __future__ import annotations

from numba import njit

from headrace.policy.backfill import length, use_slack
from headrace.policy.find import latest_end
from headrace.policy.memo import Memo
from headrace.world.fits import FITS
from headrace.world.plan import ROWS, STARTS, STEPS, STOPS, Plan
from headrace.world.state import NONE, State
from headrace.world.take import give_back, take


@njit(cache=True)
def start(state: State, memo: Memo, job: int, now: int, plan: Plan) -> None:
    """Start `job` on the nodes and chips that were found for it."""
    s, end = state.jobs[job].shape, latest_end(state, job, now)
    _step(state, plan, job, False)
    for i in range(state.shapes[s].nodes):
        n, mask = memo.chosen[i], memo.masks[i]
        _row(state, plan, n, mask)
        use_slack(state, memo, s, n, mask, end)
        take(state, job, n, mask)
    state.jobs[job].start = now
    state.jobs[job].expected = now + length(state, job)


@njit(cache=True)
def stop(state: State, job: int, plan: Plan) -> None:
    """Stop `job`: its nodes are free."""
    plan.stop_of[job] = plan.size[STEPS]
    _step(state, plan, job, True)
    row = state.jobs[job].row
    while row != NONE:
        _row(state, plan, state.rows[row].node, state.rows[row].chipmask)
        row = state.rows[row].of_job
    give_back(state, job)


@njit(cache=True)
def _step(state: State, plan: Plan, job: int, stopped: bool) -> None:
    step, row = plan.steps[plan.size[STEPS]], state.jobs[job]
    step.job, step.stop, step.rejected, step.same, step.first = job, stopped, FITS, 0, plan.size[ROWS]
    step.start, step.expected, step.key = row.start, row.expected, row.key
    plan.size[STEPS] += 1
    plan.size[STOPS if stopped else STARTS] += 1


@njit(cache=True)
def _row(state: State, plan: Plan, n: int, mask: int) -> None:
    row = plan.rows[plan.size[ROWS]]
    row.node, row.chipmask, row.stamp = n, mask, state.nodes[n].stamp
    plan.size[ROWS] += 1
    plan.steps[plan.size[STEPS]].first = plan.size[ROWS]


@njit(cache=True)
def roll_back(state: State, plan: Plan, keep: int) -> None:
    """Undo the accepted steps from `keep` on, last first: nodes and their stamps are as before them."""
    for i in range(plan.size[STEPS] - 1, keep - 1, -1):
        step = plan.steps[i]
        if step.rejected != FITS:
            continue
        if not step.stop:
            give_back(state, step.job)
        for k in range(plan.steps[i + 1].first - 1, step.first - 1, -1):
            row = plan.rows[k]
            if step.stop:
                take(state, step.job, row.node, row.chipmask)
            state.nodes[row.node].stamp = row.stamp


@njit(cache=True)
def take_back(state: State, plan: Plan) -> None:
    """Undo the whole of a proposal: the nodes, and what it wrote into its jobs."""
    roll_back(state, plan, 0)
    for i in range(plan.size[STEPS] - 1, -1, -1):
        step = plan.steps[i]
        job = state.jobs[step.job]
        job.start, job.expected, job.key = step.start, step.expected, step.key

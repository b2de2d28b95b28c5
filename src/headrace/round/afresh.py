"""Dealing afresh: what can be stopped is lifted off its nodes and lined up with those who wait; then all are placed.

A job that is dealt the very chips it has goes on running: no step of it is left in the plan.
"""

from __future__ import annotations

from numba import njit

from headrace.policy.find import Rules
from headrace.policy.order.dispatch import job_key
from headrace.policy.preempt import kept, milli
from headrace.round.steps import stop
from headrace.world.plan import ROWS, STARTS, STEPS, STOPS, Plan
from headrace.world.queue import dequeue, enqueue
from headrace.world.state import NONE, State


@njit(cache=True)
def lift(state: State, rules: Rules, plan: Plan, now: int) -> None:
    """Stop, tentatively, every job that keeps its work, and line it up by what would be left of it."""
    for n in range(len(state.nodes)):
        job = _first_stoppable_on(state, n)
        while job != NONE:
            stop(state, job, plan)
            row = state.jobs[job]
            left = row.left - kept(state, job, now)
            row.key = job_key(rules.order, row.submit, left, milli(state, job), row.attained)
            enqueue(state, job)
            job = _first_stoppable_on(state, n)


@njit(cache=True)
def _first_stoppable_on(state: State, n: int) -> int:
    """The lowest-numbered job on node `n` that keeps its work, or NONE."""
    lowest, row = NONE, state.nodes[n].row
    while row != NONE:
        job = state.rows[row].job
        if state.jobs[job].stoppable and (lowest == NONE or job < lowest):
            lowest = job
        row = state.rows[row].of_node
    return int(lowest)


@njit(cache=True)
def lower(state: State, plan: Plan) -> None:
    """Undo the lining up, last first. The nodes are given back by the plan's own roll-back."""
    for i in range(plan.size[STEPS] - 1, -1, -1):
        if plan.steps[i].stop:
            dequeue(state, plan.steps[i].job)


@njit(cache=True)
def keep_running(plan: Plan) -> None:
    """Drop from the plan the stop and the start of each job that was dealt what it has."""
    for i in range(plan.size[STEPS]):
        step, k = plan.steps[i], plan.stop_of[plan.steps[i].job]
        if not step.stop and k < i and plan.steps[k].job == step.job and _same_rows(plan, k, i):
            plan.steps[k].same = step.same = 1
            plan.size[STOPS] -= 1
            plan.size[STARTS] -= 1
    _close_up(plan)


@njit(cache=True)
def _same_rows(plan: Plan, i: int, k: int) -> bool:
    """Do steps `i` and `k` name the same chips of the same nodes, in whatever order. Nodes of a gang are distinct."""
    wanted = plan.steps[i + 1].first - plan.steps[i].first
    found = 0
    for a in range(plan.steps[i].first, plan.steps[i + 1].first):
        for b in range(plan.steps[k].first, plan.steps[k + 1].first):
            one, other = plan.rows[a], plan.rows[b]
            found += one.node == other.node and one.chipmask == other.chipmask
    return bool(found == wanted)


@njit(cache=True)
def _close_up(plan: Plan) -> None:
    """Move the steps that are left, and their rows, into the places of those that are the same."""
    steps, rows, begin, size, used = plan.steps, plan.rows, 0, 0, 0
    for i in range(plan.size[STEPS]):
        end = steps[i + 1].first
        if not steps[i].same:
            steps[size] = steps[i]
            steps[size].first = used
            for k in range(begin, end):
                rows[used] = rows[k]
                used += 1
            size += 1
        begin = end
    steps[size].first = used
    plan.size[STEPS], plan.size[ROWS] = size, used

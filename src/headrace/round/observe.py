"""Observe: what happens without being decided. Jobs are submitted, end, and are lost; nodes go out and come back."""

from __future__ import annotations

from numba import njit

from headrace.policy.find import Rules
from headrace.policy.memo import Memo
from headrace.policy.order.dispatch import job_key
from headrace.policy.order.fair import settle
from headrace.policy.preempt import kept, milli
from headrace.policy.target import see
from headrace.world.queue import enqueue
from headrace.world.state import DONE, NONE, RUNNING, WAITING, State
from headrace.world.take import give_back, touch


@njit(cache=True)
def submit(state: State, memo: Memo, rules: Rules, job: int, now: int) -> None:
    """`job` enters its line, and its demand is one that was seen."""
    state.jobs[job].submit = now
    see(memo.target, state.jobs[job].shape, state.shapes[state.jobs[job].shape].nodes)
    _line_up(state, rules, job, now)


@njit(cache=True)
def finish(state: State, job: int, now: int) -> None:
    """`job` ended by itself: its nodes are free."""
    _release(state, job, now)
    state.jobs[job].left = 0
    state.jobs[job].status = DONE


@njit(cache=True)
def interrupt(state: State, rules: Rules, job: int, now: int) -> None:
    """`job` was stopped or lost its node: it goes back to its line with what its last checkpoint kept."""
    state.jobs[job].left -= kept(state, job, now)
    _release(state, job, now)
    _line_up(state, rules, job, now)


@njit(cache=True)
def node_out(state: State, n: int) -> None:
    """An outage begins on node `n`; outages may overlap."""
    state.nodes[n].out += 1
    touch(state, n)


@njit(cache=True)
def node_back(state: State, n: int) -> None:
    """An outage ends on node `n`."""
    state.nodes[n].out -= 1
    touch(state, n)


@njit(cache=True)
def first_job_on(state: State, n: int) -> int:
    """The lowest-numbered job on node `n`, or NONE."""
    lowest, row = NONE, state.nodes[n].row
    while row != NONE:
        if lowest == NONE or state.rows[row].job < lowest:
            lowest = state.rows[row].job
        row = state.rows[row].of_node
    return int(lowest)


@njit(cache=True)
def _release(state: State, job: int, now: int) -> None:
    settle(state, state.jobs[job].tenant, now)
    state.jobs[job].attained += milli(state, job) * (now - state.jobs[job].start)
    give_back(state, job)
    state.counts[RUNNING] -= 1


@njit(cache=True)
def _line_up(state: State, rules: Rules, job: int, now: int) -> None:
    row = state.jobs[job]
    row.key = job_key(rules.order, row.submit, row.left, milli(state, job), row.attained)
    row.status, row.queued = WAITING, now
    enqueue(state, job)

"""Lines: waiting jobs alike in tenant, shape and limit, each line sorted by the order's key."""

from __future__ import annotations

from numba import njit

from headrace.world.state import ACTIVE, NONE, QUEUED, State


@njit(cache=True)
def enqueue(state: State, job: int) -> None:
    """Put `job` into its line by (key, number); a line that was empty becomes active."""
    jobs, lines = state.jobs, state.lines
    line = jobs[job].line
    after = lines[line].tail
    while after != NONE and (jobs[after].key, after) > (jobs[job].key, job):
        after = jobs[after].prev
    before = lines[line].head if after == NONE else jobs[after].next
    jobs[job].prev, jobs[job].next = after, before
    if after == NONE:
        lines[line].head = job
    else:
        jobs[after].next = job
    if before == NONE:
        lines[line].tail = job
    else:
        jobs[before].prev = job
    lines[line].length += 1
    state.counts[QUEUED] += 1
    if lines[line].place == NONE:
        lines[line].place = state.counts[ACTIVE]
        state.active[state.counts[ACTIVE]] = line
        state.counts[ACTIVE] += 1


@njit(cache=True)
def dequeue(state: State, job: int) -> None:
    """Take `job` out of its line; a line that becomes empty is active no more."""
    jobs, lines = state.jobs, state.lines
    line = jobs[job].line
    after, before = jobs[job].prev, jobs[job].next
    if after == NONE:
        lines[line].head = before
    else:
        jobs[after].next = before
    if before == NONE:
        lines[line].tail = after
    else:
        jobs[before].prev = after
    jobs[job].prev = jobs[job].next = NONE
    lines[line].length -= 1
    state.counts[QUEUED] -= 1
    if lines[line].length == 0:
        last = state.active[state.counts[ACTIVE] - 1]
        state.active[lines[line].place] = last
        lines[last].place = lines[line].place
        lines[line].place = NONE
        state.counts[ACTIVE] -= 1

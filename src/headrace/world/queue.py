"""Lines: waiting jobs alike in tenant, shape and limit, each line sorted by the order's key."""

from __future__ import annotations

from numba import njit

from headrace.world.state import ACTIVE, NONE, QUEUED, State


@njit(cache=True)
def enqueue(state: State, job: int) -> None:
    """Put `job` into its line by (key, number); a line that was empty becomes active."""
    jobs, lines = state.jobs, state.lines
    line = jobs[job].line
    after, before = _place(state, line, job)
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
def _place(state: State, line: int, job: int) -> tuple[int, int]:
    """Between which two of its line `job` stands. Looked for from both ends: what is new goes last, what ran first."""
    jobs, after, before = state.jobs, state.lines[line].tail, state.lines[line].head
    while after != NONE and (jobs[after].key, after) > (jobs[job].key, job):
        if (jobs[before].key, before) > (jobs[job].key, job):
            return jobs[before].prev, before
        after, before = jobs[after].prev, jobs[before].next
    return after, state.lines[line].head if after == NONE else jobs[after].next


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

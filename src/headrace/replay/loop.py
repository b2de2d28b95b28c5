"""The replay's loop, compiled: jump to the next instant, observe all that happens then, run a round."""

from __future__ import annotations

from numba import njit

from headrace.policy.find import Rules
from headrace.policy.memo import Memo
from headrace.policy.order.las import BANDS
from headrace.policy.preempt import milli
from headrace.policy.registry import LAS
from headrace.replay.feed import (
    BACK,
    CLOCK,
    DOWN,
    END,
    HEAPED,
    OUTED,
    ROWS_OUT,
    RUNS,
    SEQUENCE,
    SUBMIT,
    SUBMITTED,
    WAKE,
    Feed,
    Tape,
    next_time,
    pop,
    push,
)
from headrace.round.apply import apply
from headrace.round.observe import finish, first_job_on, interrupt, node_back, node_out, submit
from headrace.round.propose import propose
from headrace.round.verify import verify
from headrace.units import NEVER
from headrace.world.fits import FITS
from headrace.world.plan import STARTS, STEPS, STOPS, Plan
from headrace.world.record import Outcome
from headrace.world.state import LIVE, NONE, QUEUED, ROWS_USED, RUNNING, State

PREEMPTED, NODE_FAIL, PENDING = int(Outcome.PREEMPTED), int(Outcome.NODE_FAIL), int(Outcome.PENDING)
OVER, PAUSED, FULL = 0, 1, 2
"""How a stretch of the replay ended: nothing is left to happen, the stretch is used up, the tape or heap is full."""


@njit(cache=True)
def stretch(state: State, memo: Memo, rules: Rules, plan: Plan, feed: Feed, tape: Tape, rounds: int) -> int:
    """Replay at most `rounds` instants; OVER, PAUSED or FULL."""
    for _ in range(rounds):
        if not _has_room(state, feed, tape):
            return FULL
        _drop_stale(state, feed)
        now = next_time(feed)
        if now >= NEVER or _all_done(state, feed):
            return OVER
        feed.at[CLOCK] = now
        _observe(state, memo, rules, feed, tape, now)
        _round(state, memo, rules, plan, feed, tape, now)
    return PAUSED


@njit(cache=True)
def _drop_stale(state: State, feed: Feed) -> None:
    """The end of a run that was cut off is not something that happens, nor are the bands that it would have passed."""
    while feed.at[HEAPED] > 0 and (feed.heap[0].kind == END or feed.heap[0].kind == WAKE):
        job = feed.heap[0].job
        if state.jobs[job].status == LIVE and feed.heap[0].sequence >= feed.jobs[job].end:
            return
        pop(feed)


@njit(cache=True)
def _all_done(state: State, feed: Feed) -> bool:
    """Nothing waits, runs, or is still to be submitted: what outages are left concern nobody."""
    idle = state.counts[QUEUED] == 0 and state.counts[RUNNING] == 0
    return bool(idle and feed.at[SUBMITTED] == len(feed.due) and feed.at[HEAPED] == 0)


@njit(cache=True)
def _has_room(state: State, feed: Feed, tape: Tape) -> bool:
    """Is there room for all that one instant can write: every live job may end or be lost, and every job may start."""
    runs = feed.at[RUNS] + state.counts[RUNNING] + state.counts[QUEUED] + 1
    rows = feed.at[ROWS_OUT] + state.counts[ROWS_USED] + 1
    alive = state.counts[QUEUED] + state.counts[RUNNING] + len(feed.due) - feed.at[SUBMITTED] + feed.at[HEAPED]
    alive = min(alive, len(state.jobs))  # much of the heap may be ends of runs that were cut off
    pushes = feed.at[HEAPED] + (alive + 1) * (len(BANDS) + 2)
    return bool(runs < len(tape.runs) and rows < len(tape.rows) and pushes < len(feed.heap))


@njit(cache=True)
def _round(state: State, memo: Memo, rules: Rules, plan: Plan, feed: Feed, tape: Tape, now: int) -> None:
    """propose -> verify -> apply; under `las` again while jobs were stopped: they may fit elsewhere."""
    again = state.counts[QUEUED] > 0 or rules.restless > 0
    while again:
        propose(state, memo, rules, now, plan)
        verify(state, plan)
        for i in range(plan.size[STEPS]):
            if plan.steps[i].stop and plan.steps[i].rejected == FITS:
                record(state, feed, tape, plan.steps[i].job, now, PREEMPTED)
        apply(state, rules, plan, now)
        _expect(state, rules, plan, feed, now)
        again = rules.order == LAS and plan.size[STOPS] > 0 and plan.size[STARTS] > 0


@njit(cache=True)
def _expect(state: State, rules: Rules, plan: Plan, feed: Feed, now: int) -> None:
    """Put the ends of the jobs just started on the heap, and under `las` the instants at which they pass a band."""
    for i in range(plan.size[STEPS]):
        job = plan.steps[i].job
        if plan.steps[i].stop or plan.steps[i].rejected != FITS:
            continue
        end = now + state.jobs[job].starting + state.jobs[job].left
        feed.jobs[job].end = feed.at[SEQUENCE]
        push(feed, end, END, job)
        held = milli(state, job)
        if rules.order == LAS and held > 0:
            for threshold in BANDS:
                left = threshold - state.jobs[job].attained
                if left > 0 and now + left // held < end:
                    push(feed, now + -(-left // held), WAKE, job)


@njit(cache=True)
def _observe(state: State, memo: Memo, rules: Rules, feed: Feed, tape: Tape, now: int) -> None:
    """Everything that happens at `now`: ends, then nodes back, out and down, then submissions."""
    while feed.at[HEAPED] > 0 and feed.heap[0].time == now and feed.heap[0].kind == END:
        job, seq = feed.heap[0].job, feed.heap[0].sequence
        pop(feed)
        if feed.jobs[job].end == seq and state.jobs[job].status == LIVE:
            record(state, feed, tape, job, now, feed.jobs[job].ends)
            finish(state, job, now)
            then = feed.jobs[job].then
            if then != NONE:
                push(feed, now + feed.jobs[then].gap, SUBMIT, then)
    while feed.at[OUTED] < len(feed.outages) and feed.outages[feed.at[OUTED]].time == now:
        _outage(state, rules, feed, tape, now)
        feed.at[OUTED] += 1
    while feed.at[SUBMITTED] < len(feed.due) and feed.due[feed.at[SUBMITTED]].time == now:
        submit(state, memo, rules, feed.due[feed.at[SUBMITTED]].job, now)
        feed.at[SUBMITTED] += 1
    while feed.at[HEAPED] > 0 and feed.heap[0].time == now:
        kind, job = feed.heap[0].kind, feed.heap[0].job
        if kind == END:
            return
        pop(feed)
        if kind == SUBMIT:
            submit(state, memo, rules, job, now)


@njit(cache=True)
def _outage(state: State, rules: Rules, feed: Feed, tape: Tape, now: int) -> None:
    kind, n = feed.outages[feed.at[OUTED]].kind, feed.outages[feed.at[OUTED]].node
    if kind == BACK:
        node_back(state, n)
        return
    node_out(state, n)
    job = first_job_on(state, n) if kind == DOWN else NONE
    while job != NONE:
        record(state, feed, tape, job, now, NODE_FAIL)
        interrupt(state, rules, job, now)
        job = first_job_on(state, n)


@njit(cache=True)
def record(state: State, feed: Feed, tape: Tape, job: int, now: int, outcome: int) -> None:
    """Write the run of `job` that ends now, with where it ran. To be called before its nodes are given back."""
    r, k = feed.at[RUNS], feed.at[ROWS_OUT]
    run = tape.runs[r]
    run.job, run.queued, run.start = job, state.jobs[job].queued, state.jobs[job].start
    run.end, run.outcome = now, outcome
    row = state.jobs[job].row
    while row != NONE:
        tape.rows[k].node, tape.rows[k].chipmask = state.rows[row].node, state.rows[row].chipmask
        k += 1
        row = state.rows[row].of_job
    feed.at[RUNS], feed.at[ROWS_OUT] = r + 1, k
    tape.runs[r + 1].first = k

"""Propose: what the policy would do now. Pure: the state is as before when it returns.

Lines are taken in the order of (tenant's key, first job's key). A job that fits is placed at once, tentatively, so that
the next one sees it; all of that is taken back at the end.
"""

from __future__ import annotations

from numba import njit

from headrace.policy.backfill import forget, wait
from headrace.policy.find import BEHIND, QUOTA, Rules, allow, find, latest_end
from headrace.policy.memo import DEPTH, PROMISED_JOBS, Memo
from headrace.policy.order.fair import set_keys
from headrace.policy.preempt import band_of, choose_nodes, victims
from headrace.policy.registry import AFRESH, CONSERVATIVE, FAIR, LAS, NO_BACKFILL
from headrace.round.afresh import keep_running, lift, lower
from headrace.round.steps import roll_back, start, stop, take_back
from headrace.world.fits import FITS, NEVER_FITS
from headrace.world.plan import ROWS, STEPS, STOPS, Plan
from headrace.world.state import ACTIVE, NONE, State


@njit(cache=True)
def propose(state: State, memo: Memo, rules: Rules, now: int, plan: Plan) -> None:
    """Fill `plan` with what the policy would do at `now`, and every line's `hold` with why its first job waits."""
    plan.size[:] = 0
    if rules.order in AFRESH:
        lift(state, rules, plan, now)
    _open_lines(state, memo, rules, now)
    line = _next_line(state, memo)
    while line != NONE and not (rules.backfill == NO_BACKFILL and _all_blocked(memo)):
        job = memo.lines[line].cursor
        reason = _try(state, memo, rules, job, now, plan)
        if reason == FITS:
            _pass_on(state, memo, line)
        else:
            _hold(state, memo, rules, line, reason, now)
        line = _next_line(state, memo)
    take_back(state, plan)
    if rules.order in AFRESH:
        lower(state, plan)
        if not rules.restless:
            keep_running(plan)
    forget(memo)


@njit(cache=True)
def _pass_on(state: State, memo: Memo, line: int) -> None:
    """The next job of `line` is in turn; at its end, the line is done with."""
    memo.lines[line].cursor = state.jobs[memo.lines[line].cursor].next
    memo.lines[line].tried = memo.lines[line].cursor == NONE


@njit(cache=True)
def _hold(state: State, memo: Memo, rules: Rules, line: int, reason: int, now: int) -> None:
    """The job in turn waits for `reason`, and so do those behind it; conservative backfill makes them promises too."""
    job = memo.lines[line].cursor
    memo.lines[line].tried = 1
    if state.lines[line].hold == BEHIND:
        state.lines[line].hold = reason
    if reason in (QUOTA, NEVER_FITS):
        return
    wait(state, memo, rules.backfill, job, now)
    if rules.backfill == CONSERVATIVE and memo.promised[PROMISED_JOBS] < DEPTH:
        _pass_on(state, memo, line)


@njit(cache=True)
def _all_blocked(memo: Memo) -> bool:
    for p in range(len(memo.pools)):
        if not memo.pools[p].blocked:
            return False
    return True


@njit(cache=True)
def _open_lines(state: State, memo: Memo, rules: Rules, now: int) -> None:
    if rules.order == FAIR:
        set_keys(state, now)
    for i in range(state.counts[ACTIVE]):
        line = state.active[i]
        memo.lines[line].cursor = state.lines[line].head
        memo.lines[line].tried = False
        state.lines[line].hold = BEHIND


@njit(cache=True)
def _next_line(state: State, memo: Memo) -> int:
    """The untried line whose next job goes first, or NONE."""
    best, best_key = NONE, (0, 0, 0)
    for i in range(state.counts[ACTIVE]):
        line = state.active[i]
        if not memo.lines[line].tried:
            job = memo.lines[line].cursor
            here = (state.tenants[state.lines[line].tenant].key, state.jobs[job].key, job)
            if best == NONE or here < best_key:
                best, best_key = line, here
    return best


@njit(cache=True)
def _try(state: State, memo: Memo, rules: Rules, job: int, now: int, plan: Plan) -> int:
    """Place `job` tentatively, stopping others where the order does so; FITS, or why not."""
    s = state.jobs[job].shape
    if not memo.shapes[s].possible:
        return NEVER_FITS
    allowed = allow(state, memo, s, state.jobs[job].tenant, latest_end(state, job, now))
    if allowed != FITS:
        return allowed
    reason = find(state, memo, rules, job, now)
    if reason != FITS and rules.order == LAS:
        reason = _make_room(state, memo, rules, job, now, plan, reason)
    if reason == FITS:
        start(state, memo, job, now, plan)
    return reason


@njit(cache=True)
def _make_room(state: State, memo: Memo, rules: Rules, job: int, now: int, plan: Plan, reason: int) -> int:
    """Stop jobs of higher bands for `job`; if it still does not fit, nothing was stopped."""
    if not choose_nodes(state, memo, job, now):
        return reason
    before, s, mine = plan.size[STEPS], state.jobs[job].shape, band_of(state, job, now)
    for n in memo.chosen[: state.shapes[s].nodes].copy():
        count = victims(state, memo, s, n, mine, now)
        for row in memo.order[: max(count, 0)].copy():
            victim = state.rows[row].job
            if state.jobs[victim].row != NONE:
                stop(state, victim, plan)
    answer = find(state, memo, rules, job, now)
    if answer != FITS:
        roll_back(state, plan, before)
        plan.size[STOPS] -= plan.size[STEPS] - before
        plan.size[STEPS], plan.size[ROWS] = before, plan.steps[before].first
    return answer

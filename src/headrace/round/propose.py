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
from headrace.round.turns import in_turn, leave, line_up, pass_on
from headrace.round.vain import in_vain, was_in_vain
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
    line = in_turn(memo)
    while line != NONE and not (rules.backfill == NO_BACKFILL and _all_blocked(memo)):
        reason = _try(state, memo, rules, memo.lines[line].cursor, now, plan)
        if reason == FITS or _hold(state, memo, rules, line, reason, now):
            pass_on(state, memo)
        else:
            leave(state, memo)
        line = in_turn(memo)
    take_back(state, plan)
    if rules.order in AFRESH:
        lower(state, plan)
        if not rules.restless:
            keep_running(plan)
    forget(memo)


@njit(cache=True)
def _hold(state: State, memo: Memo, rules: Rules, line: int, reason: int, now: int) -> bool:
    """The job in turn waits for `reason`, and so do those behind it, unless it is true that the next one is asked too:
    conservative backfill makes each a promise."""
    if state.lines[line].hold == BEHIND:
        state.lines[line].hold = reason
    if reason in (QUOTA, NEVER_FITS):
        return False
    wait(state, memo, rules.backfill, memo.lines[line].cursor, now)
    return bool(rules.backfill == CONSERVATIVE and memo.promised[PROMISED_JOBS] < DEPTH)


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
        line = state.lines[state.active[i]]
        line.hold = BEHIND
        memo.shapes[line.shape].vain = NONE
    line_up(state, memo)


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
    known = in_vain(state, memo, job, now, plan)
    if known != NONE:
        return reason if known == FITS else known
    answer = FITS
    if choose_nodes(state, memo, job, now):
        before = plan.size[STEPS]
        _stop_victims(state, memo, job, now, plan)
        answer = find(state, memo, rules, job, now)
        if answer == FITS:
            return FITS
        roll_back(state, plan, before)
        plan.size[STOPS] -= plan.size[STEPS] - before
        plan.size[STEPS], plan.size[ROWS] = before, plan.steps[before].first
    was_in_vain(state, memo, job, now, plan, answer)
    return reason if answer == FITS else answer


@njit(cache=True)
def _stop_victims(state: State, memo: Memo, job: int, now: int, plan: Plan) -> None:
    """On each of the chosen nodes, stop, tentatively, those who must give way to `job`."""
    s, mine = state.jobs[job].shape, band_of(state, job, now)
    for n in memo.chosen[: state.shapes[s].nodes].copy():
        count = victims(state, memo, s, n, mine, now)
        for row in memo.order[: max(count, 0)].copy():
            victim = state.rows[row].job
            if state.jobs[victim].row != NONE:
                stop(state, victim, plan)

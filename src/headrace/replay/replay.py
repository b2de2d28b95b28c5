"""Replay a workload on a fleet under a policy, in virtual time: what would have happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from headrace.policy.find import Rules
from headrace.policy.memo import empty_memo, refer_memo
from headrace.policy.policy import Policy
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.replay.feed import (
    CLOCK,
    ROWS_OUT,
    RUNS,
    Tape,
    new_feed,
    new_tape,
    refer_feed,
    refer_tape,
    roomier,
    to_runs,
)
from headrace.replay.loop import FULL, OVER, stretch
from headrace.units import NEVER
from headrace.world.fleet import Fleet
from headrace.world.plan import empty_plan, refer_plan
from headrace.world.record import Ints, Outages, Outcome, Runs, Workload, no_outages
from headrace.world.state import WAITING, State, build, refer_state

ROUNDS_A_STRETCH = 4096
"""Instants between two reports of progress, and so between two chances to be interrupted."""

Progress = Callable[[int, int], None]
"""Called with (jobs ended, jobs)."""


@dataclass(frozen=True)
class Costs:
    """What a stop costs beside the start-up that the workload knows: another's model, to be met by a replay.

    `stopping[job]`: ms of work that a run loses when it is cut off. `every_round`: an order that deals the fleet afresh
    stops and starts every job at each round, be it dealt the chips that it has.
    """

    stopping: Ints
    every_round: bool = False


def rules_of(policy: Policy, restless: bool = False) -> Rules:
    """The policy's registry numbers."""
    return Rules(
        ORDERS[policy.order], BACKFILLS[policy.backfill], PLACES[policy.place], policy.seed, restless=int(restless)
    )


def replay(
    fleet: Fleet,
    workload: Workload,
    policy: Policy,
    outages: Outages | None = None,
    progress: Progress | None = None,
    costs: Costs | None = None,
) -> Runs:
    """The runs that `policy` would have given, in the order in which they ended; jobs that never started come last.

    Every job of `workload` must have its work known. Times in ms. The same arguments give the same runs everywhere.
    """
    state = build(fleet, workload)
    memo, rules = empty_memo(state), rules_of(policy, costs is not None and costs.every_round)
    if costs is not None:
        state.jobs["stopping"] = costs.stopping
    plan = empty_plan(len(workload), len(state.rows))
    feed = new_feed(workload, outages if outages is not None else no_outages())
    tape = new_tape(len(workload) + 1024, len(state.rows) + 1024)
    fixed = (refer_state(state), refer_memo(memo), rules, refer_plan(plan))
    while (answer := stretch(*fixed, refer_feed(feed), refer_tape(tape), ROUNDS_A_STRETCH)) != OVER:
        if answer == FULL:
            tape = Tape(roomier(tape.runs), roomier(tape.rows))
            feed = feed._replace(heap=roomier(feed.heap))
        if progress is not None:
            progress(int(feed.at[RUNS]), len(workload))
    if progress is not None:
        progress(len(workload), len(workload))
    return _with_stranded(state, to_runs(tape, int(feed.at[RUNS]), int(feed.at[ROWS_OUT])), int(feed.at[CLOCK]))


def _with_stranded(state: State, runs: Runs, now: int) -> Runs:
    """Add the jobs that still wait when nothing more can happen: they never start."""
    left = np.flatnonzero(state.jobs["status"] == WAITING)
    many = len(left)
    return Runs(
        job=np.concatenate([runs.job, left]),
        queued=np.concatenate([runs.queued, state.jobs["queued"][left]]),
        start=np.concatenate([runs.start, np.full(many, NEVER)]),
        end=np.concatenate([runs.end, np.full(many, now)]),
        outcome=np.concatenate([runs.outcome, np.full(many, int(Outcome.PENDING))]),
        first=np.concatenate([runs.first, np.full(many, runs.first[-1])]),
        node=runs.node,
        chipmask=runs.chipmask,
    )

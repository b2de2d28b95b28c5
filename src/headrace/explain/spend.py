"""What became of the chips that were held: each run's time, cut into its phases, each phase into classes.

starting | kept work: idle, underused, useful (or unknown, without telemetry) | lost work
"""

from __future__ import annotations

from numba import njit

from headrace.explain.ledger import Class
from headrace.explain.sweep import Sweep
from headrace.units import PPM
from headrace.world.checkpoint import kept_work
from headrace.world.record import Ints, Outcome
from headrace.world.state import NONE, State
from headrace.world.table import Row, Table

STARTING, LOST, IDLE = int(Class.STARTING), int(Class.LOST), int(Class.IDLE)
UNDERUSED, UNKNOWN_USE, USEFUL = int(Class.UNDERUSED), int(Class.UNKNOWN), int(Class.USEFUL)
COMPLETED, RUNNING = int(Outcome.COMPLETED), int(Outcome.RUNNING)


@njit(cache=True)
def kept(run: Row, job: Row) -> int:
    """Work (ms) of a run whose result was not lost: all of it if it completed or still runs."""
    ran = run.end - run.start
    if run.outcome == COMPLETED or run.outcome == RUNNING:
        return max(0, ran - job.starting)
    return kept_work(ran, job.starting, job.checkpoint)


@njit(cache=True)
def spend(state: State, sweep: Sweep, runs: Table, jobs: Table, weeks: Ints, begin: int, end: int, length: int) -> None:
    """Write the chip-time of every run's pieces, as far as it lies within [begin, end), into its classes.

    `runs` has start, end, outcome, as they are beyond the period too; `jobs` has starting, checkpoint, activity,
    idle_chips. `weeks` are the instants at which weeks begin; slices are `length` ms from `begin`.
    """
    for r in range(len(runs)):
        piece = sweep.runs[r].piece
        while piece != NONE:
            _spend_piece(state, sweep, runs[r], jobs[sweep.runs[r].job], r, piece, weeks, begin, end, length)
            piece = sweep.pieces[piece].next


@njit(cache=True)
def _spend_piece(
    state: State, sweep: Sweep, run: Row, job: Row, r: int, piece: int, weeks: Ints, begin: int, end: int, length: int
) -> None:
    milli, pool = sweep.pieces[piece].milli, state.nodes[sweep.pieces[piece].node].pool
    tenant = sweep.lines[sweep.runs[r].line].tenant
    started = min(run.end, run.start + job.starting)
    lost_from = min(run.end, started + kept(run, job))
    idle, useful, unknown = _rates(state, sweep, job, r, piece)
    phases = (
        (STARTING, run.start, started, milli),
        (IDLE, started, lost_from, idle),
        (USEFUL, started, lost_from, useful),
        (UNKNOWN_USE, started, lost_from, unknown),
        (UNDERUSED, started, lost_from, milli - idle - useful - unknown),
        (LOST, lost_from, run.end, milli),
    )
    for which, since, until, rate in phases:
        first, last = max(sweep.pieces[piece].since, since), min(end, until)
        if rate > 0 and last > first:
            sweep.by_job[which, sweep.runs[r].job] += rate * (last - first)
            _spread(sweep, which, pool, tenant, first, last, rate, weeks, begin, length)


@njit(cache=True)
def _rates(state: State, sweep: Sweep, job: Row, r: int, piece: int) -> tuple[int, int, int]:
    """Milli-chips of a piece that are idle, useful and unknown, by the job's telemetry; the rest is underused.

    `activity` is the mean over all of a job's chips, so chips known to be idle leave the others the more active.
    """
    milli = sweep.pieces[piece].milli
    if job.activity < 0:
        return 0, 0, milli
    if job.activity == 0:
        return milli, 0, 0
    s = sweep.lines[sweep.runs[r].line].shape
    chips = state.shapes[s].nodes * state.shapes[s].chips
    idle = 0
    if job.idle_chips > 0 and chips > 0:
        idle = milli * min(job.idle_chips, chips) // chips
    useful = min(milli * job.activity // PPM, milli - idle)
    return idle, useful, 0


@njit(cache=True)
def _spread(
    sweep: Sweep,
    which: int,
    pool: int,
    tenant: int,
    since: int,
    until: int,
    rate: int,
    weeks: Ints,
    begin: int,
    length: int,
) -> None:
    """Add `rate` milli-chips over [since, until) to the weeks and slices that it lies in."""
    week, part, at = 0, (since - begin) // length, since
    while week + 1 < len(weeks) and weeks[week + 1] <= since:
        week += 1
    while at < until:
        end = until
        if week + 1 < len(weeks):
            end = min(end, weeks[week + 1])
        sweep.total[which, pool, tenant, week] += rate * (end - at)
        at = end
        week += 1
    at = since
    while at < until:
        end = min(until, begin + (part + 1) * length)
        sweep.curve[which, part] += rate * (end - at)
        at = end
        part += 1

"""Explain: where every chip-hour of a period went, from a workload, its runs, and the outages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from headrace.errors import InputError
from headrace.explain.claims import account
from headrace.explain.ledger import Class, Ledger, OverCommit
from headrace.explain.running import begin as begin_run
from headrace.explain.running import finish as finish_run
from headrace.explain.running import most_pieces, regain
from headrace.explain.spend import spend
from headrace.explain.sweep import (
    BACK,
    END,
    EXCESS,
    FIRST_OVER,
    FREED,
    LACK,
    LEAVE,
    NOW,
    OUT,
    OVER_BUSY,
    OVER_CAPACITY,
    OVER_NODE,
    OVER_RUNS,
    PIECES,
    QUEUE,
    SHORT,
    START,
    TICK,
    WEEK,
    Sweep,
    enter,
    leave,
    outage,
    refer_sweep,
)
from headrace.units import DAY_MS, EPOCH_MONDAY_MS, HOUR_MS, MILLI, MINUTE_MS, NEVER, SECOND_MS, UNKNOWN, WEEK_MS
from headrace.world.fleet import Fleet
from headrace.world.record import Ints, Outages, Runs, Workload
from headrace.world.state import NONE, State, build, refer_state
from headrace.world.table import Table, alike, table

SLICES = (
    SECOND_MS,
    10 * SECOND_MS,
    MINUTE_MS,
    10 * MINUTE_MS,
    HOUR_MS,
    6 * HOUR_MS,
    DAY_MS,
    WEEK_MS,
)
"""Lengths of a slice of the curve; the shortest that gives at most MOST_SLICES is taken."""
MOST_SLICES = 400
EVENTS_A_STEP = 8192
"""Events between two reports of progress, and so between two chances to be interrupted."""

Progress = Callable[[int, int], None]
"""Called with (events done, events)."""


def explain(
    fleet: Fleet,
    workload: Workload,
    runs: Runs,
    outages: Outages,
    begin: int,
    end: int,
    progress: Progress | None = None,
) -> Ledger:
    """The ledger over [begin, end) ms. Runs beyond the period count for the part inside it.

    Exact: the classes sum to chips × time, or ArithmeticError is raised. Chips that the record claims beyond the fleet
    are in no class; they are counted in `overcommit`, with the first instant at which it happens.
    """
    end = max(end, begin + 1)
    if fleet.chips * MILLI * (end - begin) >= NEVER:
        raise InputError(
            f"fleet {fleet.name!r}",
            f"{fleet.chips} chips over {(end - begin) // DAY_MS} days is more chip-time than can be counted exactly",
            "explain a shorter period",
        )
    weeks, length = _weeks(begin, end), _slice(end - begin)
    state = build(fleet, workload)
    clipped = _clip(runs, begin, end)
    sweep = _new_sweep(state, workload, clipped, runs, len(weeks), -(-(end - begin) // length))
    sweep = sweep._replace(events=_events(clipped, sweep.runs["order"], outages, weeks, begin, end, length))
    behind = refer_state(state), refer_sweep(sweep)
    sweep.counts[NOW], done = begin, 0
    while done < len(sweep.events):
        step = min(done + EVENTS_A_STEP, len(sweep.events))
        done = int(_sweep_events(*behind, done, step, begin, length, weeks))
        if done < step:
            sweep = sweep._replace(pieces=np.concatenate([sweep.pieces, np.zeros_like(sweep.pieces)]))
            behind = behind[0], refer_sweep(sweep)
        if progress is not None:
            progress(done, len(sweep.events))
    whole = table(len(runs), start=runs.start, end=runs.end, outcome=runs.outcome)
    jobs = table(len(workload), **{name: getattr(workload, name) for name in _USE})
    spend(*behind, whole, jobs, weeks, begin, end, length)
    ledger = _ledger(fleet, workload, sweep, weeks, begin, end, length)
    ledger.check()
    return ledger


_USE = ("starting", "checkpoint", "activity", "idle_chips")


def _clip(runs: Runs, begin: int, end: int) -> Table:
    """The runs within the period: queued, start (NEVER if none), end, outcome."""
    inside = np.clip(runs.end, begin, end)
    started = (runs.start < NEVER) & (np.clip(runs.start, begin, end) < inside)
    return table(
        len(runs),
        job=runs.job,
        queued=np.clip(runs.queued, begin, end),
        start=np.where(started, np.clip(runs.start, begin, end), NEVER),
        leaves=np.clip(np.where(runs.start < NEVER, runs.start, runs.end), begin, end),
        end=inside,
        outcome=runs.outcome,
    )


def _weeks(begin: int, end: int) -> Ints:
    """The Mondays on which the period's weeks begin."""
    first = begin - (begin - EPOCH_MONDAY_MS) % WEEK_MS
    return np.arange(first, end, WEEK_MS, dtype=np.int64)


def _slice(period: int) -> int:
    return next((length for length in SLICES if period <= length * MOST_SLICES), -(-period // MOST_SLICES))


def _events(runs: Table, place: Ints, outages: Outages, weeks: Ints, begin: int, end: int, length: int) -> Table:
    """Everything that changes anything, in order of (time, kind, which); of those who queue, in order of submission."""
    begun, waited = np.flatnonzero(runs["start"] < NEVER), np.flatnonzero(runs["queued"] < runs["leaves"])
    out = np.flatnonzero((outages.end > begin) & (outages.start < end))
    ticks = np.unique(np.concatenate([weeks[1:], np.arange(begin + length, end, length), [end]]))
    parts = [
        (runs["end"][begun], END, begun),
        (np.clip(outages.end[out], begin, end), BACK, outages.node[out]),
        (np.clip(outages.start[out], begin, end), OUT, outages.node[out]),
        (runs["queued"][waited], QUEUE, place[waited]),
        (runs["leaves"][waited], LEAVE, waited),
        (runs["start"][begun], START, begun),
        (ticks, TICK, np.zeros(len(ticks), np.int64)),
    ]
    time = np.concatenate([part[0] for part in parts])
    kind = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    which = np.concatenate([part[2] for part in parts])
    order = np.lexsort((which, kind, time))
    events = table(len(order), time=time[order], kind=kind[order], which=which[order])
    queued = events["kind"] == QUEUE
    events["which"][queued] = np.argsort(place, kind="stable")[events["which"][queued]]
    return events


def _by_submission(runs: Runs) -> Ints:
    """Each run's place in the order of submission, be it before the period."""
    places = np.empty(len(runs), np.int64)
    places[np.lexsort((runs.job, runs.queued))] = np.arange(len(runs))
    return places


def _new_sweep(state: State, workload: Workload, runs: Table, record: Runs, weeks: int, slices: int) -> Sweep:
    distinct, line = alike(workload.shape[record.job], workload.tenant[record.job])
    rows = np.diff(record.first)
    nodes, widest, pools = len(state.nodes), state.free.shape[1], state.pools.shape[1]
    gangs = int(state.shapes["nodes"][workload.shape[record.job]].sum())
    islands = int(state.nodes["island"].max()) + 1
    free = np.bincount(state.nodes["pool"], state.free.sum(axis=1), pools).astype(np.int64)
    own = np.bincount(state.nodes["pool"], minlength=pools).astype(np.int64)
    last = np.cumsum(own)
    kind = np.zeros(pools, np.int64)
    kind[state.nodes["pool"]] = state.nodes["kind"]
    counts = np.zeros(16, np.int64)
    counts[FIRST_OVER] = -1
    return Sweep(
        events=table(0, "time", "kind", "which"),
        runs=table(
            len(runs),
            "next",
            "prev",
            job=record.job,
            line=line,
            first=record.first[:-1],
            parts=rows,
            order=_by_submission(record),
            piece=NONE,
        ),
        rows=table(
            len(record.node),
            "lack",
            run=np.repeat(np.arange(len(runs)), rows),
            node=record.node,
            chipmask=record.chipmask,
        ),
        pieces=table(2 * (len(record.node) + nodes * (widest + 1)) + 1, "node", "chipmask", "milli", "since", "next"),
        lacking=np.zeros(len(record.node) + 1, np.int64),
        freed=np.zeros(nodes, np.int64),
        fresh=np.zeros(nodes, np.bool_),
        lines=table(
            len(distinct), "cursor", "place", shape=distinct[:, 0], tenant=distinct[:, 1], head=NONE, tail=NONE
        ),
        active=np.zeros(len(distinct) + 1, np.int64),
        heap=np.zeros(len(distinct) + 1, np.int64),
        pools=table(pools, "down", "left", "short", "open", "bare", free=free, kind=kind, begin=last - own, end=last),
        kinds=np.ascontiguousarray(workload.shapes.kinds),
        roomy=np.zeros((len(state.shapes), nodes), np.bool_),
        shapes=table(len(state.shapes), "roomy", "failed", "stretch", "walled", "nowhere", seen=UNKNOWN),
        since=np.zeros((len(state.shapes), pools), np.int64),
        undo=table(gangs + nodes * widest + len(runs), "shape", "tenant", "node", "chipmask", "milli", "credited"),
        islands=np.zeros(islands, np.int64),
        chosen=np.zeros(nodes * islands, np.int64),
        total=np.zeros((len(Class), pools, len(workload.tenants) + 1, weeks), np.int64),
        curve=np.zeros((len(Class), slices), np.int64),
        by_job=np.zeros((len(Class), len(workload)), np.int64),
        counts=counts,
    )


@njit(cache=True)
def _sweep_events(state: State, sweep: Sweep, first: int, last: int, begin: int, length: int, weeks: Ints) -> int:
    """Go through the events from `first` up to `last`; class what is free in each stretch between two of them.

    Returns the first event not gone through: `last`, or one for whose pieces there might not be room.
    """
    now, week = sweep.counts[NOW], sweep.counts[WEEK]
    for i in range(first, last):
        event = sweep.events[i]
        if event.kind == START and sweep.counts[PIECES] + most_pieces(state, sweep, event.which) > len(sweep.pieces):
            last = i
            break
        if sweep.counts[FREED] > 0 and (event.kind != END or event.time > now):
            regain(state, sweep, now)
        if event.time > now:
            while week + 1 < len(weeks) and weeks[week + 1] <= now:
                week += 1
            account(state, sweep, event.time - now, week, (now - begin) // length)
            sweep.counts[EXCESS] += sweep.counts[LACK] * (event.time - now)
            now = event.time
        if event.kind == END:
            finish_run(state, sweep, event.which)
        elif event.kind == BACK:
            outage(state, sweep, event.which, -1)
        elif event.kind == OUT:
            outage(state, sweep, event.which, 1)
        elif event.kind == QUEUE:
            enter(sweep, event.which)
        elif event.kind == LEAVE:
            leave(sweep, event.which)
        elif event.kind == START:
            begin_run(state, sweep, event.which, now)
    sweep.counts[NOW], sweep.counts[WEEK] = now, week
    return int(last)


def _ledger(fleet: Fleet, workload: Workload, sweep: Sweep, weeks: Ints, begin: int, end: int, length: int) -> Ledger:
    return Ledger(
        begin=begin,
        end=end,
        pools=tuple(f"{pool.site}/{pool.name}" if pool.site else pool.name for pool in fleet.pools),
        kinds=tuple(pool.kind for pool in fleet.pools),
        prices=tuple(pool.price for pool in fleet.pools),
        currencies=tuple(pool.currency for pool in fleet.pools),
        tenants=workload.tenants,
        weeks=weeks,
        cells=sweep.total,
        curve=sweep.curve,
        slice=length,
        by_job=sweep.by_job,
        paid=fleet.chips * MILLI * (end - begin),
        short=int(sweep.counts[SHORT]),
        overcommit=_overcommit(fleet, sweep),
    )


def _overcommit(fleet: Fleet, sweep: Sweep) -> OverCommit | None:
    count = sweep.counts
    if count[FIRST_OVER] < 0:
        return None
    node = int(count[OVER_NODE])
    return OverCommit(
        first=int(count[FIRST_OVER]),
        where=fleet.node_names[node] if node >= 0 else "",
        busy=int(count[OVER_BUSY]),
        capacity=int(count[OVER_CAPACITY]),
        excess=int(count[EXCESS]),
        runs=int(count[OVER_RUNS]),
    )

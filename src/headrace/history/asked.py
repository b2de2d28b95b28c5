"""From a log to what was asked for: a workload to replay, and the record of what happened.

    asked(log, fleet)      one job for each piece of work, however often it was interrupted: what a replay plays
    mix(log, fleet)        one job for each job, whatever became of it: what a fill offers
    happened(log, fleet)   one job and one run for each row: what the ledger explains as it happened
    outages(log, fleet)    when nodes took no work

Rows of one job are its runs. A run that was cut off by others (preempted, its node lost) is not work of its own: it
adds to the next run what its checkpoints kept. A run that ended by itself (failed, say) is a piece of work that ends
so again, and the next run follows as long after it as it did.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from headrace.errors import InputError
from headrace.history.demand import Demands, demands
from headrace.units import NEVER, PPM, SECOND_MS, UNKNOWN
from headrace.world.checkpoint import kept_work
from headrace.world.record import Ints, Outages, Outcome, Runs, Service, Workload

if TYPE_CHECKING:
    from headrace.history.log import JobLog
    from headrace.world.fleet import Fleet

CUT_OFF = (Outcome.PREEMPTED, Outcome.NODE_FAIL)
"""Ends that were not the job's own."""


@dataclass(frozen=True)
class Asked:
    """A workload to replay; `unplayed` counts the jobs whose work the log does not tell, by reason."""

    workload: Workload
    unplayed: dict[str, int]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Happened:
    """What happened over [begin, end) ms: row r of the log is job r and run r."""

    workload: Workload
    runs: Runs
    begin: int
    end: int


@dataclass(frozen=True)
class _Rows:
    """The log's rows as columns: ms, codes and UNKNOWN in place of nulls."""

    job: tuple[str, ...]
    tenants: tuple[str, ...]
    tenant: Ints
    queued: Ints
    start: Ints
    end: Ints
    work: Ints
    state: Ints
    service: Ints
    limit: Ints
    checkpoint: Ints
    starting: Ints
    activity: Ints
    idle_chips: Ints
    demands: Demands


def span(log: JobLog) -> tuple[int, int]:
    """The period that the log speaks of, in ms, at least one: from the first submission to the last instant named."""
    frame = log.jobs
    if not frame.height:
        raise InputError(log.source, "has no row that could be used", "see the rejects for why")
    first = int(frame["submit"].dt.epoch("ms").min())  # type: ignore[arg-type]
    last = max(int(frame[name].dt.epoch("ms").max() or 0) for name in ("submit", "start", "end"))  # type: ignore[arg-type]
    return first, max(last, first + 1)


def happened(log: JobLog, fleet: Fleet) -> Happened:
    """The record of a log with start times. Rows still running, or waiting, last to the end of the period."""
    rows = _rows(log, fleet)
    begin, end = span(log)
    begun = rows.start != UNKNOWN
    over = np.where(rows.end != UNKNOWN, rows.end, max(end, begin))
    nodes = rows.demands.shapes.nodes[rows.demands.shape]
    first = np.concatenate([[0], np.cumsum(np.where(begun, nodes, 0))]).astype(np.int64)
    runs = Runs(
        job=np.arange(len(rows.job)),
        queued=np.minimum(rows.queued, over),
        start=np.where(begun, rows.start, NEVER),
        end=over,
        outcome=rows.state,
        first=first,
        node=rows.demands.places(begun, first),
        chipmask=np.zeros(first[-1], np.int64),
    )
    work = np.where(begun, over - rows.start, UNKNOWN)
    chain = np.full(len(rows.job), -1, np.int64)
    workload = _workload(rows, np.arange(len(rows.job)), rows.queued, work, rows.state, chain, np.zeros_like(chain))
    return Happened(workload, runs, begin, end)


def asked(log: JobLog, fleet: Fleet) -> Asked:
    """What a replay plays: every job that ran, with its work; not those whose work the log does not tell."""
    rows = _rows(log, fleet)
    _, end = span(log)
    ran = np.where(rows.start != UNKNOWN, np.where(rows.end != UNKNOWN, rows.end, end) - rows.start, rows.work)
    pieces = _pieces(rows, log.jobs, ran)
    row, work, ends, before, gap = np.array(pieces, np.int64).reshape(-1, 5).T
    submit = rows.queued[row]
    order = np.lexsort((np.arange(len(row)), row, submit))
    place = np.empty(len(row), np.int64)
    place[order] = np.arange(len(row))
    after = np.where(before >= 0, place[before], -1)
    workload = _workload(rows, row[order], submit[order], work[order], ends[order], after[order], gap[order])
    left_out = len(set(rows.job)) - len({rows.job[r] for r in row})
    return Asked(workload, {"never_started": left_out} if left_out else {}, rows.demands.notes)


def mix(log: JobLog, fleet: Fleet) -> Workload:
    """What was asked for, whether or not it ran: every job once, in the log's order, all at once, without work."""
    rows = _rows(log, fleet)
    row = np.flatnonzero(log.jobs["job"].is_first_distinct().to_numpy())
    nought, alone = np.zeros(len(row), np.int64), np.full(len(row), -1, np.int64)
    return _workload(rows, row, nought, nought, np.full(len(row), int(Outcome.COMPLETED)), alone, nought)


def outages(log: JobLog, fleet: Fleet) -> tuple[Outages, tuple[str, ...]]:
    """The log's node events, and a note on those that name nodes which the fleet does not have."""
    number = {name: i for i, name in enumerate(fleet.node_names)}
    events = log.node_events
    node = np.array([number.get(name, -1) for name in events["node"]], np.int64)
    known = node >= 0
    start = events["start"].dt.epoch("ms").to_numpy()
    end = events["end"].dt.epoch("ms").fill_null(NEVER).to_numpy()
    down = (events["state"] == "down").to_numpy()
    strange = int((~known).sum())
    notes = (f"node events on nodes that the fleet does not have, left out: {strange}",) if strange else ()
    return Outages(*(column[known] for column in (node, start, end, down))), notes  # type: ignore[arg-type]


def _rows(log: JobLog, fleet: Fleet) -> _Rows:
    frame = log.jobs
    tenants = tuple(sorted(set(frame["tenant"])))
    number = {name: i for i, name in enumerate(tenants)}
    queued = pl.coalesce("eligible", "submit") if "eligible" in frame.columns else pl.col("submit")
    service = {"normal": Service.NORMAL, "serving": Service.SERVING, "spare": Service.SPARE}
    known_starting = _length(frame, "starting_s")
    serving = (frame["class"] == "serving").to_numpy()
    return _Rows(
        job=tuple(frame["job"]),
        tenants=tenants,
        tenant=_codes(frame["tenant"], number),
        queued=_instants(frame.select(queued.alias("queued"))["queued"]),
        start=_instants(frame["start"]),
        end=_instants(frame["end"]),
        work=_length(frame, "work_s"),
        state=_codes(frame["state"], {state.name.lower(): int(state) for state in Outcome}),
        service=_codes(frame["class"], {name: int(code) for name, code in service.items()}),
        limit=_length(frame, "limit_s"),
        checkpoint=np.where(serving, 0, _length(frame, "checkpoint_s")),
        starting=np.where(known_starting != UNKNOWN, known_starting, fleet.start),
        activity=_scaled(frame["activity"], PPM),
        idle_chips=frame["idle_chips"].fill_null(UNKNOWN).to_numpy(),
        demands=demands(log, fleet),
    )


def _codes(column: pl.Series, number: dict[str, int]) -> Ints:
    return column.replace_strict(number, return_dtype=pl.Int64).to_numpy()


def _instants(column: pl.Series) -> Ints:
    return column.dt.epoch("ms").fill_null(UNKNOWN).to_numpy()


def _length(frame: pl.DataFrame, name: str) -> Ints:
    """Seconds to ms, UNKNOWN where null or absent; never rounded down to nothing."""
    if name not in frame.columns:
        return np.full(frame.height, UNKNOWN, np.int64)
    return _scaled(frame[name], SECOND_MS)


def _scaled(column: pl.Series, factor: int) -> Ints:
    return (column * factor).round().cast(pl.Int64).fill_null(UNKNOWN).to_numpy()


def _pieces(rows: _Rows, frame: pl.DataFrame, ran: Ints) -> list[tuple[int, int, int, int, int]]:
    """(row, work, how it ends, piece before it or -1, gap after that piece), in the log's order, chains together."""
    several = frame.with_row_index("#row").filter(pl.col("job").is_duplicated())
    alone = np.ones(len(rows.job), np.bool_)
    alone[several["#row"].to_numpy()] = False
    ends = np.where(np.isin(rows.state, CUT_OFF), int(Outcome.CANCELLED), rows.state)
    single = np.flatnonzero(alone & (ran >= 0)).tolist()
    pieces = [(row, int(ran[row]), int(ends[row]), -1, 0) for row in single]
    for _, group in several.sort("job", "run").group_by("job", maintain_order=True):
        pieces += _chain(rows, group["#row"].to_list(), ran, len(pieces))
    return pieces


def _chain(rows: _Rows, runs: list[int], ran: Ints, base: int) -> list[tuple[int, int, int, int, int]]:
    """The pieces of one job's `runs`, the first of which will be piece number `base`."""
    pieces: list[tuple[int, int, int, int, int]] = []
    carried, opened, ended = 0, -1, UNKNOWN
    played = [row for row in runs if ran[row] >= 0]
    for row in played:
        opened = row if opened < 0 else opened
        state, last = Outcome(int(rows.state[row])), row == played[-1]
        if state in CUT_OFF and not last:
            carried += kept_work(int(ran[row]), int(rows.starting[row]), int(rows.checkpoint[row]))
            continue
        ends = Outcome.CANCELLED if state in CUT_OFF else state
        gap = max(0, int(rows.queued[opened]) - ended) if pieces else 0
        before = base + len(pieces) - 1 if pieces else -1
        pieces.append((opened, carried + int(ran[row]), int(ends), before, gap))
        carried, opened, ended = 0, -1, _ended(rows, row, int(ran[row]))
    return pieces


def _ended(rows: _Rows, row: int, ran: int) -> int:
    """When a run of `ran` ms ended: as the log says, or else as if it had not waited where it names no start."""
    if rows.end[row] != UNKNOWN:
        return int(rows.end[row])
    return int(rows.start[row] if rows.start[row] != UNKNOWN else rows.queued[row]) + ran


def _workload(rows: _Rows, row: Ints, submit: Ints, work: Ints, ends: Ints, after: Ints, gap: Ints) -> Workload:
    same = {field.name for field in fields(_Rows)} & {field.name for field in fields(Workload)}
    taken = {name: getattr(rows, name)[row] for name in same - {"tenants", "work", "starting"}}
    return Workload(
        names=tuple(rows.job[r] for r in row.tolist()),
        tenants=rows.tenants,
        shapes=rows.demands.shapes,
        shape=rows.demands.shape[row],
        submit=submit,
        work=work,
        starting=np.minimum(rows.starting[row], np.maximum(work, 0)),
        ends=ends,
        after=after,
        gap=gap,
        **taken,
    )

"""The replay's clock: what happens next, in the order (time, kind, sequence), and the record of what happened.

Feed    submissions and outages, which are known beforehand, and a heap of what is not: ends, resubmissions, wakes
Tape    the runs so far, in the order in which they ended
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.experimental import structref

from headrace.units import NEVER
from headrace.world.record import Ints, Outages, Runs, Workload
from headrace.world.table import Reference, ReferenceType, Table, table

END, BACK, OUT, DOWN, SUBMIT, WAKE = 0, 1, 2, 3, 4, 5
"""Kinds of event, in the order in which those of one instant happen."""
SUBMITTED, OUTED, HEAPED, SEQUENCE, CLOCK, RUNS, ROWS_OUT = 0, 1, 2, 3, 4, 5, 6
"""Places in `Feed.at`: how far each source has been read, the next sequence number, the time, and the tape's ends."""


class Feed(NamedTuple):
    """What is to come. `at` keeps the places.

    due     submissions in order: job, time                  outages  in order: time, kind, node
    heap    time, kind, sequence, job                        jobs     then (the job that the end of this one releases,
                                                                      or -1), gap (how long before it), ends (the
                                                                      Outcome), end (sequence of its END on the heap)
    """

    due: Table
    outages: Table
    heap: Table
    jobs: Table
    at: Ints


@structref.register
class FeedType(ReferenceType):
    pass


class FeedReference(Reference):
    pass


structref.define_proxy(FeedReference, FeedType, Feed._fields)


@njit(cache=True)
def refer_feed(feed: Feed) -> Feed:
    """`feed` behind one pointer, for the compiled loops."""
    reference: Any = FeedReference(*feed)
    return reference


class Tape(NamedTuple):
    """`record.Runs` in the making: runs (job, queued, start, end, outcome, first row) and rows (node, chipmask)."""

    runs: Table
    rows: Table


@structref.register
class TapeType(ReferenceType):
    pass


class TapeReference(Reference):
    pass


structref.define_proxy(TapeReference, TapeType, Tape._fields)


@njit(cache=True)
def refer_tape(tape: Tape) -> Tape:
    """`tape` behind one pointer, for the compiled loops."""
    reference: Any = TapeReference(*tape)
    return reference


def new_feed(workload: Workload, outages: Outages) -> Feed:
    """Everything that is known beforehand, sorted."""
    own = np.flatnonzero(workload.after < 0)
    own = own[np.argsort(workload.submit[own], kind="stable")]
    then = np.full(len(workload), -1, np.int64)
    followers = np.flatnonzero(workload.after >= 0)
    then[workload.after[followers]] = followers
    out_time = np.concatenate([outages.start, outages.end])
    out_kind = np.concatenate([np.where(outages.down, DOWN, OUT), np.full(len(outages), BACK)]).astype(np.int64)
    out_node = np.concatenate([outages.node, outages.node])
    order = np.lexsort((out_node, out_kind, out_time))
    return Feed(
        due=table(len(own), job=own, time=workload.submit[own]),
        outages=table(len(order), time=out_time[order], kind=out_kind[order], node=out_node[order]),
        heap=table(8 * len(workload) + 16, "time", "kind", "sequence", "job"),
        jobs=table(len(workload), "end", then=then, gap=workload.gap, ends=workload.ends),
        at=np.zeros(8, np.int64),
    )


def new_tape(runs: int, rows: int) -> Tape:
    """Room for `runs` runs on `rows` nodes in all."""
    return Tape(table(runs + 1, "job", "queued", "start", "end", "outcome", "first"), table(rows, "node", "chipmask"))


def roomier(full: Table) -> Table:
    """The same table with twice the room."""
    return np.concatenate([full, np.zeros_like(full)])


def to_runs(tape: Tape, count: int, rows: int) -> Runs:
    """The first `count` runs of the tape."""
    columns = {name: tape.runs[name][:count].copy() for name in ("job", "queued", "start", "end", "outcome")}
    places = {name: tape.rows[name][:rows].copy() for name in ("node", "chipmask")}
    return Runs(**columns, first=tape.runs["first"][: count + 1].copy(), **places)


@njit(cache=True)
def _earlier(feed: Feed, i: int, k: int) -> bool:
    one, other = feed.heap[i], feed.heap[k]
    return (one.time, one.kind, one.sequence) < (other.time, other.kind, other.sequence)


@njit(cache=True)
def _swap(feed: Feed, i: int, k: int) -> None:
    one, other = feed.heap[i], feed.heap[k]
    one.time, other.time = other.time, one.time
    one.kind, other.kind = other.kind, one.kind
    one.sequence, other.sequence = other.sequence, one.sequence
    one.job, other.job = other.job, one.job


@njit(cache=True)
def push(feed: Feed, time: int, kind: int, job: int) -> None:
    """Something will happen to `job`. An END is stale if the job is by then on another run."""
    i = feed.at[HEAPED]
    event = feed.heap[i]
    event.time, event.kind, event.sequence, event.job = time, kind, feed.at[SEQUENCE], job
    feed.at[HEAPED] += 1
    feed.at[SEQUENCE] += 1
    while i > 0 and _earlier(feed, i, (i - 1) // 2):
        _swap(feed, i, (i - 1) // 2)
        i = (i - 1) // 2


@njit(cache=True)
def pop(feed: Feed) -> None:
    """Drop the first event of the heap."""
    feed.at[HEAPED] -= 1
    last, i = feed.at[HEAPED], 0
    _swap(feed, 0, last)
    while 2 * i + 1 < last:
        child = 2 * i + 1
        if child + 1 < last and _earlier(feed, child + 1, child):
            child += 1
        if not _earlier(feed, child, i):
            break
        _swap(feed, i, child)
        i = child


@njit(cache=True)
def next_time(feed: Feed) -> int:
    """When the next thing happens, or NEVER."""
    time = NEVER
    if feed.at[HEAPED] > 0:
        time = min(time, feed.heap[0].time)
    if feed.at[SUBMITTED] < len(feed.due):
        time = min(time, feed.due[feed.at[SUBMITTED]].time)
    if feed.at[OUTED] < len(feed.outages):
        time = min(time, feed.outages[feed.at[OUTED]].time)
    return int(time)

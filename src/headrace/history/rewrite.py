"""A log with other runs: the same demands, with the starts and ends of a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from headrace.history.log import TIME, JobLog, make_log
from headrace.units import NEVER
from headrace.world.record import Outcome, Runs, Workload

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet


def with_runs(log: JobLog, fleet: Fleet, workload: Workload, runs: Runs) -> JobLog:
    """`log`, whose jobs have one row each, with a row for each of `runs`: when and where it ran, and how it ended.

    A run that was cut off is a row of its own; the next begins with its return to the queue. What the log left running
    has an end in a replay, and all its work is kept: it is written as completed.
    """
    order = np.lexsort((runs.queued, runs.job))
    job = runs.job[order]
    first = np.concatenate([[True], job[1:] != job[:-1]])
    begins = np.maximum.accumulate(np.where(first, np.arange(len(job)), 0))
    frame = pl.DataFrame(
        {
            "job": np.array(workload.names, dtype=object)[job].tolist(),
            "run": np.arange(len(job)) - begins,
            "submit": _times(runs.queued[order]),
            "start": _times(runs.start[order]),
            "end": _times(np.where(runs.start < NEVER, runs.end, NEVER)[order]),
            "state": [_STATE[code] for code in runs.outcome[order].tolist()],
            "ran_on": _places(fleet, runs, order),
        }
    )
    dropped = [
        name for name in ("run", "submit", "start", "end", "state", "ran_on", "work_s") if name in log.jobs.columns
    ]
    table = frame.join(log.jobs.drop(dropped), on="job", how="left", maintain_order="left")
    return make_log(table, log.node_events, source=log.source, sha256=log.sha256, format=log.format, notes=log.notes)


_STATE = {int(o): o.name.lower() for o in Outcome} | {int(Outcome.RUNNING): Outcome.COMPLETED.name.lower()}


def _times(values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
    return pl.Series(values).replace(NEVER, None).cast(TIME)


def _places(fleet: Fleet, runs: Runs, order: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
    kind_of = [pool.kind for pool in fleet.pools for _ in pool.node_names]
    nodes, first = runs.node.tolist(), runs.first.tolist()
    places = []
    for r in order.tolist():
        held = sorted(nodes[first[r] : first[r + 1]])
        places.append(f"{kind_of[held[0]]}:{';'.join(fleet.node_names[n] for n in held)}" if held else "")
    return places

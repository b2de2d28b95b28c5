"""Assemble a study: explain what happened, replay what could have, and put the figures side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headrace import __version__
from headrace.errors import InputError
from headrace.explain.explain import explain
from headrace.explain.findings import findings
from headrace.explain.metrics import bound, lives, measure, quantile
from headrace.explain.mismatch import mismatch
from headrace.history.asked import asked, happened, outages, span
from headrace.history.workloads import workloads
from headrace.replay.relax import relax
from headrace.replay.replay import replay
from headrace.replay.shrink import shrink
from headrace.report.assumptions import assumptions
from headrace.report.instants import minute
from headrace.report.study import AS_IT_HAPPENED, Result, Shrink, Study, TenantWait
from headrace.units import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headrace.explain.ledger import Ledger
    from headrace.explain.metrics import Bounds
    from headrace.history.log import JobLog
    from headrace.policy.policy import Policy
    from headrace.world.fleet import Fleet
    from headrace.world.record import Outages, Runs, Workload

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, done, of how many)."""


@dataclass(frozen=True)
class Request:
    """What is asked of a study beside the log and the fleet.

    `walls` are waived in every replay (see replay.relax); `checkpoint` is assumed, in ms, for jobs whose checkpoints
    the log does not tell (UNKNOWN: none is); `shrink` asks for the smallest fleet as well. Every ledger is of the time
    from `begin` to `end` (ms; UNKNOWN: what `span` says of the log, or a replay's last end); every job is replayed.
    """

    policies: tuple[Policy, ...]
    walls: tuple[str, ...] = ()
    checkpoint: int = UNKNOWN
    shrink: bool = False
    begin: int = UNKNOWN
    end: int = UNKNOWN
    seed: int = 0
    command: str = ""
    fleet_sha256: str = ""

    def period(self, begin: int, end: int) -> tuple[int, int]:
        """The part of [begin, end) that was asked for. InputError if there is none."""
        first = begin if self.begin == UNKNOWN else self.begin
        last = end if self.end == UNKNOWN else self.end
        if first >= last and (first, last) != (begin, end):
            right = f"the log's period is {minute(begin)} to {minute(end)}"
            raise InputError("--from and --to", "leave no time between them", right)
        return first, last


@dataclass(frozen=True)
class Played:
    """What happened (None for a log without start times) beside each policy's replay, and what they were made from."""

    happened: Result | None
    results: tuple[Result, ...]
    bounds: Bounds
    workload: Workload
    outages: Outages
    unplayed: dict[str, int]
    notes: tuple[str, ...]


def play(log: JobLog, fleet: Fleet, request: Request, progress: Progress) -> Played:
    """Explain what happened and replay every policy asked for."""
    out, strange = outages(log, fleet)
    wanted = asked(log, fleet)
    workload = with_checkpoint(wanted.workload, request.checkpoint)
    texts = {} if log.has_starts else workloads(log)  # the overlay is shown of the main ledger alone
    return Played(
        happened=happening(log, fleet, out, request, progress) if log.has_starts else None,
        results=tuple(result(fleet, workload, out, p, span(log), request, progress, texts) for p in request.policies),
        bounds=bound(fleet, workload),
        workload=workload,
        outages=out,
        unplayed=wanted.unplayed,
        notes=(*wanted.notes, *strange),
    )


def assemble(log: JobLog, fleet: Fleet, request: Request, progress: Progress) -> Study:
    """The study of `log` on `fleet`. Deterministic: the same arguments give equal studies."""
    played = play(log, fleet, request, progress)
    main = played.happened if played.happened is not None else played.results[0]
    main_workload = happened(log, fleet).workload if played.happened is not None else played.workload
    return Study(
        fleet=fleet,
        source=log.source,
        sha256=log.sha256,
        fleet_sha256=request.fleet_sha256,
        jobs=len(set(log.jobs["job"])),
        rejects=log.rejects,
        notes=(*log.notes, *played.notes),
        happened=played.happened,
        results=played.results,
        bounds=played.bounds,
        findings=findings(main.ledger, main_workload),
        unplayed=played.unplayed,
        assumptions=assumptions(log, fleet, asked_period=(request.begin, request.end) != (UNKNOWN, UNKNOWN)),
        shrink=_shrink(fleet, played, request, progress) if request.shrink else None,
        version=__version__,
        seed=request.seed,
        command=request.command,
    )


def happening(log: JobLog, fleet: Fleet, out: Outages, request: Request, progress: Progress) -> Result:
    """The result that the log itself tells."""
    was = happened(log, fleet)
    begin, end = request.period(was.begin, was.end)
    ledger = explain(fleet, was.workload, was.runs, out, begin, end, _ledger_of(AS_IT_HAPPENED, progress))
    return _of(AS_IT_HAPPENED, fleet, was.workload, was.runs, ledger, workloads(log))


def result(
    fleet: Fleet,
    workload: Workload,
    out: Outages,
    policy: Policy,
    period: tuple[int, int],
    request: Request,
    progress: Progress,
    texts: Mapping[str, str] | None = None,
) -> Result:
    """One policy's replay, over the log's `period` or until its last job ends, whichever is later.

    `texts` are what the jobs' workloads are called, for the overlay `mismatch`.
    """
    name = policy.name + "".join(f" (any {wall})" for wall in request.walls)
    open_fleet, open_workload = relax(fleet, workload, request.walls)
    runs = replay(open_fleet, open_workload, policy, out, lambda done, jobs: progress(name, done, jobs))
    begin, end = period
    begin, end = request.period(begin, max(end, int(runs.end.max(initial=0))))
    ledger = explain(open_fleet, open_workload, runs, out, begin, end, _ledger_of(name, progress))
    return _of(name, open_fleet, open_workload, runs, ledger, texts or {})


def _ledger_of(name: str, progress: Progress) -> Callable[[int, int], None]:
    return lambda done, events: progress(f"{name}, ledger", done, events)


def _of(name: str, fleet: Fleet, workload: Workload, runs: Runs, ledger: Ledger, texts: Mapping[str, str]) -> Result:
    overlay = mismatch(fleet, workload, runs, ledger, texts)
    return Result(name, ledger, measure(name, workload, runs, ledger), _waits(workload, runs, ledger), overlay)


def _waits(workload: Workload, runs: Runs, ledger: Ledger) -> tuple[TenantWait, ...]:
    of = lives(workload, runs)
    held = ledger.cells[6:].sum(axis=(0, 1, 3))
    lines = []
    for t, tenant in enumerate(workload.tenants):
        waits = of.wait[of.started & (of.tenant == t)]
        lines.append(TenantWait(tenant, len(waits), quantile(waits, 50), quantile(waits, 95), int(held[t])))
    return tuple(line for line in lines if line.jobs)


def with_checkpoint(workload: Workload, checkpoint: int) -> Workload:
    """`workload` with `checkpoint` (ms) where a job's own is not known; UNKNOWN leaves it so."""
    if checkpoint == UNKNOWN:
        return workload
    known = workload.checkpoint != UNKNOWN
    return replace(workload, checkpoint=np.where(known, workload.checkpoint, checkpoint))


def _p95_wait(workload: Workload, runs: Runs) -> int:
    of = lives(workload, runs)
    return quantile(of.wait[of.started], 95)


def _shrink(fleet: Fleet, played: Played, request: Request, progress: Progress) -> Shrink:
    """Shrink under the policy, of those that do not know the future, with the least 95th-percentile wait."""
    results = played.results
    honest = [i for i, result in enumerate(results) if not result.oracle] or list(range(len(results)))
    best = min(honest, key=lambda i: results[i].metrics.p95_wait)
    target = (played.happened or results[0]).metrics.p95_wait
    open_fleet, workload = relax(fleet, played.workload, request.walls)
    policy = request.policies[best]
    found = shrink(
        open_fleet, workload, policy, played.outages, target, _p95_wait, lambda n: progress("--shrink", n, n + 1)
    )
    nodes = {was.name: (was.nodes, now.nodes) for was, now in zip(fleet.pools, found.fleet.pools, strict=True)}
    return Shrink(results[best].name, target, found.wait, nodes, found.tried)

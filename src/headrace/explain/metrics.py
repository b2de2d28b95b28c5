"""One line of the comparison: what tenants felt and what the fleet did, from a workload and its runs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from headrace.explain.ledger import ALLOCATED, Class, Ledger
from headrace.units import MILLI, NEVER, UNKNOWN
from headrace.world.fits import TOGETHER, tally
from headrace.world.fleet import Fleet
from headrace.world.record import Bools, Ints, Outcome, Runs, Workload
from headrace.world.state import build, refer_state
from headrace.world.table import alike


@dataclass(frozen=True)
class Metrics:
    """Figures of one policy, or of what happened. Times in ms; shares of what was paid, 0..1.

    Completion is from a job's submission to the end of its last run; wait is all its time in the queue. `finished`
    jobs are those that ran to their end; `stranded` those that never could start. `slowdown` is the worst tenant's
    mean completion over its mean time running alone, and `slowest` that tenant. `unknown` is the share of what was paid
    that was held without telemetry.
    """

    name: str
    jobs: int
    finished: int
    stranded: int
    avg_completion: float
    p50_completion: int
    p99_completion: int
    avg_wait: float
    p50_wait: int
    p95_wait: int
    p99_wait: int
    makespan: int
    allocated: float
    useful: float
    preemptions: int
    interruptions: int
    lost: int
    slowdown: float
    slowest: str
    money_lost: dict[str, int]
    unknown: float = 0.0


@dataclass(frozen=True)
class Bounds:
    """What no policy can beat: makespan (ms) from work over capacity and from the longest job; completion from work."""

    makespan_work: int
    makespan_longest: int
    avg_completion: float

    @property
    def makespan(self) -> int:
        return max(self.makespan_work, self.makespan_longest)


@dataclass(frozen=True)
class Lives:
    """The jobs of a record, whatever their pieces and runs: submitted, ended, time waited and time run alone (ms).

    `finished` jobs are those whose last run ended by itself; `stranded` ones never started and still wait at the end.
    """

    names: tuple[str, ...]
    tenant: Ints
    submit: Ints
    end: Ints
    wait: Ints
    alone: Ints
    finished: Bools
    stranded: Bools
    started: Bools

    @property
    def completion(self) -> Ints:
        return self.end - self.submit

    @cached_property
    def sound(self) -> Bools:
        """Jobs whose completion means something: they finished."""
        return self.finished & self.started


def lives(workload: Workload, runs: Runs) -> Lives:
    """Put together what belongs to one job, by its name."""
    names, name = _numbered(workload.names)
    jobs, of_run = len(names), name[runs.job]
    began = runs.start < NEVER
    submit, end = np.full(jobs, NEVER), np.full(jobs, -NEVER)
    wait, alone = np.zeros(jobs, np.int64), np.zeros(jobs, np.int64)
    np.minimum.at(submit, of_run, runs.queued)
    np.maximum.at(end, of_run, runs.end)
    np.add.at(wait, of_run, np.where(began, runs.start, runs.end) - runs.queued)
    np.add.at(alone, name, np.maximum(workload.work, 0))
    tenant = np.zeros(jobs, np.int64)
    tenant[name[::-1]] = workload.tenant[::-1]
    last = np.zeros(jobs, np.int64)
    by_turn = np.lexsort((runs.end, runs.queued))
    last[of_run[by_turn]] = by_turn
    ended = np.isin(runs.outcome, _ENDED) & began
    waits = (runs.outcome == int(Outcome.PENDING)) & ~began
    return Lives(
        names=names,
        tenant=tenant,
        submit=submit,
        end=end,
        wait=wait,
        alone=alone,
        finished=ended[last] & _any(began, of_run, jobs),
        stranded=_any(waits, of_run, jobs),
        started=_any(began, of_run, jobs),
    )


_ENDED = [int(o) for o in (Outcome.COMPLETED, Outcome.FAILED, Outcome.CANCELLED, Outcome.TIMEOUT)]


def _numbered(names: tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
    """The distinct names, in order of appearance, and the place of each of `names` among them."""
    place = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return tuple(place), np.fromiter((place[name] for name in names), np.int64, len(names))


def _any(flags: Bools, group: Ints, groups: int) -> Bools:
    out = np.zeros(groups, np.bool_)
    out[group[flags]] = True
    return out


def measure(name: str, workload: Workload, runs: Runs, ledger: Ledger) -> Metrics:
    """The line of the comparison for `runs`."""
    of = lives(workload, runs)
    completion, wait = of.completion[of.sound], of.wait[of.started]
    began = runs.start < NEVER
    makespan = int(runs.end[began].max() - of.submit.min()) if began.any() else 0
    classes, slowdown = ledger.classes, _slowdown(of, len(workload.tenants))
    worst = int(np.argmax(slowdown)) if len(slowdown) else 0
    return Metrics(
        name=name,
        jobs=len(of.names),
        finished=int(of.sound.sum()),
        stranded=int(of.stranded.sum()),
        avg_completion=_mean(completion),
        p50_completion=quantile(completion, 50),
        p99_completion=quantile(completion, 99),
        avg_wait=_mean(wait),
        p50_wait=quantile(wait, 50),
        p95_wait=quantile(wait, 95),
        p99_wait=quantile(wait, 99),
        makespan=makespan,
        allocated=sum(classes[c] for c in ALLOCATED) / ledger.paid if ledger.paid else 0.0,
        useful=classes[Class.USEFUL] / ledger.paid if ledger.paid else 0.0,
        preemptions=int((runs.outcome == int(Outcome.PREEMPTED)).sum()),
        interruptions=int((runs.outcome == int(Outcome.NODE_FAIL)).sum()),
        lost=classes[Class.LOST],
        slowdown=float(slowdown[worst]) if len(slowdown) else 0.0,
        slowest=workload.tenants[worst] if len(slowdown) else "",
        money_lost={currency: line[Class.LOST] for currency, line in ledger.money().items()},
        unknown=classes[Class.UNKNOWN] / ledger.paid if ledger.paid else 0.0,
    )


def _mean(values: Ints) -> float:
    return int(values.sum()) / len(values) if len(values) else 0.0


def quantile(values: Ints, percent: int) -> int:
    """The smallest value that at least `percent` % of `values` do not exceed; 0 of none. Exact: no interpolation."""
    if not len(values):
        return 0
    rank = max(0, -(-len(values) * percent // 100) - 1)
    return int(np.partition(values, rank)[rank])


def _slowdown(of: Lives, tenants: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Each tenant's mean completion over its mean time alone, over the jobs that finished."""
    completed = np.bincount(of.tenant[of.sound], of.completion[of.sound], tenants)
    alone = np.bincount(of.tenant[of.sound], of.alone[of.sound], tenants)
    return np.divide(completed, alone, out=np.zeros(tenants), where=alone > 0)


def bound(fleet: Fleet, workload: Workload) -> Bounds:
    """Lower bounds for every policy, over the jobs that can start at all.

    Makespan: what is submitted from any instant on cannot end before its work is done by all chips together; and no
    job ends before its submission and its work have passed. Completion: nobody ends sooner than alone.
    """
    could = _startable(fleet, workload)
    jobs = np.flatnonzero(could & (workload.work != UNKNOWN) & (workload.after < 0))
    if not len(jobs):
        return Bounds(0, 0, 0.0)
    begin = int(workload.submit[jobs].min())
    last_first = jobs[np.argsort(-workload.submit[jobs], kind="stable")]
    work = np.cumsum((workload.demand * workload.work)[last_first].astype(np.float64))
    capacity = max(1, fleet.chips * MILLI)
    by_work = np.floor(work / capacity).astype(np.int64) + workload.submit[last_first] - begin
    of_names = lives_alone(workload, could)
    return Bounds(
        makespan_work=int(by_work.max()),
        makespan_longest=int((workload.submit[jobs] + workload.work[jobs]).max()) - begin,
        avg_completion=_mean(of_names),
    )


def _startable(fleet: Fleet, workload: Workload) -> Bools:
    """[J]: would the job start if the fleet were empty and up, and its tenant held nothing."""
    empty, gang = refer_state(build(fleet, workload)), workload.shapes.nodes
    distinct, which = alike(workload.shape, workload.tenant)
    could = [tally(empty, s, tenant)[TOGETHER] >= gang[s] for s, tenant in distinct.tolist()]
    return np.array(could, np.bool_)[which]


def lives_alone(workload: Workload, could: Bools) -> Ints:
    """Per job (by name) that could start and ends by itself: the time it takes alone, its gaps included, in ms."""
    names, name = _numbered(workload.names)
    alone = np.zeros(len(names), np.int64)
    np.add.at(alone, name, np.maximum(workload.work, 0) + np.where(workload.after >= 0, workload.gap, 0))
    sound = np.ones(len(names), np.bool_)
    sound[name[~(could & np.isin(workload.ends, _ENDED))]] = False
    return alone[sound]

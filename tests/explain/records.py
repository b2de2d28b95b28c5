"""Records of what happened: as Hypothesis draws them, small and crowded, and as a test writes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from tests.factories import Job, make_outages, make_workload

from headrace.explain.explain import explain
from headrace.units import EPOCH_MONDAY_MS, MILLI, NEVER, PPM, UNKNOWN, WEEK_MS
from headrace.world.fleet import Fleet, Pool, Tenant
from headrace.world.record import Ints, Outages, Outcome, Runs, Shapes, Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.explain.ledger import Class, Ledger

BEGIN = EPOCH_MONDAY_MS + WEEK_MS - 3000
"""Three seconds before a Monday."""
STEP = 500
"""Times are mostly whole steps, so that much happens at once; 24 steps are 12 seconds, as many slices of the curve."""
STEPS = 24
Place = tuple[int, int]
"""(node, chipmask), as in `record.Runs`: a node below zero is not named."""


class Record(NamedTuple):
    """What `explain` takes."""

    fleet: Fleet
    workload: Workload
    runs: Runs
    outages: Outages
    begin: int
    end: int

    @property
    def ledger(self) -> Ledger:
        return explain(*self)


@dataclass(frozen=True)
class Run:
    """One run as a test states it; `start` None: it never started. `places` None: a node of any name for each part."""

    job: int
    queued: int
    start: int | None
    end: int
    outcome: Outcome = Outcome.COMPLETED
    places: tuple[Place, ...] | None = None


def make_runs(workload: Workload, runs: Sequence[Run]) -> Runs:
    gangs = workload.shapes.nodes[workload.shape].tolist()
    rows: list[Place] = []
    first = [0]
    for run in runs:
        if run.start is not None:
            rows += run.places if run.places is not None else ((-1, 0),) * gangs[run.job]
        first.append(len(rows))
    return Runs(
        job=_ints(run.job for run in runs),
        queued=_ints(run.queued for run in runs),
        start=_ints(NEVER if run.start is None else run.start for run in runs),
        end=_ints(run.end for run in runs),
        outcome=_ints(run.outcome for run in runs),
        first=_ints(first),
        node=_ints(node for node, _ in rows),
        chipmask=_ints(mask for _, mask in rows),
    )


def make_record(
    fleet: Fleet,
    jobs: Sequence[Job],
    runs: Sequence[Run],
    end: int,
    outages: Sequence[tuple[int, int, int, bool]] = (),
    begin: int = 0,
) -> Record:
    workload = with_kinds(fleet, make_workload(fleet, jobs), {})
    return Record(fleet, workload, make_runs(workload, runs), make_outages(*outages), begin, end)


def with_kinds(fleet: Fleet, workload: Workload, any_kind: dict[int, bool]) -> Workload:
    """`workload` whose shapes would accept every pool of the kinds that they may use; or, where said so, every kind."""
    shapes = workload.shapes
    kinds = [
        [
            any_kind.get(s, False) or pool.kind in {q.kind for q, may in zip(fleet.pools, row, strict=True) if may}
            for pool in fleet.pools
        ]
        for s, row in enumerate(shapes.pools.tolist())
    ]
    columns = {name: getattr(shapes, name) for name in ("nodes", "chips", "share", "cpu", "memory", "pools")}
    return replace(workload, shapes=Shapes(**columns, kinds=np.array(kinds, np.bool_).reshape(shapes.pools.shape)))


def hours_of(ledger: Ledger) -> dict[str, int]:
    """Milli-chip-ms by class, where there are any."""
    return {c.word: amount for c, amount in ledger.classes.items() if amount}


def tenants_of(ledger: Ledger, which: Class) -> dict[str, int]:
    """Milli-chip-ms of one class by tenant."""
    return {name: line[which] for name, line in ledger.by("tenant").items() if line[which]}


def often(examples: int) -> settings:
    """The same examples on every machine, however slow it is."""
    return settings(max_examples=examples, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


# As Hypothesis draws them. Strategies are made once: to make them anew for each draw takes longer than to draw.

INSTANT = st.integers(-10, 5 * STEPS + 10).map(lambda n: BEGIN + n // 5 * STEP + n % 5 // 4)
"""Whole steps about the period, now and then a millisecond off."""
TIMES = st.tuples(INSTANT, INSTANT, INSTANT).map(sorted)
NUMBER = st.integers(0, 5039)
"""To be read as a choice of one out of up to ten."""
POOL = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["H20", "910B"]),
        "chips": st.sampled_from([1, 2, 2, 4, 4, 0]),
        "cpu": st.sampled_from([2000, 4000, 10**6]),
        "memory": st.sampled_from([8, 16, 10**6]),
        "site": st.sampled_from(["", "", "x"]),
        "price": st.sampled_from([UNKNOWN, 670, 333, 7]),
        "currency": st.sampled_from(["CNY", "CNY", "USD"]),
    }
)
POOLS = st.lists(st.tuples(POOL, st.sampled_from([1, 1, 2, 3])), min_size=1, max_size=3)
QUOTA = st.none() | st.dictionaries(st.sampled_from(["H20", "910B"]), st.sampled_from([0, 1, 2, 4]))
TENANTS = st.lists(st.builds(Tenant, st.sampled_from("abc"), QUOTA), max_size=3, unique_by=lambda t: t.name)
KIND_OF_JOB = st.builds(
    Job,
    chips=st.sampled_from([1, 1, 2, 4, 3, 0]),
    nodes=st.sampled_from([1, 1, 1, 2, 3]),
    share=st.sampled_from([1000, 1000, 500, 250, 334]),
    cpu=st.sampled_from([0, 0, 1000, 1500]),
    memory=st.sampled_from([0, 0, 3, 8]),
    starting=st.sampled_from([0, 0, 200, STEP, 3 * STEP]),
    checkpoint=st.sampled_from([UNKNOWN, 0, 300, 4 * STEP]),
)
KINDS_OF_JOB = st.lists(st.tuples(KIND_OF_JOB, NUMBER), min_size=1, max_size=5)
TELEMETRY = st.tuples(
    st.sampled_from([UNKNOWN, 0, 1, 333_333, 700_001, PPM]), st.sampled_from([UNKNOWN, UNKNOWN, 0, 1, 3])
)
RUN = st.tuples(TIMES, st.sampled_from(Outcome), st.lists(NUMBER, min_size=3, max_size=3))
RUNS = st.lists(RUN, min_size=1, max_size=3)
JOBS = st.lists(st.tuples(NUMBER, st.sampled_from("aabcd"), RUNS), max_size=12)
OUTAGES = st.lists(st.tuples(NUMBER, INSTANT, INSTANT, st.booleans()), max_size=3)


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    pools = [
        Pool(f"p{i}", node_names=tuple(f"p{i}-{n}" for n in range(nodes)), **pool)
        for i, (pool, nodes) in enumerate(draw(POOLS))
    ]
    return Fleet("test", tuple(pools), tuple(draw(TENANTS)))


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A record of a few kinds of jobs, more than fit; it may claim what cannot be."""
    fleet = draw(fleets())
    kinds = [_for(fleet, job, number) for job, number in draw(KINDS_OF_JOB)]
    drawn = draw(JOBS)
    jobs = [replace(kinds[number % len(kinds)], tenant=tenant) for number, tenant, _ in drawn]
    workload = make_workload(fleet, jobs or kinds[:1])
    any_kind = {s: draw(st.booleans()) for s in range(len(workload.shapes))}
    workload = with_telemetry(draw, with_kinds(fleet, workload, any_kind))
    runs = [_run(fleet, i, jobs[i], *run) for i, (_, _, several) in enumerate(drawn) for run in several]
    outages = [(n % len(fleet.node_names), min(times), max(times), down) for n, *times, down in draw(OUTAGES)]
    end = BEGIN + draw(st.sampled_from([STEPS * STEP, STEPS * STEP, 5 * STEP + 1]))
    return Record(fleet, workload, make_runs(workload, runs), make_outages(*outages), BEGIN, end)


def _for(fleet: Fleet, job: Job, number: int) -> Job:
    """`job`, made to suit the fleet somewhat: it names no pool, or one, or two."""
    names = [pool.name for pool in fleet.pools]
    some = sorted({names[number // 3 % len(names)], names[number // 7 % len(names)]})
    pools = (None, tuple(some[:1]), tuple(some))[number % 3]
    return replace(job, pools=pools, share=job.share if 0 < job.chips <= 2 else MILLI)


def _run(fleet: Fleet, number: int, job: Job, times: list[int], outcome: Outcome, where: list[int]) -> Run:
    """What became of a job: it waits, starts, ends; or, pending, it never starts."""
    queued, start, end = times
    if outcome == Outcome.PENDING:
        return Run(number, queued, None, end, outcome)
    return Run(number, queued, start, end, outcome, tuple(_place(fleet, job, n) for n in where[: job.nodes]))


def _place(fleet: Fleet, job: Job, number: int) -> Place:
    """Where a part of a run says that it was: on a node and chips, on a node, on a kind, or nothing; be it or not."""
    nodes, widest = len(fleet.node_names), max(job.chips, *(pool.chips for pool in fleet.pools))
    if number % 2:
        masks = [mask for mask in range(1 << widest) if mask.bit_count() == job.chips]
        return number // 2 % nodes, masks[number // 20 % len(masks)]
    return number // 2 % (nodes + 1 + len(fleet.kinds)) - 1 - len(fleet.kinds), 0


def with_telemetry(draw: st.DrawFn, workload: Workload) -> Workload:
    """`workload` with what its jobs' telemetry said, or did not say."""
    drawn = draw(st.lists(TELEMETRY, min_size=len(workload), max_size=len(workload)))
    activity, idle_chips = zip(*drawn, strict=True) if drawn else ((), ())
    return replace(workload, activity=_ints(activity), idle_chips=_ints(idle_chips))


def _ints(values: object) -> Ints:
    return np.array(list(values), np.int64)  # type: ignore[call-overload]

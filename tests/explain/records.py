"""Records of what happened: as Hypothesis draws them, small and crowded, and as a test writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st

from headrace.explain.explain import explain
from headrace.explain.ledger import Class, Ledger
from headrace.units import EPOCH_MONDAY_MS, MILLI, NEVER, PPM, UNKNOWN, WEEK_MS
from headrace.world.fleet import Fleet, Pool, Tenant
from headrace.world.record import Ints, Outages, Outcome, Runs, Shapes, Workload
from tests.factories import Job, make_outages, make_workload

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


# As Hypothesis draws them


def instants(least: int = -2, most: int = STEPS + 2) -> st.SearchStrategy[int]:
    """Whole steps about the period, now and then a millisecond off."""
    return st.integers(5 * least, 5 * most).map(lambda n: BEGIN + n // 5 * STEP + n % 5 // 4)


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    pools = [
        Pool(
            name=f"p{i}",
            kind=draw(st.sampled_from(["H20", "910B"])),
            node_names=tuple(f"p{i}-{n}" for n in range(draw(st.sampled_from([1, 1, 2, 3])))),
            chips=draw(st.sampled_from([1, 2, 2, 4, 4, 0])),
            cpu=draw(st.sampled_from([2000, 4000, 10**6])),
            memory=draw(st.sampled_from([8, 16, 10**6])),
            site=draw(st.sampled_from(["", "", "x"])),
            price=draw(st.sampled_from([UNKNOWN, 670, 333, 7])),
            currency=draw(st.sampled_from(["CNY", "CNY", "USD"])),
        )
        for i in range(draw(st.integers(1, 3)))
    ]
    quota = st.none() | st.dictionaries(st.sampled_from(["H20", "910B"]), st.sampled_from([0, 1, 2, 4]))
    tenants = st.lists(st.builds(Tenant, st.sampled_from("abc"), quota), max_size=3, unique_by=lambda t: t.name)
    return Fleet("test", tuple(pools), tuple(draw(tenants)))


@st.composite
def kinds_of_job(draw: st.DrawFn, fleet: Fleet) -> Job:
    widest = max(1, *(pool.chips for pool in fleet.pools))
    chips = min(widest, draw(st.sampled_from([1, 1, 2, 4, 3, 0])))
    pools = st.lists(st.sampled_from([pool.name for pool in fleet.pools]), min_size=1, unique=True)
    return Job(
        chips=chips,
        nodes=draw(st.sampled_from([1, 1, 1, 2, 3])),
        share=draw(st.sampled_from([1000, 1000, 500, 250, 334])) if 0 < chips <= 2 else MILLI,
        cpu=draw(st.sampled_from([0, 0, 1000, 1500])),
        memory=draw(st.sampled_from([0, 0, 3, 8])),
        pools=draw(st.none() | pools.map(sorted).map(tuple) | pools.map(lambda names: (names[0],))),
        starting=draw(st.sampled_from([0, 0, 200, STEP, 3 * STEP])),
        checkpoint=draw(st.sampled_from([UNKNOWN, 0, 300, 4 * STEP])),
    )


@st.composite
def places(draw: st.DrawFn, fleet: Fleet, job: Job) -> tuple[Place, ...]:
    """Where a run says that it was: on nodes and chips, on nodes, on a kind, or nothing; whether that can be or not."""
    widest = max(1, *(pool.chips for pool in fleet.pools))
    node = st.integers(0, len(fleet.node_names) - 1)
    masks = [mask for mask in range(1 << widest) if mask.bit_count() == job.chips]
    exact = st.tuples(node, st.sampled_from(masks))
    vague = st.integers(-1 - len(fleet.kinds), len(fleet.node_names) - 1).map(lambda n: (n, 0))
    return draw(st.tuples(*[draw(st.sampled_from([exact, vague]))] * job.nodes))


@st.composite
def runs_of(draw: st.DrawFn, fleet: Fleet, number: int, job: Job) -> list[Run]:
    """What became of a job: it waits, starts, ends, and queues again; or it never starts."""
    made = []
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        queued, start, end = sorted(draw(st.tuples(instants(), instants(), instants())))
        outcome = draw(st.sampled_from(list(Outcome)))
        if outcome == Outcome.PENDING:
            made.append(Run(number, queued, None, end, outcome))
        else:
            made.append(Run(number, queued, start, end, outcome, draw(places(fleet, job))))
    return made


@st.composite
def outages(draw: st.DrawFn, fleet: Fleet) -> Outages:
    one = st.tuples(st.integers(0, len(fleet.node_names) - 1), instants(), instants(), st.booleans())
    drawn = draw(st.lists(one, max_size=3))
    return make_outages(*((n, min(times), max(times), down) for n, *times, down in drawn))


@st.composite
def records(draw: st.DrawFn, most: int = 14) -> Record:
    """A record of up to `most` jobs of a few kinds, more than fits; it may claim what cannot be."""
    fleet = draw(fleets())
    kinds = draw(st.lists(kinds_of_job(fleet), min_size=1, max_size=5))
    tenant = st.sampled_from("aabcd")
    jobs = [replace(draw(st.sampled_from(kinds)), tenant=draw(tenant)) for _ in range(draw(st.integers(0, most)))]
    workload = make_workload(fleet, jobs or kinds[:1])
    any_kind = {s: draw(st.booleans()) for s in range(len(workload.shapes))}
    workload = with_telemetry(draw, with_kinds(fleet, workload, any_kind))
    runs = [run for i, job in enumerate(jobs) for run in draw(runs_of(fleet, i, job))]
    length = draw(st.sampled_from([STEPS, STEPS, 5]))
    return Record(
        fleet, workload, make_runs(workload, runs), draw(outages(fleet)), BEGIN, BEGIN + length * STEP + length % 2
    )


def with_telemetry(draw: st.DrawFn, workload: Workload) -> Workload:
    """`workload` with what its jobs' telemetry said, or did not say."""
    jobs = len(workload)
    activity = st.sampled_from([UNKNOWN, 0, 1, 333_333, 700_001, PPM])
    return replace(
        workload,
        activity=_ints(draw(activity) for _ in range(jobs)),
        idle_chips=_ints(draw(st.sampled_from([UNKNOWN, UNKNOWN, 0, 1, 3])) for _ in range(jobs)),
    )


def _ints(values: object) -> Ints:
    return np.array(list(values), np.int64)  # type: ignore[call-overload]

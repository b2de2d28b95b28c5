"""Random small inputs: fleets, tenants, jobs, outages and policies, as Hypothesis draws them."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from hypothesis import settings
from hypothesis import strategies as st
from tests.factories import Job, make_outages, make_pool, make_workload

from headrace.policy.policy import Policy
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.units import MINUTE_MS, UNKNOWN
from headrace.world.fleet import Fleet, Pool, Tenant
from headrace.world.record import Outages, Outcome, Service, Workload

TICK = 10 * MINUTE_MS
"""Most times are whole ticks, so that many things happen at once; and chip-hours come together to pass bands."""


def often(examples: int) -> settings:
    """The same `examples` examples on every machine."""
    return settings(max_examples=examples, deadline=None, derandomize=True)


class Case(NamedTuple):
    """Everything that a replay takes, but for the policy; and the jobs as they were drawn."""

    fleet: Fleet
    workload: Workload
    outages: Outages
    jobs: tuple[Job, ...]


def ticks(least: int, most: int) -> st.SearchStrategy[int]:
    """Whole ticks, now and then a millisecond off."""
    return st.builds(lambda t, off: t * TICK + off, st.integers(least, most), st.sampled_from([0, 0, 0, 0, 1]))


def pools() -> st.SearchStrategy[list[Pool]]:
    def name(drawn: list[dict[str, object]]) -> list[Pool]:
        return [make_pool(f"p{i}", **pool) for i, pool in enumerate(drawn)]  # type: ignore[arg-type]

    return st.lists(
        st.fixed_dictionaries(
            {
                "nodes": st.sampled_from([1, 1, 2, 2, 3, 4]),
                "chips": st.sampled_from([1, 2, 4, 4, 8, 1, 2, 4, 4, 8, 0]),
                "cpu": st.sampled_from([4000, 8000, 10**6]),
                "memory": st.sampled_from([16, 64, 10**6]),
                "kind": st.sampled_from(["H20", "H20", "910B"]),
                "site": st.sampled_from(["", "", "x"]),
            }
        ),
        min_size=1,
        max_size=3,
    ).map(name)


def tenants() -> st.SearchStrategy[list[Tenant]]:
    quota = st.none() | st.dictionaries(st.sampled_from(["H20", "910B"]), st.sampled_from([2, 4, 6, 8, 16, 0]))
    return st.lists(
        st.builds(Tenant, st.sampled_from("abc"), quota, st.sampled_from([0.5, 1.0, 2.0, 0.3])),
        max_size=3,
        unique_by=lambda tenant: tenant.name,
    )


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    return Fleet("test", tuple(draw(pools())), tuple(draw(tenants())))


@st.composite
def jobs(draw: st.DrawFn, fleet: Fleet) -> Job:
    names = [pool.name for pool in fleet.pools]
    widest = max(pool.chips for pool in fleet.pools)
    chips = min(draw(st.sampled_from([1, 1, 2, 4, 8, 3, 0])), draw(st.sampled_from([widest] * 9 + [8])))
    work = draw(ticks(0, 30))
    return Job(
        submit=draw(ticks(0, 20)),
        work=work,
        chips=chips,
        nodes=min(draw(st.sampled_from([1, 1, 1, 2, 3])), draw(st.sampled_from([len(fleet.node_names)] * 9 + [3]))),
        share=draw(st.sampled_from([1000, 1000, 500, 250, 334])) if chips <= 2 else 1000,
        cpu=draw(st.sampled_from([0, 0, 0, 1000, 3000])),
        memory=draw(st.sampled_from([0, 0, 0, 1, 8, 12])),
        tenant=draw(st.sampled_from("aabbcdd")),
        pools=draw(
            st.none() | st.none() | st.lists(st.sampled_from(names), min_size=1, unique=True).map(sorted).map(tuple)
        ),
        limit=draw(st.just(UNKNOWN) | st.just(work) | ticks(0, 30)),
        checkpoint=draw(st.sampled_from([UNKNOWN, 0, TICK, 3 * TICK])),
        service=draw(st.sampled_from([Service.NORMAL, Service.NORMAL, Service.NORMAL, Service.SERVING])),
        starting=min(work, draw(st.sampled_from([0, 0, TICK // 10, TICK, 3 * TICK]))),
        ends=draw(st.sampled_from([Outcome.COMPLETED, Outcome.COMPLETED, Outcome.FAILED, Outcome.TIMEOUT])),
    )


@st.composite
def workloads(draw: st.DrawFn, fleet: Fleet, most: int = 18) -> tuple[Job, ...]:
    """Jobs, of which many are alike, and some are released by the end of an earlier one."""
    kinds = draw(st.lists(jobs(fleet), min_size=1, max_size=5))
    drawn: list[Job] = []
    followed: set[int] = set()
    for _ in range(draw(st.integers(most // 4, most))):
        job = draw(st.sampled_from(kinds))
        work = draw(st.just(job.work) | ticks(3, 30))
        job = replace(job, submit=draw(ticks(0, 20)), work=work, starting=min(job.starting, work))
        before = draw(st.integers(-1, 4 * len(drawn))) if drawn else -1
        if 0 <= before < len(drawn) and before not in followed:
            followed.add(before)
            job = replace(job, after=before, gap=draw(ticks(0, 3)))
        drawn.append(job)
    return tuple(drawn)


@st.composite
def outages(draw: st.DrawFn, fleet: Fleet) -> Outages:
    nodes = len(fleet.node_names)
    one = st.tuples(st.integers(0, nodes - 1), ticks(0, 30), ticks(0, 20), st.booleans())
    return make_outages(
        *((n, start, start + length, down) for n, start, length, down in draw(st.lists(one, max_size=4)))
    )


def policies() -> st.SearchStrategy[Policy]:
    return st.builds(Policy, *(st.sampled_from(list(registry)) for registry in (ORDERS, BACKFILLS, PLACES)))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    fleet = draw(fleets())
    drawn = draw(workloads(fleet))
    return Case(fleet, make_workload(fleet, drawn), draw(outages(fleet)), drawn)

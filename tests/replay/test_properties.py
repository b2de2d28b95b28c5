"""What must hold of every replay, whatever the policy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, Stay, make_workload, stays
from tests.twins.inputs import Case, cases, fleets, often, ticks, workloads
from tests.twins.replay import Twin

from headrace.policy.policy import Policy
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.replay.replay import replay
from headrace.units import MILLI, NEVER, UNKNOWN
from headrace.world.checkpoint import kept_work
from headrace.world.record import Outcome, no_outages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headrace.world.fleet import Fleet, Pool

CUT_OFF = (Outcome.NODE_FAIL, Outcome.PREEMPTED)
STOPPING = ("las", "oracle:srtf", "oracle:srsf")
"""The orders that stop jobs for others."""


def every_policy(turn: int) -> Iterator[Policy]:
    """Every order with every backfill, each with one of the places in turn."""
    places = list(PLACES)
    for i, order in enumerate(ORDERS):
        for k, backfill in enumerate(BACKFILLS):
            yield Policy(order, backfill, places[(turn + 3 * i + k) % len(places)], seed=turn)


@st.composite
def replays(draw: st.DrawFn) -> tuple[Case, dict[str, list[Stay]]]:
    """A case, and its runs under every order and backfill."""
    case, turn = draw(cases()), draw(st.integers(0, len(PLACES) - 1))
    return case, {p.name: stays(replay(case.fleet, case.workload, p, case.outages)) for p in every_policy(turn)}


Replays = tuple[Case, dict[str, list[Stay]]]


def pool_of_node(fleet: Fleet) -> list[Pool]:
    return [pool for pool in fleet.pools for _ in pool.node_names]


def ran(runs: list[Stay]) -> list[Stay]:
    """The stays that did not end in the queue."""
    return [stay for stay in runs if stay.start < NEVER]


def at_once(runs: list[Stay]) -> Iterator[list[Stay]]:
    """For each instant at which something starts, all that runs then."""
    for now in {stay.start for stay in ran(runs)}:
        yield [stay for stay in runs if stay.start <= now < stay.end]


def chips_of(mask: int) -> list[int]:
    return [c for c in range(mask.bit_length()) if mask >> c & 1]


@often(15)
@given(replays())
def test_no_more_is_in_use_than_there_is(drawn: Replays) -> None:
    case, by_policy = drawn
    pools = pool_of_node(case.fleet)
    for runs in by_policy.values():
        for together in at_once(runs):
            chips, cpu, memory = (defaultdict[object, int](int) for _ in range(3))
            for stay in together:
                job = case.jobs[stay.job]
                for n, mask in stay.places:
                    cpu[n] += job.cpu
                    memory[n] += job.memory
                    for c in chips_of(mask):
                        assert c < pools[n].chips
                        chips[n, c] += job.share
            assert max(chips.values(), default=0) <= MILLI
            assert all(cpu[n] <= pools[n].cpu and memory[n] <= pools[n].memory for n in cpu)


@often(15)
@given(replays())
def test_a_gang_is_whole_on_distinct_nodes_of_one_island_that_it_allows(drawn: Replays) -> None:
    case, by_policy = drawn
    pools = pool_of_node(case.fleet)
    for runs in by_policy.values():
        for stay in ran(runs):
            job, nodes = case.jobs[stay.job], [n for n, _ in stay.places]
            assert len(nodes) == len(set(nodes)) == job.nodes
            assert len({(pools[n].site, pools[n].kind) for n in nodes}) == 1
            assert all(len(chips_of(mask)) == job.chips for _, mask in stay.places)
            assert all(job.pools is None or pools[n].name in job.pools for n in nodes)


@often(15)
@given(replays())
def test_no_quota_is_exceeded(drawn: Replays) -> None:
    case, by_policy = drawn
    pools = pool_of_node(case.fleet)
    quota = {tenant.name: tenant.quota for tenant in case.fleet.tenants if tenant.quota is not None}
    for runs in by_policy.values():
        for together in at_once(runs):
            used = defaultdict[tuple[str, str], int](int)
            for stay in together:
                job = case.jobs[stay.job]
                used[job.tenant, pools[stay.places[0][0]].kind] += job.nodes * job.chips * job.share
            for (tenant, kind), milli in used.items():
                assert tenant not in quota or milli <= quota[tenant].get(kind, 0) * MILLI


@often(15)
@given(replays())
def test_nothing_starts_on_a_node_that_is_out(drawn: Replays) -> None:
    case, by_policy = drawn
    out = list(zip(*(getattr(case.outages, name).tolist() for name in ("node", "start", "end")), strict=True))
    for runs in by_policy.values():
        for stay in ran(runs):
            on = {n for n, _ in stay.places}
            assert not any(n in on and start <= stay.start < end for n, start, end in out)


@often(15)
@given(replays())
def test_what_runs_on_a_node_that_goes_down_is_lost_at_that_instant_and_nothing_else_is(drawn: Replays) -> None:
    case, by_policy = drawn
    names = ("node", "start", "down")
    down = {(n, at) for n, at, lost in zip(*(getattr(case.outages, name) for name in names), strict=True) if lost}
    for runs in by_policy.values():
        for stay in ran(runs):
            assert not any(n == m and stay.start < at < stay.end for n, _ in stay.places for m, at in down)
            assert (stay.outcome == Outcome.NODE_FAIL) <= any((n, stay.end) in down for n, _ in stay.places)


def stays_by_job(runs: list[Stay]) -> dict[int, list[Stay]]:
    found = defaultdict(list)
    for stay in runs:
        found[stay.job].append(stay)
    return found


@often(15)
@given(replays())
def test_every_job_ends_once_by_its_own_end_or_is_left_waiting(drawn: Replays) -> None:
    case, by_policy = drawn
    for policy, runs in by_policy.items():
        found = stays_by_job(runs)
        for j, job in enumerate(case.jobs):
            released = job.after < 0 or (found[job.after][-1:] and found[job.after][-1].outcome != Outcome.PENDING)
            assert bool(found[j]) == bool(released)
            outcomes = [stay.outcome for stay in found[j]]
            assert all(outcome in CUT_OFF for outcome in outcomes[:-1])
            assert outcomes[-1:] in ([], [job.ends], [Outcome.PENDING])
            assert Outcome.PREEMPTED not in outcomes or policy.startswith(STOPPING)


@often(15)
@given(replays())
def test_a_job_waits_from_its_submission_and_again_from_the_instant_at_which_it_is_cut_off(drawn: Replays) -> None:
    case, by_policy = drawn
    for runs in by_policy.values():
        found = stays_by_job(runs)
        for j, own in found.items():
            job = case.jobs[j]
            assert own[0].queued == (job.submit if job.after < 0 else found[job.after][-1].end + job.gap)
            assert all(later.queued == stay.end for stay, later in pairwise(own))
            assert all(stay.queued <= stay.start and stay.queued <= stay.end for stay in own)


@often(15)
@given(replays())
def test_the_work_done_in_all_runs_is_the_work_that_there_was(drawn: Replays) -> None:
    case, by_policy = drawn
    for runs in by_policy.values():
        for j, own in stays_by_job(runs).items():
            job, left = case.jobs[j], case.jobs[j].work - case.jobs[j].starting
            for stay in own[:-1]:
                left -= kept_work(stay.end - stay.start, job.starting, job.checkpoint)
            assert left >= 0
            if own[-1].outcome != Outcome.PENDING:
                assert own[-1].end - own[-1].start == job.starting + left


@often(15)
@given(replays())
def test_runs_come_in_the_order_in_which_they_ended_and_those_left_waiting_last(drawn: Replays) -> None:
    _, by_policy = drawn
    for runs in by_policy.values():
        assert [stay.end for stay in ran(runs)] == sorted(stay.end for stay in ran(runs))
        assert [stay.start == NEVER for stay in runs] == sorted(stay.start == NEVER for stay in runs)


@often(15)
@given(cases(), st.integers(0, 6))
def test_a_replay_done_twice_is_the_same_twice(case: Case, turn: int) -> None:
    for policy in every_policy(turn):
        once, again = (replay(case.fleet, case.workload, policy, case.outages) for _ in range(2))
        assert stays(once) == stays(again)


@often(50)
@given(st.data())
def test_it_does_not_matter_in_which_row_a_job_stands(data: st.DataObject) -> None:
    fleet = data.draw(fleets())
    jobs = [replace(job, submit=17 * i, after=-1) for i, job in enumerate(data.draw(workloads(fleet)))]
    place = data.draw(st.sampled_from(["first", "best", "packing", "clustering", "dot", "fgd"]))
    policy = Policy(data.draw(st.sampled_from(["fifo", "fair"])), data.draw(st.sampled_from(list(BACKFILLS))), place)
    rows = data.draw(st.permutations(range(len(jobs))))
    plain = stays(replay(fleet, make_workload(fleet, jobs), policy))
    mixed = stays(replay(fleet, make_workload(fleet, [jobs[row] for row in rows]), policy))
    assert sorted(stay._replace(job=rows[stay.job]) for stay in mixed) == sorted(plain)


@st.composite
def true_limits(draw: st.DrawFn) -> tuple[Fleet, list[Job]]:
    """No outages, and no job that outlives its limit; some without one."""
    fleet = draw(fleets())
    jobs = draw(workloads(fleet))
    return fleet, [
        replace(
            job,
            limit=draw(st.just(UNKNOWN) | st.just(job.work) | ticks(0, 9).map(lambda more, job=job: job.work + more)),
        )
        for job in jobs
    ]


@often(50)
@given(true_limits(), st.sampled_from(list(PLACES)), st.sampled_from(["easy", "conservative"]))
def test_the_first_waiting_job_starts_no_later_than_promised(
    drawn: tuple[Fleet, list[Job]], place: str, backfill: str
) -> None:
    fleet, jobs = drawn
    workload, policy = make_workload(fleet, jobs), Policy("fifo", backfill, place)
    start = {stay.job: stay.start for stay in stays(replay(fleet, workload, policy))}
    twin = Twin(fleet, workload, policy, no_outages())
    twin.replay()
    for now, job, since in twin.promised:
        assert now <= start[job] <= since

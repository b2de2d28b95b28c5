"""The tables in which everything is kept."""

from __future__ import annotations

from bisect import insort

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, make_fleet, make_pool, make_workload
from tests.round.hand import Hand, on_node, picture, queue
from tests.twins.inputs import fleets, often, workloads

from headrace.errors import InputError
from headrace.units import NEVER
from headrace.world.checkpoint import kept_work
from headrace.world.fleet import MAX_CHIPS_PER_NODE, Fleet, Pool, Tenant
from headrace.world.queue import dequeue, enqueue
from headrace.world.record import no_outages
from headrace.world.state import ACTIVE, NONE, QUEUED
from headrace.world.take import give_back, take


def test_a_fleet_is_built_idle_and_whole() -> None:
    fleet = make_fleet(make_pool("a", 2, 4, cpu=8, memory=16), make_pool("b", 1, 2, kind="910B", site="x"))
    state = Hand(fleet, [Job()]).state
    assert state.free.tolist() == [[1000] * 4, [1000] * 4, [1000, 1000, 0, 0]]
    assert state.nodes[["pool", "kind", "island", "cpu", "memory", "out"]].tolist()[::2] == [
        (0, 0, 0, 8, 16, 0),
        (1, 1, 1, 10**6, 10**6, 0),
    ]


def test_pools_of_one_site_and_kind_are_one_island() -> None:
    pools = [make_pool("a"), make_pool("b"), make_pool("c", kind="910B"), make_pool("d", site="x")]
    assert Hand(make_fleet(*pools), [Job()]).state.nodes["island"].tolist() == [0, 0, 1, 2]


def test_a_tenant_without_a_quota_has_no_cap_and_one_with_a_quota_has_it_in_every_kind() -> None:
    fleet = make_fleet(make_pool("a"), make_pool("b", kind="910B"), tenants=[Tenant("t", {"910B": 3}), Tenant("u")])
    state = Hand(fleet, [Job(tenant="t"), Job(tenant="u"), Job(tenant="stranger")]).state
    assert state.quota.tolist() == [[0, 3000], [NEVER, NEVER], [NEVER, NEVER]]


def test_jobs_alike_in_tenant_shape_and_limit_share_a_line() -> None:
    jobs = [Job(), Job(work=5), Job(limit=9), Job(tenant="u"), Job(chips=2), Job(submit=7)]
    lines = Hand(make_fleet(), jobs).state.jobs["line"].tolist()
    assert lines[0] == lines[1] == lines[5]
    assert len(set(lines)) == 4


@often(40)
@given(st.data())
def test_a_line_is_sorted_by_key_and_number_whoever_comes_and_goes(data: st.DataObject) -> None:
    hand = Hand(make_fleet(), [Job(tenant=data.draw(st.sampled_from("ab"))) for _ in range(12)])
    expected: dict[int, list[tuple[int, int]]] = {line: [] for line in range(len(hand.state.lines))}
    for job in data.draw(st.lists(st.integers(0, 11), max_size=40)):
        line, key = int(hand.state.jobs[job]["line"]), int(hand.state.jobs[job]["key"])
        if (key, job) in expected[line]:
            dequeue(hand.state_ref, job)
            expected[line].remove((key, job))
        else:
            hand.state.jobs[job]["key"] = data.draw(st.integers(0, 3))
            enqueue(hand.state_ref, job)
            insort(expected[line], (int(hand.state.jobs[job]["key"]), job))
        assert [queue(hand.state, line) for line in expected] == [[j for _, j in jobs] for jobs in expected.values()]
    active = hand.state.active[: hand.state.counts[ACTIVE]].tolist()
    assert sorted(active) == [line for line, jobs in expected.items() if jobs]
    assert all(int(hand.state.lines[line]["place"]) == place for place, line in enumerate(active))
    assert hand.state.counts[QUEUED] == sum(len(jobs) for jobs in expected.values())


@often(40)
@given(st.data())
def test_what_is_taken_and_given_back_leaves_nothing_behind(data: st.DataObject) -> None:
    fleet = data.draw(fleets())
    hand = Hand(fleet, data.draw(workloads(fleet)))
    before, stamps = picture(hand), hand.state.nodes["stamp"].copy()
    held: list[int] = []
    for job in data.draw(st.lists(st.integers(0, len(hand.workload) - 1), unique=True)):
        gang = int(hand.state.shapes[hand.workload.shape[job]]["nodes"])
        nodes = data.draw(st.permutations(range(len(hand.state.nodes))))[:gang]
        for n in nodes:
            take(hand.state_ref, job, n, 1)
            assert (job, 1) in on_node(hand.state, n)
        held.append(job)
        if data.draw(st.booleans()):
            give_back(hand.state_ref, held.pop(data.draw(st.integers(0, len(held) - 1))))
    touched = {n for job in held for n, _ in hand.places(job)}
    for job in held:
        give_back(hand.state_ref, job)
    assert all(hand.state.nodes["stamp"][n] > stamps[n] for n in touched)
    hand.state.nodes["stamp"] = stamps
    assert picture(hand) == before
    assert set(hand.state.jobs["row"].tolist()) == {NONE}


@pytest.mark.parametrize(
    ("ran", "starting", "checkpoint", "kept"),
    [
        (100, 0, -1, 0),
        (100, 0, 0, 100),
        (100, 30, 0, 70),
        (100, 30, 20, 60),
        (100, 30, 70, 70),
        (100, 30, 71, 0),
        (20, 30, 0, 0),
        (20, 30, 5, 0),
    ],
)
def test_work_survives_to_the_last_checkpoint(ran: int, starting: int, checkpoint: int, kept: int) -> None:
    assert kept_work(ran, starting, checkpoint) == kept


def test_the_demand_of_a_job_is_all_that_it_holds() -> None:
    workload = make_workload(make_fleet(), [Job(nodes=3, chips=2, share=500), Job(chips=0)])
    assert workload.demand.tolist() == [3000, 0]


def test_no_outages_are_none() -> None:
    assert len(no_outages()) == 0


def test_a_fleet_lists_its_nodes_pool_by_pool_and_its_kinds_once() -> None:
    fleet = make_fleet(make_pool("a", 2, 4), make_pool("b", 1, 2, kind="910B"), make_pool("c", 1, 1))
    assert fleet.node_names == ("a-1", "a-2", "b-1", "c-1")
    assert fleet.kinds == ("H20", "910B")
    assert fleet.chips == 11


def test_a_pool_without_nodes_is_refused() -> None:
    with pytest.raises(InputError, match="pool 'a': has no nodes; a pool needs at least one"):
        Pool("a", "H20", (), 8, 1, 1)


@pytest.mark.parametrize("chips", [-1, MAX_CHIPS_PER_NODE + 1])
def test_a_pool_with_an_impossible_number_of_chips_is_refused(chips: int) -> None:
    with pytest.raises(InputError, match="chips a node; 0 to 62 are possible"):
        make_pool(chips=chips)


def test_a_pool_of_a_negative_size_is_refused() -> None:
    with pytest.raises(InputError, match="negative size"):
        make_pool(cpu=-1)


def test_a_tenant_has_a_positive_weight_and_no_negative_quota() -> None:
    with pytest.raises(InputError, match="a weight is more than zero"):
        Tenant("t", weight=0)
    with pytest.raises(InputError, match="a quota is zero chips or more"):
        Tenant("t", {"H20": -1})


def test_a_fleet_names_nothing_twice() -> None:
    with pytest.raises(InputError, match="names the node 'a-1' twice"):
        make_fleet(make_pool("a"), make_pool("a", site="x"))
    with pytest.raises(InputError, match="names the tenant 't' twice"):
        make_fleet(tenants=[Tenant("t"), Tenant("t")])
    with pytest.raises(InputError, match="names the pool '/a' twice"):
        make_fleet(make_pool("a"), Pool("a", "H20", ("other",), 8, 1, 1))
    with pytest.raises(InputError, match="has no pool"):
        Fleet("empty", ())


def test_the_largest_node_has_a_bit_for_every_chip() -> None:
    hand = Hand(make_fleet(make_pool(chips=MAX_CHIPS_PER_NODE)), [Job(chips=MAX_CHIPS_PER_NODE)]).submit(0)
    assert hand.round()[0].places == [(0, 2**MAX_CHIPS_PER_NODE - 1)]
    assert hand.state.free.tolist() == [[0] * MAX_CHIPS_PER_NODE]

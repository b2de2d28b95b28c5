"""The smallest fleet that keeps the wait: what is returned was tried, meets the target, and is small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.records import often
from tests.factories import Job, make_fleet, make_outages, make_pool, make_workload
from tests.twins.inputs import Case, cases, policies

from headrace.explain.metrics import lives, quantile
from headrace.policy.policy import Policy
from headrace.replay.replay import replay
from headrace.replay.shrink import cut, shrink, sizes, stranded
from headrace.units import NEVER

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet
    from headrace.world.record import Outages, Runs, Workload

NONE = make_outages()
FIFO = Policy()


def p95(workload: Workload, runs: Runs) -> int:
    of = lives(workload, runs)
    return quantile(of.wait[of.started], 95)


def nodes_of(fleet: Fleet) -> list[int]:
    return [pool.nodes for pool in fleet.pools]


def part_of(outages: Outages, whole: Fleet, part: Fleet) -> Outages:
    number = {name: i for i, name in enumerate(part.node_names)}
    rows = zip(*(column.tolist() for column in vars(outages).values()), strict=True)
    named = [(whole.node_names[n], *rest) for n, *rest in rows]
    return make_outages(*((number[name], *rest) for name, *rest in named if name in number))


@often(60)
@given(cases(), policies(), st.sampled_from([0, 600_000, 6_000_000, NEVER]))
def test_what_is_returned_meets_the_target_or_is_the_whole(case: Case, policy: Policy, target: int) -> None:
    found = shrink(case.fleet, case.workload, policy, case.outages, target, p95)
    whole = replay(case.fleet, case.workload, policy, case.outages)
    runs = replay(found.fleet, case.workload, policy, part_of(case.outages, case.fleet, found.fleet))
    assert p95(case.workload, runs) == found.wait
    assert found.wait <= target or found.fleet == case.fleet
    assert stranded(runs) <= stranded(whole)
    for pool, all_ in zip(found.fleet.pools, case.fleet.pools, strict=True):
        assert pool.node_names == all_.node_names[: max(1, pool.nodes)]


@pytest.mark.parametrize("nodes", [1, 2, 3, 7, 19])
def test_a_fleet_that_is_twice_too_large_is_halved(nodes: int) -> None:
    fleet = make_fleet(make_pool(nodes=2 * nodes, chips=1))
    workload = make_workload(fleet, [Job(work=100)] * nodes)
    found = shrink(fleet, workload, FIFO, NONE, 0, p95)
    assert (nodes_of(found.fleet), found.wait) == ([nodes], 0)


def test_pools_shrink_in_proportion_and_each_keeps_a_node() -> None:
    fleet = make_fleet(make_pool("a", nodes=20, chips=1), make_pool("b", nodes=10, chips=1), make_pool("c", chips=1))
    workload = make_workload(fleet, [Job(work=100, pools=("a",))] * 4)
    assert nodes_of(shrink(fleet, workload, FIFO, NONE, 0, p95).fleet) == [4, 2, 1]


def test_the_whole_fleet_is_returned_if_nothing_smaller_keeps_the_wait() -> None:
    fleet = make_fleet(make_pool(nodes=4, chips=1))
    workload = make_workload(fleet, [Job(work=100)] * 4)
    found = shrink(fleet, workload, FIFO, NONE, 0, p95)
    assert (found.fleet, found.wait) == (fleet, 0)


def test_the_whole_fleet_is_returned_if_even_it_does_not_keep_the_wait() -> None:
    fleet = make_fleet(make_pool(nodes=4, chips=1))
    workload = make_workload(fleet, [Job(work=100)] * 8)
    found = shrink(fleet, workload, FIFO, NONE, 50, p95)
    assert (found.fleet, found.wait, found.tried) == (fleet, 100, 1)


def test_a_longer_wait_lets_the_fleet_be_smaller() -> None:
    fleet = make_fleet(make_pool(nodes=8, chips=1))
    workload = make_workload(fleet, [Job(work=100)] * 8)
    found = [nodes_of(shrink(fleet, workload, FIFO, NONE, target, p95).fleet)[0] for target in (0, 100, 300, 700)]
    assert found == [8, 4, 2, 1]


def test_a_fleet_too_small_for_a_gang_is_not_taken() -> None:
    fleet = make_fleet(make_pool(nodes=10, chips=1))
    workload = make_workload(fleet, [Job(work=1, nodes=5)])
    assert nodes_of(shrink(fleet, workload, FIFO, NONE, NEVER, p95).fleet) == [5]


def test_outages_go_with_their_nodes() -> None:
    fleet = make_fleet(make_pool("a", nodes=4, chips=1), make_pool("b", nodes=4, chips=1))
    workload = make_workload(fleet, [Job(work=100, pools=("b",)), Job(work=100, pools=("b",))])
    out = make_outages((0, 0, NEVER, True), (4, 0, NEVER, True), (7, 0, NEVER, True))
    assert nodes_of(shrink(fleet, workload, FIFO, out, 0, p95).fleet) == [3, 3]


def test_a_fleet_of_single_nodes_is_tried_once() -> None:
    fleet = make_fleet(make_pool("a", chips=4), make_pool("b", chips=4))
    workload = make_workload(fleet, [Job()])
    found = shrink(fleet, workload, FIFO, NONE, 0, p95)
    assert (found.fleet, found.tried) == (fleet, 1)


def test_no_fleet_is_tried_twice() -> None:
    fleet = make_fleet(make_pool(nodes=4, chips=1))
    workload = make_workload(fleet, [Job(work=100)] * 3)
    tried: list[int] = []
    found = shrink(fleet, workload, FIFO, NONE, 0, p95, tried.append)
    assert nodes_of(found.fleet) == [3]
    assert found.tried <= 4
    assert tried == list(range(2, found.tried + 1))


def test_smaller_fleets_are_in_proportion_to_the_whole_and_each_pool_keeps_a_node() -> None:
    fleet = make_fleet(make_pool("a", nodes=10, chips=1), make_pool("b", nodes=3, chips=1))
    at_a_third_and_two_thirds = [(3, 1), (4, 1), (4, 2), (5, 2), (6, 2), (7, 2), (7, 3)]
    assert sizes(fleet) == [(1, 1), (2, 1), *at_a_third_and_two_thirds, (8, 3), (9, 3)]
    part = cut(fleet, (2, 1))
    assert part.pools[0].node_names == ("a-1", "a-2")
    assert nodes_of(part) == [2, 1]


def test_jobs_that_never_started_are_stranded() -> None:
    fleet = make_fleet(make_pool(chips=1))
    runs = replay(fleet, make_workload(fleet, [Job(), Job(chips=2)]), FIFO, NONE)
    assert stranded(runs) == 1
    assert np.flatnonzero(runs.start >= NEVER).tolist() == [1]

"""Walls that come down: partitions, kinds, quotas, and nothing else."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.records import Record, often, records, with_kinds
from tests.factories import Job, make_fleet, make_pool, make_workload

from headrace.errors import CallError
from headrace.policy.policy import Policy
from headrace.replay.relax import WALLS, known_walls, relax
from headrace.replay.replay import replay
from headrace.world.fleet import Fleet, Tenant

if TYPE_CHECKING:
    from headrace.world.record import Workload

FLEET = make_fleet(
    make_pool("a", chips=1), make_pool("b", chips=4), make_pool("c", chips=8, kind="910B"), tenants=[Tenant("t", {})]
)


def workload(*jobs: Job) -> Workload:
    return with_kinds(FLEET, make_workload(FLEET, jobs), {})


def started(walls: tuple[str, ...], *jobs: Job) -> list[int]:
    """Jobs that start, once `walls` are down."""
    runs = replay(*relax(FLEET, workload(*jobs), walls), Policy())
    return sorted(runs.job[runs.first[1:] > runs.first[:-1]].tolist())


def test_without_a_wall_nothing_changes() -> None:
    work = workload(Job(chips=4, pools=("a",)))
    assert relax(FLEET, work, ()) == (FLEET, work)


def test_a_quota_holds_until_it_is_waived() -> None:
    assert started((), Job()) == []
    assert started(("quota",), Job()) == [0]


def test_a_partition_holds_until_it_is_waived_and_the_kind_holds_still() -> None:
    jobs = Job(chips=4, pools=("a",)), Job(chips=8, pools=("a",))
    assert started(("quota",), *jobs) == []
    assert started(("quota", "partition"), *jobs) == [0]


def test_a_kind_holds_until_it_is_waived() -> None:
    jobs = Job(chips=8, pools=("a", "b")), Job(chips=8, pools=("b",))
    assert started(("quota", "kind"), *jobs) == [0, 1]


def test_other_walls_stand() -> None:
    work = workload(Job(chips=4, pools=("a",)))
    for wall in WALLS:
        fleet, relaxed = relax(FLEET, work, (wall,))
        assert (fleet == FLEET) == (wall != "quota")
        assert np.array_equal(relaxed.shapes.pools, work.shapes.pools) == (wall == "quota")


def test_tenants_keep_their_weights_without_quotas() -> None:
    fleet = make_fleet(FLEET.pools[0], tenants=[Tenant("t", {"H20": 1}, 2.5)])
    assert relax(fleet, make_workload(fleet, [Job()]), ("quota",))[0].tenants == (Tenant("t", None, 2.5),)


@often(60)
@given(records(), st.permutations(WALLS), st.integers(1, 3))
def test_walls_come_down_in_any_order_and_only_open_doors(record: Record, order: list[str], many: int) -> None:
    some = tuple(order[:many])
    found = [relax(record.fleet, record.workload, walls) for walls in permutations(some)]
    assert all(same(*found[0], *other) for other in found)
    relaxed = found[0][1].shapes
    assert (relaxed.pools >= record.workload.shapes.pools).all()
    assert (relaxed.kinds >= relaxed.pools).all()
    assert same(*relax(*found[0], some), *found[0])


def same(fleet: Fleet, work: Workload, other_fleet: Fleet, other: Workload) -> bool:
    columns = [(getattr(work.shapes, f.name), getattr(other.shapes, f.name)) for f in fields(work.shapes)]
    return fleet == other_fleet and all(np.array_equal(*pair) for pair in columns)


def test_the_workload_handed_in_is_left_as_it_was() -> None:
    work = workload(Job(chips=4, pools=("a",)))
    before = replace(work.shapes, pools=work.shapes.pools.copy(), kinds=work.shapes.kinds.copy())
    relax(FLEET, work, WALLS)[1].shapes.pools[:] = False
    assert same(FLEET, work, FLEET, replace(work, shapes=before))


def test_a_wall_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(CallError, match="no wall 'site' to relax: there are partition, kind, quota"):
        relax(FLEET, workload(Job()), ("quota", "site"))


def test_walls_are_known_each_once_and_in_one_order() -> None:
    assert known_walls(["quota", "partition", "quota"]) == ("partition", "quota")

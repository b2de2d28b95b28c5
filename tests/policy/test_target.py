"""The target workload is what was seen so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, make_fleet, make_pool
from tests.round.hand import Hand
from tests.twins import places as twin
from tests.twins.inputs import fleets, often, workloads
from tests.twins.world import demands_of

from headrace.policy.target import EPOCH, FIXED, TYPES, Target, empty_target, refer_target, see

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet


def seen(fleet: Fleet, jobs: list[Job]) -> Target:
    """The target after all of `jobs` were submitted, one after another."""
    hand = Hand(fleet, jobs)
    target = empty_target(hand.state)
    reference = refer_target(target)
    for job, shape in zip(jobs, hand.workload.shape.tolist(), strict=True):
        see(reference, shape, job.nodes)
    return target


def chosen(target: Target) -> list[twin.Type]:
    """(cores, share, chips, pools) of the types in the target."""
    ranked = target.ranked[: target.counts[TYPES]]
    rows = target.types[ranked][["cpu", "share", "chips"]].tolist()
    return [(*row, tuple(pools)) for row, pools in zip(rows, target.pools[ranked].tolist(), strict=True)]


def weights(target: Target) -> list[float]:
    return target.weight[: target.counts[TYPES]].tolist()


def test_the_most_frequent_that_make_up_95_percent_are_the_target() -> None:
    jobs = [Job(chips=1)] * 40 + [Job(chips=2)] * 21 + [Job(chips=4)] * 2 + [Job(chips=8)]
    target = seen(make_fleet(), jobs)
    assert [chips for _, _, chips, _ in chosen(target)] == [1, 2]
    assert weights(target) == pytest.approx([40 / 61, 21 / 61])


def test_of_equally_frequent_types_the_greater_stands_first() -> None:
    jobs = [Job(cpu=1), Job(chips=2), Job(share=500), Job(chips=0), Job(chips=1, cpu=1, share=500)]
    target = seen(make_fleet(), [*jobs, *jobs[:3]])
    expected = [(1, 1000, 1), (0, 1000, 2), (0, 500, 1), (1, 500, 1), (0, 0, 0)]
    assert [row[:3] for row in chosen(target)] == expected


def test_memory_does_not_make_another_type_and_pools_do() -> None:
    fleet = make_fleet(make_pool("a"), make_pool("b"))
    assert len(chosen(seen(fleet, [Job(memory=1), Job(memory=2)]))) == 1
    assert len(chosen(seen(fleet, [Job(), Job(pools=("a",))]))) == 2


def test_a_gang_counts_once_for_each_of_its_nodes() -> None:
    target = seen(make_fleet(make_pool(nodes=3)), [Job(nodes=3), *[Job(chips=2)] * 3])
    assert target.types["seen"].tolist() == [3, 3]
    assert weights(target) == [0.5, 0.5]


def test_it_is_made_anew_when_what_was_seen_has_doubled() -> None:
    epochs = [int(seen(make_fleet(), [Job()] * n).counts[EPOCH]) for n in range(1, 10)]
    assert epochs == [2, 3, 3, 4, 4, 4, 4, 5, 5]


def test_a_target_that_was_given_is_kept() -> None:
    hand = Hand(make_fleet(), [Job()])
    target = empty_target(hand.state)
    target.counts[FIXED] = 1
    see(refer_target(target), 0, 1)
    assert not np.any(target.types["seen"])
    assert target.counts[TYPES] == 0


@often(30)
@given(st.data())
def test_the_plain_twin_has_the_same_target(data: st.DataObject) -> None:
    fleet = data.draw(fleets())
    jobs = list(data.draw(workloads(fleet)))
    demands, plain = demands_of(Hand(fleet, jobs).workload), twin.Target()
    for shape in Hand(fleet, jobs).workload.shape:
        plain.see(demands[shape])
    target = seen(fleet, jobs)
    assert list(zip(chosen(target), weights(target), strict=True)) == plain.types

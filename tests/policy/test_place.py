"""Where a job goes: every score against the published formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, make_fleet, make_pool
from tests.round.hand import Hand, on_node
from tests.twins import places as twin
from tests.twins.inputs import fleets, often, workloads
from tests.twins.world import Demand, Node, demands_of, fits, jobs_of, nodes_of

from headrace.policy.memo import refresh
from headrace.policy.place import dispatch
from headrace.policy.place.chips import lowest, tightest
from headrace.policy.place.fgd import fragment, grade
from headrace.policy.place.random import draw
from headrace.policy.registry import BEST, CLUSTERING, DOT, FGD, FIRST, PACKING, RANDOM, WORTH
from headrace.policy.target import Target, refer_target
from headrace.units import MILLI
from headrace.world.table import table

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet

INTS = np.int64


@st.composite
def half_full(draw: st.DrawFn) -> tuple[Fleet, Hand]:
    """Some run, and everything was submitted."""
    fleet = draw(fleets())
    hand = Hand(fleet, draw(workloads(fleet)), "fifo+easy/random")
    some = draw(st.integers(0, len(hand.workload)))
    hand.submit(*range(some)).round()
    return fleet, hand.submit(*range(some, len(hand.workload)))


def twins(fleet: Fleet, hand: Hand) -> list[Node]:
    """The nodes as they are, as plain objects."""
    nodes = nodes_of(fleet)
    for node in nodes:
        row = hand.state.nodes[node.number]
        node.cpu, node.memory = int(row["cpu"]), int(row["memory"])
        node.free = hand.state.free[node.number, : len(node.free)].tolist()
        node.holds = dict(on_node(hand.state, node.number))
    return nodes


def roomy(fleet: Fleet, hand: Hand) -> list[tuple[int, Demand, Node]]:
    """(job, demand, node) wherever one node's part of a waiting job fits."""
    demands = demands_of(hand.workload)
    waiting = [(job, demands[hand.workload.shape[job]]) for job in hand.waiting()]
    nodes = twins(fleet, hand)
    return [
        (job, demand, node)
        for job, demand in waiting
        for node in nodes
        if demand.pools[node.pool] and fits(demand, node.free, node.cpu, node.memory)
    ]


def score(hand: Hand, place: int, job: int, n: int) -> float:
    dispatch.score(place, 0, hand.state_ref, hand.memo_ref, job, n)
    return float(hand.memo.score[hand.state.jobs[job]["shape"], n])


def chips(hand: Hand, place: int, job: int, n: int) -> int:
    return dispatch.chips(place, 0, hand.state_ref, hand.memo_ref, job, n, hand.state.free[n].copy())


def largest(fleet: Fleet) -> tuple[int, int]:
    return max(1, *(pool.cpu for pool in fleet.pools)), max(1, *(pool.chips for pool in fleet.pools)) * MILLI


@often(20)
@given(half_full())
def test_best_is_the_published_best_fit(drawn: tuple[Fleet, Hand]) -> None:
    fleet, hand = drawn
    for job, demand, node in roomy(fleet, hand):
        assert score(hand, BEST, job, node.number) == twin.best(node, demand, *largest(fleet))


@often(20)
@given(half_full())
def test_dot_is_the_published_dot_product(drawn: tuple[Fleet, Hand]) -> None:
    fleet, hand = drawn
    for job, demand, node in roomy(fleet, hand):
        assert score(hand, DOT, job, node.number) == twin.dot(node, demand, *largest(fleet))


@often(20)
@given(half_full())
def test_packing_is_the_published_packing(drawn: tuple[Fleet, Hand]) -> None:
    fleet, hand = drawn
    for job, demand, node in roomy(fleet, hand):
        assert score(hand, PACKING, job, node.number) == twin.packing(node, demand)
        if demand.chips:
            assert chips(hand, PACKING, job, node.number) == twin.tightest(demand, node.free)


@often(20)
@given(half_full())
def test_clustering_is_the_published_clustering(drawn: tuple[Fleet, Hand]) -> None:
    fleet, hand = drawn
    jobs = jobs_of(hand.workload, demands_of(hand.workload))
    for job, demand, node in roomy(fleet, hand):
        assert score(hand, CLUSTERING, job, node.number) == twin.clustering(node, demand, jobs, largest(fleet)[1])


@often(35)
@given(half_full())
def test_fgd_is_the_published_gradient_and_chooses_the_chip_that_reaches_it(drawn: tuple[Fleet, Hand]) -> None:
    fleet, hand = drawn
    demands, target = demands_of(hand.workload), twin.Target()
    for shape in hand.workload.shape:
        target.see(demands[shape])
    for job, demand, node in roomy(fleet, hand):
        best, mask = twin.fgd(node, demand, node.free, target)
        assert score(hand, FGD, job, node.number) == best
        assert chips(hand, FGD, job, node.number) == (mask if demand.chips else 0)


@often(35)
@given(half_full())
def test_worth_loses_what_its_definition_says_and_chooses_the_chip_that_loses_least(drawn: tuple[Fleet, Hand]) -> None:
    fleet, hand = drawn
    demands, target = demands_of(hand.workload), twin.Target()
    for shape in hand.workload.shape:
        target.see(demands[shape])
    for job, demand, node in roomy(fleet, hand):
        best, mask = twin.worth(node, demand, node.free, target)
        assert score(hand, WORTH, job, node.number) == best
        assert chips(hand, WORTH, job, node.number) == (mask if demand.chips else 0)


@often(20)
@given(half_full(), st.sampled_from([FIRST, BEST, CLUSTERING, DOT, RANDOM]))
def test_the_chips_chosen_are_as_many_as_wanted_each_with_room(drawn: tuple[Fleet, Hand], place: int) -> None:
    fleet, hand = drawn
    for job, demand, node in roomy(fleet, hand):
        mask = chips(hand, place, job, node.number)
        assert mask.bit_count() == demand.chips
        assert all(node.free[c] >= demand.share for c in range(mask.bit_length()) if mask >> c & 1)


@often(20)
@given(half_full())
def test_what_is_remembered_of_a_shape_is_what_is_so(drawn: tuple[Fleet, Hand]) -> None:
    fleet, hand = drawn
    nodes = twins(fleet, hand)
    for demand in demands_of(hand.workload):
        refresh(hand.state_ref, hand.memo_ref, demand.number)
        expected = [demand.pools[node.pool] and fits(demand, node.free, node.cpu, node.memory) for node in nodes]
        assert hand.memo.fit[demand.number].tolist() == expected
        islands = hand.state.nodes["island"]
        count = np.bincount(islands[np.array(expected)], minlength=hand.memo.fitting.shape[1])
        assert hand.memo.fitting[demand.number].tolist() == count.tolist()


def test_what_is_remembered_outlasts_more_changes_than_the_ring_holds() -> None:
    hand = Hand(make_fleet(make_pool(nodes=3)), [Job()])
    refresh(hand.state_ref, hand.memo_ref, 0)
    for n in [1] * 600 + [2]:
        hand.out(n)
        hand.back(n)
    hand.out(0)
    refresh(hand.state_ref, hand.memo_ref, 0)
    assert hand.memo.fit[0].tolist() == [False, True, True]
    assert hand.memo.fitting[0].tolist() == [2]


def test_a_share_goes_to_the_chip_with_the_least_room_and_whole_chips_are_taken_from_the_lowest() -> None:
    free = np.array([1000, 300, 600, 600, 1000], INTS)
    assert tightest(free, 1, 400) == 0b00100
    assert tightest(free, 2, 400) == 0b01100
    assert tightest(free, 1, 300) == 0b00010
    assert lowest(free, 2, 1000) == 0b10001
    assert lowest(free, 1, 400) == 0b00001


# FGD by hand. One type unless said otherwise.


def aim(*types: tuple[int, int, int, float, bool]) -> Target:
    """A target of (cores, share, chips, weight, allowed here)."""
    cpu, share, count, weight, allowed = zip(*types, strict=True)
    made = Target(
        of=np.zeros(1, INTS),
        memory=np.zeros(1, INTS),
        types=table(len(types), "memory", cpu=cpu, chips=count, share=share, seen=1),
        pools=np.array([[here] for here in allowed]),
        ranked=np.arange(len(types)),
        weight=np.array(weight, np.float64),
        worth=np.zeros(MILLI + 1, INTS),
        counts=np.array([1, 2, len(types), 1, 0, 0, 0, 0], INTS),
    )
    return refer_target(made)


HALF = (1000, 500, 1, 1.0, True)


@pytest.mark.parametrize(
    ("free", "cpu", "types", "expected"),
    [
        ([1000, 1000], 4000, [HALF], 0),
        ([1000, 400], 4000, [HALF], 400),
        ([400, 300], 4000, [HALF], 700),
        ([1000, 400], 999, [HALF], 1400),
        ([1000, 400], 4000, [(1000, 500, 1, 1.0, False)], 1400),
        ([1000, 400], 4000, [(0, 0, 0, 1.0, True)], 1400),
        ([1000, 400], 4000, [(9000, 0, 0, 1.0, True)], 1400),
        ([1000, 400], 4000, [(1000, 1000, 2, 1.0, True)], 1400),
        ([1000, 400, 1000], 4000, [(1000, 1000, 2, 1.0, True)], 400),
        ([1000, 400], 4000, [(0, 500, 1, 0.75, True), (0, 1000, 2, 0.25, True)], 0.75 * 400 + 0.25 * 1400),
    ],
)
def test_a_fragment_is_what_the_target_cannot_use(
    free: list[int], cpu: int, types: list[tuple[int, int, int, float, bool]], expected: float
) -> None:
    assert fragment(np.array(free, INTS), cpu, 0, aim(*types)) == expected


def test_a_score_is_the_sigmoid_of_the_gradient_in_chips_cut_to_an_integer() -> None:
    assert grade(0.0, 0.0) == 50
    assert grade(400.0, 0.0) == 59
    assert grade(0.0, 300.0) == 42
    assert grade(0.0, 8000.0) == 0
    assert grade(8000.0, 0.0) == 99


def test_fgd_takes_the_remainder_that_nobody_else_could_use() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=2))
    hand = Hand(fleet, [Job(share=600), *[Job(share=700)] * 8, Job(share=400)], "fifo/fgd")
    hand.take(0, [(1, 0b10)])
    hand.submit(*range(1, 10))
    assert [score(hand, FGD, 9, n) for n in (0, 1)] == [35, 59]
    assert chips(hand, FGD, 9, 1) == 0b10


# Random


def test_random_is_even_over_nodes_and_over_chips() -> None:
    for places in (range(8), range(1 << 40, (1 << 40) + 8)):
        counts = np.zeros(8)
        for job in range(4000):
            counts[np.argmax([draw(42, job, place) for place in places])] += 1
        assert ((counts - 500) ** 2 / 500).sum() < 24.3


def test_random_draws_are_in_the_unit_interval_and_depend_on_every_argument() -> None:
    drawn = [draw(seed, job, place) for seed in range(10) for job in range(10) for place in range(10)]
    assert len(set(drawn)) == 1000
    assert 0 <= min(drawn) < 0.01
    assert 0.99 < max(drawn) < 1

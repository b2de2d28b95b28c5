"""Verify accepts what is possible and nothing else, and says why; it agrees with `fits`."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, make_fleet, make_pool
from tests.round.hand import Hand, Places, Step, picture
from tests.twins.inputs import often

from headrace.world.fits import fits
from headrace.world.fleet import Tenant
from headrace.world.plan import Reason


def two_nodes(*jobs: Job) -> Hand:
    """Two nodes of four chips on one island, and one of another kind; everything is submitted."""
    fleet = make_fleet(
        make_pool("a", 2, 4, cpu=8000, memory=64), make_pool("b", 1, 4, kind="910B"), tenants=[Tenant("t", {"H20": 6})]
    )
    return Hand(fleet, jobs).submit(*range(len(jobs)))


def why_not(hand: Hand, *steps: Step) -> list[Reason]:
    hand.write(*steps)
    before = picture(hand)
    answers = hand.verify()
    assert picture(hand) == before
    return answers


def start(job: int, *places: tuple[int, int]) -> Step:
    return Step(job, False, list(places))


def stop(job: int, *places: tuple[int, int]) -> Step:
    return Step(job, True, list(places))


def test_a_possible_start_is_accepted() -> None:
    assert why_not(two_nodes(Job(chips=2)), start(0, (1, 0b1010))) == [Reason.FITS]


def test_a_chip_that_is_taken_is_refused() -> None:
    hand = two_nodes(Job(), Job(share=500))
    hand.take(0, [(0, 1)])
    assert why_not(hand, start(1, (0, 1))) == [Reason.CHIPS]
    assert why_not(hand, start(1, (0, 2))) == [Reason.FITS]


def test_a_chip_that_an_earlier_step_takes_is_refused() -> None:
    assert why_not(two_nodes(Job(), Job()), start(0, (0, 1)), start(1, (0, 1))) == [Reason.FITS, Reason.CHIPS]


def test_a_chip_that_a_refused_step_would_have_taken_is_free() -> None:
    hand = two_nodes(Job(chips=2), Job())
    assert why_not(hand, start(0, (0, 1)), start(1, (0, 1))) == [Reason.CHIPS, Reason.FITS]


def test_two_shares_go_on_one_chip_and_three_do_not() -> None:
    steps = [start(job, (0, 1)) for job in range(3)]
    assert why_not(two_nodes(*[Job(share=500)] * 3), *steps) == [Reason.FITS, Reason.FITS, Reason.CHIPS]


@pytest.mark.parametrize("mask", [0, 0b1, 0b111])
def test_another_number_of_chips_than_it_wants_is_refused(mask: int) -> None:
    assert why_not(two_nodes(Job(chips=2)), start(0, (0, mask))) == [Reason.CHIPS]


@pytest.mark.parametrize("chip", [4, 5, 40])
def test_a_chip_that_the_node_does_not_have_is_refused(chip: int) -> None:
    assert why_not(two_nodes(Job(chips=1)), start(0, (0, 1 << chip))) == [Reason.CHIPS]
    assert why_not(two_nodes(Job(chips=1)), start(0, (0, 1 | 1 << chip))) == [Reason.CHIPS]


def test_a_node_that_is_out_is_refused() -> None:
    hand = two_nodes(Job())
    hand.out(0)
    assert why_not(hand, start(0, (0, 1))) == [Reason.KIND]


def test_a_pool_that_it_does_not_allow_is_refused() -> None:
    assert why_not(two_nodes(Job(pools=("b",))), start(0, (0, 1))) == [Reason.KIND]


def test_cores_and_memory_that_are_not_there_are_refused() -> None:
    assert why_not(two_nodes(Job(cpu=8001)), start(0, (0, 1))) == [Reason.CPU]
    assert why_not(two_nodes(Job(memory=65)), start(0, (0, 1))) == [Reason.MEMORY]
    steps = start(0, (0, 1)), start(1, (0, 2))
    assert why_not(two_nodes(Job(cpu=5000), Job(cpu=5000)), *steps) == [Reason.FITS, Reason.CPU]


def test_a_quota_that_is_used_up_is_refused() -> None:
    steps = start(0, (0, 15)), start(1, (1, 7))
    assert why_not(two_nodes(Job(chips=4), Job(chips=3)), *steps) == [Reason.FITS, Reason.QUOTA]
    assert why_not(two_nodes(Job(chips=4)), start(0, (2, 15))) == [Reason.QUOTA]


def test_a_quota_counts_the_whole_gang() -> None:
    assert why_not(two_nodes(Job(nodes=2, chips=4)), start(0, (0, 15), (1, 15))) == [Reason.QUOTA]


@pytest.mark.parametrize("places", [[(0, 1)], [(0, 1), (1, 1), (2, 1)]])
def test_a_gang_of_another_size_is_refused(places: Places) -> None:
    assert why_not(two_nodes(Job(nodes=2)), start(0, *places)) != [Reason.FITS]


def test_a_gang_with_one_node_twice_is_refused() -> None:
    assert why_not(two_nodes(Job(nodes=2)), start(0, (0, 1), (0, 2))) != [Reason.FITS]
    assert why_not(two_nodes(Job(nodes=2, chips=3)), start(0, (0, 7), (0, 7))) != [Reason.FITS]


def test_a_gang_across_islands_is_refused() -> None:
    assert why_not(two_nodes(Job(nodes=2, tenant="u")), start(0, (1, 1), (2, 1))) != [Reason.FITS]


def test_a_job_that_does_not_wait_any_more_is_gone() -> None:
    hand = two_nodes(Job())
    [step] = hand.round()
    assert why_not(hand, step) == [Reason.GONE]
    hand.finish(0, 1)
    assert why_not(hand, step) == [Reason.GONE]


def test_a_job_is_not_started_twice_in_one_plan() -> None:
    assert why_not(two_nodes(Job()), start(0, (0, 1)), start(0, (1, 1)))[1] != Reason.FITS


def test_a_job_that_does_not_run_is_not_stopped() -> None:
    assert why_not(two_nodes(Job()), stop(0, (0, 1))) == [Reason.GONE]


def test_a_job_is_not_stopped_where_it_does_not_run() -> None:
    hand = two_nodes(Job())
    hand.round()
    assert why_not(hand, stop(0, (1, 1))) == [Reason.GONE]
    assert why_not(hand, stop(0, (0, 2))) == [Reason.GONE]
    assert why_not(hand, stop(0)) == [Reason.GONE]
    assert why_not(hand, stop(0, (0, 1))) == [Reason.FITS]


def test_a_job_is_not_stopped_twice_in_one_plan() -> None:
    hand = two_nodes(Job())
    hand.round()
    assert why_not(hand, stop(0, (0, 1)), stop(0, (0, 1))) == [Reason.FITS, Reason.GONE]


def test_a_start_after_a_stop_has_its_room() -> None:
    hand = two_nodes(Job(chips=4), Job(chips=3))
    hand.round()
    assert why_not(hand, start(1, (0, 7))) == [Reason.QUOTA]
    assert why_not(hand, stop(0, (0, 15)), start(1, (0, 7))) == [Reason.FITS, Reason.FITS]


def test_refused_steps_are_not_applied() -> None:
    hand = two_nodes(Job(chips=4), Job(chips=3))
    hand.write(start(0, (0, 15)), start(1, (0, 7)))
    hand.verify()
    hand.apply()
    assert hand.live() == [0]
    assert hand.waiting() == [1]


@st.composite
def tiny(draw: st.DrawFn) -> Hand:
    """At most three nodes of at most three chips, partly in use by cuckoos; the last job waits."""
    pools = [
        make_pool(
            f"p{i}", draw(st.integers(1, 2)), draw(st.integers(1, 3)), cpu=4, memory=4, kind=draw(st.sampled_from("AB"))
        )
        for i in range(draw(st.integers(1, 2)))
    ]
    quota = draw(st.none() | st.dictionaries(st.sampled_from("AB"), st.integers(0, 4)))
    fleet = make_fleet(*pools, tenants=[Tenant("t", quota)])
    nodes = [(n, pool.chips) for n, pool in enumerate(pool for pool in pools for _ in range(pool.nodes))]
    amount = st.integers(0, 3)
    cuckoos = [
        Job(
            chips=1,
            share=draw(st.sampled_from([1000, 500, 700])),
            cpu=draw(amount),
            memory=draw(amount),
            tenant=draw(st.sampled_from("tu")),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    wanted = Job(
        nodes=draw(st.integers(1, 2)),
        chips=draw(amount),
        share=draw(st.sampled_from([1000, 500])),
        cpu=draw(amount),
        memory=draw(amount),
        pools=draw(st.none() | st.just(("p0",))),
    )
    hand = Hand(fleet, [*cuckoos, wanted])
    for job in range(len(cuckoos)):
        n, chips = draw(st.sampled_from(nodes))
        step = start(job, (n, 1 << draw(st.integers(0, chips - 1))))
        hand.submit(job)
        hand.write(step)
        hand.verify()
        hand.apply()
    if draw(st.booleans()):
        hand.out(draw(st.sampled_from(nodes))[0])
    return hand.submit(len(cuckoos))


def every_placement(hand: Hand) -> list[Places]:
    """All ways to name nodes and chips for the last job: right and wrong ones."""
    job = hand.workload.shape[-1]
    shapes, state = hand.workload.shapes, hand.state
    gang, chips = int(shapes.nodes[job]), int(shapes.chips[job])
    masks = [sum(1 << c for c in some) for some in combinations(range(state.free.shape[1]), chips)]
    return [
        list(zip(nodes, some, strict=True))
        for nodes in product(range(len(state.nodes)), repeat=gang)
        for some in product(masks, repeat=gang)
    ]


@often(150)
@given(tiny())
def test_a_job_fits_if_and_only_if_some_placement_of_it_is_accepted(hand: Hand) -> None:
    job = len(hand.workload) - 1
    reason = fits(hand.state, int(hand.workload.shape[job]), int(hand.workload.tenant[job]))
    accepted = []
    for places in every_placement(hand):
        hand.write(start(job, *places))
        accepted += [places] if hand.verify() == [Reason.FITS] else []
    assert (reason is None) == bool(accepted)
    assert all(len({node for node, _ in places}) == len(places) for places in accepted)

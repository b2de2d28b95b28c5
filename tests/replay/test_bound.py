"""Bounds on how full a fleet can get: never below what trying everything finds, and equal to it where that is plain."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from tests.factories import PLENTY, Job, make_fleet, make_pool, make_workload
from tests.twins.inputs import often

from headrace.replay.bound import CHIPS, PATTERNS, TURNS, Bound, most_allocated, most_filled, pack, unpack
from headrace.units import MILLI
from headrace.world.fleet import Fleet, Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headrace.world.record import Ints

Node = tuple[str, int, int, tuple[int, ...]]
"""Pool, and what is left of the node: cores, memory, each chip."""
Case = tuple[Fleet, tuple[Job, ...]]


def allocated(fleet: Fleet, *jobs: Job, steps: int = 400) -> Bound:
    work = make_workload(fleet, jobs)
    return most_allocated(fleet, work.shapes, np.bincount(work.shape, minlength=len(work.shapes)), steps=steps)


def filled(fleet: Fleet, *jobs: Job, steps: int = 400) -> Bound:
    work = make_workload(fleet, jobs)
    return most_filled(fleet, work.shapes, work.shape, steps=steps)


def empty_nodes(fleet: Fleet) -> list[Node]:
    return [(pool.name, pool.cpu, pool.memory, (MILLI,) * pool.chips) for pool in fleet.pools for _ in pool.node_names]


def with_job(node: Node, job: Job) -> Iterator[Node]:
    """The node with one job's part on it, on every choice of chips."""
    pool, cpu, memory, free = node
    if cpu < job.cpu or memory < job.memory or (job.pools is not None and pool not in job.pools):
        return
    for chosen in combinations(range(len(free)), job.chips):
        if all(free[c] >= job.share for c in chosen):
            left = sorted(milli - job.share * (c in chosen) for c, milli in enumerate(free))
            yield pool, cpu - job.cpu, memory - job.memory, tuple(left)


def with_gang(nodes: tuple[Node, ...], job: Job) -> Iterator[tuple[Node, ...]]:
    """The fleet with one job on it, in every way; all in sorted order, for which of two alike does not matter."""
    for chosen in combinations(range(len(nodes)), job.nodes):
        rest = tuple(node for n, node in enumerate(nodes) if n not in chosen)
        for parts in product(*(list(with_job(nodes[n], job)) for n in chosen)):
            yield tuple(sorted((*rest, *parts)))


def best_of_all(fleet: Fleet, jobs: Sequence[Job], choosy: bool) -> int:
    """Milli-chips, trying everything; a job that fits is dropped only by one who is `choosy`."""

    @cache
    def best(nodes: tuple[Node, ...], i: int) -> int:
        if i == len(jobs):
            return 0
        own = jobs[i].nodes * jobs[i].chips * jobs[i].share
        placed = [own + best(after, i + 1) for after in set(with_gang(nodes, jobs[i]))]
        return max([*placed, best(nodes, i + 1)] if choosy or not placed else placed)

    return best(tuple(sorted(empty_nodes(fleet))), 0)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """One or two small pools, and a few jobs of which many are alike; sizes that cells hold exactly, and others."""
    cores, memories = st.sampled_from([10, 997, PLENTY]), st.sampled_from([8, 97, PLENTY])
    sizes = st.tuples(st.integers(1, 2), st.integers(1, 3), cores, memories)
    fleet = make_fleet(*(make_pool(f"p{i}", *draw(sizes)) for i in range(draw(st.integers(1, 2)))))
    job = st.builds(
        Job,
        chips=st.sampled_from([1, 1, 1, 2, 3, 0]),
        nodes=st.sampled_from([1, 1, 1, 2]),
        share=st.sampled_from([1000, 1000, 700, 600, 500, 330, 300]),
        cpu=st.sampled_from([0, 0, 3, 5, 101, 333]),
        memory=st.sampled_from([0, 0, 1, 4, 7, 33]),
        pools=st.sampled_from([None, None, ("p0",)]),
    )
    kinds = draw(st.lists(job, min_size=1, max_size=4))
    return fleet, tuple(draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=6)))


@st.composite
def queues(draw: st.DrawFn) -> Case:
    """More jobs than there is room for, of a few shapes, most of which are easier than others."""
    fleet = make_fleet(make_pool("p0", chips=draw(st.integers(2, 4)), cpu=12), make_pool("p1", chips=1, cpu=4))
    job = st.builds(
        Job,
        chips=st.sampled_from([1, 1, 1, 1, 2]),
        share=st.sampled_from([1000, 900, 600, 500, 400]),
        cpu=st.sampled_from([0, 0, 0, 3, 5]),
        pools=st.sampled_from([None, None, ("p0",), ("p1",)]),
    )
    kinds = draw(st.lists(job, min_size=2, max_size=3))
    return fleet, tuple(draw(st.lists(st.sampled_from(kinds), min_size=8, max_size=12)))


@often(300)
@given(cases(), st.sampled_from([1, 2, 5, 400]))
def test_no_choice_among_the_jobs_holds_more_than_the_bound(case: Case, steps: int) -> None:
    """However early the search stops."""
    fleet, jobs = case
    assert best_of_all(fleet, jobs, choosy=True) <= allocated(fleet, *jobs, steps=steps).milli


@often(300)
@given(cases() | queues(), st.sampled_from([1, 2, 5, 400]))
def test_no_rule_that_drops_only_what_fits_nowhere_holds_more_than_the_bound(case: Case, steps: int) -> None:
    fleet, jobs = case
    assert best_of_all(fleet, jobs, choosy=False) <= filled(fleet, *jobs, steps=steps).milli


@often(60)
@given(cases())
def test_choosing_in_hindsight_is_never_worse_than_taking_what_comes(case: Case) -> None:
    fleet, jobs = case
    assert filled(fleet, *jobs).milli <= allocated(fleet, *jobs).milli + 1


@often(60)
@given(cases())
def test_no_more_is_held_than_there_is_or_than_arrives(case: Case) -> None:
    fleet, jobs = case
    asked = sum(job.nodes * job.chips * job.share for job in jobs)
    assert 0 <= allocated(fleet, *jobs).milli <= min(asked, fleet.chips * MILLI)


@often(60)
@given(cases())
def test_a_fleet_twice_as_large_with_twice_the_jobs_has_twice_the_bound(case: Case) -> None:
    """To the closeness of the search. Gangs are left out: on more nodes more of them are possible."""
    fleet, jobs = case[0], tuple(replace(job, nodes=1) for job in case[1])
    names = [(*pool.node_names, *(f"{name}-too" for name in pool.node_names)) for pool in fleet.pools]
    pools = [replace(pool, node_names=twice) for pool, twice in zip(fleet.pools, names, strict=True)]
    once, twice = allocated(fleet, *jobs), allocated(replace(fleet, pools=tuple(pools)), *jobs, *jobs)
    assert abs(twice.milli - 2 * once.milli) <= 2


@st.composite
def crowds(draw: st.DrawFn) -> Case:
    """Too many jobs to try everything, and twice too many for the fleet."""
    fleet = make_fleet(make_pool("p0", draw(st.integers(3, 6)), 4, cpu=48), make_pool("p1", draw(st.integers(1, 4)), 2))
    shares, cores = st.sampled_from([1000, 1000, 810, 600, 470, 320, 230, 160]), st.sampled_from([0, 3, 8, 12])
    job = st.builds(Job, chips=st.sampled_from([1, 1, 1, 1, 1, 2]), share=shares, cpu=cores)
    kinds = draw(st.lists(job, min_size=4, max_size=12))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    return fleet, tuple(kinds[k] for k in rng.integers(len(kinds), size=4 * fleet.chips))


def tightest_first(fleet: Fleet, jobs: Sequence[Job]) -> int:
    """Milli-chips that a plain rule holds: the node, and on it the chips, that have the least left over."""
    nodes = empty_nodes(fleet)
    for job in jobs:
        ways = [(sum(after[3]), n, after) for n, node in enumerate(nodes) for after in with_job(node, job)]
        for _, n, after in sorted(ways)[:1]:
            nodes[n] = after
    return fleet.chips * MILLI - sum(sum(node[3]) for node in nodes)


@often(60)
@given(crowds())
def test_a_plain_rule_in_a_crowd_holds_no_more_than_the_bound_after_any_number_of_steps(case: Case) -> None:
    fleet, jobs = case
    held, enough = tightest_first(fleet, jobs), filled(fleet, *jobs)
    assert held <= enough.milli <= allocated(fleet, *jobs).milli + 1
    assert all(held <= filled(fleet, *jobs, steps=steps).milli for steps in range(2, enough.steps, 7))


def test_where_all_fits_all_can_be_allocated() -> None:
    jobs = [Job(chips=8), Job(share=600), Job(share=400), Job(chips=2, nodes=2)]
    fleet = make_fleet(make_pool(nodes=4))
    assert allocated(fleet, *jobs).milli == filled(fleet, *jobs).milli == 13_000
    assert allocated(fleet, *jobs).level == CHIPS


def test_shares_of_six_hundred_go_one_to_a_chip() -> None:
    found = allocated(make_fleet(make_pool(chips=2)), *[Job(share=600)] * 3)
    assert (found.milli, found.level) == (1200, PATTERNS)


def test_shares_that_fill_a_chip_are_put_together() -> None:
    assert allocated(make_fleet(make_pool(chips=2)), *[Job(share=600), Job(share=400)] * 3).milli == 2000


def test_what_is_free_on_two_chips_is_not_one_whole_chip() -> None:
    assert allocated(make_fleet(make_pool(chips=2)), Job(chips=2), *[Job(share=500)] * 2).milli == 2000
    assert allocated(make_fleet(make_pool(chips=4)), *[Job(chips=3)] * 2).milli == 3000


def test_chips_without_cores_or_memory_stay_free() -> None:
    assert allocated(make_fleet(make_pool(cpu=50)), *[Job(cpu=20)] * 8).milli == 2000
    assert allocated(make_fleet(make_pool(memory=50)), *[Job(memory=20, chips=2)] * 4).milli == 4000


def test_sizes_that_cells_do_not_hold_exactly_err_to_the_safe_side() -> None:
    """What fills a node to its last core or MiB still fits, beside one job that spoils the common divisor."""
    spoiler = Job(cpu=7, memory=7, share=1)
    for size in (1000, 1001, 1007):
        fleet = make_fleet(make_pool(cpu=size), make_pool("b", memory=size))
        for many, part in ((8, Job()), (16, Job(share=500))):
            cores, memory = (
                replace(part, cpu=size // many, pools=("a",)),
                replace(part, memory=size // many, pools=("b",)),
            )
            assert allocated(fleet, spoiler, *[cores, memory] * many).milli == 16_000


def test_shares_of_several_chips_are_each_a_share() -> None:
    fleet = make_fleet(make_pool(chips=2))
    assert allocated(fleet, *[Job(chips=2, share=600)] * 2).milli == 1200
    assert allocated(fleet, *[Job(chips=2, share=500)] * 2).milli == 2000


def test_a_pool_where_no_job_may_run_stays_empty() -> None:
    fleet = make_fleet(make_pool("a"), make_pool("b"))
    assert allocated(fleet, *[Job(pools=("b",))] * 16).milli == 8000


def test_what_can_never_start_does_not_count() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=4))
    assert allocated(fleet, Job(chips=8), Job(nodes=3), Job(chips=0), Job()).milli == 1000


def test_without_jobs_nothing_is_allocated() -> None:
    assert allocated(make_fleet(), Job(chips=0)) == filled(make_fleet(), Job(chips=0)) == Bound(0, CHIPS, 1)


def test_a_rule_that_drops_only_what_fits_nowhere_must_take_the_shares_too() -> None:
    """Half of the chips hold 600 each, as the two shapes come in turn; in hindsight only whole chips are chosen."""
    fleet, jobs = make_fleet(make_pool(chips=10)), [Job(share=600), Job()] * 10
    assert allocated(fleet, *jobs).milli == 10_000
    assert best_of_all(make_fleet(make_pool(chips=4)), jobs[:10], choosy=False) == 3200
    assert abs(filled(fleet, *jobs).milli - 8000) <= 1
    assert filled(fleet, *jobs).level == TURNS


def test_what_comes_after_the_fleet_is_full_is_not_asked_for() -> None:
    """Whole chips first, then shares: the last of the whole chips is placed before the first share arrives."""
    fleet, whole, shares = make_fleet(make_pool(chips=10)), [Job()] * 10, [Job(share=600)] * 10
    assert filled(fleet, *whole, *shares).milli == 10_000
    assert filled(fleet, *shares, *whole).milli < 10_000


def test_an_easier_shape_owes_nothing_before_it_arrives() -> None:
    """Five whole chips are placed before the first share; the other five hold half of each, or three shares and two."""
    fleet, jobs = make_fleet(make_pool(chips=10)), [*[Job()] * 5, *[Job(share=600), Job()] * 10]
    assert best_of_all(fleet, jobs, choosy=False) == 8800
    assert 9000 <= filled(fleet, *jobs).milli <= 9001


def test_shares_that_ask_for_more_cores_than_whole_chips_do_may_be_dropped_first() -> None:
    """Which is easier to place is known only where nothing about the other is easier."""
    fleet, jobs = make_fleet(make_pool(chips=10, cpu=30)), [Job(share=600, cpu=2), Job(cpu=1)] * 10
    assert 8500 < filled(fleet, *jobs).milli <= allocated(fleet, *jobs).milli == 10_000


def test_with_quotas_anything_may_be_dropped() -> None:
    fleet = make_fleet(make_pool(chips=10), tenants=[Tenant("t", {"H20": 5})])
    jobs = [Job(share=600), Job()] * 10
    assert filled(fleet, *jobs) == allocated(fleet, *jobs)


def test_the_same_question_has_the_same_answer() -> None:
    fleet, jobs = (
        make_fleet(make_pool(chips=4, cpu=97), make_pool("b")),
        [Job(share=330, cpu=9), Job(cpu=40), Job()] * 9,
    )
    assert filled(fleet, *jobs) == filled(fleet, *jobs)
    assert allocated(fleet, *jobs) == allocated(fleet, *jobs)


def test_progress_is_told_step_by_step() -> None:
    fleet, told = make_fleet(make_pool(chips=2)), list[int]()
    work = make_workload(fleet, [Job(share=600)] * 3)
    found = most_allocated(fleet, work.shapes, np.array([3]), progress=told.append)
    assert told == list(range(1, found.steps + 1))


def most_worth(items: Ints, gains: Ints, room: tuple[int, ...]) -> int:
    """Of any number of each item, tried one by one."""
    within = [(item, gain) for item, gain in zip(items.tolist(), gains.tolist(), strict=True) if gain > 0]
    lefts = [(gain, tuple(r - s for r, s in zip(room, item, strict=True))) for item, gain in within]
    return max((gain + most_worth(items, gains, left) for gain, left in lefts if min(left) >= 0), default=0)


@often(100)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3), st.integers(0, 2)), max_size=4),
    st.lists(st.integers(-2, 9), min_size=4, max_size=4),
    st.tuples(st.integers(1, 4), st.integers(0, 4), st.integers(0, 3)),
)
@example([(1, 0, 0)], [5, 0, 0, 0], (4, 0, 0))
def test_a_room_is_packed_with_what_is_worth_most(
    drawn: list[tuple[int, int, int]], gains: list[int], room: tuple[int, int, int]
) -> None:
    items, worth = np.array(drawn, np.int64).reshape(-1, 3), np.array(gains[: len(drawn)], np.int64)
    best, last = pack(items, worth, *room)
    many = unpack(items, last, *room)
    assert best[room] == most_worth(items, worth, room) == many @ worth
    assert (many @ items <= room).all()

"""Filling a fleet: what must hold of every fill, and the same fill by plain objects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, make_fleet, make_pool, make_workload
from tests.twins.fill import TWINNED, plain_fill
from tests.twins.inputs import fleets, jobs, often
from tests.twins.world import Node, Places, chips_in, demands_of, nodes_of, shift

from headrace.policy.registry import PLACES
from headrace.replay.fill import Filled, fill
from headrace.units import MILLI
from headrace.world.fits import fits
from headrace.world.plan import Reason
from headrace.world.state import build
from headrace.world.take import take

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet
    from headrace.world.record import Ints, Workload


OF_THE_TARGET = ("fgd", "worth")
"""Rules of which the target ranks equally frequent demands by their pools."""


class Case(NamedTuple):
    """What `fill` takes, and the jobs of the mix as they were drawn."""

    fleet: Fleet
    mix: Workload
    arrivals: Ints
    order: Ints
    jobs: list[Job]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    fleet = draw(fleets())
    drawn = draw(st.lists(jobs(fleet), min_size=1, max_size=6))
    arrivals = draw(st.lists(st.integers(0, len(drawn) - 1), min_size=1, max_size=40))
    order = draw(st.permutations(range(len(fleet.node_names))))
    mix = make_workload(fleet, drawn)
    return Case(fleet, mix, np.array(arrivals, np.int64), np.array(order, np.int64), drawn)


def filled(case: Case, place: str) -> Filled:
    return fill(case.fleet, case.mix, case.arrivals, place, seed=3, node_order=case.order)


def places_of(out: Filled) -> list[Places]:
    rows = list(zip(out.node.tolist(), out.chipmask.tolist(), strict=True))
    return [sorted(rows[a:b]) for a, b in zip(out.first[:-1], out.first[1:], strict=True)]


def milli_free(nodes: list[Node]) -> int:
    return sum(sum(node.free) for node in nodes)


def places() -> st.SearchStrategy[str]:
    return st.sampled_from(list(PLACES))


@given(cases(), places())
@often(150)
def test_no_node_gives_more_than_it_has_and_what_is_allocated_and_free_is_all(case: Case, place: str) -> None:
    out, nodes, demands = filled(case, place), nodes_of(case.fleet), demands_of(case.mix)
    for job, placed in zip(case.arrivals.tolist(), places_of(out), strict=True):
        demand = demands[case.mix.shape[job]]
        assert len(placed) in (0, demand.gang)
        assert len({nodes[n].island for n, _ in placed}) <= 1
        for n, mask in placed:
            assert demand.pools[nodes[n].pool]
            assert len(chips_in(mask)) == demand.chips
            shift(nodes[n], demand, mask, -1)
            assert min([nodes[n].cpu, nodes[n].memory, *nodes[n].free]) >= 0
    assert out.allocated[-1] + milli_free(nodes) == case.fleet.chips * MILLI


@given(cases(), places())
@often(150)
def test_a_dropped_job_fitted_nowhere_at_that_moment_and_a_placed_one_did(case: Case, place: str) -> None:
    out = filled(case, place)
    state = build(case.fleet, make_workload(case.fleet, [case.jobs[i] for i in case.arrivals.tolist()]))
    for i, placed in enumerate(places_of(out)):
        reason = fits(state, int(state.jobs[i]["shape"]), int(state.jobs[i]["tenant"]))
        assert (reason or Reason.FITS) == out.reason[i]
        assert bool(placed) == (reason is None)
        for n, mask in placed:
            take(state, i, n, mask)


@given(cases(), places())
@often(100)
def test_load_counts_up_by_one_and_what_is_allocated_never_falls(case: Case, place: str) -> None:
    out, demand = filled(case, place), case.mix.demand[case.arrivals]
    whole = case.fleet.chips * MILLI
    assert out.load.tolist() == list(range(len(out.load)))
    assert out.load[-1] == (int(demand.sum()) * 100 // whole if whole else 0)
    assert (np.diff(out.allocated) >= 0).all()
    assert (out.allocated <= np.minimum((out.load + 1) * whole // 100, whole))[:-1].all()
    assert ((out.fragmented >= 0) & (out.fragmented <= whole - out.allocated + 1)).all()


@given(cases(), places())
@often(60)
def test_the_fleets_own_order_is_the_order_of_nodes_if_none_is_given(case: Case, place: str) -> None:
    own = case._replace(order=np.arange(len(case.order)))
    without = fill(case.fleet, case.mix, case.arrivals, place, seed=3)
    assert places_of(without) == places_of(filled(own, place))


@given(cases(), places().filter(lambda place: place not in OF_THE_TARGET))
@often(60)
def test_pools_in_another_order_change_nothing_if_the_order_of_nodes_makes_up_for_it(case: Case, place: str) -> None:
    turned = replace(case.fleet, pools=case.fleet.pools[::-1])
    number = [turned.node_names.index(name) for name in case.fleet.node_names]
    mix = make_workload(turned, case.jobs)
    out = fill(turned, mix, case.arrivals, place, seed=3, node_order=np.array(number)[case.order])
    renamed = [sorted((number[n], mask) for n, mask in placed) for placed in places_of(filled(case, place))]
    assert places_of(out) == renamed


@given(cases(), st.sampled_from(TWINNED))
@often(250)
def test_a_plain_fill_places_every_job_on_the_same_chips(case: Case, place: str) -> None:
    assert places_of(filled(case, place)) == plain_fill(*case[:4], place)


def test_the_curve_of_a_small_fill_can_be_checked_by_hand() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=1))
    mix = make_workload(fleet, [Job(share=500), Job()])
    out = fill(fleet, mix, np.array([0, 1, 1, 0]), "first")
    assert out.reason.tolist() == [Reason.FITS, Reason.FITS, Reason.CHIPS, Reason.FITS]
    assert places_of(out) == [[(0, 1)], [(1, 1)], [], [(0, 1)]]
    assert out.load[-1] == 150
    assert out.allocated[[0, 24, 25, 74, 75, 124, 125, 150]].tolist() == [0, 0, 500, 500, 1500, 1500, 1500, 2000]
    # half of the mix wants a whole chip: of the 500 left on one chip, half is of no use
    assert out.fragmented[[0, 25, 75, 150]].tolist() == [0, 250, 250, 0]


@pytest.mark.parametrize("place", PLACES)
def test_nothing_arrives_and_nothing_is_allocated(place: str) -> None:
    fleet = make_fleet()
    out = fill(fleet, make_workload(fleet, [Job()]), np.zeros(0, np.int64), place)
    assert (out.load.tolist(), out.allocated.tolist(), out.first.tolist()) == ([0], [0], [0])


def test_progress_is_told_up_to_the_last_arrival() -> None:
    fleet, told = make_fleet(), list[tuple[int, int]]()
    mix = make_workload(fleet, [Job()])
    fill(fleet, mix, np.zeros(9, np.int64), "fgd", progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (9, 9)

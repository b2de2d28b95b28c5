"""Does it fit, and if not: the first reason against it."""

from __future__ import annotations

from hypothesis import given
from tests.factories import Job, make_fleet, make_pool
from tests.round.hand import Hand, Places
from tests.round.test_verify import tiny
from tests.twins.inputs import often

from headrace.world.fits import fits, hold
from headrace.world.fleet import Fleet, Tenant
from headrace.world.plan import Reason


def reason(fleet: Fleet, job: Job, *in_use: tuple[Job, Places], out: tuple[int, ...] = ()) -> Reason | None:
    """What `fits` says to `job` beside what is in use."""
    hand = Hand(fleet, [job, *(other for other, _ in in_use)])
    for j, (_, places) in enumerate(in_use):
        hand.take(j + 1, places)
    for node in out:
        hand.out(node)
    return fits(hand.state, int(hand.workload.shape[0]), int(hand.workload.tenant[0]))


def test_it_fits_on_an_empty_node() -> None:
    assert reason(make_fleet(), Job(chips=8)) is None


def test_it_never_fits_if_no_node_is_large_enough() -> None:
    assert reason(make_fleet(), Job(chips=9)) == Reason.NEVER
    assert reason(make_fleet(make_pool(cpu=1000)), Job(cpu=1001)) == Reason.NEVER
    assert reason(make_fleet(make_pool(memory=10)), Job(memory=11)) == Reason.NEVER


def test_it_never_fits_if_no_island_has_as_many_nodes() -> None:
    fleet = make_fleet(make_pool("a", 1, site="x"), make_pool("b", 1, site="y"))
    assert reason(fleet, Job(nodes=2)) == Reason.NEVER


def test_a_quota_is_said_before_chips_are() -> None:
    fleet = make_fleet(tenants=[Tenant("t", {"H20": 3})])
    assert reason(fleet, Job(chips=2), (Job(chips=2), [(0, 3)])) == Reason.QUOTA
    assert reason(fleet, Job(chips=1), (Job(chips=2), [(0, 3)])) is None
    assert reason(fleet, Job(chips=2), (Job(chips=2, tenant="u"), [(0, 3)])) is None


def test_a_kind_that_a_quota_does_not_name_is_one_of_which_there_is_none() -> None:
    fleet = make_fleet(make_pool(kind="910B"), tenants=[Tenant("t", {"H20": 3})])
    assert reason(fleet, Job()) == Reason.QUOTA


def test_a_job_without_chips_needs_no_quota() -> None:
    fleet = make_fleet(tenants=[Tenant("t", {})])
    assert reason(fleet, Job(chips=0, cpu=1)) is None


def test_no_node_up_is_a_reason() -> None:
    assert reason(make_fleet(make_pool("a", 1), make_pool("b", 1)), Job(pools=("a",)), out=(0,)) == Reason.KIND


def test_too_few_chips_in_all_is_a_reason() -> None:
    assert reason(make_fleet(make_pool(chips=2)), Job(chips=2), (Job(), [(0, 1)])) == Reason.CHIPS


def test_enough_chips_but_not_together_is_a_reason() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=2))
    assert reason(fleet, Job(chips=2), (Job(), [(0, 1)]), (Job(), [(1, 1)])) == Reason.FRAGMENTED


def test_shares_leave_fragments() -> None:
    fleet = make_fleet(make_pool(chips=2))
    thirds = [(Job(share=400), [(0, 1 << c)]) for c in range(2)]
    assert reason(fleet, Job(), *thirds) == Reason.FRAGMENTED
    assert reason(fleet, Job(share=600), *thirds) is None


def test_cores_and_memory_are_reasons_where_chips_are_free() -> None:
    fleet = make_fleet(make_pool(cpu=8000, memory=64))
    assert reason(fleet, Job(cpu=4000), (Job(cpu=5000), [(0, 1)])) == Reason.CPU
    assert reason(fleet, Job(memory=32), (Job(memory=40), [(0, 1)])) == Reason.MEMORY


def test_a_quota_is_not_the_reason_where_the_gang_would_have_no_island_without_it() -> None:
    fleet = make_fleet(
        make_pool("a", 2, 1, kind="A"), make_pool("b", 2, 1, kind="B"), tenants=[Tenant("t", {"A": 0, "B": 9})]
    )
    taken = [(Job(tenant="u"), [(0, 1)]), (Job(tenant="u"), [(2, 1)])]
    assert reason(fleet, Job(nodes=2), *taken) == Reason.FRAGMENTED


@often(100)
@given(tiny())
def test_who_is_told_quota_would_fit_without_one(hand: Hand) -> None:
    job = len(hand.workload) - 1
    shape, tenant = int(hand.workload.shape[job]), int(hand.workload.tenant[job])
    if fits(hand.state, shape, tenant) == Reason.QUOTA:
        hand.state.quota[:] = 10**9
        assert fits(hand.state, shape, tenant) is None


def test_a_hold_carries_the_numbers_behind_it() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=4))
    hand = Hand(fleet, [Job(chips=3), Job(chips=3), Job(chips=2), Job(chips=2)]).submit(0, 1, 2, 3)
    hand.round()
    found = hold(hand.state, 2)
    assert (found.job, found.reason) == (2, Reason.FRAGMENTED)
    assert found.numbers == {
        "wanted_milli": 2000,
        "free_milli": 2000,
        "nodes_needed": 1,
        "nodes_that_fit": 0,
        "held_by_tenant_milli": 6000,
        "waiting_alike": 2,
    }


def test_a_job_that_would_fit_is_held_for_those_before_it() -> None:
    hand = Hand(make_fleet(make_pool(chips=4)), [Job(chips=3), Job(chips=4), Job()]).submit(0, 1, 2)
    hand.round()
    assert hold(hand.state, 2).reason == Reason.BEHIND

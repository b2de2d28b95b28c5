"""A proposal decides, gives reasons, and leaves no trace."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, make_fleet, make_pool
from tests.round.hand import Hand, picture, queue
from tests.twins.inputs import TICK, fleets, often, policies, workloads

from headrace.policy.policy import Policy
from headrace.policy.registry import BACKFILLS, ORDERS, PLACES
from headrace.units import HOUR_MS, NEVER
from headrace.world.fits import fits, hold
from headrace.world.fleet import Tenant
from headrace.world.plan import Reason
from headrace.world.record import Service


@st.composite
def hands(draw: st.DrawFn) -> Hand:
    """A fleet in the middle of its day: some run, some wait, a node may be out."""
    fleet = draw(fleets())
    hand = Hand(fleet, draw(workloads(fleet)), draw(policies()))
    absent, now = list(range(len(hand.workload))), 0
    for action in draw(st.lists(st.sampled_from(["submit", "submit", "finish", "lose", "out", "round"]), max_size=12)):
        now += TICK * draw(st.integers(0, 20))
        if action == "submit":
            for _ in range(min(len(absent), draw(st.integers(1, 6)))):
                hand.submit(absent.pop(0), now=now)
        elif action == "out":
            hand.out(draw(st.integers(0, len(fleet.node_names) - 1)))
        elif action == "round":
            hand.round(now)
        elif hand.live():
            job = draw(st.sampled_from(hand.live()))
            hand.finish(job, now) if action == "finish" else hand.interrupt(job, now)
    hand.submit(*absent, now=now)
    return hand


def shape_and_tenant(hand: Hand, job: int) -> tuple[int, int]:
    return int(hand.workload.shape[job]), int(hand.workload.tenant[job])


LATER = 30 * TICK * 12


@often(50)
@given(hands())
def test_the_state_after_a_proposal_is_the_state_before_it(hand: Hand) -> None:
    before = picture(hand)
    hand.propose(LATER)
    assert picture(hand) == before
    hand.verify()
    assert picture(hand) == before


@often(40)
@given(hands())
def test_what_was_proposed_is_accepted_and_comes_to_pass(hand: Hand) -> None:
    steps = hand.propose(LATER)
    assert hand.verify() == [Reason.FITS] * len(steps)
    hand.apply(LATER)
    for step in steps:
        assert hand.places(step.job) == ([] if step.stop else sorted(step.places))
        assert (step.job in hand.live()) != step.stop


@often(30)
@given(hands())
def test_the_same_state_gets_the_same_proposal_twice(hand: Hand) -> None:
    assert hand.propose(LATER) == hand.propose(LATER)


@often(40)
@given(hands())
def test_nobody_waits_without_a_reason(hand: Hand) -> None:
    hand.round(LATER)
    hand.propose(LATER)
    for job in hand.waiting():
        assert hand.reason(job) != Reason.FITS
        assert hold(hand.state, job).reason != Reason.FITS


@often(40)
@given(hands())
def test_who_waits_although_it_would_fit_stands_behind_another_or_its_place_is_kept(hand: Hand) -> None:
    hand.round(LATER)
    started = {step.job for step in hand.propose(LATER)}
    for job in set(hand.waiting()) - started:
        first = queue(hand.state, int(hand.state.jobs[job]["line"]))[0]
        if job == first and fits(hand.state, *shape_and_tenant(hand, job)) is None:
            assert hand.reason(job) in (Reason.BEHIND, Reason.RESERVED, Reason.QUOTA)


@often(40)
@given(hands())
def test_after_a_round_without_stops_a_second_one_at_once_starts_nobody(hand: Hand) -> None:
    if not any(step.stop for step in hand.round(LATER)):
        assert hand.propose(LATER) == []


def test_a_job_that_is_too_large_for_the_fleet_is_told_never() -> None:
    hand = Hand(make_fleet(make_pool(chips=4)), [Job(chips=5)]).submit(0)
    assert hand.propose() == []
    assert hand.reason(0) == Reason.NEVER


def test_a_job_beyond_its_quota_is_told_so_and_stands_in_nobodys_way() -> None:
    fleet = make_fleet(make_pool(chips=8), tenants=[Tenant("t", {"H20": 2})])
    hand = Hand(fleet, [Job(chips=4), Job(chips=1, tenant="other")]).submit(0, 1)
    assert [step.job for step in hand.propose()] == [1]
    assert hand.reason(0) == Reason.QUOTA


def test_a_job_behind_one_that_waits_is_told_so_without_backfill() -> None:
    hand = Hand(make_fleet(make_pool(chips=4)), [Job(chips=3), Job(chips=2), Job(chips=1)]).submit(0, 1, 2)
    assert [step.job for step in hand.propose()] == [0]
    assert hand.reason(1) == Reason.CHIPS
    assert hand.reason(2) == Reason.BEHIND


def test_a_job_that_waits_for_one_pool_does_not_hold_up_another_pool() -> None:
    fleet = make_fleet(make_pool("a", chips=2), make_pool("b", chips=2))
    jobs = [Job(chips=1, pools=("a",)), Job(chips=2, pools=("a",)), Job(chips=1, pools=("b",)), Job(chips=1)]
    hand = Hand(fleet, jobs).submit(0, 1, 2, 3)
    assert [(step.job, step.places) for step in hand.propose()] == [(0, [(0, 1)]), (2, [(1, 1)]), (3, [(1, 2)])]


def test_a_job_that_would_delay_a_promise_is_told_that_the_place_is_kept() -> None:
    jobs = [Job(chips=3, limit=100), Job(chips=4, limit=100), Job(chips=1, limit=101), Job(chips=1, limit=100)]
    hand = Hand(make_fleet(make_pool(chips=4)), jobs, "fifo+easy/first").submit(0, 1, 2, 3)
    assert [step.job for step in hand.propose()] == [0, 3]
    assert hand.reason(2) == Reason.RESERVED


def test_a_gang_takes_its_nodes_on_one_island_even_where_another_has_more_room() -> None:
    fleet = make_fleet(make_pool("a", 1, 8, site="x"), make_pool("b", 2, 2, site="y"))
    hand = Hand(fleet, [Job(nodes=2, chips=2)], "fifo/best").submit(0)
    assert hand.propose()[0].places == [(1, 3), (2, 3)]


def test_pools_of_one_kind_at_one_site_are_one_island() -> None:
    fleet = make_fleet(make_pool("a", 1, 2), make_pool("b", 1, 2), make_pool("c", 1, 2, kind="910B"))
    hand = Hand(fleet, [Job(nodes=2, chips=2), Job(nodes=2, chips=1)]).submit(0, 1)
    assert [step.places for step in hand.propose()] == [[(0, 3), (1, 3)]]
    assert hand.reason(1) == Reason.CHIPS


def test_a_node_that_is_out_takes_nobody_until_it_is_back_from_all_its_outages() -> None:
    hand = Hand(make_fleet(), [Job()]).submit(0)
    hand.out(0)
    hand.out(0)
    hand.back(0)
    assert hand.propose() == []
    hand.back(0)
    assert len(hand.propose()) == 1


def test_las_stops_the_job_that_has_received_most_and_keeps_its_checkpoints() -> None:
    jobs = [
        Job(chips=2, work=9 * HOUR_MS, checkpoint=HOUR_MS),
        Job(chips=2, work=9 * HOUR_MS, checkpoint=HOUR_MS),
        Job(chips=2, work=HOUR_MS),
    ]
    hand = Hand(make_fleet(make_pool(chips=4)), jobs, "las/first").submit(0)
    hand.round(0)
    hand.submit(1, now=HOUR_MS)
    hand.round(HOUR_MS)
    now = 5 * HOUR_MS + HOUR_MS // 2
    hand.submit(2, now=now)
    assert [(step.job, step.stop) for step in hand.round(now)] == [(0, True), (2, False)]
    assert hand.state.jobs["left"].tolist() == [4 * HOUR_MS, 9 * HOUR_MS, HOUR_MS]
    assert hand.state.jobs["attained"][0] == 2 * 1000 * now


def test_las_never_stops_a_job_without_checkpoints() -> None:
    hand = Hand(make_fleet(make_pool(chips=2)), [Job(chips=2, work=9 * HOUR_MS), Job()], "las/first").submit(0)
    hand.round(0)
    hand.submit(1, now=5 * HOUR_MS)
    assert hand.propose(5 * HOUR_MS) == []


def test_las_never_stops_a_job_that_serves() -> None:
    jobs = [Job(chips=2, work=9 * HOUR_MS, checkpoint=0, service=Service.SERVING), Job()]
    hand = Hand(make_fleet(make_pool(chips=2)), jobs, "las/first").submit(0)
    hand.round(0)
    hand.submit(1, now=5 * HOUR_MS)
    assert hand.propose(5 * HOUR_MS) == []


def test_las_stops_nobody_of_the_same_band() -> None:
    jobs = [Job(chips=2, work=9 * HOUR_MS, checkpoint=0), Job()]
    hand = Hand(make_fleet(make_pool(chips=2)), jobs, "las/first").submit(0)
    hand.round(0)
    almost = HOUR_MS // 2 - 1
    hand.submit(1, now=almost)
    assert hand.propose(almost) == []
    assert [step.job for step in hand.propose(almost + 1)] == [0, 1]


def test_las_stops_nobody_when_that_would_not_help() -> None:
    jobs = [Job(chips=2, work=9 * HOUR_MS, checkpoint=0), Job(chips=2, work=9 * HOUR_MS), Job(chips=4)]
    hand = Hand(make_fleet(make_pool(chips=4)), jobs, "las/first").submit(0, 1)
    hand.round(0)
    before = picture(hand.submit(2, now=5 * HOUR_MS))
    assert hand.propose(5 * HOUR_MS) == []
    assert picture(hand) == before


def test_every_combination_of_a_policy_can_be_proposed_with() -> None:
    for order in ORDERS:
        for backfill in BACKFILLS:
            for place in PLACES:
                hand = Hand(make_fleet(), [Job(), Job(chips=8)], Policy(order, backfill, place)).submit(0, 1)
                assert [step.job for step in hand.propose()] == [0]
                assert hand.state.jobs["expected"].tolist()[1] == NEVER

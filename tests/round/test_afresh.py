"""Orders that deal the fleet afresh at each round: who is stopped, who runs on, and that nothing else is touched."""

from __future__ import annotations

import pytest
from tests.factories import Job, make_fleet, make_pool, make_workload, stays
from tests.round.hand import Hand, picture

from headrace.policy.policy import parse
from headrace.replay.replay import Costs, replay
from headrace.world.record import Ints, Outcome, Service

SRTF = "oracle:srtf+greedy/first"
CUT, DONE = Outcome.PREEMPTED, Outcome.COMPLETED


def one_node(*jobs: Job, policy: str = SRTF) -> Hand:
    """Four chips, and all `jobs` submitted and placed at 0."""
    hand = Hand(make_fleet(make_pool(chips=4)), jobs, policy)
    hand.submit(0).round(0)
    return hand


@pytest.mark.parametrize("order", ["oracle:srtf", "oracle:srsf"])
def test_a_job_with_less_left_takes_the_place_of_one_that_keeps_its_work(order: str) -> None:
    hand = one_node(Job(work=100, chips=4, checkpoint=0), Job(work=30, chips=4), policy=f"{order}/first")
    hand.submit(1, now=20)
    assert [(step.job, step.stop) for step in hand.round(20)] == [(0, True), (1, False)]
    assert hand.live() == [1]
    assert int(hand.state.jobs[0]["left"]) == 80


def test_remaining_service_is_time_times_chips() -> None:
    jobs = Job(work=100, chips=1, checkpoint=0), Job(work=50, chips=4)
    assert one_node(*jobs, policy="oracle:srsf/first").submit(1).propose(0) == []
    assert [step.job for step in one_node(*jobs, policy="oracle:srtf/first").submit(1).propose(0)] == [0, 1]


@pytest.mark.parametrize("job", [Job(work=100, chips=4), Job(chips=4, checkpoint=0, service=Service.SERVING)])
def test_a_job_that_loses_its_work_or_serves_is_never_stopped(job: Job) -> None:
    hand = one_node(job, Job(work=1, chips=4)).submit(1, now=20)
    assert hand.propose(20) == []


def test_who_is_dealt_what_it_has_is_in_no_step_of_the_plan() -> None:
    hand = one_node(Job(work=100, chips=2, checkpoint=0), Job(work=300, chips=2)).submit(1, now=20)
    assert [(step.job, step.stop) for step in hand.round(20)] == [(1, False)]
    assert int(hand.state.jobs[0]["start"]) == 0


def test_a_proposal_that_lifts_everybody_leaves_the_state_as_it_was() -> None:
    jobs = [Job(work=100 + i, chips=1, checkpoint=0) for i in range(4)] + [Job(work=5, chips=3)]
    hand = Hand(make_fleet(make_pool(chips=4)), jobs, SRTF).submit(0, 1, 2, 3)
    hand.round(0)
    before = picture(hand.submit(4, now=7))
    assert sum(step.stop for step in hand.propose(7)) == 4
    assert picture(hand) == before


def test_a_job_that_is_moved_is_stopped_and_started_in_one_round() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=4))
    jobs = [Job(work=10, chips=4), Job(work=50, chips=2, checkpoint=0), Job(work=90, chips=4)]
    hand = Hand(fleet, jobs, SRTF).submit(0, 1)
    hand.round(0)
    hand.finish(0, 10)
    hand.submit(2, now=10)
    assert [(step.job, step.stop, [n for n, _ in step.places]) for step in hand.round(10)] == [
        (1, True, [1]),
        (1, False, [0]),
        (2, False, [1]),
    ]
    assert hand.live() == [1, 2]


def replayed(jobs: list[Job], policy: str, costs: Costs | None = None) -> list[tuple[int, ...]]:
    fleet = make_fleet(make_pool(chips=4))
    return [stay[:5] for stay in stays(replay(fleet, make_workload(fleet, jobs), parse(policy), costs=costs))]


def ints(*values: int) -> Ints:
    return make_workload(make_fleet(), [Job(work=value) for value in values]).work


TWO = [Job(work=100, chips=2, checkpoint=0), Job(submit=20, work=90, chips=2, checkpoint=0)]


def test_who_can_run_beside_the_rest_is_never_cut_off() -> None:
    assert replayed(TWO, SRTF) == [(0, 0, 0, 100, DONE), (1, 20, 20, 110, DONE)]


def test_another_cost_model_charges_every_running_job_at_every_round() -> None:
    assert replayed(TWO, SRTF, Costs(stopping=ints(7, 7), every_round=True)) == [
        (0, 0, 0, 20, CUT),  # 13 of its 20 ms count: 87 are left
        (0, 20, 20, 107, DONE),
        (1, 20, 20, 107, CUT),  # 80 of 87: 10 are left
        (1, 107, 107, 117, DONE),
    ]


def test_a_stop_costs_what_it_is_said_to_cost() -> None:
    jobs = [Job(work=100, chips=4, checkpoint=0), Job(submit=20, work=40, chips=4)]
    assert replayed(jobs, SRTF, Costs(stopping=ints(7, 0)))[-1] == (0, 20, 60, 147, DONE)
    assert replayed(jobs, SRTF)[-1] == (0, 20, 60, 140, DONE)


def test_greedy_lets_whatever_fits_pass_for_ever() -> None:
    jobs = [Job(work=10, chips=2), Job(work=5, chips=4), *(Job(submit=t, work=10, chips=2) for t in range(1, 40, 9))]
    starts = {stay[0]: stay[2] for stay in replayed(jobs, "fifo+greedy/first")}
    assert starts[1] == max(starts.values())
    assert {stay[0]: stay[2] for stay in replayed(jobs, "fifo+easy/first")}[1] == 10

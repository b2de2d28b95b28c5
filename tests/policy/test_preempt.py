"""Whom to stop."""

from __future__ import annotations

import pytest
from tests.factories import Job, make_fleet, make_pool
from tests.round.hand import Hand

from headrace.units import HOUR_MS

H = HOUR_MS


def stopped(hand: Hand, now: int) -> list[int]:
    return [step.job for step in hand.propose(now) if step.stop]


def running(jobs: list[Job], wanted: Job, nodes: int = 1, chips: int = 4, since: list[int] | None = None) -> Hand:
    """`jobs` have been started, each at its instant, and `wanted` has come at 20 hours."""
    hand = Hand(make_fleet(make_pool(nodes=nodes, chips=chips)), [*jobs, wanted], "las/first")
    for job, start in enumerate(since or [0] * len(jobs)):
        hand.submit(job, now=start).round(start)
    assert hand.live() == list(range(len(jobs)))
    return hand.submit(len(jobs), now=20 * H)


def test_the_job_that_loses_least_is_stopped() -> None:
    jobs = [Job(chips=4, work=99 * H, checkpoint=c) for c in (19 * H, 20 * H, 11 * H)]
    assert stopped(running(jobs, Job(chips=4), nodes=3), 20 * H) == [1]


def test_starting_up_again_is_a_loss() -> None:
    jobs = [Job(chips=4, work=99 * H, checkpoint=0, starting=s) for s in (3 * H, H, 2 * H)]
    assert stopped(running(jobs, Job(chips=4), nodes=3), 20 * H) == [1]


def test_on_one_node_the_highest_band_is_stopped_first_and_then_the_latest_started() -> None:
    jobs = [Job(chips=1, work=99 * H, checkpoint=0) for _ in range(4)]
    since = [0, 5 * H, 12 * H, 13 * H]
    assert stopped(running(jobs, Job(chips=1), since=since), 20 * H) == [1]
    assert stopped(running(jobs, Job(chips=3), since=since), 20 * H) == [1, 0, 3]


def test_no_more_are_stopped_than_needed() -> None:
    jobs = [Job(chips=3, work=99 * H, checkpoint=0), Job(chips=1, work=99 * H, checkpoint=0)]
    assert stopped(running(jobs, Job(chips=3), since=[0, 12 * H]), 20 * H) == [0]


def test_a_gang_is_stopped_once_and_frees_all_its_nodes() -> None:
    jobs = [Job(nodes=2, chips=4, work=99 * H, checkpoint=0)]
    hand = running(jobs, Job(nodes=2, chips=3), nodes=2)
    assert [(step.job, step.stop, len(step.places)) for step in hand.propose(20 * H)] == [(0, True, 2), (1, False, 2)]


def test_a_gang_stops_others_on_each_of_its_nodes() -> None:
    jobs = [Job(chips=4, work=99 * H, checkpoint=0) for _ in range(3)]
    hand = running(jobs, Job(nodes=2, chips=1), nodes=3)
    steps = hand.round(20 * H)
    assert [step.job for step in steps if step.stop] == [0, 1]
    assert [step.places for step in steps if not step.stop] == [[(0, 1), (1, 1)]]


@pytest.mark.parametrize("order", ["fifo", "fair", "oracle:shortest", "oracle:smallest"])
def test_no_other_order_stops_anybody(order: str) -> None:
    hand = Hand(make_fleet(), [Job(chips=8, work=99 * H, checkpoint=0), Job(work=1, tenant="u")], f"{order}/first")
    hand.submit(0).round()
    assert hand.submit(1, now=50 * H).propose(50 * H) == []


def test_what_was_started_at_this_instant_is_not_stopped() -> None:
    job = Job(chips=4, work=99 * H, checkpoint=0)
    hand = Hand(make_fleet(make_pool(chips=4)), [job, Job(chips=4)], "las/first")
    hand.submit(0).round(0)
    hand.interrupt(0, 20 * H)
    hand.round(20 * H)
    hand.submit(1, now=20 * H)
    assert stopped(hand, 20 * H) == []
    assert stopped(hand, 20 * H + 1) == [0]

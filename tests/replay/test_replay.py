"""Small replays whose starts are plain to see."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from tests.factories import Job, Stay, make_fleet, make_outages, make_pool, make_workload, stays

from headrace.policy.policy import parse
from headrace.replay.replay import ROUNDS_A_STRETCH, replay
from headrace.units import HOUR_MS, NEVER
from headrace.world.fleet import Fleet, Tenant
from headrace.world.record import Outages, Outcome

H = HOUR_MS


def runs(policy: str, jobs: list[Job], fleet: Fleet | None = None, outages: Outages | None = None) -> list[Stay]:
    fleet = fleet or make_fleet(make_pool(chips=4))
    return stays(replay(fleet, make_workload(fleet, jobs), parse(policy), outages))


def starts(policy: str, jobs: list[Job], fleet: Fleet | None = None, outages: Outages | None = None) -> list[int]:
    """The first start of each job."""
    found: dict[int, int] = {}
    for stay in runs(policy, jobs, fleet, outages):
        found.setdefault(stay.job, stay.start)
    return [found[j] for j in range(len(jobs))]


MIXED = [
    Job(submit=0, work=10, chips=4),
    Job(submit=1, work=50, chips=2),
    Job(submit=2, work=20, chips=4),
    Job(submit=3, work=30, chips=1),
]


def test_fifo_starts_in_the_order_of_submission() -> None:
    assert starts("fifo/first", MIXED) == [0, 10, 60, 80]


def test_the_shortest_first_takes_the_least_work() -> None:
    assert starts("oracle:shortest/first", MIXED) == [0, 30, 10, 30]


def test_the_smallest_first_takes_the_least_chip_time() -> None:
    assert starts("oracle:smallest/first", MIXED) == [0, 60, 40, 10]


def test_the_shortest_counts_what_is_left_and_not_what_was_asked() -> None:
    jobs = [Job(work=100, chips=4, checkpoint=0), Job(submit=90, work=20, chips=4)]
    outages = make_outages((0, 95, 96, True))
    assert [(stay.job, stay.start) for stay in runs("oracle:shortest/first", jobs, outages=outages)] == [
        (0, 0),
        (0, 96),
        (1, 101),
    ]


def test_las_lets_a_new_job_stop_one_that_has_received_an_hour_of_a_chip() -> None:
    jobs = [Job(work=4 * H, chips=4, checkpoint=0), Job(submit=H // 8, work=H, chips=4)]
    assert [stay[:5] for stay in runs("las/first", jobs)] == [
        (0, 0, 0, H // 4, Outcome.PREEMPTED),
        (1, H // 8, H // 4, H // 4 + H, Outcome.COMPLETED),
        (0, H // 4, H // 4 + H, 5 * H, Outcome.COMPLETED),
    ]


def test_las_takes_those_of_one_band_as_they_came() -> None:
    jobs = [Job(work=4 * H, chips=4, checkpoint=0), Job(submit=1, work=H, chips=4), Job(submit=2, work=1, chips=4)]
    assert starts("las/first", jobs) == [0, H // 4, H // 4 + H]


def test_fair_takes_the_tenant_that_has_used_less() -> None:
    jobs = [
        Job(work=100, chips=4, tenant="a"),
        Job(submit=1, work=100, chips=4, tenant="a"),
        Job(submit=2, work=100, chips=4, tenant="b"),
        Job(submit=3, work=100, chips=4, tenant="b"),
    ]
    assert starts("fair/first", jobs) == [0, 200, 100, 300]


def test_fair_counts_usage_for_its_weight() -> None:
    fleet = make_fleet(make_pool(chips=4), tenants=[Tenant("a", weight=3.0)])
    jobs = [Job(submit=i, work=100, chips=4, tenant=name) for i, name in enumerate("abbbaaaa")]
    order = np.argsort(starts("fair/first", jobs, fleet))
    assert "".join(jobs[j].tenant for j in order) == "abaabaab"


def test_fair_forgets_half_of_what_was_used_a_week_ago() -> None:
    week, day = 7 * 24 * H, 24 * H
    jobs = [
        Job(work=8 * H, chips=4, tenant="a"),
        Job(submit=week, work=5 * H, chips=4, tenant="b"),
        Job(submit=week + H, work=1, chips=4, tenant="b"),
        Job(submit=week + 2 * H, work=1, chips=4, tenant="a"),
    ]
    assert starts("fair/first", jobs)[2:] == [week + 5 * H + 1, week + 5 * H]
    jobs[0] = Job(work=8 * H, chips=4, tenant="a", submit=week - day)
    assert starts("fair/first", jobs)[2:] == [week + 5 * H, week + 5 * H + 1]


def test_easy_lets_a_job_pass_that_ends_in_time() -> None:
    jobs = [
        Job(work=100, limit=100, chips=3),
        Job(submit=1, work=100, limit=100, chips=4),
        Job(submit=2, work=97, limit=98),
        Job(submit=3, work=90, limit=98),
    ]
    assert starts("fifo+easy/first", jobs) == [0, 100, 2, 200]


def test_easy_lets_a_job_pass_that_fits_beside_the_one_that_waits() -> None:
    jobs = [
        Job(work=100, limit=100, chips=2),
        Job(submit=1, work=100, limit=100, chips=3),
        Job(submit=2, work=900, limit=900),
        Job(submit=2, work=900, limit=900),
    ]
    assert starts("fifo+easy/first", jobs) == [0, 100, 2, 200]


SECOND = [
    Job(work=100, limit=100, chips=2, pools=("a",)),
    Job(work=50, limit=50, chips=1, pools=("b",)),
    Job(submit=1, work=200, limit=200, chips=2),
    Job(submit=2, work=200, limit=200, chips=3),
    Job(submit=3, work=150, limit=150, chips=1),
]
"""On a node with three chips and one with two: the fourth job is the second that waits, for the first node alone."""


def test_easy_promises_nothing_to_the_second_that_waits_and_conservative_does() -> None:
    fleet = make_fleet(make_pool("a", chips=3), make_pool("b", chips=2))
    assert starts("fifo+easy/first", SECOND, fleet) == [0, 0, 50, 153, 3]
    assert starts("fifo+conservative/first", SECOND, fleet) == [0, 0, 50, 100, 250]
    assert starts("fifo/first", SECOND, fleet) == [0, 0, 50, 100, 250]


def test_easy_promises_to_the_first_of_each_pool() -> None:
    fleet = make_fleet(make_pool("a", chips=2), make_pool("b", chips=2))
    jobs = [
        Job(work=100, limit=100, chips=1, pools=("a",)),
        Job(work=50, limit=50, chips=1, pools=("b",)),
        Job(submit=1, work=200, limit=200, chips=2, pools=("a",)),
        Job(submit=2, work=200, limit=200, chips=2, pools=("b",)),
        Job(submit=3, work=97, limit=97, chips=1, pools=("b",)),
        Job(submit=3, work=97, limit=97, chips=1),
    ]
    assert starts("fifo+easy/first", jobs, fleet) == [0, 0, 100, 50, 250, 3]


def test_a_job_without_a_limit_passes_nobody_but_is_passed() -> None:
    jobs = [
        Job(work=100, chips=3),
        Job(submit=1, work=100, chips=4),
        Job(submit=2, work=1, chips=1),
        Job(submit=3, work=10, limit=10, chips=1),
    ]
    assert starts("fifo+easy/first", jobs) == [0, 100, 200, 3]


def test_a_job_of_the_same_tenant_does_not_use_up_the_quota_of_one_that_was_promised_a_place() -> None:
    fleet = make_fleet(make_pool("a", 1, 4), make_pool("b", 1, 2), tenants=[Tenant("t", {"H20": 4})])
    jobs = [
        Job(work=100, limit=100, chips=3, tenant="u", pools=("a",)),
        Job(submit=1, work=50, limit=50, chips=4, tenant="t", pools=("a",)),
        Job(submit=2, work=1000, limit=1000, chips=1, tenant="t", pools=("b",)),
        Job(submit=3, work=97, limit=97, chips=1, tenant="t", pools=("b",)),
    ]
    assert starts("fifo+easy/first", jobs, fleet) == [0, 100, 150, 3]


def test_a_promise_beside_another_is_not_made_before_the_node_has_room() -> None:
    fleet = make_fleet(make_pool("a", chips=4), make_pool("b", chips=1, site="x"))
    jobs = [
        Job(work=20, limit=220),
        Job(work=20, share=334),
        Job(submit=10, work=0, chips=3, limit=220),
        Job(submit=10, work=0, chips=4),
        Job(submit=10, work=0, share=334),
    ]
    last = runs("fifo+conservative/first", jobs, fleet)[0]
    assert (last.job, last.start, last.places) == (4, 10, ((1, 1),))


def test_a_job_whose_node_goes_down_waits_again_and_starts_from_its_last_checkpoint() -> None:
    job = Job(work=1000, starting=100, checkpoint=200, ends=Outcome.FAILED)
    assert [stay[:5] for stay in runs("fifo/first", [job], outages=make_outages((0, 750, 800, True)))] == [
        (0, 0, 0, 750, Outcome.NODE_FAIL),
        (0, 750, 800, 1200, Outcome.FAILED),
    ]


@pytest.mark.parametrize(("checkpoint", "end"), [(-1, 1800), (0, 1150), (300, 1200), (1000, 1900)])
def test_what_is_kept_depends_on_the_checkpoints(checkpoint: int, end: int) -> None:
    job = Job(work=1100 if checkpoint == 1000 else 1000, starting=100, checkpoint=checkpoint)
    assert runs("fifo/first", [job], outages=make_outages((0, 750, 800, True)))[-1].end == end


def test_a_drained_node_finishes_what_runs_and_takes_nothing_new() -> None:
    jobs = [Job(work=100), Job(submit=20, work=10)]
    assert [stay[:4] for stay in runs("fifo/first", jobs, outages=make_outages((0, 10, 300, False)))] == [
        (0, 0, 0, 100),
        (1, 20, 300, 310),
    ]


def test_a_job_that_ends_as_its_node_goes_down_has_ended() -> None:
    [stay] = runs("fifo/first", [Job(work=100)], outages=make_outages((0, 100, 200, True)))
    assert stay.outcome == Outcome.COMPLETED


def test_a_lost_gang_frees_all_its_nodes() -> None:
    fleet = make_fleet(make_pool(nodes=3, chips=4))
    jobs = [Job(nodes=2, chips=4, work=100), Job(submit=1, nodes=2, chips=4, work=10)]
    assert [stay[:4] for stay in runs("fifo/first", jobs, fleet, make_outages((1, 50, 500, True)))] == [
        (0, 0, 0, 50),
        (0, 0 + 50, 50, 150),
        (1, 1, 150, 160),
    ]


def test_a_job_is_submitted_again_after_the_end_of_the_one_before_it() -> None:
    jobs = [Job(work=100, ends=Outcome.FAILED), Job(work=50, after=0, gap=30), Job(work=1, after=1)]
    assert [stay[:5] for stay in runs("fifo/first", jobs)] == [
        (0, 0, 0, 100, Outcome.FAILED),
        (1, 130, 130, 180, Outcome.COMPLETED),
        (2, 180, 180, 181, Outcome.COMPLETED),
    ]


def test_a_job_that_waits_for_one_that_never_ends_is_never_submitted() -> None:
    assert [stay.job for stay in runs("fifo/first", [Job(chips=5), Job(after=0)])] == [0]


def test_a_job_that_never_starts_is_left_pending_when_the_last_thing_has_happened() -> None:
    jobs = [Job(work=100), Job(submit=5, chips=5)]
    assert runs("fifo/first", jobs)[1] == Stay(1, 5, NEVER, 100, Outcome.PENDING, ())


def test_the_end_of_a_run_that_was_cut_off_is_not_something_that_happens() -> None:
    lost = runs("fifo/first", [Job(work=10**6)], outages=make_outages((0, 10, NEVER, True)))
    assert [stay[:5] for stay in lost] == [(0, 0, 0, 10, Outcome.NODE_FAIL), (0, 10, NEVER, 10, Outcome.PENDING)]


def test_a_job_without_work_starts_and_ends_at_once() -> None:
    jobs = [Job(work=0, chips=4), Job(work=5, chips=4), Job(work=0, chips=4)]
    assert [stay[:4] for stay in runs("fifo/first", jobs)] == [(0, 0, 0, 0), (1, 0, 0, 5), (2, 0, 5, 5)]


def test_jobs_without_chips_share_a_node_by_its_cores() -> None:
    fleet = make_fleet(make_pool(chips=0, cpu=8000))
    assert starts("fifo/first", [Job(chips=0, cpu=4000, work=10)] * 3, fleet) == [0, 0, 10]


def test_times_may_be_those_of_a_calendar() -> None:
    jobs = [Job(submit=1_750_000_000_000, work=100, chips=4), Job(submit=1_750_000_000_001, work=100, chips=4)]
    assert starts("fair+easy/fgd", jobs) == [1_750_000_000_000, 1_750_000_000_100]


def test_no_jobs_give_no_runs() -> None:
    fleet = make_fleet()
    workload = make_workload(fleet, [Job()])
    columns = [field.name for field in fields(workload) if field.name not in ("shapes", "tenants")]
    empty = replace(workload, **{name: getattr(workload, name)[:0] for name in columns})
    assert len(replay(fleet, empty, parse("fifo/first"))) == 0


def test_progress_is_told_now_and_then_and_at_the_end() -> None:
    told: list[tuple[int, int]] = []
    jobs = [Job(submit=10 * i, work=1) for i in range(2 * ROUNDS_A_STRETCH)]
    fleet = make_fleet()
    replay(fleet, make_workload(fleet, jobs), parse("fifo/first"), progress=lambda ended, of: told.append((ended, of)))
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == (len(jobs), len(jobs))

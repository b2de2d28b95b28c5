"""The figures of the comparison against brute force, and lower bounds that no policy's replay goes below."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.explain.records import Record, Run, make_record, often
from tests.factories import Job, make_fleet, make_outages, make_pool, make_workload
from tests.twins.inputs import Case, cases, policies

from headrace.explain.explain import explain
from headrace.explain.ledger import Class
from headrace.explain.metrics import Bounds, Metrics, bound, lives, measure, quantile
from headrace.policy.policy import Policy
from headrace.replay.replay import replay
from headrace.units import MILLI, NEVER, UNKNOWN
from headrace.world.fleet import Fleet, Tenant
from headrace.world.record import Outages, Outcome, Runs, Workload


def measured(record: Record, name: str = "some") -> Metrics:
    return measure(name, record.workload, record.runs, record.ledger)


def played(fleet: Fleet, workload: Workload, policy: Policy, outages: Outages | None = None) -> Metrics:
    out = outages if outages is not None else make_outages()
    runs = replay(fleet, workload, policy, out)
    return measured(Record(fleet, workload, runs, out, 0, int(runs.end.max()) if len(runs) else 1))


def bounds_of(fleet: Fleet, workload: Workload) -> Bounds:
    return bound(fleet, workload)


class TestQuantile:
    @often(300)
    @given(st.lists(st.integers(0, 50), max_size=40), st.sampled_from([0, 1, 5, 50, 95, 99, 100]))
    def test_it_is_the_least_value_that_enough_do_not_exceed(self, values: list[int], percent: int) -> None:
        enough = [v for v in sorted(values) if 100 * sum(w <= v for w in values) >= percent * len(values)]
        assert quantile(np.array(values, np.int64), percent) == (enough[0] if enough else 0)

    def test_of_nothing_it_is_nought(self) -> None:
        assert quantile(np.zeros(0, np.int64), 95) == 0

    def test_it_is_one_of_the_values_however_large(self) -> None:
        assert quantile(np.array([2**60, 2**60 + 1]), 50) == 2**60

    def test_it_leaves_the_values_as_they_were(self) -> None:
        values = np.array([3, 1, 2])
        quantile(values, 50)
        assert values.tolist() == [3, 1, 2]


class TestLives:
    def test_a_requeued_job_is_one_life_from_its_submission_to_its_last_end(self) -> None:
        runs = [Run(0, 10, 20, 50, Outcome.PREEMPTED), Run(0, 50, 70, 100)]
        record = make_record(make_fleet(), [Job(work=60)], runs, end=100)
        of = lives(record.workload, record.runs)
        assert (of.submit.tolist(), of.end.tolist(), of.wait.tolist(), of.alone.tolist()) == ([10], [100], [30], [60])
        assert of.sound.tolist() == [True]

    def test_pieces_of_one_name_are_one_life(self) -> None:
        runs = [Run(0, 0, 5, 25, Outcome.FAILED), Run(1, 40, 50, 90)]
        record = make_record(make_fleet(), [Job(work=20), Job(work=40, after=0, gap=15)], runs, end=100)
        of = lives(replace(record.workload, names=("same", "same")), record.runs)
        assert (of.names, of.completion.tolist(), of.wait.tolist()) == (("same",), [90], [15])
        assert of.alone.tolist() == [60]

    @pytest.mark.parametrize("last", [Outcome.RUNNING, Outcome.NODE_FAIL])
    def test_how_the_last_run_ended_says_whether_a_job_finished(self, last: Outcome) -> None:
        runs = [Run(0, 0, 5, 25, Outcome.FAILED), Run(1, 40, 50, 90, last)]
        record = make_record(make_fleet(), [Job(), Job(after=0)], runs, end=100)
        of = lives(replace(record.workload, names=("same", "same")), record.runs)
        assert of.finished.tolist() == [False]

    def test_a_job_that_never_started_is_stranded_if_it_still_waits(self) -> None:
        runs = [Run(0, 0, None, 100, Outcome.PENDING), Run(1, 0, None, 30, Outcome.CANCELLED)]
        of = lives(*make_record(make_fleet(), [Job(), Job()], runs, end=100)[1:3])
        assert of.stranded.tolist() == [True, False]
        assert of.started.tolist() == of.sound.tolist() == [False, False]

    @pytest.mark.parametrize("outcome", [Outcome.RUNNING, Outcome.PREEMPTED, Outcome.NODE_FAIL])
    def test_a_job_that_has_not_ended_by_itself_has_no_completion(self, outcome: Outcome) -> None:
        record = make_record(make_fleet(), [Job()], [Run(0, 0, 0, 100, outcome)], end=100)
        of = lives(record.workload, record.runs)
        assert of.finished.tolist() == [False]
        assert of.started.tolist() == [True]

    @pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.FAILED, Outcome.CANCELLED, Outcome.TIMEOUT])
    def test_a_job_that_ended_by_itself_is_finished(self, outcome: Outcome) -> None:
        record = make_record(make_fleet(), [Job()], [Run(0, 0, 0, 100, outcome)], end=100)
        assert lives(record.workload, record.runs).sound.tolist() == [True]

    def test_a_job_that_waits_again_at_the_end_is_not_finished(self) -> None:
        runs = [Run(0, 0, 0, 50, Outcome.NODE_FAIL), Run(0, 50, None, 100, Outcome.PENDING)]
        record = make_record(make_fleet(), [Job()], runs, end=100)
        of = lives(record.workload, record.runs)
        assert (of.finished.tolist(), of.stranded.tolist(), of.wait.tolist()) == ([False], [True], [50])


@often(60)
@given(cases(), policies())
def test_the_figures_are_those_that_brute_force_finds(case: Case, policy: Policy) -> None:
    runs = replay(case.fleet, case.workload, policy, case.outages)
    assume(len(runs))
    record = Record(case.fleet, case.workload, runs, case.outages, 0, max(1, int(runs.end.max())))
    found, ledger = measured(record), record.ledger
    jobs = _by_job(runs)
    ended = {j: rows for j, rows in jobs.items() if rows[-1][2] < NEVER and rows[-1][4] not in (3, 5, 6, 7)}
    completion = sorted(rows[-1][3] - rows[0][1] for rows in ended.values())
    wait = sorted(
        sum(min(start, end) - queued for _, queued, start, end, _ in rows)
        for rows in jobs.values()
        if any(start < NEVER for _, _, start, _, _ in rows)
    )
    assert (found.jobs, found.finished) == (len(case.jobs), len(ended))
    assert found.stranded == sum(rows[-1][4] == Outcome.PENDING for rows in jobs.values())
    assert found.avg_completion == (sum(completion) / len(completion) if completion else 0)
    assert found.avg_wait == (sum(wait) / len(wait) if wait else 0)
    assert [found.p50_completion, found.p99_completion] == [_rank(completion, p) for p in (50, 99)]
    assert [found.p50_wait, found.p95_wait, found.p99_wait] == [_rank(wait, p) for p in (50, 95, 99)]
    assert found.preemptions == sum(row[4] == Outcome.PREEMPTED for rows in jobs.values() for row in rows)
    assert found.interruptions == sum(row[4] == Outcome.NODE_FAIL for rows in jobs.values() for row in rows)
    assert found.lost == ledger.classes[Class.LOST]
    assert 0 <= found.useful <= found.allocated <= 1
    slowdown = _slowdown(case.workload, ended)
    assert found.slowdown == pytest.approx(max(slowdown.values(), default=0))
    assert not slowdown or slowdown.get(found.slowest, 0) == pytest.approx(found.slowdown)


def _names(workload: Workload) -> tuple[str, ...]:
    """Names by which what is released by a job's end is another piece of that job."""
    names: list[str] = []
    for name, after in zip(workload.names, workload.after.tolist(), strict=True):
        names.append(name if after < 0 else names[after])
    return tuple(names)


def _by_job(runs: Runs) -> dict[int, list[tuple[int, ...]]]:
    columns = (runs.job, runs.queued, runs.start, runs.end, runs.outcome)
    jobs: dict[int, list[tuple[int, ...]]] = {}
    for row in sorted(zip(*(column.tolist() for column in columns), strict=True)):
        jobs.setdefault(row[0], []).append(row)
    return jobs


def _rank(values: list[int], percent: int) -> int:
    return values[max(0, -(-len(values) * percent // 100) - 1)] if values else 0


def _slowdown(workload: Workload, ended: dict[int, list[tuple[int, ...]]]) -> dict[str, float]:
    took: dict[str, int] = {}
    alone: dict[str, int] = {}
    for job, rows in ended.items():
        tenant = workload.tenants[workload.tenant[job]]
        took[tenant] = took.get(tenant, 0) + rows[-1][3] - rows[0][1]
        alone[tenant] = alone.get(tenant, 0) + int(workload.work[job])
    return {tenant: took[tenant] / alone[tenant] for tenant in took if alone[tenant]}


class TestMeasure:
    def test_shares_are_of_what_was_paid(self) -> None:
        record = make_record(make_fleet(make_pool(chips=4)), [Job(chips=1)], [Run(0, 0, 0, 50)], end=100)
        found = measured(record)
        assert (found.allocated, found.useful, found.unknown) == (0.125, 0.0, 0.125)

    def test_the_makespan_is_from_the_first_submission_to_the_last_end_of_a_run(self) -> None:
        runs = [Run(0, 10, 20, 60), Run(1, 30, None, 100, Outcome.PENDING)]
        assert measured(make_record(make_fleet(), [Job(), Job()], runs, end=100)).makespan == 50

    def test_nothing_that_ran_has_no_makespan_and_no_average(self) -> None:
        found = measured(make_record(make_fleet(), [Job()], [Run(0, 0, None, 100, Outcome.PENDING)], end=100))
        assert (found.makespan, found.avg_completion, found.p99_wait, found.slowdown) == (0, 0.0, 0, 0.0)

    def test_the_worst_tenant_is_the_one_whose_jobs_took_longest_for_their_work(self) -> None:
        jobs = Job(work=50, tenant="quick"), Job(work=10, tenant="slow")
        record = make_record(make_fleet(), jobs, [Run(0, 0, 0, 50), Run(1, 0, 50, 60)], end=60)
        assert (measured(record).slowdown, measured(record).slowest) == (6.0, "slow")

    def test_lost_work_has_its_price(self) -> None:
        fleet = Fleet("test", (replace(make_pool(chips=1), price=3_600_000, currency="CNY"),))
        record = make_record(fleet, [Job()], [Run(0, 0, 0, 50, Outcome.FAILED)], end=100)
        assert measured(record).money_lost == {"CNY": 50}


class TestBounds:
    @often(150)
    @given(cases(), policies())
    def test_no_policy_goes_below_them(self, case: Case, policy: Policy) -> None:
        workload = replace(case.workload, names=_names(case.workload))
        found, least = played(case.fleet, workload, policy, case.outages), bounds_of(case.fleet, workload)
        assume(found.finished == found.jobs)
        assert found.makespan >= least.makespan
        assert found.avg_completion >= least.avg_completion

    def test_the_work_over_all_chips_is_a_bound(self) -> None:
        fleet = make_fleet(make_pool(chips=2))
        least = bounds_of(fleet, make_workload(fleet, [Job(work=100, chips=2)] * 3))
        assert (least.makespan_work, least.makespan_longest, least.makespan) == (300, 100, 300)

    def test_the_work_of_what_is_submitted_late_is_a_bound(self) -> None:
        fleet = make_fleet(make_pool(chips=1))
        least = bounds_of(
            fleet, make_workload(fleet, [Job(work=1), Job(work=100, submit=1000), Job(work=100, submit=1000)])
        )
        assert least.makespan_work == 1200

    def test_the_longest_job_is_a_bound(self) -> None:
        fleet = make_fleet(make_pool(chips=8))
        least = bounds_of(fleet, make_workload(fleet, [Job(work=10), Job(work=500, submit=30)]))
        assert least.makespan == least.makespan_longest == 530

    def test_an_idle_fleet_reaches_the_bound_of_completion(self) -> None:
        fleet = make_fleet(make_pool(chips=8))
        workload = make_workload(fleet, [Job(work=10), Job(work=50, submit=30)])
        assert played(fleet, workload, Policy()).avg_completion == bounds_of(fleet, workload).avg_completion == 30

    def test_a_job_that_the_fleet_cannot_hold_is_in_no_bound(self) -> None:
        fleet = make_fleet(make_pool(chips=2))
        least = bounds_of(fleet, make_workload(fleet, [Job(work=10), Job(work=10**6, chips=4)]))
        assert (least.makespan, least.avg_completion) == (10, 10.0)

    def test_of_nothing_the_bounds_are_nought(self) -> None:
        fleet = make_fleet(make_pool(chips=2))
        assert bounds_of(fleet, make_workload(fleet, [Job(work=10, chips=4)])) == Bounds(0, 0, 0.0)

    def test_a_job_that_its_tenants_quota_will_never_let_start_is_in_no_bound(self) -> None:
        fleet = make_fleet(make_pool(chips=2), tenants=[Tenant("t", {"H20": 1})])
        workload = make_workload(fleet, [Job(work=10), Job(work=10**6, chips=2)])
        found, least = played(fleet, workload, Policy()), bounds_of(fleet, workload)
        assert (found.stranded, found.makespan, found.avg_completion) == (1, 10, 10.0)
        assert found.makespan >= least.makespan
        assert found.avg_completion >= least.avg_completion

    def test_a_job_that_is_still_running_at_the_end_of_the_log_has_no_completion_to_bound(self) -> None:
        fleet = make_fleet(make_pool(chips=2))
        workload = make_workload(fleet, [Job(work=10), Job(work=10**6, ends=Outcome.RUNNING)])
        found, least = played(fleet, workload, Policy()), bounds_of(fleet, workload)
        assert found.makespan >= least.makespan
        assert found.avg_completion >= least.avg_completion

    def test_a_job_of_unknown_work_is_in_no_bound(self) -> None:
        fleet = make_fleet(make_pool(chips=2))
        workload = make_workload(fleet, [Job(work=10), Job(work=20)])
        assert bounds_of(fleet, replace(workload, work=np.array([10, UNKNOWN]))).makespan == 10

    def test_the_gaps_between_pieces_of_one_job_are_part_of_its_time_alone(self) -> None:
        fleet = make_fleet(make_pool(chips=1))
        jobs = Job(work=10, ends=Outcome.FAILED), Job(work=20, after=0, gap=30)
        workload = replace(make_workload(fleet, jobs), names=("same", "same"))
        assert bounds_of(fleet, workload).avg_completion == 60
        assert played(fleet, workload, Policy()).avg_completion == 60

    def test_work_that_fills_every_chip_exactly_meets_its_bound(self) -> None:
        fleet = make_fleet(make_pool(chips=8))
        workload = make_workload(fleet, [Job(work=100, chips=c) for c in (8, 4, 4, 2, 6)])
        assert played(fleet, workload, Policy()).makespan == bounds_of(fleet, workload).makespan == 300


def test_the_ledger_of_a_replay_has_as_much_useful_work_as_was_asked_for() -> None:
    fleet = make_fleet(make_pool(chips=2))
    workload = make_workload(fleet, [Job(work=100), Job(work=50, share=500), Job(work=70, chips=2)])
    workload = replace(workload, activity=np.full(3, 10**6))
    runs = replay(fleet, workload, Policy())
    ledger = explain(fleet, workload, runs, make_outages(), 0, int(runs.end.max()))
    assert ledger.classes[Class.USEFUL] == MILLI * 100 + 500 * 50 + 2 * MILLI * 70

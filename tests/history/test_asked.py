"""From a log to what was asked for and what happened: one small log for each thing that a history can say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.logs import Row, make, ms, row
from tests.explain.records import often
from tests.factories import make_fleet, make_pool

from headrace.errors import InputError
from headrace.history.asked import asked, happened, outages, span
from headrace.history.log import JobLog, make_log
from headrace.policy.policy import Policy
from headrace.replay.replay import replay
from headrace.units import NEVER, UNKNOWN
from headrace.world.fleet import Fleet
from headrace.world.record import Outcome, Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

FLEET = make_fleet(make_pool("h20", nodes=2, chips=8))
CUT_OFF = ["preempted", "node_fail"]


class Piece(NamedTuple):
    """One job of the workload, in seconds."""

    name: str
    submit: float
    work: float
    ends: Outcome
    after: int = -1
    gap: float = 0


def pieces(*rows: Row, fleet: Fleet = FLEET) -> list[Piece]:
    workload = asked(make(*rows), fleet).workload
    columns = (workload.submit - ms(0), workload.work, workload.ends, workload.after, workload.gap)
    return [
        Piece(name, submit / 1000, work / 1000, Outcome(ends), after, gap / 1000)
        for name, submit, work, ends, after, gap in zip(workload.names, *(c.tolist() for c in columns), strict=True)
    ]


def only(values: Sequence[int] | np.ndarray) -> int:
    (value,) = values
    return int(value)


class TestOneRun:
    def test_a_run_is_a_job_with_its_length_as_work(self) -> None:
        assert pieces(row("a", 5, 10, 70)) == [Piece("a", 5, 60, Outcome.COMPLETED)]

    @pytest.mark.parametrize("state", ["completed", "failed", "cancelled", "timeout"])
    def test_it_ends_again_as_it_ended(self, state: str) -> None:
        assert pieces(row("a", 0, 0, 60, state=state)) == [Piece("a", 0, 60, Outcome[state.upper()])]

    @pytest.mark.parametrize("state", CUT_OFF)
    def test_a_run_that_was_cut_off_and_never_came_back_was_given_up(self, state: str) -> None:
        assert pieces(row("a", 0, 0, 60, state=state)) == [Piece("a", 0, 60, Outcome.CANCELLED)]

    def test_a_run_that_still_goes_on_has_worked_to_the_end_of_the_log(self) -> None:
        rows = row("a", 0, 10, None, state="running"), row("b", 0, 0, 100)
        assert Piece("a", 0, 90, Outcome.RUNNING) in pieces(*rows)

    def test_a_run_of_no_length_is_played(self) -> None:
        assert pieces(row("a", 0, 10, 10)) == [Piece("a", 0, 0, Outcome.COMPLETED)]

    def test_a_millisecond_is_not_lost(self) -> None:
        assert pieces(row("a", 0.001, 0.002, 60.003)) == [Piece("a", 0.001, 60.001, Outcome.COMPLETED)]


class TestNeverStarted:
    @pytest.mark.parametrize("more", [{}, {"end": 50, "state": "cancelled"}])
    def test_a_job_that_never_started_is_counted_and_not_played(self, more: Row) -> None:
        found = asked(make(row("a", 0, 0, 60), row("b", 0) | more), FLEET)
        assert found.workload.names == ("a",)
        assert found.unplayed == {"never_started": 1}

    def test_a_job_that_waits_for_its_second_run_was_played(self) -> None:
        rows = row("a", 0, 0, 60, state="node_fail"), row("a", 60, run=1)
        assert asked(make(*rows), FLEET).unplayed == {}

    def test_nothing_unplayed_is_nothing_said(self) -> None:
        assert asked(make(row("a", 0, 0, 60)), FLEET).unplayed == {}

    def test_a_log_of_which_nothing_ran_is_an_empty_workload(self) -> None:
        found = asked(make(row("a", 0), row("b", 5)), FLEET)
        assert len(found.workload) == 0
        assert found.unplayed == {"never_started": 2}


class TestCutOff:
    @pytest.mark.parametrize("state", CUT_OFF)
    def test_what_checkpoints_kept_is_added_to_the_next_run(self, state: str) -> None:
        rows = row("a", 0, 0, 100, state=state, checkpoint_s=30), row("a", 100, 150, 190, run=1, checkpoint_s=30)
        assert pieces(*rows) == [Piece("a", 0, 90 + 40, Outcome.COMPLETED)]

    @pytest.mark.parametrize("state", CUT_OFF)
    def test_without_checkpoints_nothing_is_added(self, state: str) -> None:
        rows = row("a", 0, 0, 100, state=state), row("a", 100, 150, 190, run=1)
        assert pieces(*rows) == [Piece("a", 0, 40, Outcome.COMPLETED)]

    def test_a_start_up_is_no_work_that_can_be_kept(self) -> None:
        more = {"checkpoint_s": 30, "starting_s": 20}
        rows = row("a", 0, 0, 100, state="preempted", **more), row("a", 100, 150, 190, run=1, **more)
        assert pieces(*rows) == [Piece("a", 0, 60 + 40, Outcome.COMPLETED)]

    def test_serving_keeps_all_of_its_work(self) -> None:
        rows = row("a", 0, 0, 100, state="preempted"), row("a", 100, 150, 190, run=1)
        assert pieces(*({**one, "class": "serving"} for one in rows)) == [Piece("a", 0, 140, Outcome.COMPLETED)]

    def test_several_cuts_add_up(self) -> None:
        rows = [row("a", 100 * i, 100 * i, 100 * i + 70, run=i, checkpoint_s=30, state="node_fail") for i in range(3)]
        assert pieces(*rows, row("a", 300, 300, 310, run=3)) == [Piece("a", 0, 3 * 60 + 10, Outcome.COMPLETED)]

    def test_a_job_that_is_cut_off_last_was_given_up_with_what_it_had_kept(self) -> None:
        rows = (
            row("a", 0, 0, 100, state="node_fail", checkpoint_s=30),
            row("a", 100, 100, 150, run=1, state="preempted"),
        )
        assert pieces(*rows) == [Piece("a", 0, 90 + 50, Outcome.CANCELLED)]

    def test_a_cut_off_job_that_waits_again_was_given_up_there(self) -> None:
        rows = row("a", 0, 0, 100, state="node_fail"), row("a", 100, run=1)
        assert pieces(*rows) == [Piece("a", 0, 100, Outcome.CANCELLED)]


class TestHappensAgain:
    def test_a_failure_happens_again_and_the_next_run_follows_after_the_same_gap(self) -> None:
        rows = row("a", 0, 10, 60, state="failed"), row("a", 90, 100, 120, run=1)
        assert pieces(*rows) == [
            Piece("a", 0, 50, Outcome.FAILED),
            Piece("a", 90, 20, Outcome.COMPLETED, after=0, gap=30),
        ]

    def test_a_run_that_was_queued_before_the_last_one_ended_follows_at_once(self) -> None:
        rows = row("a", 0, 0, 60, state="failed"), row("a", 50, 80, 100, run=1)
        assert [piece.gap for piece in pieces(*rows)] == [0, 0]

    def test_pieces_name_the_one_before_them_wherever_other_jobs_stand(self) -> None:
        rows = (
            row("z", 0, 0, 10, state="failed"),
            row("b", 5, 5, 6),
            row("z", 20, 20, 30, run=1, state="timeout"),
            row("a", 25, 25, 26),
            row("z", 40, 40, 50, run=2),
        )
        found = pieces(*rows)
        assert [piece.name for piece in found] == ["z", "b", "z", "a", "z"]
        assert [piece.after for piece in found] == [-1, -1, 0, -1, 2]

    def test_a_cut_inside_a_chain_belongs_to_the_run_after_it(self) -> None:
        rows = (
            row("a", 0, 0, 60, state="failed"),
            row("a", 70, 80, 140, run=1, state="preempted", checkpoint_s=25),
            row("a", 140, 200, 210, run=2),
        )
        assert pieces(*rows) == [
            Piece("a", 0, 60, Outcome.FAILED),
            Piece("a", 70, 50 + 10, Outcome.COMPLETED, after=0, gap=10),
        ]

    def test_the_gap_after_a_run_without_times_is_counted_as_if_it_had_not_waited(self) -> None:
        rows = row("a", 0, work_s=50, state="failed"), row("a", 90, run=1, work_s=20)
        assert [(piece.work, piece.gap) for piece in pieces(*rows)] == [(50, 0), (20, 40)]

    def test_a_run_that_follows_one_still_running_follows_at_once(self) -> None:
        rows = row("a", 0, 10, None, state="running"), row("a", 50, 80, 100, run=1)
        assert [piece.gap for piece in pieces(*rows)] == [0, 0]


class TestWhatElseIsRead:
    def test_waiting_is_counted_from_when_a_job_was_eligible(self) -> None:
        assert pieces(row("a", 0, 50, 60, eligible=30))[0].submit == 30

    def test_a_row_without_an_eligible_time_waits_from_its_submission(self) -> None:
        rows = row("a", 10, 50, 60, eligible=None), row("b", 0, 50, 60, eligible=40)
        assert [piece.submit for piece in pieces(*rows)] == [10, 40]

    def test_jobs_come_in_the_order_in_which_they_could_start(self) -> None:
        rows = row("a", 0, 90, 99, eligible=80), row("b", 10, 20, 30)
        assert [piece.name for piece in pieces(*rows)] == ["b", "a"]

    def test_a_log_without_times_tells_work(self) -> None:
        log = make(row("a", 0, work_s=12.5), row("b", 1, work_s=0))
        assert not log.has_starts
        assert pieces(row("a", 0, work_s=12.5)) == [Piece("a", 0, 12.5, Outcome.COMPLETED)]

    def test_limits_and_checkpoints_are_unknown_where_the_log_is_silent(self) -> None:
        workload = asked(make(row("a", 0, 0, 60)), FLEET).workload
        assert [only(getattr(workload, name)) for name in ("limit", "checkpoint", "activity", "idle_chips")] == [
            UNKNOWN
        ] * 4

    def test_limits_checkpoints_and_telemetry_are_read(self) -> None:
        more = {"limit_s": 90.5, "checkpoint_s": 0.5, "starting_s": 2.25, "activity": 0.25, "idle_chips": 1}
        workload = asked(make(row("a", 0, 0, 60, **more)), FLEET).workload
        names = ("limit", "checkpoint", "starting", "activity", "idle_chips")
        assert [only(getattr(workload, name)) for name in names] == [90_500, 500, 2250, 250_000, 1]

    def test_the_fleets_start_up_is_taken_where_the_log_has_none(self) -> None:
        fleet = Fleet("test", FLEET.pools, start=45_000)
        rows = row("a", 0, 0, 60), row("b", 1, 1, 61, starting_s=5), row("c", 2, 2, 12)
        assert asked(make(*rows), fleet).workload.starting.tolist() == [45_000, 5000, 10_000]

    def test_classes_of_service_are_read(self) -> None:
        rows = [row(name, i, 0 + i, 60) | {"class": name} for i, name in enumerate(("serving", "normal", "spare"))]
        workload = asked(make(*rows), FLEET).workload
        assert workload.service.tolist() == [Service.SERVING, Service.NORMAL, Service.SPARE]
        assert workload.checkpoint.tolist() == [0, UNKNOWN, UNKNOWN]

    def test_tenants_are_numbered_by_name_and_those_who_never_ran_are_kept(self) -> None:
        workload = asked(make(row("a", 0, 0, 9, tenant="z"), row("b", 0, tenant="m")), FLEET).workload
        assert (workload.tenants, only(workload.tenant)) == (("m", "z"), 1)

    def test_a_job_without_chips_is_played(self) -> None:
        workload = asked(make(row("a", 0, 0, 60, chips=0, cpus_milli=4000)), FLEET).workload
        assert (only(workload.demand), only(workload.shapes.cpu)) == (0, 4000)


class TestHappened:
    def test_each_row_is_a_job_and_a_run(self) -> None:
        rows = row("a", 0, 10, 60, state="node_fail"), row("a", 60, 70, 90, run=1), row("b", 65, 66, 67)
        was = happened(make(*rows), FLEET)
        assert was.workload.names == ("a", "a", "b")
        assert was.runs.job.tolist() == [0, 1, 2]
        assert (was.runs.start - ms(0)).tolist() == [10_000, 70_000, 66_000]
        assert was.runs.outcome.tolist() == [Outcome.NODE_FAIL, Outcome.COMPLETED, Outcome.COMPLETED]

    def test_the_period_is_from_the_first_submission_to_the_last_instant_that_the_log_names(self) -> None:
        was = happened(make(row("a", 5, 10, 60), row("b", 80)), FLEET)
        assert (was.begin, was.end) == (ms(5), ms(80))

    def test_what_still_runs_or_waits_lasts_to_the_end_of_the_period(self) -> None:
        rows = row("a", 0, 10, None, state="running"), row("b", 5), row("c", 0, 0, 90)
        was = happened(make(*rows), FLEET)
        assert dict(zip(was.workload.names, (was.runs.end - ms(0)).tolist(), strict=True)) == {
            "a": 90_000,
            "b": 90_000,
            "c": 90_000,
        }

    def test_a_job_cancelled_in_the_queue_left_it_then(self) -> None:
        was = happened(make(row("a", 0, 0, 90), row("b", 10, None, 40, state="cancelled")), FLEET)
        assert (only(was.runs.start[1:]), only(was.runs.end[1:])) == (NEVER, ms(40))

    def test_the_nodes_of_a_gang_are_those_of_its_run(self) -> None:
        rows = row("a", 0, 0, 9, nodes=2, ran_on="H20:h20-2;h20-1"), row("b", 1, 1, 9, ran_on="H20:h20-1")
        runs = happened(make(*rows), FLEET).runs
        assert (runs.first.tolist(), runs.node.tolist()) == ([0, 2, 3], [1, 0, 0])

    def test_a_row_that_did_not_start_has_no_nodes(self) -> None:
        runs = happened(make(row("a", 0), row("b", 1, 1, 9)), FLEET).runs
        assert runs.first.tolist() == [0, 0, 1]

    def test_a_run_that_waits_from_when_it_was_eligible(self) -> None:
        assert only(happened(make(row("a", 0, 50, 60, eligible=30)), FLEET).runs.queued) == ms(30)

    def test_a_row_that_left_before_it_was_eligible_never_waited(self) -> None:
        rows = row("a", 0, None, 20, eligible=90, state="cancelled"), row("b", 0, 0, 99)
        runs = happened(make(*rows), FLEET).runs
        assert (runs.queued <= runs.end).all()


class TestOutages:
    def test_events_become_outages_of_the_fleets_nodes(self) -> None:
        log = make(row("a", 0, 0, 9), events=(("h20-2", 1, 5, "down"), ("h20-1", 2, None, "drain")))
        found, notes = outages(log, FLEET)
        assert found.node.tolist() == [1, 0]
        assert found.start.tolist() == [ms(1), ms(2)]
        assert found.end.tolist() == [ms(5), NEVER]
        assert (found.down.tolist(), notes) == ([True, False], ())

    def test_events_on_nodes_that_the_fleet_does_not_have_are_left_out_and_counted(self) -> None:
        log = make(row("a", 0, 0, 9), events=(("elsewhere", 1, 5, "down"), ("h20-1", 1, 5, "down")))
        found, notes = outages(log, FLEET)
        assert found.node.tolist() == [0]
        assert notes == ("node events on nodes that the fleet does not have, left out: 1",)

    def test_a_log_without_events_has_none(self) -> None:
        found, notes = outages(make(row("a", 0, 0, 9)), FLEET)
        assert (len(found), notes) == (0, ())


class TestSpan:
    def test_a_log_without_rows_is_refused_in_a_sentence(self) -> None:
        empty = make_log(make(row()).jobs.clear(), source="empty.csv", sha256="", format="own")
        with pytest.raises(InputError, match=r"empty\.csv: has no row"):
            span(empty)

    def test_a_log_of_one_instant_lasts_a_millisecond(self) -> None:
        assert span(make(row("a", 3))) == (ms(3), ms(3) + 1)


STATE = st.sampled_from(["completed", "failed", "timeout", "preempted", "node_fail", "cancelled"])
RUN = st.tuples(STATE, st.integers(0, 20), st.integers(0, 20), st.integers(0, 60))
HISTORY = st.lists(st.tuples(st.integers(0, 50), st.lists(RUN, min_size=1, max_size=4)), min_size=1, max_size=8)


@often(60)
@given(HISTORY, st.sampled_from([None, 7.0]))
def test_a_fleet_without_bounds_plays_a_history_without_waits(
    jobs: list[tuple[int, list[tuple]]], every: float
) -> None:
    log = make(*(one for i, job in enumerate(jobs) for one in history(i, *job, every)))
    fleet = make_fleet(make_pool("h20", nodes=8, chips=8))
    workload = asked(log, fleet).workload
    runs = replay(fleet, workload, Policy())
    assert (runs.start == runs.queued).all()
    assert (runs.end - runs.start == workload.work[runs.job]).all()
    assert [Outcome(n) for n in runs.outcome.tolist()] == [Outcome(n) for n in workload.ends[runs.job].tolist()]
    assert len(runs) == len(workload)


def history(number: int, submit: int, runs: list[tuple], every: float | None) -> list[Row]:
    """The rows of one job: each run queues some time after the last one's end."""
    rows, now = [], submit
    for i, (state, gap, wait, length) in enumerate(runs):
        queued = now + (gap if i else 0)
        start, now = queued + wait, queued + wait + length
        rows.append(row(f"j{number}", queued, start, now, run=i, state=state, checkpoint_s=every))
    return rows


@often(60)
@given(HISTORY, st.sampled_from([None, 7.0]))
def test_no_work_is_made_up(jobs: list[tuple], every: float | None) -> None:
    log: JobLog = make(*(one for i, job in enumerate(jobs) for one in history(i, *job, every)))
    workload = asked(log, FLEET).workload
    for number, (_, runs) in enumerate(jobs):
        ran = sum(length for *_, length in runs)
        own = [work for name, work in zip(workload.names, workload.work.tolist(), strict=True) if name == f"j{number}"]
        lost = sum(length for state, *_, length in runs if state in CUT_OFF)
        assert (ran - lost) * 1000 <= sum(own) <= ran * 1000

"""What became of chips that were held: one small case for each class of allocated time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.explain.records import Record, Run, hours_of, make_record
from tests.factories import Job, make_fleet, make_pool

from headrace.explain.ledger import Class
from headrace.units import MILLI, PPM, UNKNOWN
from headrace.world.record import Outcome

CUT_SHORT = [Outcome.FAILED, Outcome.CANCELLED, Outcome.PREEMPTED, Outcome.TIMEOUT, Outcome.NODE_FAIL]


def ran(job: Job, outcome: Outcome = Outcome.COMPLETED, activity: int = PPM, idle_chips: int = UNKNOWN) -> Record:
    """A run of 100 ms on a fleet that it fills."""
    fleet = make_fleet(make_pool(nodes=job.nodes, chips=job.chips))
    record = make_record(fleet, [job], [Run(0, 0, 0, 100, outcome)], end=100)
    telemetry = {"activity": np.array([activity]), "idle_chips": np.array([idle_chips])}
    return record._replace(workload=replace(record.workload, **telemetry))


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.RUNNING])
def test_work_that_was_finished_or_goes_on_is_useful(outcome: Outcome) -> None:
    assert hours_of(ran(Job(), outcome).ledger) == {"useful": MILLI * 100}


@pytest.mark.parametrize("outcome", CUT_SHORT)
def test_work_that_was_cut_off_without_a_checkpoint_is_lost(outcome: Outcome) -> None:
    assert hours_of(ran(Job(), outcome).ledger) == {"lost": MILLI * 100}


@pytest.mark.parametrize("outcome", CUT_SHORT)
def test_work_that_was_cut_off_is_lost_back_to_its_last_checkpoint(outcome: Outcome) -> None:
    assert hours_of(ran(Job(checkpoint=30), outcome).ledger) == {"useful": MILLI * 90, "lost": MILLI * 10}


def test_work_that_is_kept_at_every_moment_is_never_lost() -> None:
    assert hours_of(ran(Job(checkpoint=0), Outcome.PREEMPTED).ledger) == {"useful": MILLI * 100}


def test_the_head_of_a_run_is_starting() -> None:
    assert hours_of(ran(Job(starting=15)).ledger) == {"starting": MILLI * 15, "useful": MILLI * 85}


def test_checkpoints_are_counted_from_the_end_of_the_start_up() -> None:
    ledger = ran(Job(starting=15, checkpoint=40), Outcome.FAILED).ledger
    assert hours_of(ledger) == {"starting": MILLI * 15, "useful": MILLI * 80, "lost": MILLI * 5}


def test_a_run_that_ends_while_it_starts_was_starting_throughout() -> None:
    assert hours_of(ran(Job(starting=500), Outcome.FAILED).ledger) == {"starting": MILLI * 100}


def test_a_run_without_telemetry_is_unknown() -> None:
    assert hours_of(ran(Job(), activity=UNKNOWN).ledger) == {"unknown": MILLI * 100}


def test_lost_work_is_lost_whatever_its_telemetry_was() -> None:
    assert hours_of(ran(Job(), Outcome.FAILED, activity=UNKNOWN).ledger) == {"lost": MILLI * 100}
    assert hours_of(ran(Job(), Outcome.FAILED, activity=0).ledger) == {"lost": MILLI * 100}


def test_telemetry_at_zero_is_idle() -> None:
    assert hours_of(ran(Job(chips=2), activity=0).ledger) == {"idle": 2 * MILLI * 100}


def test_what_is_below_full_activity_is_underused() -> None:
    ledger = ran(Job(chips=2), activity=PPM // 4).ledger
    assert hours_of(ledger) == {"underused": 1500 * 100, "useful": 500 * 100}


def test_chips_that_stood_at_zero_are_idle_and_leave_the_others_the_more_active() -> None:
    ledger = ran(Job(chips=4), activity=PPM // 4, idle_chips=2).ledger
    assert hours_of(ledger) == {"idle": 2000 * 100, "underused": 1000 * 100, "useful": 1000 * 100}


def test_idle_chips_of_a_gang_are_spread_over_its_nodes() -> None:
    ledger = ran(Job(chips=2, nodes=2), activity=PPM // 2, idle_chips=2).ledger
    assert hours_of(ledger) == {"idle": 2000 * 100, "useful": 2000 * 100}


def test_telemetry_that_contradicts_itself_still_sums() -> None:
    ledger = ran(Job(chips=2), activity=PPM, idle_chips=1).ledger
    assert hours_of(ledger) == {"idle": MILLI * 100, "useful": MILLI * 100}


def test_idle_chips_without_activity_are_unknown() -> None:
    assert hours_of(ran(Job(chips=2), activity=UNKNOWN, idle_chips=1).ledger) == {"unknown": 2 * MILLI * 100}


def test_an_activity_that_is_no_whole_number_of_thousandths_loses_nothing() -> None:
    ledger = ran(Job(share=333), activity=333_333).ledger
    assert ledger.classes[Class.USEFUL] == 110 * 100
    assert ledger.classes[Class.UNDERUSED] == 223 * 100


def test_a_share_is_classed_like_a_chip() -> None:
    ledger = ran(Job(share=400, starting=10), activity=PPM // 2).ledger
    assert ledger.classes[Class.STARTING] == 400 * 10
    assert ledger.classes[Class.USEFUL] == ledger.classes[Class.UNDERUSED] == 200 * 90


class TestAPeriodThatCutsARun:
    """Phases are those of the run; the period sees its part of them."""

    def seen(self, begin: int, end: int) -> dict[str, int]:
        record = ran(Job(starting=20, checkpoint=30), Outcome.FAILED)
        return hours_of(record._replace(begin=begin, end=end).ledger)

    def test_the_whole(self) -> None:
        assert self.seen(0, 100) == {"starting": MILLI * 20, "useful": MILLI * 60, "lost": MILLI * 20}

    def test_a_start_up_before_the_period_is_not_in_it(self) -> None:
        assert self.seen(20, 80) == {"useful": MILLI * 60}

    def test_work_that_a_later_checkpoint_kept_is_not_lost(self) -> None:
        assert self.seen(0, 45) == {"starting": MILLI * 20, "useful": MILLI * 25}

    def test_work_that_is_lost_after_the_period_was_lost_in_it(self) -> None:
        assert self.seen(85, 95) == {"lost": MILLI * 10}

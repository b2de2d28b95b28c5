"""Which chips a run held: as the record names them, as they are inferred, and what of its claim cannot be."""

from __future__ import annotations

import pytest
from tests.explain.records import Run, hours_of, make_record
from tests.factories import Job, make_fleet, make_pool

from headrace.explain.ledger import Class, OverCommit
from headrace.units import MILLI

UNKNOWN_NODE, SECOND_KIND = -1, -3


def test_a_run_without_a_node_takes_the_first_that_has_room_for_it() -> None:
    fleet = make_fleet(make_pool("a", chips=1), make_pool("b", chips=2))
    ledger = make_record(fleet, [Job(chips=2)], [Run(0, 0, 0, 100)], end=100).ledger
    assert ledger.by("pool")["b"][Class.UNKNOWN] == 2 * MILLI * 100


def test_a_run_without_a_node_stays_in_its_pools() -> None:
    fleet = make_fleet(make_pool("a", chips=1), make_pool("b", chips=1))
    ledger = make_record(fleet, [Job(pools=("b",))], [Run(0, 0, 0, 100)], end=100).ledger
    assert ledger.by("pool")["b"][Class.UNKNOWN] == MILLI * 100


def test_a_run_of_a_known_kind_is_on_that_kind_whatever_it_asked_for() -> None:
    fleet = make_fleet(make_pool("a", chips=1), make_pool("b", chips=1, kind="910B"))
    run = Run(0, 0, 0, 100, places=((SECOND_KIND, 0),))
    ledger = make_record(fleet, [Job(pools=("a",))], [run], end=100).ledger
    assert ledger.by("kind")["910B"][Class.UNKNOWN] == MILLI * 100


def test_a_run_without_a_node_that_fits_on_none_is_spread_over_what_is_free() -> None:
    fleet = make_fleet(make_pool(nodes=3, chips=2))
    jobs = [Job(chips=1)] * 3 + [Job(chips=3)]
    runs = [Run(i, 0, 0, 100, places=((i, 1),)) for i in range(3)] + [Run(3, 0, 10, 100)]
    ledger = make_record(fleet, jobs, runs, end=100).ledger
    assert ledger.overcommit is None
    assert ledger.by_job[Class.UNKNOWN].tolist() == [MILLI * 100] * 3 + [3 * MILLI * 90]


def test_a_run_starts_after_those_that_end_at_its_instant() -> None:
    fleet = make_fleet(make_pool(chips=1))
    runs = [Run(1, 0, 50, 100, places=((0, 1),)), Run(0, 0, 0, 50, places=((0, 1),))]
    ledger = make_record(fleet, [Job(), Job()], runs, end=100).ledger
    assert ledger.overcommit is None
    assert hours_of(ledger) == {"unknown": MILLI * 100}


def test_shares_on_chips_that_are_not_named_make_no_log_claim_more_than_there_is() -> None:
    fleet = make_fleet(make_pool(chips=2))
    jobs = [Job(share=share) for share in (500, 400, 600, 500)]
    named = [Run(i, 0, i, 100, places=((0, 0),)) for i in range(4)]
    assert make_record(fleet, jobs, named, end=100).ledger.overcommit is None


def test_shares_on_nodes_that_are_not_named_make_no_log_claim_more_than_there_is() -> None:
    fleet = make_fleet(make_pool(nodes=2, chips=1))
    jobs = [Job(share=share) for share in (500, 400, 600, 500)]
    unnamed = [Run(i, 0, i, 100) for i in range(4)]
    assert make_record(fleet, jobs, unnamed, end=100).ledger.overcommit is None


def test_a_node_on_which_more_chips_are_busy_than_it_has_is_reported_with_the_first_instant() -> None:
    fleet = make_fleet(make_pool("a", nodes=2, chips=2))
    runs = [Run(0, 0, 10, 60, places=((1, 0),)), Run(1, 0, 30, 60, places=((1, 0),))]
    ledger = make_record(fleet, [Job(chips=2), Job(chips=1)], runs, end=100).ledger
    assert ledger.overcommit == OverCommit(30, "a-2", 3 * MILLI, 2 * MILLI, MILLI * 30, 1)
    assert ledger.classes[Class.UNKNOWN] == 2 * MILLI * 50


@pytest.mark.parametrize("node", [0, -1])
def test_a_run_that_begins_a_moment_before_another_ends_is_in_excess_for_that_moment(node: int) -> None:
    fleet = make_fleet(make_pool("a", chips=2))
    runs = [Run(0, 0, 0, 51, places=((node, 0),)), Run(1, 0, 50, 100, places=((node, 0),))]
    ledger = make_record(fleet, [Job(chips=2)] * 2, runs, end=100).ledger
    assert ledger.overcommit is not None
    assert (ledger.overcommit.first, ledger.overcommit.excess, ledger.overcommit.runs) == (50, 2 * MILLI * 1, 1)
    assert hours_of(ledger) == {"unknown": 2 * MILLI * 100}
    assert ledger.by_job[Class.UNKNOWN].tolist() == [2 * MILLI * 51, 2 * MILLI * 49]


def test_of_those_in_excess_the_first_has_what_is_freed_first() -> None:
    fleet = make_fleet(make_pool("a", chips=1))
    runs = [Run(0, 0, 0, 40, places=((0, 0),)), *(Run(i, 0, 10 * i, 90 + i, places=((0, 0),)) for i in (1, 2))]
    ledger = make_record(fleet, [Job()] * 3, runs, end=100).ledger
    assert ledger.by_job[Class.UNKNOWN].tolist() == [MILLI * 40, MILLI * (91 - 40), MILLI * 1]
    assert ledger.overcommit == OverCommit(10, "a-1", 2 * MILLI, MILLI, MILLI * (30 + 71), 2)


def test_a_run_that_asks_for_more_chips_than_any_node_has_is_reported() -> None:
    fleet = make_fleet(make_pool("a", chips=2))
    ledger = make_record(fleet, [Job(chips=8)], [Run(0, 0, 0, 10, places=((0, 0),))], end=10).ledger
    assert ledger.overcommit == OverCommit(0, "a-1", 8 * MILLI, 2 * MILLI, 6 * MILLI * 10, 1)
    assert hours_of(ledger) == {"unknown": 2 * MILLI * 10}


def test_more_chips_busy_than_the_fleet_has_names_no_node_where_the_log_does_not() -> None:
    fleet = make_fleet(make_pool("a", nodes=2, chips=1))
    runs = [Run(i, 0, 10 * i, 100) for i in range(4)]
    ledger = make_record(fleet, [Job()] * 4, runs, end=100).ledger
    assert ledger.overcommit == OverCommit(20, "", 3 * MILLI, 2 * MILLI, MILLI * (80 + 70), 2)
    assert hours_of(ledger) == {"unknown": MILLI * (100 + 90), "order": MILLI * 10}


def test_a_gang_of_which_one_node_is_taken_counts_once_among_the_runs() -> None:
    fleet = make_fleet(make_pool("a", nodes=2, chips=1))
    runs = [Run(0, 0, 0, 50, places=((1, 1),)), Run(1, 0, 20, 50, places=((0, 1), (1, 1)))]
    ledger = make_record(fleet, [Job(), Job(nodes=2)], runs, end=50).ledger
    assert ledger.overcommit == OverCommit(20, "a-2", 2 * MILLI, MILLI, MILLI * 30, 1)


def test_a_run_on_a_node_that_is_out_is_what_the_log_says_it_is() -> None:
    fleet = make_fleet(make_pool(chips=1))
    runs = [Run(0, 0, 20, 60, places=((0, 1),))]
    ledger = make_record(fleet, [Job()], runs, 100, outages=[(0, 0, 100, True)]).ledger
    assert ledger.overcommit is None
    assert hours_of(ledger) == {"unknown": MILLI * 40, "down": MILLI * 60}


def test_a_run_of_no_length_holds_nothing_and_is_no_excess() -> None:
    fleet = make_fleet(make_pool(chips=1))
    runs = [Run(0, 0, 0, 50, places=((0, 1),)), Run(1, 0, 20, 20, places=((0, 1),))]
    ledger = make_record(fleet, [Job(), Job()], runs, end=50).ledger
    assert ledger.overcommit is None
    assert hours_of(ledger) == {"unknown": MILLI * 50}


def test_a_run_outside_the_period_does_not_count() -> None:
    fleet = make_fleet(make_pool(chips=1))
    runs = [Run(0, 0, 0, 50, places=((0, 1),)), Run(1, 0, 100, 150, places=((0, 1),))]
    ledger = make_record(fleet, [Job(), Job()], runs, begin=50, end=100).ledger
    assert hours_of(ledger) == {"order": MILLI * 50}


def test_cores_held_by_a_run_without_chips_keep_others_from_their_chips() -> None:
    fleet = make_fleet(make_pool(chips=1, cpu=1000))
    jobs = Job(chips=0, cpu=1000), Job(chips=1, cpu=1000)
    runs = [Run(0, 0, 0, 40, places=((0, 0),)), Run(1, 0, None, 100)]
    ledger = make_record(fleet, jobs, runs, end=100).ledger
    assert hours_of(ledger) == {"fragmented": MILLI * 40, "order": MILLI * 60}

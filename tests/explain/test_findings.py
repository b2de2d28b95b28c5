"""Findings: the five largest lines that something can be done about, and who is behind each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from tests.explain.records import Record, Run, make_record, often, records
from tests.factories import Job, make_fleet, make_pool

from headrace.explain.findings import RECOVERABLE, findings
from headrace.explain.ledger import Class
from headrace.units import MILLI
from headrace.world.record import Outcome


@often(100)
@given(records())
def test_they_are_the_five_largest_recoverable_lines_largest_first(record: Record) -> None:
    ledger = record.ledger
    found = findings(ledger, record.workload)
    left = sorted((amount for c, amount in ledger.classes.items() if c in RECOVERABLE and amount), reverse=True)
    assert [finding.chip_time for finding in found] == left[:5]
    for finding in found:
        assert finding.chip_time == ledger.classes[finding.cls]
        assert finding.money == {unit: lines[finding.cls] for unit, lines in ledger.money().items()}


@often(100)
@given(records())
def test_who_is_behind_a_line_is_named_largest_first_and_never_more_than_the_line(record: Record) -> None:
    ledger = record.ledger
    for finding in findings(ledger, record.workload):
        for named in (finding.tenants, finding.jobs):
            amounts = [amount for _, amount in named]
            assert amounts == sorted(amounts, reverse=True)
            assert 0 < len(amounts) <= 5 or not amounts
            assert all(amounts)
            assert sum(amounts) <= finding.chip_time
        tenants = {name: line[finding.cls] for name, line in ledger.by("tenant").items() if name and line[finding.cls]}
        assert sum(amount for _, amount in finding.tenants) == sum(sorted(tenants.values(), reverse=True)[:5])


def test_useful_and_unknown_time_is_no_finding() -> None:
    assert Class.USEFUL not in RECOVERABLE
    assert Class.UNKNOWN not in RECOVERABLE


def test_a_finding_names_its_tenants_its_jobs_and_its_remedy() -> None:
    jobs = Job(tenant="search"), Job(tenant="ads"), Job(tenant="search")
    runs = [Run(0, 0, 0, 50, Outcome.FAILED), Run(1, 50, 50, 60, Outcome.FAILED), Run(2, 60, 60, 100, Outcome.FAILED)]
    record = make_record(make_fleet(make_pool(chips=1)), jobs, runs, end=100)
    (lost,) = findings(record.ledger, record.workload)
    assert (lost.cls, lost.chip_time, lost.remedy, lost.money) == (Class.LOST, 100 * MILLI, "lost", {})
    assert lost.tenants == (("search", 90 * MILLI), ("ads", 10 * MILLI))
    assert lost.jobs == (("job-0", 50 * MILLI), ("job-2", 40 * MILLI), ("job-1", 10 * MILLI))


def test_down_time_is_nobodys() -> None:
    record = make_record(make_fleet(make_pool(chips=1)), [Job()], [], 100, outages=[(0, 0, 100, True)])
    (down,) = findings(record.ledger, record.workload)
    assert (down.cls, down.tenants, down.jobs) == (Class.DOWN, (), ())


def test_a_job_in_several_pieces_is_named_once() -> None:
    runs = [Run(0, 0, 0, 40, Outcome.FAILED), Run(1, 40, 40, 100, Outcome.FAILED)]
    record = make_record(make_fleet(make_pool(chips=1)), [Job(), Job()], runs, end=100)
    (lost,) = findings(record.ledger, replace(record.workload, names=("again", "again")))
    assert lost.jobs == (("again", 100 * MILLI),)


def test_lines_of_equal_size_come_in_the_order_of_the_classes() -> None:
    jobs, runs = [Job()], [Run(0, 0, 50, 100, Outcome.FAILED)]
    record = make_record(make_fleet(make_pool(chips=1)), jobs, runs, end=100)
    assert [finding.cls for finding in findings(record.ledger, record.workload)] == [Class.ORDER, Class.LOST]
    assert np.array_equal(record.ledger.by_job[Class.ORDER], record.ledger.by_job[Class.LOST])

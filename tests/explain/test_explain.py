"""The compiled ledger and its plain twin account alike, and every account is exact."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.records import BEGIN, Record, Run, hours_of, make_record, make_runs, often, records, with_telemetry
from tests.factories import Job, make_fleet, make_pool
from tests.twins.inputs import Case, cases, policies
from tests.twins.ledger import NOBODY, Ledger

from headrace.errors import InputError
from headrace.explain.explain import SLICES, explain
from headrace.explain.ledger import ALLOCATED, Class
from headrace.replay.replay import replay
from headrace.units import DAY_MS, MILLI, NEVER, UNKNOWN, WEEK_MS
from headrace.world.record import Ints, Runs, Workload, no_outages

if TYPE_CHECKING:
    from random import Random

    from headrace.policy.policy import Policy


def filled(table: Ints) -> dict[tuple[int, ...], int]:
    """The places of `table` that are not zero."""
    return {tuple(place): int(table[tuple(place)]) for place in np.argwhere(table).tolist()}


def counted(counts: Counter[tuple[int, ...]]) -> dict[tuple[int, ...], int]:
    return {tuple(int(n) for n in place): amount for place, amount in counts.items() if amount}


def assert_the_twin_agrees(record: Record) -> None:
    twin, ledger = Ledger(*record), record.ledger
    nobody = len(record.workload.tenants)
    cells = {(c, p, nobody if t == NOBODY else t, w): n for (c, p, t, w), n in twin.cells.items()}
    assert filled(ledger.cells) == counted(Counter(cells))
    assert ledger.slice == twin.slice
    assert filled(ledger.curve) == counted(twin.curve)
    assert filled(ledger.by_job) == counted(twin.by_job)
    assert ledger.short == twin.short
    assert ledger.overcommit == twin.overcommit
    assert ledger.weeks.tolist() == twin.weeks


@often(150)
@given(records())
def test_the_plain_twin_gives_the_same_ledger(record: Record) -> None:
    assert_the_twin_agrees(record)


@st.composite
def replayed(draw: st.DrawFn) -> Record:
    """What a policy made of a random workload, over a period that may cut it short."""
    case: Case = draw(cases())
    workload = with_telemetry(draw, case.workload)
    runs = replay(case.fleet, workload, draw(policies()), case.outages)
    ends = sorted({0, *runs.queued.tolist(), *runs.end.tolist()})
    begin, end = sorted((draw(st.sampled_from(ends)), draw(st.sampled_from(ends))))
    return Record(case.fleet, workload, runs, case.outages, *draw(st.sampled_from([(begin, end), (0, ends[-1])])))


@often(60)
@given(replayed())
def test_the_plain_twin_gives_the_same_ledger_of_a_replay(record: Record) -> None:
    assert_the_twin_agrees(record)


@often(100)
@given(records())
def test_every_account_sums_to_what_was_paid_and_none_is_negative(record: Record) -> None:
    ledger, period = record.ledger, record.end - record.begin
    assert ledger.paid == record.fleet.chips * MILLI * period == sum(ledger.classes.values())
    for part in (ledger.cells, ledger.curve, ledger.by_job):
        assert (part >= 0).all()
    for axis in ("pool", "kind", "tenant", "week"):
        lines = ledger.by(axis).values()
        assert {c: sum(line[c] for line in lines) for c in Class} == ledger.classes
    assert ledger.curve.sum(axis=1).tolist() == [ledger.classes[c] for c in Class]
    assert 0 <= ledger.short <= ledger.classes[Class.NO_DEMAND]


@often(100)
@given(records())
def test_every_pool_week_and_slice_has_all_of_its_chip_time(record: Record) -> None:
    ledger, (_, _, _, _, begin, end) = record.ledger, record
    sizes = [pool.nodes * pool.chips * MILLI for pool in record.fleet.pools]
    edges = np.clip([*ledger.weeks.tolist(), NEVER], begin, end)
    assert ledger.cells.sum(axis=(0, 2)).tolist() == [[size * int(n) for n in np.diff(edges)] for size in sizes]
    slices = np.clip(np.arange(ledger.curve.shape[1] + 1) * ledger.slice + begin, begin, end)
    assert ledger.curve.sum(axis=0).tolist() == (sum(sizes) * np.diff(slices)).tolist()


@often(100)
@given(records())
def test_what_jobs_and_tenants_had_or_claimed_is_the_same_time(record: Record) -> None:
    ledger, workload = record.ledger, record.workload
    by_tenant = np.zeros((len(Class), len(workload.tenants)), np.int64)
    for c in Class:
        np.add.at(by_tenant[c], workload.tenant, ledger.by_job[c])
    assert ledger.cells.sum(axis=(1, 3))[:, :-1].tolist() == by_tenant.tolist()
    nobodys = {c for c in Class if ledger.cells[c, :, -1].any()}
    assert nobodys <= {Class.DOWN, Class.NO_DEMAND}


@often(100)
@given(records())
def test_what_is_allocated_and_what_is_in_excess_is_what_the_record_claims(record: Record) -> None:
    ledger, runs = record.ledger, record.runs
    inside = np.clip(runs.end, record.begin, record.end) - np.clip(runs.start, record.begin, record.end)
    claimed = int((record.workload.demand[runs.job] * np.maximum(0, inside)).sum())
    over = ledger.overcommit
    assert sum(ledger.classes[c] for c in ALLOCATED) + (over.excess if over else 0) == claimed
    assert over is None or (
        record.begin <= over.first < record.end and over.busy > over.capacity and over.excess > 0 < over.runs
    )


@often(100)
@given(records())
def test_what_is_in_excess_is_what_is_claimed_of_each_node_beyond_what_it_has(record: Record) -> None:
    runs, where = record.runs, np.abs(record.runs.node) % len(record.fleet.node_names)
    named = record._replace(runs=replace(runs, node=where))
    beyond, first = claimed_beyond(named)
    over = named.ledger.overcommit
    assert (over.excess, over.first) == (beyond, first) if over else beyond == 0


def claimed_beyond(record: Record) -> tuple[int, int]:
    """Milli-chip-ms that the record claims of its nodes beyond what they have, and the first instant of it."""
    runs, workload = record.runs, record.workload
    size = [pool.chips * MILLI for pool in record.fleet.pools for _ in pool.node_names]
    shape = workload.shape[runs.job]
    part = (workload.shapes.chips * workload.shapes.share)[shape].tolist()
    instants = sorted({record.begin, record.end, *runs.start.tolist(), *runs.end.tolist()})
    beyond, first = 0, NEVER
    for now, then in pairwise(t for t in instants if record.begin <= t <= record.end):
        claimed = [0] * len(size)
        for r in np.flatnonzero((runs.start <= now) & (runs.end > now)).tolist():
            for n in runs.node[runs.first[r] : runs.first[r + 1]].tolist():
                claimed[n] += part[r]
        excess = sum(max(0, some - all_) for some, all_ in zip(claimed, size, strict=True))
        beyond += excess * (then - now)
        first = min(first, now) if excess else first
    return beyond, first


@often(60)
@given(cases(), policies(), st.randoms(use_true_random=False))
def test_the_order_of_the_runs_changes_nothing(case: Case, policy: Policy, chance: Random) -> None:
    runs = replay(case.fleet, case.workload, policy, case.outages)
    order = list(range(len(runs)))
    chance.shuffle(order)
    end = int(runs.end.max()) if len(runs) else 1
    one, other = (
        explain(case.fleet, case.workload, some, case.outages, 0, end) for some in (runs, reordered(runs, order))
    )
    assert one.overcommit is None
    assert one.cells.tolist() == other.cells.tolist()
    assert one.curve.tolist() == other.curve.tolist()
    assert one.by_job.tolist() == other.by_job.tolist()


def reordered(runs: Runs, order: list[int]) -> Runs:
    rows = [np.arange(runs.first[r], runs.first[r + 1]) for r in order]
    columns = {name: getattr(runs, name)[order] for name in ("job", "queued", "start", "end", "outcome")}
    first = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    where = np.concatenate([np.zeros(0, np.int64), *rows])
    return Runs(**columns, first=first, node=runs.node[where], chipmask=runs.chipmask[where])


@often(60)
@given(records(), st.integers(0, 100))
def test_a_period_is_the_sum_of_its_parts(record: Record, percent: int) -> None:
    cut = record.begin + (record.end - record.begin) * percent // 100
    parts = [record._replace(end=cut), record._replace(begin=cut)] if record.begin < cut < record.end else [record]
    if record.ledger.overcommit is None and all(part.ledger.overcommit is None for part in parts):
        spent = [[part.ledger.classes[c] for c in ALLOCATED] for part in parts]
        assert np.sum(spent, axis=0).tolist() == [record.ledger.classes[c] for c in ALLOCATED]


def test_a_fleet_on_which_nobody_asks_for_anything_has_no_demand() -> None:
    record = make_record(make_fleet(make_pool(chips=2)), [Job()], [], end=50)
    assert hours_of(record.ledger) == {"no_demand": 2 * MILLI * 50}


def test_a_period_of_no_length_is_taken_as_one_millisecond() -> None:
    record = make_record(make_fleet(make_pool(chips=2)), [Job()], [], end=0)
    assert (record.ledger.begin, record.ledger.end, record.ledger.paid) == (0, 1, 2 * MILLI)


def test_a_fleet_without_chips_pays_for_nothing() -> None:
    record = make_record(make_fleet(make_pool(chips=0)), [Job(chips=0)], [Run(0, 0, 0, 50)], end=50)
    assert record.ledger.paid == 0
    assert hours_of(record.ledger) == {}


def test_more_chip_time_than_can_be_counted_is_refused_in_a_sentence() -> None:
    record = make_record(make_fleet(make_pool(nodes=100)), [Job()], [], end=NEVER // 1000)
    with pytest.raises(InputError, match="explain a shorter period"):
        _ = record.ledger


def test_weeks_begin_on_mondays_even_where_the_period_does_not() -> None:
    fleet = make_fleet(make_pool(chips=1))
    ledger = make_record(fleet, [Job()], [], begin=BEGIN, end=BEGIN + WEEK_MS).ledger
    assert (ledger.weeks % WEEK_MS == 4 * DAY_MS).all()
    assert ledger.cells[Class.NO_DEMAND].sum(axis=(0, 1)).tolist() == [3_000_000, (WEEK_MS - 3000) * MILLI]


@pytest.mark.parametrize("period", [1, 400_000, 400_001, 5 * DAY_MS, 400 * WEEK_MS + 1, 30 * 365 * DAY_MS])
def test_the_curve_has_at_most_four_hundred_slices(period: int) -> None:
    ledger = make_record(make_fleet(make_pool(chips=1)), [Job()], [], end=period).ledger
    assert ledger.curve.shape[1] == -(-period // ledger.slice) <= 400
    assert ledger.slice in SLICES or period > 400 * SLICES[-1]


def test_a_workload_of_no_jobs_has_a_ledger() -> None:
    fleet = make_fleet(make_pool(chips=1))
    some = make_record(fleet, [Job()], [], end=10)
    none = Record(fleet, _without_jobs(some.workload), make_runs(some.workload, []), no_outages(), 0, 10)
    assert hours_of(none.ledger) == {"no_demand": 10 * MILLI}


def _without_jobs(workload: Workload) -> Workload:
    columns = {n: v[:0] for n, v in vars(workload).items() if isinstance(v, np.ndarray)}
    return replace(workload, names=(), tenants=(), **columns)


def test_telemetry_that_is_not_there_is_unknown_and_never_guessed() -> None:
    record = make_record(make_fleet(make_pool(chips=1)), [Job()], [Run(0, 0, 0, 50)], end=50)
    assert int(record.workload.activity[0]) == UNKNOWN
    assert hours_of(record.ledger) == {"unknown": 50 * MILLI}

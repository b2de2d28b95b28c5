"""The overlay mismatch: what known work would have taken on the kinds that suit it, and that it invents nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from math import exp, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.explain.records import Record, Run, make_record, often, records
from tests.factories import Job, make_fleet, make_pool

from headrace.estimate.interval import Value
from headrace.explain.ledger import ALLOCATED
from headrace.explain.mismatch import Mismatch, Taken, compare, kind_prices, mismatch, over, summed
from headrace.explain.ran_on import dealt, parts
from headrace.explain.rated import Rated, rated
from headrace.units import CHIP_HOUR, HOUR_MS, MILLI

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet

SPEED = st.sampled_from([(1.0, 0.5, 1.5), (0.25, 0.1, 0.3), (3.0, 3.0, 3.0), (0.7, 0.35, 2.0)]).map(
    lambda numbers: Value(*numbers)
)
SPEEDS = st.lists(st.dictionaries(st.sampled_from(["H20", "910B"]), SPEED), min_size=1, max_size=3)
WORKS = st.lists(st.integers(0, 3), min_size=20, max_size=20)
TWO = make_fleet(make_pool("a", kind="H20"), make_pool("b", kind="910B"))


def known(record: Record, speeds: list[dict[str, Value]], works: list[int]) -> dict[str, Rated]:
    """Job -> its workload, for the jobs that have one."""
    rates = [Rated(f"work-{i}", each, dict.fromkeys(each, "chip")) for i, each in enumerate(speeds)]
    names = record.workload.names
    return {name: rates[work] for name, work in zip(names, works, strict=False) if work < len(rates)}


def overlay(record: Record, jobs: dict[str, Rated]) -> Mismatch | None:
    return compare(record.fleet, record.workload, record.runs, record.ledger, jobs)


def allocated(record: Record) -> dict[str, int]:
    held = record.ledger.by_job[list(ALLOCATED)].sum(axis=0).tolist()
    return dict(zip(record.workload.names, held, strict=True))


def priced(fleet: Fleet, **prices: int) -> Fleet:
    """`fleet` whose kinds cost so many fen a chip-hour."""
    pools = (replace(pool, price=prices[pool.kind.replace("910B", "B")], currency="CNY") for pool in fleet.pools)
    return replace(fleet, pools=tuple(pools))


def held_on(kind: str, hours: int = 10, fleet: Fleet = TWO, chips: int = 8) -> Record:
    """One job that held 8 chips of a kind for some hours."""
    node = 0 if kind == "H20" else 1
    run = Run(0, 0, 0, hours * HOUR_MS, places=((node, (1 << chips) - 1),))
    return make_record(fleet, [Job(tenant="search", chips=chips)], [run], end=hours * HOUR_MS)


def rates(h20: float, b: float, off: float = 2.0) -> dict[str, Rated]:
    speeds = {kind: Value(speed, speed / off, speed * off) for kind, speed in (("H20", h20), ("910B", b))}
    return {"job-0": Rated("some work", speeds, {"H20": "model", "910B": "others"})}


# What must always hold


@often(150)
@given(records(), SPEEDS, WORKS)
def test_every_allocated_chip_second_is_compared_unrated_or_unknown(
    record: Record, speeds: list[dict[str, Value]], works: list[int]
) -> None:
    """Known and unknown sum to what the ledger allocated, and compared and unrated to what is known: exactly."""
    jobs, held = known(record, speeds, works), allocated(record)
    found = overlay(record, jobs)
    ran = {name for name in jobs if held[name]}
    assert (found is None) == (not ran)
    if found is None:
        return
    assert found.allocated == sum(held.values())
    assert found.known.chip_time == sum(held[name] for name in ran)
    assert found.known.chip_time == found.compared.chip_time + found.unrated.chip_time
    assert found.known.jobs == len(ran)
    assert found.unknown.jobs == len([name for name, size in held.items() if size and name not in jobs])


@often(150)
@given(records(), SPEEDS, WORKS)
def test_the_pairs_sum_to_what_was_compared(record: Record, speeds: list[dict[str, Value]], works: list[int]) -> None:
    """Of every pair the tenants and jobs behind it are within it, and useful time is part of what was held."""
    found = overlay(record, known(record, speeds, works))
    if found is None:
        return
    assert summed(pair.held for pair in found.pairs).had == found.compared.chip_time
    for pair in found.pairs:
        assert pair.useful.had <= pair.held.had
        for behind in (pair.tenants, pair.names):
            assert 0 < sum(size for _, size in behind) <= pair.held.had


@often(150)
@given(records(), SPEEDS, WORKS)
def test_the_kind_that_suits_is_never_worse_and_saves_nothing_where_work_ran_on_it(
    record: Record, speeds: list[dict[str, Value]], works: list[int]
) -> None:
    """Chip for chip no more time is taken, price for price no more money; on the kind itself exactly as much."""
    found = overlay(record, known(record, speeds, works))
    for pair in found.pairs if found is not None else ():
        of, each = (pair.held, pair.jobs) if pair.money is None else (pair.money, 1)
        assert of.taken <= of.had + each
        assert of.low <= of.taken <= of.high
        if not pair.amiss:
            assert of == Taken(of.had, of.had, of.had, of.had)


@often(100)
@given(records(), SPEEDS, WORKS)
def test_only_ratios_of_speeds_count(record: Record, speeds: list[dict[str, Value]], works: list[int]) -> None:
    """Twice the speed on every kind changes nothing."""
    twice = [{kind: Value(2 * v.value, 2 * v.low, 2 * v.high) for kind, v in each.items()} for each in speeds]
    assert overlay(record, known(record, twice, works)) == overlay(record, known(record, speeds, works))


@often(100)
@given(records(), SPEEDS, WORKS)
def test_it_changes_no_class_of_the_ledger(record: Record, speeds: list[dict[str, Value]], works: list[int]) -> None:
    """The ledger after it is the ledger before it, to the last milli-chip-millisecond."""
    ledger = record.ledger
    before = ledger.cells.copy(), ledger.by_job.copy()
    compare(record.fleet, record.workload, record.runs, ledger, known(record, speeds, works))
    assert np.array_equal(ledger.cells, before[0])
    assert np.array_equal(ledger.by_job, before[1])
    ledger.check()


@often(200)
@given(records(), SPEEDS, WORKS)
def test_it_is_what_plain_python_makes_of_it(record: Record, speeds: list[dict[str, Value]], works: list[int]) -> None:
    """Job by job, kind by kind, from the definition alone."""
    jobs = known(record, speeds, works)
    found = overlay(record, jobs)
    shown = {(p.ran_on, p.suits): (p.held, p.useful, p.jobs, p.money) for p in found.pairs} if found else {}
    assert shown == _by_hand(record, jobs)


def _by_hand(record: Record, jobs: dict[str, Rated]) -> dict[tuple[str, str], tuple[Taken, Taken, int, Taken | None]]:
    fleet, workload, ledger = record.fleet, record.workload, record.ledger
    prices, _ = kind_prices(fleet)
    dealt_out = parts(fleet, workload, record.runs, ledger, np.ones(len(workload), np.bool_))
    rows = zip(*(getattr(dealt_out, name).tolist() for name in ("job", "kind", "held", "useful")), strict=True)
    sums: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
    for job, kind, held, useful in rows:
        own, work = fleet.kinds[kind] if kind >= 0 else None, jobs.get(workload.names[job])
        there = {pool.kind for pool in fleet.pools if pool.chips}
        if work is None or own not in there & work.speeds.keys():
            continue
        best, least = own, None
        for other in (own, *fleet.kinds):
            if other in there & work.speeds.keys():
                cost = float(prices.get(other, 1)) / work.speeds[other].value
                if least is None or cost < least:
                    best, least = other, cost
        ratios = (1.0, 1.0, 1.0)
        if best != own:
            a, b = work.speeds[own], work.speeds[best]
            down = sqrt(log(a.value / a.low) ** 2 + log(b.high / b.value) ** 2)
            up = sqrt(log(a.high / a.value) ** 2 + log(b.value / b.low) ** 2)
            ratios = (a.value / b.value, a.value / b.value * exp(-down), a.value / b.value * exp(up))
        sums[own, best].append([*_of(held, ratios), *_of(useful, ratios), 1])
    out = {}
    for (own, best), found in sums.items():
        *columns, count = (sum(column) for column in zip(*found, strict=True))
        had, taken = prices.get(own, Fraction(0)), prices.get(best, Fraction(0))
        money = [round(columns[i] * (taken if i else had) / CHIP_HOUR) for i in range(4)]
        out[own, best] = (Taken(*columns[:4]), Taken(*columns[4:]), count, Taken(*money) if prices else None)
    return out


def _of(had: int, ratios: tuple[float, ...]) -> list[int]:
    return [had, *(round(had * ratio) for ratio in ratios)]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 10**9)), max_size=12), st.integers(0, 10**15))
def test_what_a_job_held_is_dealt_out_to_the_last_unit(rows: list[tuple[int, int]], amount: int) -> None:
    """Parts of a job sum to what it held, each within one of its share by weight."""
    job, weight = np.array(sorted(rows), np.int64).reshape(-1, 2).T
    amounts = np.arange(5) * amount
    out = dealt(amounts, job, weight)
    for each in set(job.tolist()):
        mine = job == each
        assert out[mine].sum() == amounts[each]
        for part, share in zip(out[mine].tolist(), weight[mine].tolist(), strict=True):
            assert abs(part - Fraction(int(amounts[each]) * share, int(weight[mine].sum()))) < 1


# By example


def test_work_on_a_kind_half_as_fast_would_have_taken_half_the_time() -> None:
    """Chip for chip: 80 chip-hours on the slower kind are 40 on the faster."""
    found = overlay(held_on("H20"), rates(h20=0.5, b=1.0, off=1.0))
    assert found is not None
    (pair,) = found.pairs
    assert (pair.ran_on, pair.suits, pair.jobs, pair.money) == ("H20", "910B", 1, None)
    assert pair.held == Taken(80 * CHIP_HOUR, 40 * CHIP_HOUR, 40 * CHIP_HOUR, 40 * CHIP_HOUR)
    assert pair.tenants == (("search", 80 * CHIP_HOUR),)
    assert pair.names == (("job-0", 80 * CHIP_HOUR),)
    assert found.grounds == {"model": 1, "others": 1}


def test_a_slower_kind_suits_better_where_it_is_cheaper_still() -> None:
    """Twice the time at a fifth of the price: more chip-hours, and less money."""
    fleet = priced(TWO, H20=1000, B=200)
    found = overlay(held_on("H20", fleet=fleet), rates(h20=1.0, b=0.5, off=1.0))
    assert found is not None
    (pair,) = found.pairs
    assert (pair.suits, pair.held.taken) == ("910B", 160 * CHIP_HOUR)
    assert pair.money == Taken(80_000, 32_000, 32_000, 32_000)
    assert found.currency == "CNY"


def test_kinds_are_compared_chip_for_chip_unless_all_have_a_price_in_one_currency() -> None:
    """A price that is missing, or in another currency, is not guessed."""
    fleet = priced(TWO, H20=1000, B=200)
    assert kind_prices(fleet) == ({"H20": 1000, "910B": 200}, "CNY")
    a, b = fleet.pools
    assert kind_prices(replace(fleet, pools=(a, replace(b, currency="USD")))) == ({}, "")
    assert kind_prices(TWO) == ({}, "")


def test_the_price_of_a_kind_is_the_mean_of_its_pools_by_chips() -> None:
    """One node at 1000 and three at 200 are 400 a chip."""
    pools = replace(make_pool("a"), price=1000, currency="CNY"), replace(make_pool("b", 3), price=200, currency="CNY")
    assert kind_prices(make_fleet(*pools)) == ({"H20": 400}, "CNY")


def test_an_interval_is_wider_than_either_speeds_and_narrower_than_both_together() -> None:
    """Two factors of 2 either way, independent, are a factor of 2 to the root of 2."""
    ratio = over(Value(1.0, 0.5, 2.0), Value(4.0, 2.0, 8.0))
    assert ratio.value == 0.25
    assert ratio.high / ratio.value == pytest.approx(2 ** sqrt(2))
    assert ratio.value / ratio.low == pytest.approx(2 ** sqrt(2))


def test_a_gain_is_certain_only_where_the_whole_interval_is_one() -> None:
    """A factor of 2 with an interval of 2 to the root of 2 is not, a factor of 4 is."""
    pairs = [overlay(held_on("H20"), rates(h20=speed, b=1.0)) for speed in (0.5, 0.25)]
    assert [found.pairs[0].certain for found in pairs if found is not None] == [False, True]


def test_where_the_log_does_not_tell_the_kind_nothing_is_compared() -> None:
    """A job that may have run on either kind is of a known workload, and yet unrated."""
    record = make_record(TWO, [Job(chips=2)], [Run(0, 0, 0, 100)], end=100)
    found = overlay(record, rates(1.0, 0.5))
    assert found is not None
    assert (found.pairs, found.unrated.chip_time, found.grounds) == ((), 200 * MILLI, {})


def test_a_job_that_may_use_one_kind_alone_ran_there() -> None:
    """A log that names no node but a pool tells the kind."""
    record = make_record(TWO, [Job(chips=2, pools=("b",))], [Run(0, 0, 0, 100)], end=100)
    found = overlay(record, rates(1.0, 0.5))
    assert found is not None
    assert [(pair.ran_on, pair.suits) for pair in found.pairs] == [("910B", "H20")]


def test_known_workloads_are_rated_by_the_estimates_and_others_are_nobodys() -> None:
    """`Qwen3-32B decode` is known, a horse is not; without a known one there is no overlay."""
    kinds = ("H20", "910B")
    assert rated("a horse decode", kinds) is None
    known_one = rated("Qwen3-32B decode", kinds)
    assert known_one is not None
    assert known_one.speeds.keys() == known_one.grounds.keys() == {"H20", "910B"}
    record = held_on("910B")
    given = record.fleet, record.workload, record.runs, record.ledger
    assert mismatch(*given, {"job-0": "a horse decode"}) is None
    assert mismatch(*given, {}) is None
    found = mismatch(*given, {"job-0": "Qwen3-32B decode"})
    assert found is not None
    assert found.known.chip_time == 80 * CHIP_HOUR

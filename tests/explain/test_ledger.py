"""The ledger adds up along every axis, and money to the last fen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from tests.explain.records import Record, Run, make_record, often, records
from tests.factories import Job, make_fleet, make_pool

from headrace.explain.ledger import ALLOCATED, UNALLOCATED, Class, Ledger
from headrace.units import HOUR_MS, MILLI, UNKNOWN, WEEK_MS, cost
from headrace.world.fleet import Fleet


def priced(*prices: tuple[int, str], hours: int = 1) -> Ledger:
    """A pool of one chip for each (price, currency); a job holds the first for a third of the time."""
    pools = [replace(make_pool(f"p{i}", chips=1), price=p, currency=c) for i, (p, c) in enumerate(prices)]
    run = Run(0, 0, 0, hours * HOUR_MS // 3)
    return make_record(Fleet("test", tuple(pools)), [Job()], [run], end=hours * HOUR_MS).ledger


def test_each_class_is_down_or_unallocated_or_allocated() -> None:
    assert [Class.DOWN, *UNALLOCATED, *ALLOCATED] == list(Class)


def test_a_class_is_written_by_its_word() -> None:
    assert Class.NO_DEMAND.word == "no_demand"


@often(100)
@given(records())
def test_money_sums_to_what_was_paid_and_each_line_is_within_a_fen_of_exact(record: Record) -> None:
    ledger, period = record.ledger, record.end - record.begin
    money = ledger.money()
    for currency, lines in money.items():
        pools = [(p, pool) for p, pool in enumerate(record.fleet.pools) if pool.currency == currency]
        exact = {c: Fraction(0) for c in Class}
        for p, pool in pools:
            if pool.price != UNKNOWN:
                for c in Class:
                    exact[c] += cost(int(ledger.cells[c, p].sum()), pool.price)
        paid = sum(cost(pool.nodes * pool.chips * MILLI * period, max(0, pool.price)) for _, pool in pools)
        assert sum(lines.values()) == round(paid) == round(sum(exact.values()))
        assert all(abs(lines[c] - exact[c]) < 1 and lines[c] >= 0 for c in Class)
    assert set(money) == {pool.currency for pool in record.fleet.pools if pool.price != UNKNOWN}


def test_thirds_of_a_fen_are_rounded_so_that_the_bill_adds_up() -> None:
    lines = priced((1, "CNY")).money()["CNY"]
    assert (lines[Class.UNKNOWN], lines[Class.NO_DEMAND]) == (0, 1)


def test_currencies_are_billed_apart() -> None:
    money = priced((600, "CNY"), (90, "USD"), hours=2).money()
    assert {unit: sum(lines.values()) for unit, lines in money.items()} == {"CNY": 1200, "USD": 180}
    assert money["CNY"][Class.UNKNOWN] == 400


def test_a_pool_without_a_price_costs_nothing_that_is_known() -> None:
    assert priced((UNKNOWN, "CNY")).money() == {}
    assert sum(priced((UNKNOWN, "CNY"), (5, "CNY")).money()["CNY"].values()) == 5


def test_pools_of_one_kind_are_one_line_by_kind_and_pools_of_sites_keep_theirs() -> None:
    fleet = make_fleet(make_pool("a", chips=1, site="x"), replace(make_pool("b", chips=2), name="a"))
    ledger = make_record(fleet, [Job()], [], end=10).ledger
    assert list(ledger.by("pool")) == ["x/a", "a"]
    assert {kind: line[Class.NO_DEMAND] for kind, line in ledger.by("kind").items()} == {"H20": 3 * MILLI * 10}


def test_nobodys_time_is_on_the_line_without_a_name() -> None:
    ledger = make_record(make_fleet(make_pool(chips=1)), [Job()], [Run(0, 0, 0, 40)], end=100).ledger
    assert {name: sum(line.values()) for name, line in ledger.by("tenant").items()} == {"t": 40_000, "": 60_000}


def test_a_line_of_nothing_is_left_out() -> None:
    fleet = make_fleet(make_pool("a", chips=1), make_pool("b", chips=0))
    ledger = make_record(fleet, [Job()], [], end=WEEK_MS).ledger
    assert list(ledger.by("pool")) == ["a"]
    assert list(ledger.by("tenant")) == [""]
    assert list(ledger.by("week")) == ["0", "1"]


@pytest.mark.parametrize("which", ["cells", "curve"])
def test_a_ledger_that_does_not_sum_is_a_fault_that_does_not_pass(which: str) -> None:
    ledger = priced((1, "CNY"))
    wrong = getattr(ledger, which).copy()
    wrong[0] += 1
    with pytest.raises(ArithmeticError, match="sums to"):
        replace(ledger, **{which: wrong}).check()


def test_a_ledger_with_a_negative_cell_does_not_pass_though_it_sums() -> None:
    ledger = priced((1, "CNY"))
    wrong = ledger.cells.copy()
    wrong[Class.DOWN, 0, 0, 0] -= 1
    wrong[Class.NO_DEMAND, 0, 0, 0] += 1
    assert int(wrong.sum()) == ledger.paid
    with pytest.raises(ArithmeticError):
        replace(ledger, cells=wrong).check()


def test_the_classes_are_plain_integers() -> None:
    assert {type(amount) for amount in priced((1, "CNY")).classes.values()} == {int}
    assert np.int64 not in {type(n) for line in priced((1, "CNY")).by("pool").values() for n in line.values()}

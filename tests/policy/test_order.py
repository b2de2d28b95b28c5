"""Who goes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import Job, make_fleet
from tests.round.hand import Hand
from tests.twins.inputs import often

from headrace.policy.order.dispatch import job_key
from headrace.policy.order.fair import set_keys, settle
from headrace.policy.order.las import band
from headrace.policy.registry import FAIR, FIFO, LAS, SHORTEST, SMALLEST
from headrace.units import CHIP_HOUR, DAY_MS, HOUR_MS
from headrace.world.fleet import Tenant


def key(order: int, submit: int = 0, left: int = 100, milli: int = 1000, attained: int = 0) -> int:
    return job_key(order, submit, left, milli, attained)


@pytest.mark.parametrize("order", [FIFO, LAS, FAIR])
def test_first_come_goes_first(order: int) -> None:
    assert key(order, submit=10, left=99) < key(order, submit=11, left=1)


def test_the_shortest_has_the_least_left() -> None:
    assert key(SHORTEST, left=9, submit=99, milli=8000) < key(SHORTEST, left=10, submit=0)


def test_the_smallest_has_the_least_chip_time_left() -> None:
    assert key(SMALLEST, left=30, milli=1000) < key(SMALLEST, left=20, milli=2000)


def test_las_reads_service_in_bands() -> None:
    edges = [
        0,
        CHIP_HOUR - 1,
        CHIP_HOUR,
        10 * CHIP_HOUR - 1,
        10 * CHIP_HOUR,
        100 * CHIP_HOUR - 1,
        100 * CHIP_HOUR,
        10**18,
    ]
    assert [band(attained) for attained in edges] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_las_puts_a_lower_band_first_however_late_it_came() -> None:
    in_the_year_3000 = 32_503_680_000_000
    assert key(LAS, submit=in_the_year_3000, attained=CHIP_HOUR - 1) < key(LAS, submit=0, attained=CHIP_HOUR)
    assert key(LAS, submit=1, attained=5) < key(LAS, submit=2, attained=0)


def usage_hour_by_hour(pieces: list[tuple[int, int]]) -> int:
    """Usage of one who held `milli` for `time` ms, piece after piece: every full hour takes its part."""
    keep = round(2 ** (-1 / 168) * 65536)
    usage = now = 0
    for time, milli in pieces:
        end = now + time
        for full in range(now // HOUR_MS + 1, end // HOUR_MS + 1):
            usage = (usage + milli * (full * HOUR_MS - now)) * keep // 65536
            now = full * HOUR_MS
        usage, now = usage + milli * (end - now), end
    return usage


@often(100)
@given(st.lists(st.tuples(st.integers(0, 5 * HOUR_MS) | st.just(HOUR_MS), st.integers(0, 10**6)), max_size=12))
def test_usage_decays_on_every_full_hour(pieces: list[tuple[int, int]]) -> None:
    hand, now = Hand(make_fleet(), [Job()]), 0
    for time, milli in pieces:
        hand.state.tenants[0]["held"] = milli
        now += time
        settle(hand.state_ref, 0, now)
    assert hand.state.tenants[0]["usage"] == usage_hour_by_hour(pieces)


@often(50)
@given(st.integers(0, 10**7), st.lists(st.integers(0, 3 * DAY_MS), max_size=8))
def test_it_does_not_matter_how_often_usage_is_settled(milli: int, instants: list[int]) -> None:
    often_settled, once = Hand(make_fleet(), [Job()]), Hand(make_fleet(), [Job()])
    for hand in (often_settled, once):
        hand.state.tenants[0]["held"] = milli
    for now in [*sorted(instants), 3 * DAY_MS]:
        settle(often_settled.state_ref, 0, now)
    settle(once.state_ref, 0, 3 * DAY_MS)
    assert often_settled.state.tenants[0]["usage"] == once.state.tenants[0]["usage"]


def test_half_of_usage_is_left_after_a_week() -> None:
    hand = Hand(make_fleet(), [Job()])
    hand.state.tenants[0]["usage"] = 10**15
    settle(hand.state_ref, 0, 7 * DAY_MS)
    assert hand.state.tenants[0]["usage"] == pytest.approx(5 * 10**14, rel=1e-3)


def test_a_fleet_of_thousands_of_chips_does_not_overflow_in_years() -> None:
    hand = Hand(make_fleet(), [Job()])
    hand.state.tenants[0]["held"] = 80_000 * 1000
    settle(hand.state_ref, 0, 3 * 365 * DAY_MS)
    balance = 80_000 * 1000 * HOUR_MS / (1 - round(2 ** (-1 / 168) * 65536) / 65536)
    assert hand.state.tenants[0]["usage"] == pytest.approx(balance, rel=1e-2)


def test_a_tenants_key_is_its_usage_for_its_weight() -> None:
    fleet = make_fleet(tenants=[Tenant("a", weight=2.5)])
    hand = Hand(fleet, [Job(tenant="a"), Job(tenant="b")])
    hand.state.tenants["usage"] = 10**6
    set_keys(hand.state_ref, 0)
    assert hand.state.tenants["key"].tolist() == [400, 1000]

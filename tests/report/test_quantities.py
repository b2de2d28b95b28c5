from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.report.quantities import duration, hours, hours_scale, money, money_scale, percent, share_scale, times
from headrace.report.words import load
from headrace.units import CHIP_HOUR, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

EN, ZH = load("en"), load("zh")
parts = st.lists(st.integers(0, 10**18), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("ms", "english", "chinese"),
    [
        (0, "0 s", "0 秒"),
        (40, "0.1 s", "0.1 秒"),
        (400, "0.4 s", "0.4 秒"),
        (42 * SECOND_MS, "42 s", "42 秒"),
        (59_600, "1 min", "1 分"),
        (12 * MINUTE_MS + 5 * SECOND_MS, "12 min 5 s", "12 分 5 秒"),
        (HOUR_MS - 1, "1 h", "1 小时"),
        (3 * HOUR_MS + 12 * MINUTE_MS + 29_000, "3 h 12 min", "3 小时 12 分"),
        (DAY_MS - 1, "1 d", "1 天"),
        (2 * DAY_MS + 5 * HOUR_MS, "2 d 5 h", "2 天 5 小时"),
        (1234.4 * DAY_MS, "1,234 d", "1,234 天"),
        (math.nan, "–", "–"),
        (math.inf, "–", "–"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(ms: float, english: str, chinese: str) -> None:
    assert duration(ms, EN) == english
    assert duration(ms, ZH) == chinese


@given(st.integers(1, 10**12))
def test_a_duration_is_never_sixty_seconds_sixty_minutes_or_a_day_of_hours(ms: int) -> None:
    said = duration(ms, EN)
    assert not {"60 s", "60 min", "24 h"} & {
        said,
        *(" ".join(pair) for pair in zip(said.split(), said.split()[1:], strict=False)),
    }


@given(parts)
def test_a_column_of_hours_adds_up_as_printed(sizes: list[int]) -> None:
    scale = hours_scale(sum(sizes))
    assert sum(scale.steps(sizes)) == scale.steps([sum(sizes)])[0]


@given(parts)
def test_shares_add_up_to_a_hundred_percent(sizes: list[int]) -> None:
    assert not sum(sizes) or sum(share_scale(sum(sizes)).steps(sizes)) == 1000


@given(parts)
def test_no_part_is_printed_more_than_a_step_from_what_it_is(sizes: list[int]) -> None:
    scale = hours_scale(sum(sizes))
    assert all(abs(steps - size / scale.step) < 1 for steps, size in zip(scale.steps(sizes), sizes, strict=True))


@pytest.mark.parametrize(
    ("chip_hours", "text"),
    [(0, "0"), (0.25, "0.2500"), (12.346, "12.35"), (999.94, "999.9"), (182_784.4, "182,784")],
)
def test_hours_have_the_decimals_that_their_size_deserves(chip_hours: float, text: str) -> None:
    assert hours(round(chip_hours * CHIP_HOUR)) == text


def test_small_money_keeps_its_decimals_and_large_money_does_not() -> None:
    assert money_scale(670).column([670]) == ["6.70"]
    assert money_scale(123_456_789).column([123_456_789]) == ["1,234,568"]


def test_two_currencies_are_never_added() -> None:
    assert money({"CNY": 670, "USD": 231}, EN) == "6.70 CNY + 2.31 USD"
    assert money({}, EN) == ""


def test_shares_and_factors() -> None:
    assert percent(0.41249) == "41.2%"
    assert times(4.2, EN) == "4.20×"
    assert times(math.nan, EN) == "–"

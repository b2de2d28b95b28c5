"""Judged rows: ranks, and lines of a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.estimate.engines import Stack
from headrace.estimate.judged import Judged, line, rank_correlation

STACK = Stack("vllm", "0.9", "H20", "bf16", "Qwen3-8B")
ONE = Judged("a", "mine", "tpot_s", STACK, "plan", 1.0, 1.0, 0.5, 2.0)


def those(*pairs: tuple[float, float]) -> list[Judged]:
    """Rows of one group: measured, estimated."""
    return [replace(ONE, measured=measured, estimated=estimated) for measured, estimated in pairs]


@given(st.lists(st.integers(1, 1000), min_size=5, max_size=30, unique=True))
def test_estimates_that_rise_with_what_was_measured_correlate_wholly(values: list[int]) -> None:
    """However far off they are."""
    assert rank_correlation(those(*((value, value**2 + 3) for value in values))) == pytest.approx(1.0)
    assert rank_correlation(those(*((value, 1 / value) for value in values))) == pytest.approx(-1.0)


def test_equal_values_share_their_rank() -> None:
    """By hand: ranks 1.5, 1.5, 3, 4, 5 against 1 to 5."""
    found = rank_correlation(those((1, 1), (1, 2), (3, 3), (4, 4), (5, 5)))
    assert found == pytest.approx(0.9747, abs=1e-4)


def test_groups_of_fewer_than_five_rows_have_no_correlation() -> None:
    """And four rows of one plan with four of another are no group of eight."""
    other = [replace(one, block="another") for one in those(*((i, i) for i in range(1, 5)))]
    assert rank_correlation([*those(*((i, i) for i in range(1, 5))), *other]) is None


def test_a_line_tells_errors_and_how_many_rows_lay_in_their_interval() -> None:
    """Errors of 0, 10 and 50 %, of which the last is outside."""
    found = line("x", [ONE, replace(ONE, estimated=1.1), replace(ONE, estimated=1.5, low=1.2)])
    assert (found.n, found.mean, found.median) == (3, pytest.approx(0.2), pytest.approx(0.1))
    assert found.coverage == pytest.approx(2 / 3)

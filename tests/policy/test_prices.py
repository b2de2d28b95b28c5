"""Prices of shares: those of the cheapest cut, as a linear programme over every pattern finds it too."""

from __future__ import annotations

from itertools import product

import highspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.policy.prices import knapsack, price
from headrace.units import MILLI

MIX = st.dictionaries(st.integers(120, MILLI), st.integers(1, 500), min_size=1, max_size=5)


def patterns(sizes: list[int]) -> list[tuple[int, ...]]:
    """Every way to cut one chip."""
    most = [range(MILLI // size + 1) for size in sizes]
    return [cut for cut in product(*most) if sum(n * size for n, size in zip(cut, sizes, strict=True)) <= MILLI]


def fewest_chips(sizes: list[int], wanted: list[int]) -> float:
    """The least (fractional) number of chips that serve `wanted`."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    cuts = patterns(sizes)
    used = [solver.addVariable(lb=0, obj=1) for _ in cuts]
    for i, count in enumerate(wanted):
        solver.addConstr(sum(cut[i] * use for cut, use in zip(cuts, used, strict=True) if cut[i]) >= count)
    solver.minimize()
    return float(solver.getObjectiveValue())


@settings(max_examples=40, derandomize=True)
@given(MIX)
def test_at_the_prices_the_mix_costs_the_fewest_chips_that_serve_it(mix: dict[int, int]) -> None:
    sizes = sorted(mix)
    wanted = [mix[size] for size in sizes]
    prices = price(np.array(sizes), np.array(wanted))
    assert float(prices @ wanted) == pytest.approx(fewest_chips(sizes, wanted), rel=1e-7)


@settings(max_examples=100, derandomize=True)
@given(MIX)
def test_no_pattern_is_worth_more_than_a_chip_and_no_share_less_than_nothing(mix: dict[int, int]) -> None:
    sizes = sorted(mix)
    prices = price(np.array(sizes), np.array([mix[size] for size in sizes]))
    assert (prices >= 0).all()
    assert max(float(np.dot(cut, prices)) for cut in patterns(sizes)) <= 1 + 1e-8


@settings(max_examples=100, derandomize=True)
@given(MIX, st.integers(0, MILLI))
def test_a_remainder_is_worth_the_most_that_shares_pay_for_it(mix: dict[int, int], left: int) -> None:
    sizes, prices = np.array(sorted(mix)), np.array([1 / (3 + i) for i in range(len(mix))])
    values, _ = knapsack(sizes, prices)
    cuts = (cut for cut in patterns(sizes.tolist()) if np.dot(cut, sizes) <= left)
    assert values[left] == pytest.approx(max(float(np.dot(cut, prices)) for cut in cuts), abs=1e-9)


def test_shares_that_nothing_fits_beside_cost_a_whole_chip() -> None:
    assert price(np.array([250, 500, 810]), np.array([40, 20, 60])).tolist() == pytest.approx([0.25, 0.5, 1.0])


def test_hundreds_of_sizes_are_priced_too() -> None:
    sizes = np.arange(10, 1001, 10)
    prices = price(sizes, 1 + sizes % 7)
    assert float(prices[-1]) == pytest.approx(1.0)
    assert (np.diff(prices) >= -1e-6).all()

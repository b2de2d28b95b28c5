"""Grids: exact at nodes, between their corners elsewhere, and found again from points."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headrace.estimate.curve import Curve, Sheet
from headrace.estimate.grid import Grid, fit_grid

AXES = (np.array([1.0, 4.0, 64.0]), np.array([1.0, 10.0]), np.array([2.0, 8.0, 32.0]))
VALUES = np.random.default_rng(1).normal(size=(3, 2, 3))
counts = st.floats(min_value=0.1, max_value=1e6)


def test_a_grid_is_exact_at_its_nodes() -> None:
    first, second, third = (axis.ravel() for axis in np.meshgrid(*AXES, indexing="ij"))
    np.testing.assert_allclose(Grid(AXES, VALUES)(first, second, third), np.exp(VALUES.ravel()))


@given(counts, counts, counts)
def test_a_grid_never_leaves_the_range_of_its_values(first: float, second: float, third: float) -> None:
    found = np.log(Grid(AXES, VALUES)(np.array([first]), np.array([second]), np.array([third])))
    assert VALUES.min() - 1e-9 <= found[0] <= VALUES.max() + 1e-9


def test_a_grid_is_found_again_from_points_drawn_from_it() -> None:
    rng = np.random.default_rng(2)
    points = [np.exp(rng.uniform(np.log(axis[0]), np.log(axis[-1]), 2000)) for axis in AXES]
    found = fit_grid(AXES, points, Grid(AXES, VALUES)(*points), smooth=1e-6)
    np.testing.assert_allclose(found.values, VALUES, atol=0.02)


@given(st.lists(counts, min_size=1, max_size=5))
def test_a_curve_says_the_same_of_one_count_as_of_many(at: list[float]) -> None:
    curve = Curve(np.array([1.0, 2.0, 8.0]), np.array([3.0, 5.0, 40.0]))
    np.testing.assert_allclose(curve(np.array(at)), [curve(one) for one in at])


@given(counts, counts)
def test_a_sheet_says_the_same_of_one_pair_as_of_many(row: float, column: float) -> None:
    sheet = Sheet(AXES[0], AXES[2], np.exp(VALUES[:, 0, :]))
    np.testing.assert_allclose(sheet(np.array([row]), np.array([column])), sheet(row, column))

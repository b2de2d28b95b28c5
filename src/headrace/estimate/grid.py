"""A table in three log-scaled axes: what lies between its nodes is a blend of the eight corners around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Logarithms of time over bound at nodes of three axes; beyond the last node the last value holds."""

    axes: tuple[Floats, Floats, Floats]
    values: Floats
    """One value a node, shape (first axis, second, third)."""

    def __call__(self, first: Floats, second: Floats, third: Floats) -> Floats:
        """Time over bound at each point; the three arrays have one shape, and so has the answer."""
        corners, weights = blend(self.axes, (first, second, third))
        return np.asarray(np.exp((self.values.ravel()[corners] * weights).sum(axis=0)))


def blend(axes: Sequence[Floats], points: Sequence[Floats]) -> tuple[NDArray[np.int64], Floats]:
    """The flat numbers of the eight corners around each point, and their weights: shape (8, points)."""
    corners: NDArray[np.int64] = np.zeros((1, np.size(points[0])), dtype=np.int64)
    weights: Floats = np.ones((1, np.size(points[0])))
    for axis, point in zip(axes, points, strict=True):
        low, share = _between(axis, point)
        corners = np.concatenate([corners * len(axis) + low, corners * len(axis) + low + 1])
        weights = np.concatenate([weights * (1 - share), weights * share])
    return corners, weights


def _between(axis: Floats, point: Floats) -> tuple[NDArray[np.int64], Floats]:
    nodes = np.log(axis)
    at = np.clip(np.log(np.ravel(point)), nodes[0], nodes[-1])
    low = np.clip(np.searchsorted(nodes, at, side="right") - 1, 0, len(nodes) - 2)
    return low, (at - nodes[low]) / (nodes[low + 1] - nodes[low])


def fit_grid(
    axes: tuple[Floats, Floats, Floats], points: Sequence[Floats], ratio: Floats, smooth: float = 0.01
) -> Grid:
    """The grid nearest to measured `ratio` (time over bound) at `points`, bent as little as `smooth` asks.

    Least squares of logarithms, reweighted twice towards least absolute errors, so that a few odd points pull less.
    """
    corners, weights = blend(axes, points)
    shape = tuple(len(axis) for axis in axes)
    count, target = int(np.prod(shape)), np.log(ratio)
    bends = _bends(shape) * smooth + 1e-9 * np.eye(count)
    trust: Floats = np.ones(len(target))
    values: Floats = np.zeros(count)
    for _ in range(3):
        normal, right = bends.copy(), np.zeros(count)
        for one, share in zip(corners, weights, strict=True):
            np.add.at(right, one, trust * share * target)
            for other, also in zip(corners, weights, strict=True):
                np.add.at(normal, (one, other), trust * share * also)
        values = np.asarray(np.linalg.solve(normal, right), dtype=np.float64)
        trust = 1 / np.maximum(np.abs(target - (values[corners] * weights).sum(axis=0)), 0.02)
        trust /= trust.mean()
    return Grid(axes, values.reshape(shape))


def _bends(shape: tuple[int, ...]) -> Floats:
    """What a bend between three neighbours costs, and, little, a step between two."""
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    cost = np.zeros((numbers.size, numbers.size))
    for axis in range(len(shape)):
        lines = np.moveaxis(numbers, axis, 0)
        for pattern, weight in (((1.0, -2.0, 1.0), 1.0), ((1.0, -1.0), 0.02)):
            for start in range(lines.shape[0] - len(pattern) + 1):
                _add(cost, lines[start : start + len(pattern)].reshape(len(pattern), -1), pattern, weight)
    return cost


def _add(cost: Floats, nodes: NDArray[np.int64], pattern: tuple[float, ...], weight: float) -> None:
    for one, factor in zip(nodes, pattern, strict=True):
        for other, also in zip(nodes, pattern, strict=True):
            np.add.at(cost, (one, other), weight * factor * also)

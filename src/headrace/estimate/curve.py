"""A quantity tabled at nodes of counts, read between them as a power of the count: one number, or an array of them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from math import exp, log
from typing import TYPE_CHECKING, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST = 1e-15


@dataclass(frozen=True, eq=False)
class Curve:
    """`values` at `nodes`, both above zero; beyond the last node in proportion, below the first constant."""

    nodes: Floats
    values: Floats
    _x: list[float] = field(init=False, repr=False)
    _y: list[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_x", np.log(self.nodes).tolist())
        object.__setattr__(self, "_y", np.log(np.maximum(self.values, LEAST)).tolist())

    @overload
    def __call__(self, at: float) -> float: ...
    @overload
    def __call__(self, at: Floats) -> Floats: ...
    def __call__(self, at: float | Floats) -> float | Floats:
        """The quantity at a count, or at each of many."""
        if isinstance(at, np.ndarray):
            x = np.log(np.maximum(at, self.nodes[0]))
            return np.asarray(np.exp(np.interp(x, self._x, self._y) + np.maximum(x - self._x[-1], 0.0)))
        return self._one(at)

    def _one(self, at: float) -> float:
        xs, ys = self._x, self._y
        x = log(at) if at > 0 else xs[0]
        if x >= xs[-1]:
            return exp(ys[-1] + x - xs[-1])
        if x <= xs[0]:
            return exp(ys[0])
        i = bisect_right(xs, x)
        share = (x - xs[i - 1]) / (xs[i] - xs[i - 1])
        return exp(ys[i - 1] + share * (ys[i] - ys[i - 1]))


@dataclass(frozen=True, eq=False)
class Sheet:
    """`values` at nodes of two counts, above zero; outside of the nodes the value at the edge holds."""

    rows: Floats
    columns: Floats
    values: Floats
    _x: list[float] = field(init=False, repr=False)
    _y: list[float] = field(init=False, repr=False)
    _z: list[list[float]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_x", np.log(self.rows).tolist())
        object.__setattr__(self, "_y", np.log(self.columns).tolist())
        object.__setattr__(self, "_z", np.log(np.maximum(self.values, LEAST)).tolist())

    @overload
    def __call__(self, row: float, column: float) -> float: ...
    @overload
    def __call__(self, row: Floats, column: float | Floats) -> Floats: ...
    def __call__(self, row: float | Floats, column: float | Floats) -> float | Floats:
        """The quantity at two counts, or at each of many pairs."""
        if isinstance(row, np.ndarray) or isinstance(column, np.ndarray):
            return self._many(*np.broadcast_arrays(row, column))
        i, u = _between(self._x, row)
        j, v = _between(self._y, column)
        low, high = self._z[i], self._z[i + 1]
        near, far = low[j] + v * (low[j + 1] - low[j]), high[j] + v * (high[j + 1] - high[j])
        return exp(near + u * (far - near))

    def _many(self, row: Floats, column: Floats) -> Floats:
        table = np.array(self._z)
        i, u = _all_between(np.array(self._x), row)
        j, v = _all_between(np.array(self._y), column)
        near = table[i, j] * (1 - v) + table[i, j + 1] * v
        far = table[i + 1, j] * (1 - v) + table[i + 1, j + 1] * v
        return np.asarray(np.exp(near * (1 - u) + far * u))


def _between(nodes: list[float], at: float) -> tuple[int, float]:
    x = min(max(log(at) if at > 0 else nodes[0], nodes[0]), nodes[-1])
    i = min(bisect_right(nodes, x), len(nodes) - 1) - 1
    return i, (x - nodes[i]) / (nodes[i + 1] - nodes[i])


def _all_between(nodes: Floats, at: Floats) -> tuple[NDArray[np.int64], Floats]:
    x = np.clip(np.log(np.maximum(at, 1e-9)), nodes[0], nodes[-1])
    i = np.clip(np.searchsorted(nodes, x, side="right") - 1, 0, len(nodes) - 2)
    return i, (x - nodes[i]) / (nodes[i + 1] - nodes[i])

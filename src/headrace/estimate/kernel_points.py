"""Measured kernels as the fitter sees them: work, and the seconds that it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate import work as needs
from headrace.estimate.axes import nodes
from headrace.estimate.efficiency import bound, exchange_bound
from headrace.estimate.grid import fit_grid
from headrace.estimate.operators import Experts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headrace.estimate.chip import Chip
    from headrace.estimate.grid import Grid
    from headrace.estimate.precision import Precision
    from headrace.estimate.work import Work

    Floats = NDArray[np.float64]

HELD_OUT: Final = 5
"""One site in so many is kept from a fit when its error is measured; a site is a shape but for its first axis."""


@dataclass(frozen=True)
class Points:
    """Kernels of one family on one chip: the shape on the grid's axes, the bound and the measured seconds."""

    family: str
    shape: tuple[Floats, Floats, Floats]
    bound: Floats
    seconds: Floats

    def select(self, some: NDArray[np.bool_]) -> Points:
        """Some of the points."""
        first, second, third = self.shape
        return Points(self.family, (first[some], second[some], third[some]), self.bound[some], self.seconds[some])

    def fit(self) -> Grid:
        """The grid of time over bound."""
        return fit_grid(nodes(self.family), self.shape, self.seconds / self.bound)

    def errors(self, grid: Grid) -> Floats:
        """Absolute relative error of the grid at each point."""
        return np.abs(grid(*self.shape) * self.bound / self.seconds - 1)


@dataclass(frozen=True)
class Table:
    """Measured kernels of one family on one chip, in one precision and library, and where they come from."""

    chip: str
    precision: str
    software: str
    points: Points
    source: str


def points(work: Work, chip: Chip, seconds: Floats) -> Points:
    """Points from work on a chip."""
    first, second, third = np.broadcast_arrays(*work.shape)
    return Points(work.family, (first, second, third), bound(work, chip), seconds)


def exchange_points(size: Floats, ways: Floats, chip: Chip, seconds: Floats) -> Points:
    """Points from all-reduces."""
    return Points("comm", (size, ways, np.ones_like(size)), exchange_bound(size, ways, chip), seconds)


def grouped_points(columns: tuple[Floats, ...], how: Precision, chip: Chip, seconds: Floats) -> list[Points]:
    """Points from layers of experts; columns: tokens, hidden, inter, topk, experts, tensor and expert parallel ways."""
    tokens, *shapes = columns
    each = np.stack(shapes)
    found = []
    for site in np.unique(each, axis=1).T:
        mine = (site == each.T).all(axis=1)
        hidden, inter, topk, total, tp, ep = (float(value) for value in site)
        held = Experts(total / ep, topk / ep, int(total), int(topk), int(hidden), inter / tp, 3, 1.0)
        found.append(points(needs.grouped(tokens[mine], held, how), chip, seconds[mine]))
    return found


def joined(parts: list[Points]) -> Points:
    """All points of some lists of one family."""
    shape = [np.concatenate([part.shape[axis] for part in parts]) for axis in range(3)]
    ends = (np.concatenate([part.bound for part in parts]), np.concatenate([part.seconds for part in parts]))
    return Points(parts[0].family, (shape[0], shape[1], shape[2]), *ends)


def held_out(those: Points) -> NDArray[np.bool_]:
    """Points of every fifth site, by its number in order of size."""
    sites = np.stack(those.shape[1:])
    _, number = np.unique(sites, axis=1, return_inverse=True)
    return np.asarray(np.ravel(number) * 7 % HELD_OUT == 0)

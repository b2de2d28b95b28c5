"""Fits everything that ships: kernels' grids, constants of engines and training software, and intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate import engine_fit, training_fit
from headrace.estimate.calibration import Calibration, Row
from headrace.estimate.engine_fit import ASKED, asked
from headrace.estimate.engines import DEPTHS
from headrace.estimate.held_out import SHALLOW, blocks_of_runs, blocks_of_serving, offs
from headrace.estimate.interval import FAMILY, FEWEST, quantiles
from headrace.estimate.kernel_points import held_out
from headrace.estimate.training import FAMILY as TRAINING
from headrace.estimate.training_fit import runs
from headrace.estimate.tree_fit import fit_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.grid import Grid
    from headrace.estimate.kernel_points import Points, Table
    from headrace.estimate.measured import Point
    from headrace.estimate.training_fit import Trained
    from headrace.estimate.tree_fit import Tree

    Floats = NDArray[np.float64]

EVERY: Final = "*"
FEW: Final = 60
"""With fewer points than this none is kept from the fit to measure its error."""
HELD_OUT: Final = "rows held out by configuration, model, chip and source"


def of_kernels(tables: Iterable[Table]) -> Calibration:
    """Grids of measured kernels, each with its row."""
    found = [_grid(table) for table in tables]
    return Calibration({row.key: row for row, _ in found}, {row.key: grid for row, grid in found})


def _grid(table: Table) -> tuple[Row, Grid]:
    errors = _errors(table.points)
    name = (table.points.family, table.chip, table.precision, table.software)
    return Row(*name, {}, len(errors), float(np.median(errors)), table.source), table.points.fit()


def _errors(points: Points) -> Floats:
    """Errors on sites held out of the fit, or on all where they are too few."""
    out = held_out(points)
    if len(points.seconds) < FEW or not out.any() or out.all():
        return points.errors(points.fit())
    return points.select(out).errors(points.select(~out).fit())


def of_software(points: Sequence[Point], trained: Sequence[Trained]) -> Calibration:
    """Constants of engines and of training software, and how far rows held out of their fits were off."""
    serving, training = asked(points), runs(trained)
    rows = [*_tree(fit_tree(serving, engine_fit.PRIOR)), *_tree(fit_tree(training, training_fit.PRIOR))]
    off, depths = _pooled(offs(serving, blocks_of_serving(points, serving), engine_fit.PRIOR))
    for index, what in enumerate(ASKED):
        mine = np.tile(serving.what == index, len(off) // len(serving.what))
        rows += _intervals(what, off[mine], depths[mine])
    rows += _intervals(TRAINING, *_pooled(offs(training, blocks_of_runs(trained), training_fit.PRIOR)))
    return Calibration({row.key: row for row in rows})


def _tree(tree: Tree) -> Iterator[Row]:
    names = tree.prior.names
    for key, node in tree.nodes.items():
        constants = dict(zip(names, np.exp(node.constants).tolist(), strict=True))
        yield Row(*key, constants, node.n, node.error, node.sources)


def _pooled(parts: Iterator[tuple[Floats, NDArray[np.int64]]]) -> tuple[Floats, NDArray[np.int64]]:
    every = list(parts)
    return np.concatenate([off for off, _ in every]), np.concatenate([depths for _, depths in every])


def _intervals(what: str, off: Floats, depths: NDArray[np.int64]) -> Iterator[Row]:
    for depth in range(-1, DEPTHS):
        mine = off[depths <= depth] if depth <= SHALLOW else off[depths == depth]
        if len(mine) >= FEWEST:
            low, high = np.exp(quantiles(mine)).tolist()
            error = float(np.median(np.abs(np.expm1(-mine))))
            yield Row(FAMILY, EVERY, what, str(depth), {"low": low, "high": high}, len(mine), error, HELD_OUT)

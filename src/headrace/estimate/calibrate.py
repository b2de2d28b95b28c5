"""Fits everything that ships: kernels' grids, constants of engines and training software, and intervals, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate import engine_fit, training_fit
from headrace.estimate.engine_fit import ASKED, asked
from headrace.estimate.engines import DEPTHS
from headrace.estimate.held_out import SHALLOW, offs
from headrace.estimate.interval import FAMILY, FEWEST, quantiles
from headrace.estimate.kernel_points import held_out
from headrace.estimate.training import FAMILY as TRAINING
from headrace.estimate.training_fit import runs
from headrace.estimate.tree_fit import fit_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.kernel_points import Points
    from headrace.estimate.measured import Point
    from headrace.estimate.training_fit import Trained
    from headrace.estimate.tree_fit import Tree

    Floats = NDArray[np.float64]

EVERY: Final = "*"
FEW: Final = 60
"""With fewer points than this none is kept from the fit to measure its error."""


@dataclass(frozen=True)
class Row:
    """One row of `calibration.csv`; `error` is the median absolute relative error, on held-out sites for a grid."""

    family: str
    chip: str
    precision: str
    generation: str
    constants: str
    n: int
    error: float
    sources: str


def grid_row(chip: str, precision: str, library: str, points: Points, source: str) -> Row:
    """A grid fitted to all points; its error is that of one fitted without the held-out sites."""
    grid = points.fit()
    out = held_out(points)
    if len(points.seconds) < FEW or not out.any() or out.all():
        errors = points.errors(grid)
    else:
        errors = points.select(out).errors(points.select(~out).fit())
    text = " ".join(str(round(value)) for value in (grid.values * 100).ravel())
    return Row(points.family, chip, precision, library, text, len(errors), float(np.median(errors)), source)


def software_rows(points: Sequence[Point], trained: Sequence[Trained]) -> Iterator[Row]:
    """Constants of engines and of training software, and how far rows held out of their fits were off."""
    serving, training = asked(points), runs(trained)
    yield from _tree_rows(fit_tree(serving, engine_fit.PRIOR))
    yield from _tree_rows(fit_tree(training, training_fit.PRIOR))
    by_id = {point.id: point for point in points}
    blocks = [_block(by_id[id_]) for id_ in serving.ids]
    for off, depths in _pooled(offs(serving, blocks, engine_fit.PRIOR)):
        for index, what in enumerate(ASKED):
            mine = np.tile(serving.what == index, len(off) // len(serving.what))
            yield from _interval_rows(what, off[mine], depths[mine])
    for off, depths in _pooled(
        offs(training, [(one.run.length, one.run.micro) for one in trained], training_fit.PRIOR)
    ):
        yield from _interval_rows(TRAINING, off, depths)


def _block(point: Point) -> tuple[object, ...]:
    asked_ = point.question
    return (asked_.shape.name, asked_.plan, asked_.input, asked_.output)


def _tree_rows(tree: Tree) -> Iterator[Row]:
    for key, node in tree.nodes.items():
        text = " ".join(f"{value:.4f}" for value in node.constants)
        yield Row(*key, text, node.n, node.error, node.sources)


def _pooled(parts: Iterator[tuple[Floats, NDArray[np.int64]]]) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    every = list(parts)
    yield np.concatenate([off for off, _ in every]), np.concatenate([depths for _, depths in every])


def _interval_rows(what: str, off: Floats, depths: NDArray[np.int64]) -> Iterator[Row]:
    for depth in range(-1, DEPTHS):
        mine = off[depths <= depth] if depth <= SHALLOW else off[depths == depth]
        if len(mine) >= FEWEST:
            low, high = quantiles(mine)
            error = float(np.median(np.abs(np.expm1(-mine))))
            text = f"{low:.4f} {high:.4f}"
            yield Row(
                FAMILY, EVERY, what, str(depth), text, len(mine), error, "rows held out by block, model, chip, source"
            )

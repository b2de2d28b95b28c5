"""What rows are off by when their configuration, model, chip or source was kept from the fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.interval import FEWEST, WIDEST, quantiles
from headrace.estimate.tree_fit import fit_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.measured import Point
    from headrace.estimate.training_fit import Trained
    from headrace.estimate.tree_fit import Prior, Rows

    Floats = NDArray[np.float64]

FOLDS: Final = 5
SHALLOW: Final = 1
"""Down to this depth little is known of a stack, and all rows of which as little was known are pooled."""


def predict_held_out(rows: Rows, parts: Sequence[object], prior: Prior) -> tuple[Floats, NDArray[np.int64]]:
    """Each row predicted by a fit without any row of its part; and the depth at which constants were found."""
    names = {name: number for number, name in enumerate(dict.fromkeys(parts))}
    part = np.array([names[name] for name in parts])
    predicted, depths = np.zeros(len(part)), np.zeros(len(part), dtype=np.int64)
    for number in range(len(names)):
        out = np.flatnonzero(part == number)
        mine = rows.select(out)
        tree = fit_tree(rows.select(np.flatnonzero(part != number)), prior)
        constants, depths[out] = tree.look_up(mine.stacks)
        predicted[out] = mine.predicted(constants)
    return predicted, depths


def by_source(rows: Rows) -> Sequence[object]:
    """Parts: one a source."""
    return rows.groups


def by_chip(rows: Rows) -> Sequence[object]:
    """Parts: one a chip."""
    return [stack.chip for stack in rows.stacks]


def by_model(rows: Rows) -> Sequence[object]:
    """Parts: one a model."""
    return [stack.model for stack in rows.stacks]


def blocks_of_serving(points: Sequence[Point], rows: Rows) -> Sequence[object]:
    """Of each row the configuration: rows that share it differ by their load alone."""
    asked = {point.id: point.question for point in points}
    each = (asked[id_] for id_ in rows.ids)
    return [(one.shape.name, one.plan, one.input, one.output) for one in each]


def blocks_of_runs(trained: Sequence[Trained]) -> Sequence[object]:
    """Of each run the configuration: rows that share it differ by precision, software or chip."""
    each = (one.run for one in trained)
    return [(one.shape.name, one.chips, one.tp, one.pp, one.cp, one.ep, one.length, one.micro) for one in each]


def by_configuration(rows: Rows, blocks: Sequence[object]) -> Sequence[object]:
    """Parts: five, and every block of rows that share a plan and lengths lies in one of them."""
    number = {block: index % FOLDS for index, block in enumerate(sorted(set(blocks), key=str))}
    return [number[block] for block in blocks]


def offs(rows: Rows, blocks: Sequence[object], prior: Prior) -> Iterator[tuple[Floats, NDArray[np.int64]]]:
    """Logarithms of measured over predicted, and depths, for every way of holding out."""
    for parts in (by_configuration(rows, blocks), by_model(rows), by_chip(rows), by_source(rows)):
        predicted, depths = predict_held_out(rows, parts, prior)
        yield rows.measured - predicted, depths


def offs_of(
    off: Floats, depths: NDArray[np.int64], others: NDArray[np.bool_], asked: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """For each depth asked, the quantiles of the others' rows at that depth; of all others where they are too few."""
    low, high = np.zeros(len(asked)), np.zeros(len(asked))
    for depth in np.unique(asked):
        like = off[others & ((depths <= depth) if depth <= SHALLOW else (depths == depth))]
        like = like if len(like) >= FEWEST else off[others]
        spread = quantiles(like) if len(like) >= FEWEST else WIDEST
        low[asked == depth], high[asked == depth] = spread
    return low, high

"""How good the method is on what it was not fitted on: configurations, models, chips and sources held out whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate import engine_fit, training_fit
from headrace.estimate.engine_fit import ASKED, asked
from headrace.estimate.held_out import (
    blocks_of_runs,
    blocks_of_serving,
    by_chip,
    by_configuration,
    by_model,
    by_source,
    offs_of,
    predict_held_out,
)
from headrace.estimate.judged import Judged, judge
from headrace.estimate.training import FAMILY as TRAINING
from headrace.estimate.training_fit import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.accuracy import Table
    from headrace.estimate.tree_fit import Prior, Rows

    Floats = NDArray[np.float64]
    Parted = Callable[[Rows, Sequence[object]], Sequence[object]]

WAYS: Final[dict[str, Parted]] = {
    "configuration": by_configuration,
    "model": lambda rows, _: by_model(rows),
    "chip": lambda rows, _: by_chip(rows),
    "source": lambda rows, _: by_source(rows),
}
"""Ways of holding out, and the part that each row is held out with."""


def evaluate(table: Table) -> Iterator[tuple[str, list[Judged]]]:
    """Each way with every row as a fit without its part estimates it, in an interval of the other parts' rows."""
    serving, training = asked(table.serving), runs(table.training)
    names = [ASKED[index] for index in serving.what]
    blocks = blocks_of_serving(table.serving, serving)
    trained = [TRAINING] * len(training.ids), blocks_of_runs(table.training)
    for way, parted in WAYS.items():
        found = _held(serving, names, blocks, parted, engine_fit.PRIOR) if names else []
        yield way, found + (_held(training, *trained, parted, training_fit.PRIOR) if trained[0] else [])


def _held(rows: Rows, what: Sequence[str], blocks: Sequence[object], parted: Parted, prior: Prior) -> list[Judged]:
    parts = parted(rows, blocks)
    predicted, depths = predict_held_out(rows, parts, prior)
    part = np.array([str(each) for each in parts])
    spread = _spread(rows.measured - predicted, depths, np.array(what), part)
    return judge(rows, what, blocks, predicted, spread)


def _spread(
    off: Floats, depths: NDArray[np.int64], what: NDArray[np.str_], parts: NDArray[np.str_]
) -> tuple[Floats, Floats]:
    """The interval of each row, from the rows of all other parts, of its kind and depth."""
    low, high = np.zeros(len(off)), np.zeros(len(off))
    for part in dict.fromkeys(parts.tolist()):
        for name in dict.fromkeys(what.tolist()):
            out = (parts == part) & (what == name)
            low[out], high[out] = offs_of(off, depths, (parts != part) & (what == name), depths[out])
    return low, high

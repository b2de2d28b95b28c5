"""How good the method is on what it was not fitted on: sources, chips, models and configurations held out whole."""

from __future__ import annotations

from dataclasses import dataclass
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
from headrace.estimate.training import FAMILY as TRAINING
from headrace.estimate.training_fit import runs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.measured import Point
    from headrace.estimate.training_fit import Trained
    from headrace.estimate.tree_fit import Prior, Rows

    Floats = NDArray[np.float64]

WAYS: Final = ("configuration", "model", "chip", "source")


@dataclass(frozen=True)
class HeldOut:
    """One set of rows, held out in one way: errors, and the share that a 90 % interval of the other sets' rows held."""

    way: str
    name: str
    n: int
    mean: float
    median: float
    coverage: float


def evaluate(points: Sequence[Point], trained: Sequence[Trained]) -> Iterator[HeldOut]:
    """Every way of holding out, every set."""
    serving, training = asked(points), runs(trained)
    names = [ASKED[index] for index in serving.what]
    yield from _ways(serving, names, blocks_of_serving(points, serving), engine_fit.PRIOR)
    yield from _ways(training, [TRAINING] * len(trained), blocks_of_runs(trained), training_fit.PRIOR)


def _ways(rows: Rows, what: Sequence[str], blocks: Sequence[object], prior: Prior) -> Iterator[HeldOut]:
    parts: Mapping[str, Sequence[object]] = {
        "configuration": by_configuration(rows, blocks),
        "model": by_model(rows),
        "chip": by_chip(rows),
        "source": by_source(rows),
    }
    for way in WAYS:
        predicted, depths = predict_held_out(rows, parts[way], prior)
        off = rows.measured - predicted
        covered = _covered(off, depths, np.array(what), np.array([str(part) for part in parts[way]]))
        names = np.array([f"{group} {name}" for group, name in zip(rows.groups, what, strict=True)])
        for name in dict.fromkeys(names):
            mine = names == name
            errors = np.abs(np.expm1(-off[mine]))
            share = float(covered[mine].mean())
            yield HeldOut(way, str(name), int(mine.sum()), float(errors.mean()), float(np.median(errors)), share)


def _covered(
    off: Floats, depths: NDArray[np.int64], what: NDArray[np.str_], parts: NDArray[np.str_]
) -> NDArray[np.bool_]:
    """Whether each row lies in the interval that the rows of all other parts, of its kind and depth, give."""
    covered = np.zeros(len(off), dtype=bool)
    for part in dict.fromkeys(parts):
        for name in dict.fromkeys(what):
            out = (parts == part) & (what == name)
            low, high = offs_of(off, depths, (parts != part) & (what == name), depths[out])
            covered[out] = (low <= off[out]) & (off[out] <= high)
    return covered

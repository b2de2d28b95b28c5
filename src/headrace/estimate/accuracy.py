"""How good the shipped calibration is on measured rows, nothing fitted; and which rows it could not be asked about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.engine_fit import ASKED, asked
from headrace.estimate.engines import FAMILY as SERVING
from headrace.estimate.engines import constants
from headrace.estimate.held_out import blocks_of_runs, blocks_of_serving
from headrace.estimate.interval import spread_of
from headrace.estimate.judged import Judged, judge
from headrace.estimate.measured import Point, Refused, read_serving
from headrace.estimate.question import load
from headrace.estimate.training import FAMILY as TRAINING
from headrace.estimate.training_fit import Trained, read_training, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.calibration import Calibration
    from headrace.estimate.tree_fit import Rows

    Floats = NDArray[np.float64]

WORST: Final = 10
NO_ROOM: Final = "room"


@dataclass(frozen=True)
class Table:
    """Measured rows that can be asked, of inference and of training, and how many cannot, by (source, reason)."""

    serving: tuple[Point, ...]
    training: tuple[Trained, ...]
    refused: Mapping[tuple[str, str], int]


def read(rows: Iterable[Mapping[str, str]], calibration: Calibration) -> Table:
    """Rows in the columns of measured points."""
    serving: list[Point] = []
    training: list[Trained] = []
    refused: Counter[tuple[str, str]] = Counter()
    for row in rows:
        found = (read_training if row["phase"].startswith("training") else read_serving)(row, calibration)
        if isinstance(found, Refused):
            refused[found.group, found.reason] += 1
        elif isinstance(found, Trained):
            training.append(found)
        elif load(found.question) is None:
            refused[found.group, NO_ROOM] += 1
        else:
            serving.append(found)
    return Table(tuple(serving), tuple(training), dict(refused))


def judged(table: Table, calibration: Calibration) -> list[Judged]:
    """Every row beside its estimate by the calibration."""
    found: list[Judged] = []
    if table.serving:
        rows = asked(table.serving)
        names = [ASKED[index] for index in rows.what]
        found += _judged(calibration, rows, names, blocks_of_serving(table.serving, rows), SERVING)
    if table.training:
        ran = runs(table.training)
        found += _judged(calibration, ran, [TRAINING] * len(ran.ids), blocks_of_runs(table.training), TRAINING)
    return found


def _judged(known: Calibration, rows: Rows, what: Sequence[str], blocks: Sequence[object], family: str) -> list[Judged]:
    found = [constants(known, stack, family) for stack in rows.stacks]
    predicted = rows.predicted(np.array([each for each, _ in found]).T)
    spreads = np.array([spread_of(known, name, depth) for name, (_, depth) in zip(what, found, strict=True)])
    return judge(rows, what, blocks, predicted, (spreads[:, 0], spreads[:, 1]))


def worst(those: Iterable[Judged]) -> list[Judged]:
    """The rows that are furthest off, the furthest first."""
    return sorted(those, key=lambda one: -abs(np.log(one.estimated / one.measured)))[:WORST]

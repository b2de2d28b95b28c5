"""How good the shipped calibration is on measured rows: one line a set, and what could not be predicted, by reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.calibration import shipped
from headrace.estimate.engine_fit import ASKED, asked
from headrace.estimate.engines import constants
from headrace.estimate.interval import spread_of
from headrace.estimate.measured import Point, Refused, read_serving
from headrace.estimate.question import load
from headrace.estimate.training import FAMILY as TRAINING
from headrace.estimate.training_fit import Trained, read_training, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.calibration import Calibration
    from headrace.estimate.engines import Stack

    Floats = NDArray[np.float64]

WORST: Final = 10
FEWEST: Final = 5
"""Rows that a group needs for a rank correlation."""


@dataclass(frozen=True)
class Judged:
    """One measured answer and its estimate: seconds, or tokens a second."""

    id: str
    source: str
    what: str
    stack: Stack
    measured: float
    estimated: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """Absolute relative error."""
        return abs(self.estimated / self.measured - 1)

    @property
    def covered(self) -> bool:
        """Whether the interval holds what was measured."""
        return self.low <= self.measured <= self.high


@dataclass(frozen=True)
class Line:
    """One set of rows: their number, mean and median absolute error, coverage, and median rank correlation by stack."""

    name: str
    n: int
    mean: float
    median: float
    coverage: float
    spearman: float | None


@dataclass(frozen=True)
class Accuracy:
    """The table, the rows that could not be predicted by (set, reason), and the worst rows first."""

    lines: tuple[Line, ...]
    refused: dict[tuple[str, str], int]
    judged: tuple[Judged, ...]

    @property
    def worst(self) -> tuple[Judged, ...]:
        """The rows with the largest errors."""
        return tuple(sorted(self.judged, key=lambda one: -one.error)[:WORST])


def accuracy(rows: Iterable[Mapping[str, str]]) -> Accuracy:
    """Judges rows in the columns of measured points with the shipped calibration, nothing fitted."""
    serving: list[Point] = []
    training: list[Trained] = []
    refused: Counter[tuple[str, str]] = Counter()
    for row in rows:
        read = read_training(row) if row["phase"].startswith("training") else read_serving(row)
        if isinstance(read, Refused):
            refused[read.group, read.reason] += 1
        elif isinstance(read, Trained):
            training.append(read)
        elif load(read.question) is None:
            refused[read.group, "does not fit the chips that are told"] += 1
        else:
            serving.append(read)
    judged = [*_judge_serving(serving), *_judge_training(training)]
    sets = dict.fromkeys((one.source, one.what) for one in judged)
    lines = [line(f"{source} {what}", _of(judged, source, what)) for source, what in sets]
    return Accuracy(tuple(lines), dict(refused), tuple(judged))


def _of(judged: Sequence[Judged], source: str, what: str) -> list[Judged]:
    return [one for one in judged if (one.source, one.what) == (source, what)]


def line(name: str, judged: Sequence[Judged]) -> Line:
    """One line of the table."""
    errors = np.array([one.error for one in judged])
    covered = float(np.mean([one.covered for one in judged]))
    return Line(name, len(judged), float(errors.mean()), float(np.median(errors)), covered, rank_correlation(judged))


def rank_correlation(judged: Sequence[Judged]) -> float | None:
    """Spearman's, the median over stacks with at least FEWEST rows; None where there is no such stack."""
    stacks: dict[Stack, list[Judged]] = {}
    for one in judged:
        stacks.setdefault(one.stack, []).append(one)
    each = [_spearman(rows) for rows in stacks.values() if len(rows) >= FEWEST]
    return float(np.median(each)) if each else None


def _spearman(rows: Sequence[Judged]) -> float:
    ranks = [_ranks(np.array(values)) for values in ([r.measured for r in rows], [r.estimated for r in rows])]
    if min(rank.std() for rank in ranks) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ranks(values: Floats) -> Floats:
    """Ranks; equal values share their mean."""
    _, number, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[number])


def _judge_serving(points: Sequence[Point]) -> list[Judged]:
    if not points:
        return []
    rows, known = asked(points), shipped()
    fitted, depths = _constants(known, rows.stacks, "engine")
    estimated = np.exp(rows.predicted(fitted))
    names = [ASKED[index] for index in rows.what]
    return _judged(known, (rows.ids, rows.groups, names, rows.stacks), depths, (np.exp(rows.measured), estimated))


def _judge_training(trained: Sequence[Trained]) -> list[Judged]:
    if not trained:
        return []
    rows, known = runs(trained), shipped()
    fitted, depths = _constants(known, rows.stacks, TRAINING)
    estimated = np.exp(rows.predicted(fitted))
    names = [TRAINING] * len(trained)
    return _judged(known, (rows.ids, rows.groups, names, rows.stacks), depths, (np.exp(rows.measured), estimated))


def _constants(known: Calibration, stacks: Sequence[Stack], family: str) -> tuple[Floats, list[int]]:
    found = [constants(known, stack, family) for stack in stacks]
    return np.array([each for each, _ in found]).T, [depth for _, depth in found]


def _judged(
    known: Calibration,
    names: tuple[Sequence[str], Sequence[str], Sequence[str], Sequence[Stack]],
    depths: Sequence[int],
    values: tuple[Floats, Floats],
) -> list[Judged]:
    judged = []
    for id_, source, what, stack, depth, measured, estimated in zip(*names, depths, *values, strict=True):
        low, high = np.exp(spread_of(known, what, depth)) * estimated
        judged.append(Judged(id_, source, what, stack, float(measured), float(estimated), float(low), float(high)))
    return judged

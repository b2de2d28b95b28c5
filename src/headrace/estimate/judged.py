"""A measured answer beside its estimate, and sets of them as lines of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headrace.estimate.engines import Stack
    from headrace.estimate.tree_fit import Rows

    Floats = NDArray[np.float64]

FEWEST: Final = 5
"""Rows that a group needs for a rank correlation."""


@dataclass(frozen=True)
class Judged:
    """One measured answer and its estimate with its interval: seconds, or tokens a second."""

    id: str
    source: str
    what: str
    stack: Stack
    block: object
    """Rows that share it, and the stack, differ by their load alone."""
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
    """One set of rows: their number, mean and median absolute error, coverage, and the median rank correlation."""

    name: str
    n: int
    mean: float
    median: float
    coverage: float
    spearman: float | None


def judge(
    rows: Rows, what: Sequence[str], blocks: Sequence[object], predicted: Floats, spread: tuple[Floats, Floats]
) -> list[Judged]:
    """Rows beside what was predicted for them, all logarithms; `spread` is what lies around each."""
    each = (np.exp(rows.measured), np.exp(predicted), np.exp(predicted + spread[0]), np.exp(predicted + spread[1]))
    columns = zip(*(column.tolist() for column in each), strict=True)
    names = zip(rows.ids, rows.groups, what, rows.stacks, blocks, strict=True)
    return [Judged(*name, *values) for name, values in zip(names, columns, strict=True)]


def line(name: str, judged: Sequence[Judged]) -> Line:
    """One line of the table."""
    errors = np.array([one.error for one in judged])
    covered = float(np.mean([one.covered for one in judged]))
    return Line(name, len(judged), float(errors.mean()), float(np.median(errors)), covered, rank_correlation(judged))


def rank_correlation(judged: Sequence[Judged]) -> float | None:
    """Spearman's: the median over groups of rows that differ by their load alone, of FEWEST rows at least.

    None where there is no such group.
    """
    groups: dict[object, list[Judged]] = {}
    for one in judged:
        groups.setdefault((one.source, one.what, one.stack, one.block), []).append(one)
    each = [_spearman(rows) for rows in groups.values() if len(rows) >= FEWEST]
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

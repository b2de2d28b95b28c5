"""Measured inference as columns that the constants of engines are fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import numpy as np

from headrace.estimate.engines import FAMILY
from headrace.estimate.question import load
from headrace.estimate.serving import FIRST_TOKEN, NEXT_TOKEN, TPOT, USUAL, Load, first_token, next_token
from headrace.estimate.tree_fit import Prior

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.engines import Stack
    from headrace.estimate.measured import Point

    Floats = NDArray[np.float64]

LOOSE: Final = np.array([0.1, 0.15, 0.8, 0.8, 1.2, 0.4, 0.15, 0.15, 0.8, 1.2, 1.2, 0.3, 1.2])
TIGHT: Final = np.array([0.15, 0.2, 0.2, 0.5, 0.5, 0.4, 0.2, 0.15, 0.5, 0.7, 0.7, 0.2, 0.7])
KERNELS: Final = np.array([0.6, 0.5, 0.4, 0.5, 0.5, 0.4, 0.4, 0.4, 0.5, 0.7, 0.7, 0.2, 0.7])
"""Of a chip and precision: an engine's kernels for them may be another library's than those measured."""
PRIOR: Final = Prior(FAMILY, (*NEXT_TOKEN, *FIRST_TOKEN), USUAL, (LOOSE, TIGHT, KERNELS, 1.5 * TIGHT))
ASKED: Final = ("tpot_s", "ttft_s", "request_s", "output_rate")


@dataclass(frozen=True)
class Asked:
    """Points that fit their chips, as columns: one row an answer; `measured` is the logarithm of seconds or a rate."""

    stacks: Sequence[Stack]
    groups: Sequence[str]
    ids: Sequence[str]
    what: NDArray[np.int64]
    """Index into ASKED."""
    load: Load
    measured: Floats

    def select(self, some: NDArray[np.int64]) -> Self:
        """Some of the rows."""
        columns = {name: np.asarray(column)[some] for name, column in vars(self.load).items()}
        stacks, groups, ids = ([each[i] for i in some] for each in (self.stacks, self.groups, self.ids))
        return type(self)(stacks, groups, ids, self.what[some], Load(**columns), self.measured[some])

    def predicted(self, constants: Floats) -> Floats:
        """Logarithms of what the rows measured, by constants of shape (13,) or (13, rows)."""
        tpot = next_token(constants[:TPOT], self.load)
        ttft = first_token(constants[TPOT:], self.load, tpot)
        whole = ttft + (self.load.output - 1) * tpot
        return np.asarray(np.log(np.choose(self.what, [tpot, ttft, whole, self.load.running / tpot])))


def asked(points: Iterable[Point]) -> Asked:
    """Columns of the points that fit; those that do not are left out."""
    rows = [
        (point, loaded, ASKED.index(name), value)
        for point in points
        if (loaded := load(point.question)) is not None
        for name, value in point.answers.items()
    ]
    names = Load.__dataclass_fields__
    columns = {name: np.array([float(getattr(row[1], name)) for row in rows]) for name in names}
    return Asked(
        [row[0].question.stack for row in rows],
        [row[0].group for row in rows],
        [row[0].id for row in rows],
        np.array([row[2] for row in rows]),
        Load(**columns),
        np.log([row[3] for row in rows]),
    )

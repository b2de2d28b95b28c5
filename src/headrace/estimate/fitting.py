"""Fits constants as small departures from a centre: least squares of logarithms with a pull, by Gauss-Newton.

Residuals beyond LIMIT count in proportion and not in squares (Huber), so a row that was misreported pulls little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROUNDS: Final = 25
STEP: Final = 1e-4
LIMIT: Final = 0.08
NOISE: Final = 0.08
"""Standard deviation of what is left once everything is right, in logarithms: what a pull is weighed against."""


def fit_near(
    predict: Callable[[Floats], Floats], measured: Floats, trust: Floats, centre: Floats, spread: Floats
) -> Floats:
    """The constants near `centre`, within about `spread`, whose predictions come nearest.

    `predict` gives logarithms for constants; `measured` are logarithms too, `trust` is how much
    each counts. A spread of 0 keeps a constant.
    """
    free = spread > 0
    constants = centre.copy()
    for _ in range(ROUNDS):
        now = predict(constants)
        slopes = np.stack([_slope(predict, constants, int(index), now) for index in np.flatnonzero(free)], axis=1)
        left = measured - now
        weight = trust / np.maximum(np.abs(left) / LIMIT, 1)
        pull = (NOISE / spread[free]) ** 2
        normal = (slopes * weight[:, None]).T @ slopes + np.diag(pull)
        right = (slopes * weight[:, None]).T @ left + pull * (centre - constants)[free]
        move = np.clip(np.linalg.solve(normal, right), -0.7, 0.7)
        constants[free] += move
        if np.abs(move).max() < STEP:
            break
    return constants


def _slope(predict: Callable[[Floats], Floats], constants: Floats, index: int, now: Floats) -> Floats:
    moved = constants.copy()
    moved[index] += STEP
    return np.asarray((predict(moved) - now) / STEP)

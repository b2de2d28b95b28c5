"""How far off an estimate may be: 90 % intervals from what held-out rows were off by, in logarithms.

A stack whose very model was measured is judged by configurations held out of its fit; one of which less is known by
rows of models, chips and sources held out whole. Quantiles are kept by what is estimated and by the depth at which the
constants were found (conformal prediction with a held-out set: Vovk et al., 2005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.efficiency import DIE, NOWHERE, OF_CLASS, OWN, REACHED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headrace.estimate.calibration import Calibration

    Floats = NDArray[np.float64]

FAMILY: Final = "interval"
SHARE: Final = 0.9
FEWEST: Final = 20
"""Held-out rows that a quantile needs; with fewer, the depth above answers."""
WIDEST: Final = (-1.5, 1.5)
"""Where nothing like it was ever held out: a factor of 4.5 either way, assumed."""
OF_CHIP: Final = 3
"""From this depth on constants were fitted on the chip's own rows, through the kernels that were carried to it."""
FURTHER: Final = {OWN: 1.0, REACHED: 1.22, DIE: 1.13, OF_CLASS: 1.77, NOWHERE: 2.5}
"""How many times wider an interval is by where the chip's efficiencies come from; see `widened`."""


@dataclass(frozen=True)
class Value:
    """An estimate with its 90 % interval, in the unit of its name."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"{self.value} is not within {self.low} to {self.high}")


def around(value: float, spread: tuple[float, float]) -> Value:
    """The value with what `spread`, two logarithms, puts around it."""
    return Value(value, value * float(np.exp(spread[0])), value * float(np.exp(spread[1])))


def inverse(cost: float, rate: Value) -> Value:
    """`cost` over a rate, with the interval that the rate's gives it."""
    return Value(cost / rate.value, cost / rate.high, cost / rate.low)


def spread_of(calibration: Calibration, what: str, depth: int) -> tuple[float, float]:
    """The logarithms of measured over estimated between which 90 % of held-out rows lay."""
    for known in range(depth, -2, -1):
        found = calibration.constants(FAMILY, "*", what, str(known))
        if found is not None:
            low, high = np.log([found["low"], found["high"]])
            return min(float(low), 0.0), max(float(high), 0.0)
    return WIDEST


def widened(spread: tuple[float, float], level: str, depth: int) -> tuple[float, float]:
    """A spread of logarithms, wider where kernels were measured further away: `level` is one of `efficiency.LEVELS`.

    Sums of four products of equal rows, as a layer has them, from 19 tables of measured products on six chips, each
    time without the chip's own table (`own`: without a fifth of its sites); median of the tables:

                                           median error    90 % within, logarithms
        own                                       3.5 %    0.129
        reached: twenty probes                    9.4 %    0.396
        same die (6 tables)                      11.6 %    0.306
        class (15 tables)                        23.8 %    0.798

    What a level adds to `own`, in squares, is added to the 0.54 of a step on a chip of which no rows were known, which
    itself was found with own kernels: sqrt(1 + (0.396^2 - 0.129^2) / 0.54^2) = 1.22. `nowhere` is assumed. Where the
    chip's own rows were fitted through carried kernels, what these are off by is in the rows' spread already; `reached`
    counts at every depth, since they were fitted without it.
    """
    times = FURTHER[level] if depth < OF_CHIP or level == REACHED else 1.0
    return spread[0] * times, spread[1] * times


def quantiles(off: Floats) -> tuple[float, float]:
    """The least factor, either way, within which nine of ten held-out rows lay, as two logarithms.

    Either way alike: which side a chip or model left out errs on is not known from those that were not. Nine of ten
    and a little more, for their number.
    """
    half = float(np.quantile(np.abs(off), min(SHARE * (1 + 1 / len(off)), 1.0)))
    return -half, half

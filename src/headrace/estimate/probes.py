"""Three constants from a handful of probes: what a chip reaches where no table of its kernels exists.

seconds = max(FLOPs / (peak x compute), bytes / (bandwidth x stream)) + launch
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError
from headrace.estimate.fitting import fit_near

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headrace.estimate.chip import Chip
    from headrace.estimate.work import Work

    Floats = NDArray[np.float64]

FEWEST: Final = 5
START: Final = np.log([0.8, 0.7, 5e-6])
SPREAD: Final = np.array([0.5, 0.5, 1.0])
SHARP: Final = 4.0
"""How sharply the larger of the two bounds takes over: the norm of order 4, since near the knee both count."""


@dataclass(frozen=True)
class Reached:
    """Shares of the peak and of the bandwidth that a family of kernels reaches, and seconds of a launch."""

    compute: float
    stream: float
    launch: float

    def seconds(self, work: Work, chip: Chip) -> Floats:
        """How long each call takes."""
        return _seconds(np.log([self.compute, self.stream, self.launch]), *_bounds(work, chip))


def reached(work: Work, chip: Chip, seconds: Floats) -> Reached:
    """The constants nearest to measured `seconds`. Raises InputError for fewer than FEWEST probes."""
    if len(seconds) < FEWEST:
        raise InputError("probes", f"are {len(seconds)}", f"at least {FEWEST}")
    bounds = _bounds(work, chip)
    trust = np.ones(len(seconds))
    fitted = fit_near(lambda constants: np.log(_seconds(constants, *bounds)), np.log(seconds), trust, START, SPREAD)
    compute, stream, launch = (float(value) for value in np.exp(fitted))
    return Reached(compute, stream, launch)


def _bounds(work: Work, chip: Chip) -> tuple[Floats, Floats]:
    return work.flops / chip.peak(work.bits), work.size / chip.bandwidth


def _seconds(constants: Floats, compute: Floats, stream: Floats) -> Floats:
    of_peak, of_bandwidth, launch = np.exp(constants)
    both = (compute / of_peak) ** SHARP + (stream / of_bandwidth) ** SHARP
    return np.asarray(both ** (1 / SHARP) + launch)

"""Three constants from a handful of probes: what a chip reaches where no table of its kernels exists.

seconds = max(FLOPs / (peak x compute), bytes / (bandwidth x stream)) + launch
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError
from headrace.estimate.fitting import fit_near
from headrace.estimate.work import Work

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headrace.estimate.chip import Chip

    Floats = NDArray[np.float64]

FAMILY: Final = "reached"
"""The calibration's family of such constants; a row's generation is the family of kernels that they are of."""
EXCHANGE: Final = "comm"
FEWEST: Final = 5
START: Final = np.log([0.8, 0.7, 5e-6])
SPREAD: Final = np.array([1.0, 1.0, 2.0])
SHARP: Final = 4.0
"""How sharply the larger of the two bounds takes over: the norm of order 4, since near the knee both count."""
SEEN: Final = 0.5
"""Probes whose time by FLOPs is at least this share of their time by bytes show what compute is reached."""
MICRO: Final = 1e-6


@dataclass(frozen=True)
class Reached:
    """Shares of the peak and of the bandwidth that a family of kernels reaches, and seconds of a launch."""

    compute: float
    stream: float
    launch: float

    def seconds(self, work: Work, chip: Chip) -> Floats:
        """How long each call takes."""
        return _seconds(np.log([self.compute, self.stream, self.launch]), *_bounds(work, chip))


def reached_of(constants: Mapping[str, float]) -> Reached:
    """From a row of the calibration: `stream`, `launch_us`, and `compute`, which is assumed where no probe saw it."""
    compute = constants.get("compute", float(np.exp(START[0])))
    return Reached(compute, constants["stream"], constants["launch_us"] * MICRO)


def constants_of(found: Reached, work: Work, chip: Chip) -> dict[str, float]:
    """As a row of the calibration, without what none of the probes `work` could see."""
    compute, stream = _bounds(work, chip)
    seen = {"compute": found.compute} if (compute > SEEN * stream).any() else {}
    return seen | {"stream": found.stream, "launch_us": found.launch / MICRO}


def reached(work: Work, chip: Chip, seconds: Floats) -> Reached:
    """The constants nearest to measured `seconds`. Raises InputError for fewer than FEWEST probes."""
    if len(seconds) < FEWEST:
        raise InputError("probes", f"are {len(seconds)}", f"at least {FEWEST}")
    return _fit(_bounds(work, chip), seconds)


def left_out(work: Work, chip: Chip, seconds: Floats) -> Floats:
    """Logarithms of measured over predicted, of each probe by the constants that all others give."""
    compute, stream = _bounds(work, chip)
    off = np.zeros(len(seconds))
    for one in range(len(seconds)):
        others = np.arange(len(seconds)) != one
        found = _fit((compute[others], stream[others]), seconds[others])
        constants = np.log([found.compute, found.stream, found.launch])
        off[one] = np.log(seconds[one] / _seconds(constants, compute[one : one + 1], stream[one : one + 1])[0])
    return off


def exchange(size: Floats, ways: Floats) -> Work:
    """All-reduces of `size` bytes over `ways` chips: what each chip sends; axes bytes, ways, none."""
    none = np.zeros_like(size)
    return Work(EXCHANGE, "bf16", 16, none, size * 2 * (ways - 1) / ways, (size, ways, np.ones_like(size)))


def _fit(bounds: tuple[Floats, Floats], seconds: Floats) -> Reached:
    trust = np.ones(len(seconds))
    fitted = fit_near(lambda constants: np.log(_seconds(constants, *bounds)), np.log(seconds), trust, START, SPREAD)
    compute, stream, launch = (float(value) for value in np.exp(fitted))
    return Reached(compute, stream, launch)


def _bounds(work: Work, chip: Chip) -> tuple[Floats, Floats]:
    """Seconds by FLOPs and by bytes, which cross links in exchanges and else the memory's wires."""
    wires = chip.link if work.family == EXCHANGE else chip.bandwidth
    return work.flops / chip.peak(work.bits), work.size / wires


def _seconds(constants: Floats, compute: Floats, stream: Floats) -> Floats:
    of_peak, of_bandwidth, launch = np.exp(constants)
    both = (compute / of_peak) ** SHARP + (stream / of_bandwidth) ** SHARP
    return np.asarray(both ** (1 / SHARP) + launch)

"""From probes that were timed to rows of a calibration: constants by family and precision, and how far off they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.calibration import Row
from headrace.estimate.probe_plan import work_of
from headrace.estimate.probes import FAMILY, FEWEST, Reached, constants_of, left_out, reached

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from headrace.estimate.chip import Chip
    from headrace.estimate.probe_plan import Probe

ENOUGH: Final = FEWEST + 1
"""Probes that constants need, one of which is left out in turn."""


@dataclass(frozen=True)
class Timed:
    """A probe, and the seconds that it took."""

    probe: Probe
    seconds: float


@dataclass(frozen=True)
class Refused:
    """A probe that could not be timed: the reason is memory, format or time; and what the device said to it."""

    probe: Probe
    reason: str
    said: str = ""


@dataclass(frozen=True)
class Peak:
    """The most that probes of a family came to: operations a second, bytes a second, and the least seconds."""

    family: str
    precision: str
    n: int
    rate: float
    stream: float
    least: float


@dataclass(frozen=True)
class Fitted:
    """Constants of a family in a precision; `error` is the median absolute relative error of a probe left out."""

    family: str
    precision: str
    reached: Reached
    constants: Mapping[str, float]
    n: int
    error: float


def peaks(timed: Sequence[Timed]) -> Iterator[Peak]:
    """What was reached at most, family by family: needs no chip to compare with."""
    for (family, precision), probes, seconds in _families(timed):
        work = work_of(probes)
        rate, stream = (float((what / seconds).max()) for what in (work.flops, work.size))
        yield Peak(family, precision, len(probes), rate, stream, float(seconds.min()))


def fitted(timed: Sequence[Timed], chip: Chip) -> Iterator[Fitted]:
    """Constants of every family of which ENOUGH probes were timed."""
    for (family, precision), probes, seconds in _families(timed):
        if len(probes) < ENOUGH:
            continue
        work = work_of(probes)
        found = reached(work, chip, seconds)
        error = float(np.median(np.abs(np.expm1(-left_out(work, chip, seconds)))))
        yield Fitted(family, precision, found, constants_of(found, work, chip), len(probes), error)


def rows(found: Sequence[Fitted], chip: Chip, sources: str) -> list[Row]:
    """As rows of a calibration."""
    return [
        Row(FAMILY, chip.name, one.precision, one.family, one.constants, one.n, one.error, sources) for one in found
    ]


def _families(
    timed: Sequence[Timed],
) -> Iterator[tuple[tuple[str, str], list[Probe], np.ndarray[tuple[int], np.dtype[np.float64]]]]:
    kinds = dict.fromkeys((one.probe.family, one.probe.precision) for one in timed)
    for kind in kinds:
        mine = [one for one in timed if (one.probe.family, one.probe.precision) == kind]
        yield kind, [one.probe for one in mine], np.array([one.seconds for one in mine])

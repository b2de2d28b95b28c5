"""What a fleet's own history corrects: how much longer its jobs took than estimated, by stack, and within what bounds.

    tpot = 1.12       a token takes 1.12 times what is estimated
    tpot_low = 1.02   tpot_high = 1.25      90 % of its jobs lay between these, where there were enough of them

A correction is the median of log(measured / estimated), drawn towards none by n / (n + DRAWN).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.estimate.calibration import Row
from headrace.estimate.interval import FEWEST as ENOUGH
from headrace.estimate.interval import Value, around, quantiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from headrace.estimate.calibration import Calibration
    from headrace.estimate.engines import Stack

    Floats = NDArray[np.float64]
    Key = tuple[str, str, str, str]

FAMILY: Final = "fleet"
WHAT: Final = ("tpot", "ttft")
FEWEST: Final = 5
"""Jobs that a correction needs."""
DRAWN: Final = 5.0
"""So many jobs are believed as much as the estimate: assumed."""
DEPTHS: Final = (4, 3)
"""The model on a chip in a precision; and, of at least two models, the chip and precision."""


@dataclass(frozen=True)
class Seen:
    """A job of the fleet: its stack, and log(measured / estimated) of what was measured of `tpot` and `ttft`."""

    stack: Stack
    off: Mapping[str, float]


def corrected(calibration: Calibration, stack: Stack, what: str, value: Value) -> Value:
    """An estimate of `what` (tpot or ttft), in seconds, as the nearest correction that the calibration has makes it."""
    for depth in DEPTHS:
        found = calibration.constants(*stack.key(depth, FAMILY))
        if found is None or what not in found:
            continue
        times = found[what]
        if f"{what}_low" not in found:
            return Value(value.value * times, value.low * times, value.high * times)
        low, high = np.log([found[f"{what}_low"], found[f"{what}_high"]])
        return around(value.value * times, (min(float(low), 0.0), max(float(high), 0.0)))
    return value


def is_corrected(calibration: Calibration, stack: Stack) -> bool:
    """Whether the fleet's history has a correction for the stack."""
    return any(calibration.constants(*stack.key(depth, FAMILY)) is not None for depth in DEPTHS)


def ran_by(stack: Stack, calibration: Calibration) -> list[str]:
    """The generations of the stack's engine that the fleet's history speaks of."""
    under = (key[3].split("/") for key in calibration.rows if key[0] == FAMILY)
    return [generation for engine, generation, *_ in under if engine == stack.engine]


def corrections(seen: Sequence[Seen], sources: str) -> list[Row]:
    """A row for every model on a chip, and for every chip of several models, of which FEWEST jobs were seen."""
    return [
        row
        for depth in DEPTHS
        for key, mine in _grouped(seen, depth).items()
        for row in _row(key, mine, depth, sources)
    ]


def _grouped(seen: Sequence[Seen], depth: int) -> dict[Key, list[Seen]]:
    groups: dict[Key, list[Seen]] = {}
    for one in seen:
        groups.setdefault(one.stack.key(depth, FAMILY), []).append(one)
    return groups


def _row(key: Key, mine: Sequence[Seen], depth: int, sources: str) -> Iterator[Row]:
    constants: dict[str, float] = {}
    errors: list[float] = []
    for what in WHAT:
        having = [one for one in mine if what in one.off]
        models = {one.stack.model for one in having}
        if len(having) >= FEWEST and (depth == DEPTHS[0] or len(models) > 1):
            off = np.array([one.off[what] for one in having])
            left = left_out(off)
            constants |= _constants(what, off, left)
            errors += np.abs(np.expm1(-left)).tolist()
    if constants:
        yield Row(*key, constants, len(mine), float(np.median(errors)), sources)


def _constants(what: str, off: Floats, left: Floats) -> dict[str, float]:
    found = {what: float(np.exp(correction(off)))}
    if len(off) < ENOUGH:
        return found
    low, high = np.exp(quantiles(left)).tolist()
    return found | {f"{what}_low": low, f"{what}_high": high}


def correction(off: Floats) -> float:
    """The logarithm to correct by."""
    return float(np.median(off)) * len(off) / (len(off) + DRAWN)


def left_out(off: Floats) -> Floats:
    """What each job is off by, as a logarithm, after the correction that all others give."""
    return np.array([off[one] - correction(np.delete(off, one)) for one in range(len(off))])

"""Least attained service, in two dimensions (time × chips): who has received least goes first.

Service is read in bands, as in Tiresias (NSDI '19): within a band, first come, first served, so that long jobs do not
take turns for nothing. A job in a lower band may stop one in a higher band that keeps its work by checkpoints.
"""

from __future__ import annotations

from numba import njit

from headrace.units import CHIP_HOUR

BANDS = (1 * CHIP_HOUR, 10 * CHIP_HOUR, 100 * CHIP_HOUR)
"""Attained milli-chip-ms at which a job passes into the next band."""
BAND_BIT = 56
"""Bands stand above every time in ms."""


@njit(cache=True)
def band(attained: int) -> int:
    """0 for a job that has received less than the first threshold, and so on."""
    passed = 0
    for threshold in BANDS:
        if attained >= threshold:
            passed += 1
    return passed


@njit(cache=True)
def key(submit: int, left: int, milli: int, attained: int) -> int:
    return (band(attained) << BAND_BIT) + submit

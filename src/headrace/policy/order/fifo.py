"""First come, first served."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def key(submit: int, left: int, milli: int, attained: int) -> int:
    return submit

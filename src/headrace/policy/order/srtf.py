"""Shortest remaining time first, and jobs that keep their work are stopped for it. An oracle."""

from __future__ import annotations

from numba import njit


@njit(cache=True)
def key(submit: int, left: int, milli: int, attained: int) -> int:
    return left

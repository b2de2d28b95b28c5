"""The compiled side of the registry of orders: number -> function."""

from __future__ import annotations

from numba import njit

from headrace.policy.order import fair, fifo, las, shortest, smallest, srsf, srtf
from headrace.policy.registry import FAIR, FIFO, LAS, SHORTEST, SMALLEST, SRSF, SRTF


@njit(cache=True)
def job_key(order: int, submit: int, left: int, milli: int, attained: int) -> int:
    """The key of a job under `order`; the smallest goes first."""
    if order == FIFO:
        return fifo.key(submit, left, milli, attained)
    if order == SHORTEST:
        return shortest.key(submit, left, milli, attained)
    if order == SMALLEST:
        return smallest.key(submit, left, milli, attained)
    if order == LAS:
        return las.key(submit, left, milli, attained)
    if order == SRTF:
        return srtf.key(submit, left, milli, attained)
    if order == SRSF:
        return srsf.key(submit, left, milli, attained)
    assert order == FAIR
    return fair.key(submit, left, milli, attained)

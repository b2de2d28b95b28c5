"""The first node on which it fits."""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.world.state import State


@njit(cache=True)
def score(state: State, memo: Memo, s: int, n: int) -> float:
    return 0.0

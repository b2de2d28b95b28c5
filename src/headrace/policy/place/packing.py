"""Packing: first into chips that are in use, then into nodes that are, and only then into an idle node.

To a job without chips all nodes are alike.
"""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.policy.place.chips import bit, tightest
from headrace.units import MILLI
from headrace.world.state import State


@njit(cache=True)
def score(state: State, memo: Memo, s: int, n: int) -> float:
    free, chips, share = state.free[n], state.shapes[s].chips, state.shapes[s].share
    if chips == 0:
        return 0.0
    whole = 0
    for left in free:
        whole += left == MILLI
    if whole == state.nodes[n].all_chips:
        return float(max(33 - whole, whole))
    mask = tightest(free, chips, share)
    opened, used = 0, 0
    for c in range(len(free)):
        if mask & bit(c):
            opened += free[c] == MILLI
            used += free[c] * 100 // MILLI
    if opened > 0:
        return float(max(50 - opened, 33))
    return float(max(100 - used // 10, 50))

"""Clustering: beside jobs of the same class (a share, or the same number of whole chips), and on full nodes.

Fullness counts in whole points of 25. To a job without chips all nodes are alike.
"""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.units import MILLI
from headrace.world.state import State


@njit(cache=True)
def score(state: State, memo: Memo, s: int, n: int) -> float:
    shapes, mix = state.shapes, state.mix[n]
    if shapes[s].chips == 0:
        return 0.0
    full = float(25 * (memo.scale[1] - state.free[n].sum()) // memo.scale[1])
    own = shapes[s].chips if shapes[s].share == MILLI else 0
    classes = 0
    for here in mix:
        classes += here > 0
    if classes == 0:
        return full + 25
    if mix[own] == 0:
        return full
    return full + 75 if classes == 1 else full + 50

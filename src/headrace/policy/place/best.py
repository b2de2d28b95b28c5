"""Best fit: the node with the least cores and chips left over, each measured against the largest node."""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.world.state import State


@njit(cache=True)
def score(state: State, memo: Memo, s: int, n: int) -> float:
    nodes, shapes = state.nodes, state.shapes
    cpu = (nodes[n].cpu - shapes[s].cpu) / memo.scale[0]
    chips = (state.free[n].sum() - shapes[s].chips * shapes[s].share) / memo.scale[1]
    return float(int(100 * (1 - (0.5 * cpu + 0.5 * chips))))

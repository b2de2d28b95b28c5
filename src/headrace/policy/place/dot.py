"""Dot product: the node whose room, as a vector of cores and chips, is least aligned with the demand (Tetris)."""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.world.state import State


@njit(cache=True)
def score(state: State, memo: Memo, s: int, n: int) -> float:
    nodes, shapes = state.nodes, state.shapes
    cpu = nodes[n].cpu / memo.scale[0] * (shapes[s].cpu / memo.scale[0])
    chips = state.free[n].sum() / memo.scale[1] * (shapes[s].chips * shapes[s].share / memo.scale[1])
    return float(int(100 * (1 - (cpu + chips) / 2)))

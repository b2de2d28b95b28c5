"""Whose turn it is: the lines in a heap, on top the one that goes first by (tenant's key, next job's key, job).

    memo.turns     [0] how many lines have a turn     [1...] the heap: line i stands above lines 2i and 2i + 1

Keys stand still during a round, so that a turn costs the logarithm of how many lines there are.
"""

from __future__ import annotations

from numba import njit

from headrace.policy.memo import Memo
from headrace.world.state import ACTIVE, NONE, State


@njit(cache=True)
def line_up(state: State, memo: Memo) -> None:
    """Every line with waiting jobs gets a turn, its first job's."""
    turns, size = memo.turns, state.counts[ACTIVE]
    turns[0] = size
    for i in range(size):
        line = turns[i + 1] = state.active[i]
        memo.lines[line].cursor = state.lines[line].head
    for i in range(size // 2, 0, -1):
        _sink(state, memo, i)


@njit(cache=True)
def in_turn(memo: Memo) -> int:
    """The line whose next job goes first, or NONE."""
    return NONE if memo.turns[0] == 0 else int(memo.turns[1])


@njit(cache=True)
def pass_on(state: State, memo: Memo) -> None:
    """The line in turn is asked for its next job when that one's turn comes; at its end, it has no more."""
    row = memo.lines[memo.turns[1]]
    row.cursor = state.jobs[row.cursor].next
    if row.cursor == NONE:
        leave(state, memo)
    else:
        _sink(state, memo, 1)


@njit(cache=True)
def leave(state: State, memo: Memo) -> None:
    """The line in turn has no more turns in this round."""
    turns = memo.turns
    turns[1] = turns[turns[0]]
    turns[0] -= 1
    _sink(state, memo, 1)


@njit(cache=True)
def _sink(state: State, memo: Memo, i: int) -> None:
    """Put the line at `i` of the heap in its place below."""
    turns, size = memo.turns, memo.turns[0]
    while 2 * i <= size:
        below = 2 * i
        if below < size and _key(state, memo, turns[below + 1]) < _key(state, memo, turns[below]):
            below += 1
        if _key(state, memo, turns[i]) < _key(state, memo, turns[below]):
            return
        turns[i], turns[below] = turns[below], turns[i]
        i = below


@njit(cache=True)
def _key(state: State, memo: Memo, line: int) -> tuple[int, int, int]:
    job = memo.lines[line].cursor
    return state.tenants[state.lines[line].tenant].key, state.jobs[job].key, job

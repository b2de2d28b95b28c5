"""Which chips of a node: bit masks, bit i for chip i."""

from __future__ import annotations

from numba import njit

from headrace.world.record import Ints


@njit(cache=True)
def bit(chip: int) -> int:
    """The mask of one chip."""
    return 1 << chip


@njit(cache=True)
def lowest(free: Ints, chips: int, share: int) -> int:
    """The first `chips` chips with `share` milli left."""
    mask, taken = 0, 0
    for c in range(len(free)):
        if taken < chips and free[c] >= share:
            mask |= bit(c)
            taken += 1
    return mask


@njit(cache=True)
def tightest(free: Ints, chips: int, share: int) -> int:
    """The `chips` chips with the least left of those with `share` milli left; of equals, the lowest."""
    mask = 0
    for _ in range(chips):
        best = -1
        for c in range(len(free)):
            if free[c] >= share and not mask & bit(c) and (best < 0 or free[c] < free[best]):
                best = c
        mask |= bit(best)
    return mask

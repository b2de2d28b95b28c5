"""Any node on which it fits, any of its chips: each equally likely, drawn by mixing the seed, the job and the place.

The draw is a function of its arguments (SplitMix64 of Steele et al., OOPSLA '14), so a proposal stays pure.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from headrace.policy.place.chips import bit
from headrace.world.record import Ints


@njit(cache=True)
def draw(seed: int, job: int, place: int) -> float:
    """Evenly in [0, 1), the same for the same arguments."""
    z = np.uint64(seed) * np.uint64(0xD1342543DE82EF95) + np.uint64(job) * np.uint64(0x2545F4914F6CDD1D)
    z += (np.uint64(place) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return float(z >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True)
def chips(free: Ints, count: int, share: int, seed: int, job: int, n: int) -> int:
    """`count` chips with `share` milli left, the highest draws first."""
    mask = 0
    for _ in range(count):
        best, highest = -1, -1.0
        for c in range(len(free)):
            here = draw(seed, job, (n + 1) * 64 + c + (1 << 40))
            if free[c] >= share and not mask & bit(c) and here > highest:
                best, highest = c, here
        mask |= bit(best)
    return mask

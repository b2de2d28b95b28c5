"""The few best nodes of an island, without sorting all of them."""

from __future__ import annotations

import numpy as np
from numba import njit

from headrace.world.record import Floats, Ints
from headrace.world.table import Table


@njit(cache=True)
def smallest(losses: Floats, nodes: Table, home: int, count: int, chosen: Ints) -> tuple[float, int]:
    """Put the `count` nodes of island `home` with the smallest losses[N] into `chosen`, smallest first; of equals, the
    first. There must be as many with a loss below infinity. Returns the last one's loss and number."""
    members = np.empty(len(losses), np.float64)
    found = 0
    for n in range(len(losses)):
        if losses[n] < np.inf and nodes[n].island == home:
            members[found] = losses[n]
            found += 1
    limit = np.partition(members[:found], count - 1)[count - 1]
    equal = count
    for i in range(found):
        equal -= members[i] < limit
    taken = 0
    for n in range(len(losses)):
        if losses[n] <= limit and nodes[n].island == home and (losses[n] < limit or equal > 0):
            equal -= losses[n] == limit
            chosen[taken] = n
            taken += 1
    chosen[:count] = chosen[:count][np.argsort(losses[chosen[:count]], kind="mergesort")]
    return limit, chosen[count - 1]

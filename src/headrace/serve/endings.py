"""When chips come free, if what runs ends at its time limit: found once for all questions of one moment. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from headrace.policy.backfill import UNLIMITED
from headrace.world.fleet import MAX_CHIPS_PER_NODE
from headrace.world.state import LIVE, NONE

if TYPE_CHECKING:
    from headrace.live.desk import Desk
    from headrace.world.record import Bools, Ints

CHIPS: Final = np.arange(MAX_CHIPS_PER_NODE)


class Endings(NamedTuple):
    """At `at[k]` (ms, in order) `freed[k, pool]` milli-chips come free. What has no limit never ends; what is on a node
    that is out frees nothing."""

    at: Ints
    freed: Ints

    def when(self, pools: Bools, free: int, wanted: int) -> int | None:
        """When `wanted` milli-chips are free in `pools`, of which `free` are now; None: nobody can say, or they are."""
        if free >= wanted:
            return None
        k = int(np.searchsorted(self.freed[:, pools].sum(axis=1).cumsum(), wanted - free))
        return int(self.at[k]) if k < len(self.at) else None


def endings(desk: Desk) -> Endings:
    """The ends of what runs now."""
    state, jobs = desk.tables.state, desk.tables.state.jobs[: desk.tables.size]
    ending = np.flatnonzero((jobs["status"] == LIVE) & (jobs["expected"] - jobs["start"] < UNLIMITED))
    ending = ending[np.argsort(jobs["expected"][ending], kind="stable")]
    freed = np.zeros((len(ending), state.pools.shape[1]), np.int64)
    share, row = state.shapes["share"][jobs["shape"][ending]], jobs["row"][ending]
    left = np.flatnonzero(row != NONE)
    while len(left):
        place = state.rows[row[left]]
        node, chips = state.nodes[place["node"]], (place["chipmask"][:, None] >> CHIPS & 1).sum(axis=1)
        freed[left, node["pool"]] += chips * share[left] * (node["out"] == 0)
        row[left] = place["of_job"]
        left = left[row[left] != NONE]
    return Endings(jobs["expected"][ending], freed)

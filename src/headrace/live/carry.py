"""What must not be forgotten when tables are made anew: the target workload, as far as it has been seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headrace.policy.target import TYPES, Target, empty_target
from headrace.world.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headrace.world.record import Bools
    from headrace.world.state import State

COUNTED = ("seen", "memory", "made_seen", "made_memory")


def carry(old: Target, state: State, pool_was: Sequence[int]) -> Target:
    """The target of the shapes in `state`, with everything that `old` has seen; types whose shapes are gone stay.

    `pool_was[p]` is what pool `p` was in `old`, or -1 for one that is new.
    """
    ghosts = table(len(old.types), *state.shapes.dtype.names)  # type: ignore[misc]
    for name in ("cpu", "share", "chips"):
        ghosts[name] = old.types[name]
    seen = old.types["seen"] > 0
    pools = _moved(old.pools, pool_was)
    new = empty_target(
        state._replace(
            shapes=np.concatenate([state.shapes, ghosts[seen]]), pools=np.concatenate([state.pools, pools[seen]])
        )
    )
    return _counted(old, new, len(state.shapes), seen)


def _moved(pools: Bools, pool_was: Sequence[int]) -> Bools:
    moved = np.zeros((len(pools), len(pool_was)), np.bool_)
    for p, was in enumerate(pool_was):
        if was >= 0:
            moved[:, p] = pools[:, was]
    return moved


def _counted(old: Target, new: Target, shapes: int, seen: Bools) -> Target:
    """`new` with the counts of `old`, whose types that were `seen` stand behind the `shapes` in `new.of`."""
    place = np.full(len(old.types), -1, np.int64)
    place[seen] = new.of[shapes:]
    for name in COUNTED:
        np.add.at(new.types[name], place[seen], old.types[name][seen])
    many = int(old.counts[TYPES])
    new.ranked[:many] = place[old.ranked[:many]]
    new.weight[:many] = old.weight[:many]
    new.worth[:] = old.worth
    new.counts[:] = old.counts
    return new._replace(of=new.of[:shapes].copy(), memory=new.memory[:shapes].copy())

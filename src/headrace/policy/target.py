"""The target workload: the mix of demands against which fragments are measured.

A chip's remainder is a fragment only in view of what is still to be placed. The target is what has been *seen so far*
(or a history given beforehand), never what is to come: distinct demands (cores, chips, share, pools; memory apart),
most frequent first, the shortest list that holds 95 % of them, weighted by frequency. It is made anew each time the
number of demands seen has doubled. After Weng et al., "Beware of Fragmentation" (USENIX ATC '23).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.experimental import structref

from headrace.units import MILLI
from headrace.world.record import Bools, Floats, Ints
from headrace.world.state import State
from headrace.world.table import Reference, ReferenceType, Table, table

COVERED_PERCENT = 95
SEEN, NEXT, TYPES, EPOCH, FIXED, PRICED, CORES, MEMORY = 0, 1, 2, 3, 4, 5, 6, 7
"""Places in `Target.counts`: demands seen, at how many it is next made, types in it, its epoch, and if it is kept; the
epoch for which it has prices (policy/prices.py), and the cores (milli) and memory (MiB) wanted with a chip's worth."""


class Target(NamedTuple):
    """Types are numbered in descending order of (cpu, share, chips, pools).

    of[S], memory[S]     a shape's type, and its memory           pools[Y, P]
    types[Y]             cpu, chips, share; seen (demands), memory (MiB, of all that were seen); made_seen and
                         made_memory, the same as they were when the target was made
    ranked, weight       the first counts[TYPES]: the types in the target, most frequent first, and their weights
    worth[0..1000]       what so much of a free chip is worth, in millionths of a chip; see policy/prices.py
    """

    of: Ints
    memory: Ints
    types: Table
    pools: Bools
    ranked: Ints
    weight: Floats
    worth: Ints
    counts: Ints


@structref.register
class TargetType(ReferenceType):
    pass


class TargetReference(Reference):
    pass


structref.define_proxy(TargetReference, TargetType, Target._fields)


@njit(cache=True)
def refer_target(target: Target) -> Target:
    """`target` behind one pointer, for the compiled loops."""
    reference: Any = TargetReference(*target)
    return reference


def empty_target(state: State) -> Target:
    """The types of the shapes in `state`, none of which has been seen."""
    d = state.shapes
    share = np.where(d["chips"] > 0, d["share"], 0)
    columns = np.column_stack([d["cpu"], share, d["chips"], state.pools.astype(np.int64)])
    alike, of = np.unique(-columns, axis=0, return_inverse=True)
    cpu, share, chips = -alike[:, :3].T
    return Target(
        of=of.reshape(-1).astype(np.int64),
        memory=d["memory"].copy(),
        types=table(len(alike), "seen", "memory", "made_seen", "made_memory", cpu=cpu, share=share, chips=chips),
        pools=np.ascontiguousarray(alike[:, 3:] == -1),
        ranked=np.zeros(len(alike), np.int64),
        weight=np.zeros(len(alike), np.float64),
        worth=np.zeros(MILLI + 1, np.int64),
        counts=np.array([0, 1, 0, 1, 0, 0, 0, 0], np.int64),
    )


def aim_at(target: Target, history: Ints) -> None:
    """Make the target from a given history, and keep it: history[S] is how often each shape was asked of a node."""
    np.add.at(target.types["seen"], target.of, history)
    np.add.at(target.types["memory"], target.of, history * target.memory)
    target.counts[SEEN], target.counts[FIXED] = history.sum(), 1
    aim(target)


@njit(cache=True)
def see(target: Target, s: int, gang: int) -> None:
    """A job of shape `s` was submitted; a gang counts once for each of its nodes."""
    if target.counts[FIXED]:
        return
    target.types[target.of[s]].seen += gang
    target.types[target.of[s]].memory += gang * target.memory[s]
    target.counts[SEEN] += gang
    if target.counts[SEEN] >= target.counts[NEXT]:
        target.counts[NEXT] = 2 * target.counts[SEEN]
        aim(target)


@njit(cache=True)
def aim(target: Target) -> None:
    """Make the target from what has been seen."""
    seen = np.zeros(len(target.types), np.int64)
    for y in range(len(seen)):
        seen[y] = target.types[y].seen
        target.types[y].made_seen, target.types[y].made_memory = target.types[y].seen, target.types[y].memory
    total, held, n = target.counts[SEEN], 0, 0
    for y in np.argsort(-seen, kind="mergesort"):
        if held * 100 >= COVERED_PERCENT * total or seen[y] == 0:
            break
        target.ranked[n] = y
        held += seen[y]
        n += 1
    for i in range(n):
        target.weight[i] = seen[target.ranked[i]] / total / (held / total)
    target.counts[TYPES] = n
    target.counts[EPOCH] += 1

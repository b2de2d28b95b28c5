"""What a job asks for, as the desk's tables have it: which pools of nodes it may use, its shape and its line.

A pool here is a set of nodes of one partition and kind that are alike; a node that some job named is a pool of its own,
so that "on this node" is one more pool that may be used.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from headrace.history.demand import plain
from headrace.units import MILLI
from headrace.world.fleet import MAX_CHIPS_PER_NODE, Fleet, Pool, Tenant
from headrace.world.record import Shapes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Set

    from headrace.live.engine import Asked, NodeSeen

TOO_MANY = MAX_CHIPS_PER_NODE + 1
"""Chips a node that no node has; what asks for more than that asks for as much."""
NOWHERE = "nowhere"
"""The kind of the one node, without room, of a fleet of which nothing is known yet."""


class Alike(NamedTuple):
    """What the nodes of one pool have in common. `pinned` is the node's name where some job named it."""

    pool: str
    kind: str
    chips: int
    cpu: int
    memory: int
    pinned: str


class Demand(NamedTuple):
    """Everything about a request that decides where it fits; the desk's shapes, one each."""

    nodes: int
    chips: int
    share: int
    cpu: int
    memory: int
    kinds: tuple[str, ...]
    pools: tuple[str, ...]
    pinned: tuple[str, ...]


def demand_of(asked: Asked) -> Demand:
    """The demand of `asked`; requests that differ only in how they are written are one demand."""
    share = asked.share if asked.chips else MILLI
    sizes = (max(1, asked.nodes), min(asked.chips, TOO_MANY), share, asked.cpu, asked.memory)
    return Demand(*sizes, *_where(asked.kinds, asked.pools, asked.pinned))


@lru_cache(maxsize=4096)
def _where(
    kinds: tuple[str, ...], pools: tuple[str, ...], pinned: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The same, each name once and in order."""
    plainly = {plain(kind) for kind in kinds}
    return tuple(sorted(plainly)), tuple(sorted(set(pools))), tuple(sorted(set(pinned)))


def allowed(demand: Demand, pools: Iterable[Alike]) -> list[bool]:
    """For each of `pools`: may the demand run there. Nodes that a user named are the only ones."""
    return [
        (not demand.kinds or plain(pool.kind) in demand.kinds)
        and (not demand.pools or pool.pool in demand.pools)
        and (not demand.pinned or pool.pinned in demand.pinned)
        for pool in pools
    ]


def alike(node: NodeSeen, pinned: Set[str]) -> Alike:
    """The pool of `node`."""
    own = node.name if node.name in pinned else ""
    return Alike(node.pool, node.kind, min(node.chips, MAX_CHIPS_PER_NODE), node.cpu, node.memory, own)


def in_pools(nodes: Iterable[NodeSeen]) -> list[NodeSeen]:
    """`nodes` pool by pool, as a fleet file would have them: a node's number is its place here."""
    place: dict[tuple[str, str], int] = {}
    return sorted(nodes, key=lambda node: place.setdefault((node.pool, node.kind), len(place)))


def fleet_of(nodes: Sequence[NodeSeen], pinned: Set[str], tenants: Iterable[Tenant]) -> tuple[Fleet, list[Alike]]:
    """The fleet of `nodes`, in their order, and what is alike in each of its pools. Times and prices are not known."""
    runs = [(key, tuple(node.name for node in run)) for key, run in groupby(nodes, lambda node: alike(node, pinned))]
    runs = runs or [(Alike(NOWHERE, NOWHERE, 0, 0, 0, ""), ("",))]
    pools = (
        Pool(f"{key.pool}.{i}", key.kind, names, key.chips, key.cpu, key.memory) for i, (key, names) in enumerate(runs)
    )
    return Fleet("live", tuple(pools), tuple(tenants)), [key for key, _ in runs]


def blank_shapes(room: int, pools: int) -> Shapes:
    """Room for so many shapes; until they are filled in they fit nowhere."""
    nodes, chips, share, cpu, memory = np.zeros((5, room), np.int64)
    nowhere = np.zeros((room, pools), np.bool_)
    return Shapes(nodes, chips, share, cpu, memory, nowhere, nowhere)

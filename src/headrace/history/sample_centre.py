"""The sample's centre: three kinds of chip, cut into partitions that belong to tenants, over one period.

Which figures are published, and which are assumed, stands in docs/en/sample.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import CallError
from headrace.history.sample_chance import parts
from headrace.units import MILLI, SECOND_MS
from headrace.world.fleet import Fleet, Pool, Tenant

if TYPE_CHECKING:
    from headrace.world.record import Ints

NAME: Final = "sample-centre"
BEGIN_MS: Final = int(datetime(2026, 7, 6, tzinfo=UTC).timestamp()) * SECOND_MS
"""A Monday in four weeks without a public holiday, 00:00 UTC, which is 08:00 at the centre (UTC+08:00)."""
CHIPS: Final = 8
"""Chips a node, of every kind."""
WEEK_H: Final = 7 * 24
NODE_WEEKS: Final = 125
"""Jobs that arrive in two weeks at one node (62.5 a week): 40,000 jobs on 160 nodes make four weeks."""
LEAST_HOURS: Final = WEEK_H
MOST_HOURS: Final = 104 * WEEK_H
MOST_JOBS: Final = 5_000_000
MOST_NODES: Final = 100_000


@dataclass(frozen=True)
class Server:
    """A node of one kind: `cpus` in cores, `memory` in GiB, `price` in fen a chip-hour."""

    kind: str
    cpus: int
    memory: int
    price: int


H20: Final = Server("H20", cpus=192, memory=2048, price=833)
A800: Final = Server("A800", cpus=128, memory=1024, price=547)
ASCEND: Final = Server("Ascend 910B", cpus=192, memory=1536, price=234)


@dataclass(frozen=True)
class Partition:
    """A static partition: `nodes` out of every 160, the `load` that its jobs ask for, in thousandths of its chips, and
    the `longest` that its training may run, in days."""

    name: str
    server: Server
    nodes: int
    load: int
    longest: int = 14


PARTITIONS: Final = (
    Partition("h20-foundation", H20, 40, 670),
    Partition("h20-serving", H20, 24, 680),
    Partition("h20-shared", H20, 14, 680, longest=2),
    Partition("a800-vision", A800, 24, 660, longest=4),
    Partition("a800-campus", A800, 10, 650, longest=2),
    Partition("a800-ads", A800, 10, 450, longest=3),
    Partition("ascend-foundation", ASCEND, 20, 580, longest=4),
    Partition("ascend-finance", ASCEND, 6, 300),
    Partition("ascend-city", ASCEND, 6, 50),
    Partition("ascend-biology", ASCEND, 6, 620, longest=2),
)

TENANTS: Final = {
    "foundation": 40,
    "search": 24,
    "assistant": 18,
    "startups": 60,
    "speech": 16,
    "vision": 36,
    "drive": 28,
    "campus": 80,
    "ads": 20,
    "finance": 12,
    "city": 4,
    "biology": 10,
}
"""Tenants, each with the number of its users."""


@dataclass(frozen=True)
class Centre:
    """A fleet and the `hours` over which its jobs are submitted, from BEGIN_MS."""

    fleet: Fleet
    hours: int

    @property
    def seconds(self) -> int:
        return self.hours * 3600

    @cached_property
    def largest_gang(self) -> Ints:
        """Per partition: the largest power of two of nodes within six tenths of it, at least one."""
        return np.array([1 << ((pool.nodes * 6 // 10) | 1).bit_length() - 1 for pool in self.fleet.pools], np.int64)

    @cached_property
    def target(self) -> list[int]:
        """Per partition: the milli-chip-seconds that its load asks for over the period."""
        loads = [partition.load for partition in PARTITIONS]
        chips = [pool.nodes * pool.chips * MILLI for pool in self.fleet.pools]
        return [load * held * self.seconds // 1000 for load, held in zip(loads, chips, strict=True)]


def build(jobs: int, nodes: int | None) -> Centre:
    """The centre that `jobs` keep as busy as any other: more nodes, fewer hours. Raises CallError out of bounds."""
    if not 1 <= jobs <= MOST_JOBS:
        raise CallError(f"a sample has 1 to {MOST_JOBS} jobs, not {jobs}")
    nodes = max(len(PARTITIONS), jobs // 250) if nodes is None else nodes
    if not len(PARTITIONS) <= nodes <= MOST_NODES:
        raise CallError(f"a sample has {len(PARTITIONS)} nodes (one a partition) to {MOST_NODES}, not {nodes}")
    hours = -(-jobs * WEEK_H * 2 // (NODE_WEEKS * nodes))
    if hours > MOST_HOURS:
        least = -(-jobs * WEEK_H * 2 // (NODE_WEEKS * MOST_HOURS))
        raise CallError(f"{jobs} jobs would keep {nodes} nodes busy for over two years; use at least {least} nodes")
    return Centre(_fleet(nodes), max(hours, LEAST_HOURS))


def _fleet(nodes: int) -> Fleet:
    sizes = parts(nodes, [partition.nodes for partition in PARTITIONS])
    while 0 in sizes:
        sizes[sizes.index(max(sizes))] -= 1
        sizes[sizes.index(0)] += 1
    pools = tuple(_pool(partition, size) for partition, size in zip(PARTITIONS, sizes, strict=True))
    return Fleet(NAME, pools, tuple(Tenant(name) for name in TENANTS), synthetic=True)


def _pool(partition: Partition, nodes: int) -> Pool:
    server = partition.server
    return Pool(
        name=partition.name,
        kind=server.kind,
        node_names=tuple(f"{partition.name}-{n}" for n in range(1, nodes + 1)),
        chips=CHIPS,
        cpu=server.cpus * MILLI,
        memory=server.memory * 1024,
        price=server.price,
        currency="CNY",
    )

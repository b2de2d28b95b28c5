"""Nodes, jobs and tenants as plain objects."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headrace.units import MILLI, NEVER, UNKNOWN
from headrace.world.record import Service

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet
    from headrace.world.record import Workload

YEAR = 365 * 24 * 3600 * 1000
"""How long a job without a limit is taken to run."""

Places = list[tuple[int, int]]
"""(node, chipmask) of each node of a gang."""


@dataclass(frozen=True)
class Demand:
    """What a job asks for on each of `gang` nodes. `pools`: may it run there."""

    number: int
    gang: int
    chips: int
    share: int
    cpu: int
    memory: int
    pools: tuple[bool, ...]

    @property
    def milli(self) -> int:
        return self.gang * self.chips * self.share


@dataclass
class Node:
    """One server and what it has left; `holds` is job -> chipmask."""

    number: int
    pool: int
    kind: str
    island: tuple[str, str]
    all_cpu: int
    all_memory: int
    cpu: int
    memory: int
    free: list[int]
    out: int = 0
    holds: dict[int, int] = field(default_factory=dict)


@dataclass
class Job:
    """One job. `run` numbers its starts; `places` is where it runs now."""

    number: int
    tenant: int
    demand: Demand
    submit: int
    limit: int
    checkpoint: int
    starting: int
    left: int
    ends: int
    service: int
    attained: int = 0
    queued: int = 0
    start: int = NEVER
    run: int = 0
    places: Places = field(default_factory=list)

    @property
    def line(self) -> tuple[int, int, int]:
        return self.tenant, self.demand.number, self.limit

    @property
    def length(self) -> int:
        """How long it may run, by its limit."""
        return YEAR if self.limit == UNKNOWN else self.limit

    @property
    def expected(self) -> int:
        """When it must have ended, by its limit."""
        return self.start + self.length

    @property
    def stoppable(self) -> bool:
        return self.checkpoint != UNKNOWN and self.service != Service.SERVING

    def latest_end(self, now: int) -> int:
        return NEVER if self.limit == UNKNOWN else now + self.limit

    def kept(self, ran: int) -> int:
        """Work that outlives a run of `ran` ms that is cut off."""
        worked = max(0, ran - self.starting)
        if self.checkpoint == UNKNOWN:
            return 0
        return worked if self.checkpoint == 0 else worked // self.checkpoint * self.checkpoint


@dataclass
class Tenant:
    """Quota and use in milli-chips by kind; `usage` is decayed chip-time."""

    weight: int
    quota: dict[str, int]
    used: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    usage: int = 0

    def within(self, kind: str, milli: int) -> bool:
        return self.used[kind] + milli <= self.quota.get(kind, NEVER)


def nodes_of(fleet: Fleet) -> list[Node]:
    made: list[Node] = []
    for p, pool in enumerate(fleet.pools):
        for _ in pool.node_names:
            room = pool.cpu, pool.memory, pool.cpu, pool.memory
            made.append(Node(len(made), p, pool.kind, (pool.site, pool.kind), *room, [MILLI] * pool.chips))
    return made


def demands_of(workload: Workload) -> list[Demand]:
    s = workload.shapes
    columns = (s.nodes, s.chips, s.share, s.cpu, s.memory, s.pools)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [Demand(i, *row, pools=tuple(pools)) for i, (*row, pools) in enumerate(rows)]


def jobs_of(workload: Workload, demands: list[Demand]) -> list[Job]:
    names = ("tenant", "shape", "submit", "limit", "checkpoint", "starting", "work", "ends", "service")
    rows = zip(*(getattr(workload, name).tolist() for name in names), strict=True)
    return [
        Job(i, tenant, demands[shape], submit, limit, checkpoint, starting, max(0, work - starting), ends, service)
        for i, (tenant, shape, submit, limit, checkpoint, starting, work, ends, service) in enumerate(rows)
    ]


def tenants_of(fleet: Fleet, workload: Workload) -> list[Tenant]:
    known = {tenant.name: tenant for tenant in fleet.tenants}
    made = []
    for name in workload.tenants:
        tenant = known.get(name)
        capped = tenant is not None and tenant.quota is not None
        quota = {kind: tenant.quota.get(kind, 0) * MILLI for kind in fleet.kinds} if capped else {}
        made.append(Tenant(max(1, round(tenant.weight * MILLI)) if tenant else MILLI, quota))
    return made


def fits(demand: Demand, free: list[int], cpu: int, memory: int) -> bool:
    """Does one node's part of `demand` fit into this much room."""
    enough = demand.chips == 0 or sum(left >= demand.share for left in free) >= demand.chips
    return enough and cpu >= demand.cpu and memory >= demand.memory


def shift(node: Node, demand: Demand, mask: int, sign: int) -> None:
    """Give (`sign` 1) or take (-1) one node's part of `demand`."""
    node.cpu += sign * demand.cpu
    node.memory += sign * demand.memory
    for c in chips_in(mask):
        node.free[c] += sign * demand.share


def chips_in(mask: int) -> list[int]:
    return [c for c in range(mask.bit_length()) if mask >> c & 1]


def possible(nodes: list[Node], demand: Demand) -> bool:
    """Could a gang start on the whole fleet, empty and up."""
    count: dict[tuple[str, str], int] = defaultdict(int)
    for node in nodes:
        empty = [MILLI] * len(node.free)
        if demand.pools[node.pool] and fits(demand, empty, node.all_cpu, node.all_memory):
            count[node.island] += 1
    return max(count.values(), default=0) >= demand.gang


def earliest_gang(times: dict[int, int], nodes: list[Node], gang: int) -> tuple[int, list[int]]:
    """The nodes of one island on which a gang can be together soonest (or cheapest), and when; NEVER if nowhere."""
    best: tuple[int, int, list[int]] = (NEVER, NEVER, [])
    for island in dict.fromkeys(node.island for node in nodes):
        ranked = sorted((time, n) for n, time in times.items() if nodes[n].island == island and time < NEVER)
        if len(ranked) >= gang:
            best = min(best, (*ranked[gang - 1], [n for _, n in ranked[:gang]]))
    return best[0], best[2]

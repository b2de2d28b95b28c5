"""Small fleets, workloads and outages, written the way a test would say them; and runs, the way it would read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from headrace.units import MILLI, UNKNOWN
from headrace.world.fleet import Fleet, Pool, Tenant
from headrace.world.record import Ints, Outages, Outcome, Runs, Service, Shapes, Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

PLENTY = 10**6
"""Millicores and MiB of a node on which neither is ever short."""


def make_pool(
    name: str = "a",
    nodes: int = 1,
    chips: int = 8,
    cpu: int = PLENTY,
    memory: int = PLENTY,
    kind: str = "H20",
    site: str = "",
) -> Pool:
    """`nodes` nodes named `a-1`, `a-2`, ..."""
    return Pool(name, kind, tuple(f"{name}-{i + 1}" for i in range(nodes)), chips, cpu, memory, site)


def make_fleet(*pools: Pool, tenants: Sequence[Tenant] = ()) -> Fleet:
    return Fleet("test", pools or (make_pool(),), tuple(tenants))


@dataclass(frozen=True)
class Job:
    """One job as a test states it: times in ms, chips and cores and memory per node, `pools` by name (None: all)."""

    submit: int = 0
    work: int = 100
    chips: int = 1
    nodes: int = 1
    share: int = MILLI
    cpu: int = 0
    memory: int = 0
    tenant: str = "t"
    pools: tuple[str, ...] | None = None
    limit: int = UNKNOWN
    checkpoint: int = UNKNOWN
    starting: int = 0
    ends: Outcome = Outcome.COMPLETED
    service: Service = Service.NORMAL
    after: int = -1
    gap: int = 0

    @property
    def demand(self) -> tuple[object, ...]:
        return self.nodes, self.chips, self.share, self.cpu, self.memory, self.pools


def make_workload(fleet: Fleet, jobs: Sequence[Job]) -> Workload:
    """`jobs` in the order given; equal demands share a shape."""
    demands = list(dict.fromkeys(job.demand for job in jobs))
    tenants = tuple(dict.fromkeys(job.tenant for job in jobs))
    example = {job.demand: job for job in jobs}
    allowed = np.array([_allowed(fleet, example[demand].pools) for demand in demands])
    return Workload(
        names=tuple(f"job-{i}" for i in range(len(jobs))),
        tenants=tenants,
        shapes=Shapes(
            *(
                _ints(getattr(example[demand], name) for demand in demands)
                for name in ("nodes", "chips", "share", "cpu", "memory")
            ),
            pools=allowed,
            kinds=np.ones_like(allowed),
        ),
        shape=_ints(demands.index(job.demand) for job in jobs),
        tenant=_ints(tenants.index(job.tenant) for job in jobs),
        activity=np.full(len(jobs), UNKNOWN),
        idle_chips=np.full(len(jobs), UNKNOWN),
        **{
            name: _ints(getattr(job, name) for job in jobs)
            for name in ("submit", "work", "limit", "checkpoint", "starting", "ends", "service", "after", "gap")
        },
    )


def make_outages(*outages: tuple[int, int, int, bool]) -> Outages:
    """Each (node, start, end, down)."""
    node, start, end, down = (list(column) for column in zip(*outages, strict=True)) if outages else ([], [], [], [])
    return Outages(_ints(node), _ints(start), _ints(end), np.array(down, np.bool_))


class Stay(NamedTuple):
    """One run, with its (node, chipmask) pairs in the order of the nodes."""

    job: int
    queued: int
    start: int
    end: int
    outcome: int
    places: tuple[tuple[int, int], ...]


def stays(runs: Runs) -> list[Stay]:
    """`runs` one by one, in their order."""
    columns = (runs.job, runs.queued, runs.start, runs.end, runs.outcome)
    found = []
    for r, row in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        part = slice(int(runs.first[r]), int(runs.first[r + 1]))
        places = zip(runs.node[part].tolist(), runs.chipmask[part].tolist(), strict=True)
        found.append(Stay(*row, places=tuple(sorted(places))))
    return found


def _allowed(fleet: Fleet, pools: tuple[str, ...] | None) -> list[bool]:
    return [pools is None or pool.name in pools for pool in fleet.pools]


def _ints(values: object) -> Ints:
    return np.array(list(values), np.int64)  # type: ignore[call-overload]

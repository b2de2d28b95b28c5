"""The same jobs twice: as the workload that replay is handed, and as the requests that an engine lists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from headrace.history.asked import asked as requests
from headrace.history.asked import outages as outages_of
from headrace.history.sample import draw
from headrace.live.engine import Asked
from headrace.world.record import Outages, Service, Workload

if TYPE_CHECKING:
    from tests.factories import Job

    from headrace.world.fleet import Fleet


class Given(NamedTuple):
    """What both drivers are handed. `asked` and `workload` say the same of each job, in the same order."""

    fleet: Fleet
    asked: tuple[Asked, ...]
    workload: Workload
    outages: Outages


def asked_of(i: int, job: Job) -> Asked:
    """The request that a test's job stands for."""
    size = (job.nodes, job.chips, job.share, job.cpu, job.memory)
    times = {"limit": job.limit, "checkpoint": job.checkpoint, "service": job.service}
    return Asked(f"job-{i:03}", job.tenant, "u", job.submit, *size, pools=job.pools or (), **times)


def from_sample(jobs: int, nodes: int | None = None) -> Given:
    """The built-in sample; each job submitted on its own, its work without start-up."""
    drawn = draw(np.random.default_rng(1), jobs=jobs, nodes=nodes)
    none = np.full(jobs, -1)
    workload = replace(requests(drawn.log, drawn.fleet).workload, after=none, starting=0 * none)
    names = [pool.name for pool in drawn.fleet.pools]
    sizes = ("nodes", "chips", "share", "cpu", "memory")
    shapes = list(zip(*(getattr(workload.shapes, name).tolist() for name in sizes), strict=True))
    columns = zip(workload.names, workload.tenant, workload.submit, workload.shape, strict=True)
    times = zip(workload.limit.tolist(), workload.checkpoint.tolist(), workload.service.tolist(), strict=True)
    asked = (
        Asked(
            *(name, workload.tenants[t], "u", int(submit), *shapes[s]),
            pools=tuple(names[p] for p in np.flatnonzero(workload.shapes.pools[s])),
            limit=limit,
            checkpoint=checkpoint,
            service=Service(service),
        )
        for (name, t, submit, s), (limit, checkpoint, service) in zip(columns, times, strict=True)
    )
    return Given(drawn.fleet, tuple(asked), workload, outages_of(drawn.log, drawn.fleet)[0])

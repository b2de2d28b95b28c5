"""What the desk shows at this moment: chips by state, queues by reason, tenants. Pure; the desk is not to change."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.live.engine import Status
from headrace.serve.shapes import KindNow, Tenant
from headrace.serve.why import REASONS
from headrace.units import MILLI
from headrace.world.state import ACTIVE, LIVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headrace.live.desk import Desk
    from headrace.world.fleet import Tenant as Owner

MOST_TENANTS: Final = 100
"""Tenants that are told apart where names are kept for long; those beyond are one, without a name."""


def kinds_now(desk: Desk) -> list[KindNow]:
    """The chips of each kind by what they do; what is booked on a node that is out still runs."""
    tables, starting = desk.tables, _starting(desk)
    total, free, down = (Counter[str]() for _ in range(3))
    left = tables.state.free.sum(axis=1).tolist()
    for node, milli, out in zip(tables.nodes, left, tables.state.nodes["out"].tolist(), strict=False):
        total[node.kind] += node.chips * MILLI
        (down if out else free)[node.kind] += milli
    return [
        KindNow(
            kind=kind,
            chips_milli=total[kind],
            down_milli=down[kind],
            starting_milli=starting[kind],
            running_milli=total[kind] - down[kind] - free[kind] - starting[kind],
            free_milli=free[kind],
        )
        for kind in total
    ]


def _starting(desk: Desk) -> Counter[str]:
    """Milli-chips by kind of the jobs that are to start and are not yet seen to run."""
    found = Counter[str]()
    for known in desk.jobs.values():
        if known.status == Status.STARTING:
            for name, _ in known.on:
                found[desk.nodes[name].kind] += known.asked.chips * known.asked.share
    return found


def held_on(desk: Desk) -> dict[str, tuple[int, int]]:
    """Milli-chips that are held on each node, and by how many jobs."""
    state, jobs = desk.tables.state, Counter[str]()
    for known in desk.jobs.values():
        jobs.update({name: 1 for name, _ in known.on} if known.live else {})
    left = state.free.sum(axis=1).tolist()
    return {
        node.name: (node.chips * MILLI - milli, jobs[node.name])
        for node, milli in zip(desk.tables.nodes, left, strict=False)
    }


def tenants_now(desk: Desk, owners: Iterable[Owner]) -> list[Tenant]:
    """Who has a quota, a weight or jobs, by name."""
    known, state = {owner.name: owner for owner in owners}, desk.tables.state
    waiting = Counter(one.asked.tenant for one in desk.jobs.values() if not one.live)
    jobs = state.jobs[: desk.tables.size]
    live = np.bincount(jobs["tenant"][jobs["status"] == LIVE], minlength=1)
    found = []
    for name in sorted(known.keys() | desk.tables.tenants.keys()):
        t, owner = desk.tables.tenants.get(name), known.get(name)
        used = dict(zip(desk.tables.kinds, state.used[t].tolist(), strict=False)) if t is not None else {}
        found.append(
            Tenant(
                name=name,
                weight=owner.weight if owner else 1.0,
                quota=owner.quota if owner else None,
                held_milli={kind: held for kind, held in used.items() if held},
                waiting=waiting[name],
                running=int(live[t]) if t is not None and t < len(live) else 0,
            )
        )
    return found


def queue_by_reason(desk: Desk) -> Mapping[tuple[str, ...], int]:
    """Jobs that wait by tenant and reason, as the last round saw it."""
    count, state = Counter[tuple[str, ...]](), desk.tables.state
    names = {t: name for name, t in desk.tables.tenants.items()}
    for line in state.active[: int(state.counts[ACTIVE])].tolist():
        row = state.lines[line]
        count[names[int(row["tenant"])], REASONS[int(row["hold"])]] += int(row["length"])
    count.update((known.asked.tenant, "engine") for known in desk.jobs.values() if known.why and not known.live)
    return _bounded(count)


def _bounded(count: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    of = Counter[str]()
    for (tenant, _), jobs in count.items():
        of[tenant] += jobs
    named = {tenant for tenant, _ in of.most_common(MOST_TENANTS)}
    found = Counter[tuple[str, ...]]()
    for (tenant, reason), jobs in count.items():
        found[tenant if tenant in named else "", reason] += jobs
    return found

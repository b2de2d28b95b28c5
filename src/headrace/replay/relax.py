"""What if a wall came down: the same workload with one kind of restriction waived.

partition   jobs may use any pool of the kinds that they accept
kind        jobs accept every kind, wherever it stands, as the ledger's class `kind` has it
quota       tenants have no cap
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from headrace.errors import CallError
from headrace.world.fleet import Fleet
from headrace.world.record import Workload

WALLS: Final = ("partition", "kind", "quota")


def known_walls(walls: Iterable[str]) -> tuple[str, ...]:
    """`walls`, each once, in the order of WALLS. Raises CallError for a wall that there is not."""
    asked = set(walls)
    for wall in sorted(asked.difference(WALLS)):
        raise CallError(f"there is no wall {wall!r} to relax: there are {', '.join(WALLS)}")
    return tuple(wall for wall in WALLS if wall in asked)


def relax(fleet: Fleet, workload: Workload, walls: tuple[str, ...]) -> tuple[Fleet, Workload]:
    """`fleet` and `workload` without `walls`. Raises CallError for a wall that there is not."""
    for wall in known_walls(walls):
        fleet, workload = _without(fleet, workload, wall)
    return fleet, workload


def _without(fleet: Fleet, workload: Workload, wall: str) -> tuple[Fleet, Workload]:
    shapes = workload.shapes
    if wall == "quota":
        return replace(fleet, tenants=tuple(replace(tenant, quota=None) for tenant in fleet.tenants)), workload
    if wall == "partition":
        return fleet, replace(workload, shapes=replace(shapes, pools=shapes.kinds))
    every = np.ones_like(shapes.kinds)
    return fleet, replace(workload, shapes=replace(shapes, pools=every, kinds=every))

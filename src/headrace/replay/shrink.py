"""Shrink: the smallest fleet that keeps the wait, by bisection over the nodes of each pool in proportion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from headrace.policy.policy import Policy
from headrace.replay.replay import replay
from headrace.units import NEVER
from headrace.world.fleet import Fleet
from headrace.world.record import Outages, Runs, Workload

STEPS = 1000
"""Fleets are tried in thousandths of the whole."""


@dataclass(frozen=True)
class Shrunk:
    """The smallest fleet found (the whole one if none smaller does), its wait, and how many fleets were tried."""

    fleet: Fleet
    wait: int
    tried: int


def shrink(
    fleet: Fleet,
    workload: Workload,
    policy: Policy,
    outages: Outages,
    target: int,
    wait_of: Callable[[Workload, Runs], int],
    progress: Callable[[int], None] | None = None,
) -> Shrunk:
    """The smallest part of `fleet` under `policy` whose `wait_of` is no more than `target` ms and strands no more jobs.

    Waits are taken to fall as the fleet grows, which holds but for small anomalies of list scheduling; every fleet
    that is returned was replayed and met the target.
    """
    whole = replay(fleet, workload, policy, outages)
    found, most_stranded = Shrunk(fleet, wait_of(workload, whole), 1), stranded(whole)
    smaller = sizes(fleet)
    low, high, tried = -1, len(smaller), 1
    while found.wait <= target and high - low > 1:
        middle, tried = (low + high) // 2, tried + 1
        part = cut(fleet, smaller[middle])
        runs = replay(part, workload, policy, left_of(outages, fleet, part))
        wait = wait_of(workload, runs)
        if wait <= target and stranded(runs) <= most_stranded:
            found, high = Shrunk(part, wait, tried), middle
        else:
            low = middle
        if progress is not None:
            progress(tried)
    return replace(found, tried=tried)


def stranded(runs: Runs) -> int:
    """Jobs that never started."""
    return int((runs.start >= NEVER).sum())


def sizes(fleet: Fleet) -> list[tuple[int, ...]]:
    """The nodes of each pool in every fleet smaller than `fleet` that is in proportion to it, the smallest first."""
    whole = tuple(pool.nodes for pool in fleet.pools)
    parts = (tuple(-(-nodes * part // STEPS) for nodes in whole) for part in range(1, STEPS))
    return [size for size in dict.fromkeys(parts) if size != whole]


def cut(fleet: Fleet, size: tuple[int, ...]) -> Fleet:
    """The first nodes of each pool, as many as `size` says."""
    parts = zip(fleet.pools, size, strict=True)
    return replace(fleet, pools=tuple(replace(pool, node_names=pool.node_names[:nodes]) for pool, nodes in parts))


def left_of(outages: Outages, whole: Fleet, part: Fleet) -> Outages:
    """The outages on the nodes of `whole` that are in `part`, by their numbers there."""
    number = {name: i for i, name in enumerate(part.node_names)}
    new = np.array([number.get(name, -1) for name in whole.node_names], np.int64)[outages.node]
    left = new >= 0
    return Outages(new[left], outages.start[left], outages.end[left], outages.down[left])

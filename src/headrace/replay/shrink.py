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
    best, wait, most_stranded = fleet, wait_of(workload, whole), stranded(whole)
    low, high, tried = 0, STEPS, 1
    while wait <= target and high - low > 1 and scaled(fleet, low) != scaled(fleet, high):
        middle, tried = (low + high) // 2, tried + 1
        smaller = scaled(fleet, middle)
        runs = replay(smaller, workload, policy, _kept(outages, fleet, smaller))
        here = wait_of(workload, runs)
        if here <= target and stranded(runs) <= most_stranded:
            best, wait, high = smaller, here, middle
        else:
            low = middle
        if progress is not None:
            progress(tried)
    return Shrunk(best, wait, tried)


def stranded(runs: Runs) -> int:
    """Jobs that never started."""
    return int((runs.start >= NEVER).sum())


def scaled(fleet: Fleet, thousandths: int) -> Fleet:
    """The first nodes of each pool, in proportion, at least one."""
    return replace(
        fleet,
        pools=tuple(
            replace(pool, node_names=pool.node_names[: max(1, -(-pool.nodes * thousandths // STEPS))])
            for pool in fleet.pools
        ),
    )


def _kept(outages: Outages, whole: Fleet, part: Fleet) -> Outages:
    """The outages on nodes that are left, by their new numbers."""
    number = {name: i for i, name in enumerate(part.node_names)}
    new = np.array([number.get(name, -1) for name in whole.node_names], np.int64)
    left = new[outages.node] >= 0
    return Outages(new[outages.node[left]], outages.start[left], outages.end[left], outages.down[left])

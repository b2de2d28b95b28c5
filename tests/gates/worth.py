"""What `worth` leaves unallocated on the openb lists, beside `fgd` and beside what no rule can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tests.gates.fgd import Level, orders

from headrace.history.asked import mix
from headrace.history.nodes import read_nodes
from headrace.history.openb import read_openb
from headrace.replay.bound import most_allocated, most_filled
from headrace.replay.fill import fill
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headrace.world.fleet import Fleet
    from headrace.world.record import Floats, Ints, Workload

ALL_ASKED_FOR = 100
"""Per cent of load: as many chips have been asked for as there are."""


class Offered(NamedTuple):
    """A fleet, and the list from which its jobs are drawn."""

    fleet: Fleet
    jobs: Workload

    def level(self, left: Floats) -> Level:
        """The share allocated, in per cent, where so many chips are `left`."""
        shares = 100 * (1 - left / self.fleet.chips)
        return Level(float(shares.mean()), float(shares.std(ddof=1)))


def offered(nodes: Path, jobs: Path, cores: float = 1, memory: float = 1) -> Offered:
    """Each job asks for so many times the `cores` and the `memory` that it did."""
    fleet = read_nodes(nodes)
    listed = mix(read_openb(jobs), fleet)
    scaled = {"cpu": listed.shapes.cpu * cores, "memory": listed.shapes.memory * memory}
    shapes = replace(listed.shapes, **{name: column.astype(np.int64) for name, column in scaled.items()})
    return Offered(fleet, replace(listed, shapes=shapes))


def draw(of: Offered, seed: int) -> tuple[Ints, Ints]:
    """The orders of jobs and of nodes, as they are drawn for the published rules."""
    return orders(of.fleet, of.jobs, seed)


def left(of: Offered, place: str, seeds: Sequence[int]) -> tuple[Floats, Floats]:
    """Chips that nobody holds, a figure for each seed: when as many were asked for as there are, and in the end."""
    held = []
    for seed in seeds:
        arrivals, order = draw(of, seed)
        curve = fill(of.fleet, of.jobs, arrivals, place, seed=seed, node_order=order).allocated
        held.append(curve[[ALL_ASKED_FOR, -1]] / MILLI)
    full, end = of.fleet.chips - np.array(held).T
    return full, end


def fewest_left(of: Offered, seed: int) -> tuple[float, float]:
    """Chips left at least: by any rule that drops only what fits nowhere, and by any choice made in hindsight."""
    shape = of.jobs.shape[draw(of, seed)[0]]
    in_turn = most_filled(of.fleet, of.jobs.shapes, shape)
    chosen = most_allocated(of.fleet, of.jobs.shapes, np.bincount(shape, minlength=len(of.jobs.shapes)))
    return of.fleet.chips - in_turn.milli / MILLI, of.fleet.chips - chosen.milli / MILLI

"""Fills beside the published ones of Weng et al., "Beware of Fragmentation" (USENIX ATC '23), on the openb lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from headrace.history.arrivals import draw_arrivals
from headrace.history.asked import mix
from headrace.history.nodes import read_nodes
from headrace.history.openb import read_openb
from headrace.history.orders import read_arrivals, read_node_order
from headrace.replay.fill import fill
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headrace.world.fleet import Fleet
    from headrace.world.record import Ints, Workload

RULES = {
    "random": "01-Random",
    "dot": "02-DotProd",
    "clustering": "03-GpuClustering",
    "packing": "04-GpuPacking",
    "best": "05-BestFit",
    "fgd": "06-FGD",
}
"""Ours, theirs."""
UNTIL = 1.3
DROPPED = "FAIL"


class Level(NamedTuple):
    """A share in per cent: the mean over seeds, and the standard deviation of a sample."""

    mean: float
    sd: float


def differences(nodes: Path, jobs: Path, arrivals: Path, node_order: Path, place: str) -> int:
    """How many arrivals the rule `place` puts elsewhere than the file of `arrivals` says in its column `node`."""
    fleet = read_nodes(nodes)
    offered = mix(read_openb(jobs), fleet)
    order = read_node_order(node_order, fleet)
    ours = fill(fleet, offered, read_arrivals(arrivals, offered.names), place, node_order=order)
    rows = zip(ours.first[:-1].tolist(), ours.first[1:].tolist(), strict=True)
    placed = [fleet.node_names[ours.node[row]] if row < end else DROPPED for row, end in rows]
    theirs = pl.read_csv(arrivals)["node"].to_list()
    return sum(a != b for a, b in zip(placed, theirs, strict=True))


def filled(nodes: Path, jobs: Path, place: str, seeds: Sequence[int]) -> Level:
    """What is allocated in the end, over orders of jobs and of nodes that the seeds draw."""
    fleet = read_nodes(nodes)
    offered, capacity = mix(read_openb(jobs), fleet), fleet.chips * MILLI
    shares = []
    for seed in seeds:
        arrivals, order = orders(fleet, offered, seed)
        ours = fill(fleet, offered, arrivals, place, seed=seed, node_order=order)
        shares.append(100 * int(ours.allocated[-1]) / capacity)
    return Level(float(np.mean(shares)), float(np.std(shares, ddof=1)))


def orders(fleet: Fleet, offered: Workload, seed: int) -> tuple[Ints, Ints]:
    """The orders of jobs and of nodes that `seed` draws."""
    arrivals = draw_arrivals(offered.demand, fleet.chips * MILLI, UNTIL, np.random.default_rng(seed))
    return arrivals, np.random.default_rng((seed, 1)).permutation(len(fleet.node_names))


def published(table: Path, jobs: str, place: str) -> Level:
    """The same figure as the authors have it, over their ten seeds."""
    rows = pl.read_csv(table).filter(pl.col("workload") == jobs, pl.col("sc_policy") == RULES[place])["130"]
    return Level(float(rows.mean()), float(rows.std()))  # type: ignore[arg-type]

"""Fills for the tests of what is said of them: a small fleet in which every reason for dropping a job comes up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from tests.factories import Job, make_fleet, make_pool, make_workload

from headrace.history.arrivals import draw_arrivals
from headrace.replay.relax import WALLS
from headrace.report.fill.fills import DEFAULT_PLACES, Fills, Order, Origin, fill_rules
from headrace.units import MILLI
from headrace.world.fleet import Tenant

if TYPE_CHECKING:
    from collections.abc import Sequence

FLEET = make_fleet(
    make_pool("h20", 6, 8, cpu=96_000, memory=1024),
    make_pool("a800", 4, 4, cpu=24_000, memory=512, kind="A800"),
    tenants=[Tenant("small", {"H20": 2, "A800": 2})],
)
JOBS = (
    *(Job(chips=1, share=share, cpu=1000, memory=16) for share in (250, 500, 500, 750)),
    *(Job(chips=chips, cpu=4000 * chips, memory=64 * chips) for chips in (1, 1, 2, 2, 4, 8)),
    Job(chips=1, cpu=20_000, memory=8),
    Job(chips=2, cpu=1000, memory=500),
    Job(chips=0, cpu=4000, memory=16),
    Job(chips=4, nodes=2, cpu=1000, memory=16),
    Job(chips=2, tenant="small", cpu=1000, memory=16),
    Job(chips=8, cpu=1000, memory=16, pools=("a800",)),
)
INPUTS = (
    ("nodes", "fleet.toml", "0" * 64),
    ("jobs", "log.parquet", "1" * 64),
    ("arrivals", "order.csv", "2" * 64),
    ("node_order", "nodes.txt", "3" * 64),
)
ORIGIN = Origin(
    version="0.0.0",
    command="headrace fill --nodes fleet.toml --jobs log.parquet",
    inputs=INPUTS[:2],
    until=2.5,
    shuffled=False,
    walls=(),
    jobs=len(JOBS),
    rejects=0,
    notes=(),
)


def fills(seeds: Sequence[int] = (1, 2, 3), places: Sequence[str] = DEFAULT_PLACES) -> Fills:
    mix = make_workload(FLEET, JOBS)
    orders = {seed: _order(mix.demand, seed) for seed in seeds}
    rules = fill_rules(FLEET, mix, places, orders, lambda what, done, total: None)
    return Fills(FLEET, tuple(seeds), rules, ORIGIN)


def given() -> Fills:
    """One rule, one seed, files for both orders, and everything that one has to be careful of."""
    one = fills((7,), ("fgd",))
    careful = replace(ORIGIN, inputs=INPUTS, until=None, shuffled=True, walls=WALLS, rejects=3, notes=("a <note>",))
    return replace(one, fleet=replace(FLEET, name="<synthetic>", synthetic=True), origin=careful)


def _order(demand: np.ndarray[tuple[int], np.dtype[np.int64]], seed: int) -> Order:
    arrivals = draw_arrivals(demand, FLEET.chips * MILLI, 2.5, np.random.default_rng(seed))
    return Order(arrivals, np.arange(len(FLEET.node_names)))

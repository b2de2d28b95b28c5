"""The sample's outages: nodes that break, and nodes that are drained for work on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from headrace.history.log import EVENT_COLUMNS
from headrace.history.sample_centre import BEGIN_MS, WEEK_H, Centre
from headrace.history.sample_chance import chance, pick, spread
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from headrace.world.record import Ints

DOWN: Final = 27
DRAIN: Final = 60
"""Thousandths of a node's weeks in which it goes down, and in which it is drained."""
DOWN_S: Final = spread({0: 900, 300: 7_200, 700: 43_200, 950: 172_800, 1000: 280_000})
DRAIN_S: Final = spread({0: 7_200, 500: 28_800, 900: 172_800, 1000: 280_000})
"""How long each lasts, in seconds: never past its half of the week, so that no two events of a node overlap."""
HALF_WEEK_S: Final = WEEK_H * 3600 // 2
REASONS: Final = {
    "down": {"chip lost": 4, "uncorrectable memory error": 3, "network link": 2, "power or cooling": 1},
    "drain": {"driver upgrade": 4, "correctable memory errors": 3, "slow in the health check": 3},
}


def outages(rng: np.random.Generator, centre: Centre) -> pl.DataFrame:
    """Node events (EVENT_COLUMNS): nodes break in the first half of a week and are drained in the second."""
    down = _events(rng, centre, "down", DOWN, 0)
    drained = _events(rng, centre, "drain", DRAIN, HALF_WEEK_S)
    return pl.concat([down, drained]).sort("start", "node")


def _events(rng: np.random.Generator, centre: Centre, state: str, often: int, offset: int) -> pl.DataFrame:
    weeks = -(-centre.hours // WEEK_H)
    nodes = len(centre.fleet.node_names)
    cell = np.flatnonzero(chance(rng, often, nodes * weeks))
    length = (DOWN_S if state == "down" else DRAIN_S).draw(rng, len(cell))
    start = (
        cell // nodes * (2 * HALF_WEEK_S) + offset + rng.integers(0, HALF_WEEK_S, len(cell)) % (HALF_WEEK_S - length)
    )
    names = REASONS[state]
    reason = pick(rng, list(names.values()), len(cell))
    within = start < centre.seconds
    return pl.DataFrame(
        {
            "node": pl.Series(centre.fleet.node_names, dtype=pl.String).gather(cell % nodes),
            "start": _instants(start),
            "end": _instants(start + length),
            "state": pl.repeat(state, len(cell), eager=True),
            "reason": pl.Series(list(names), dtype=pl.String).gather(reason),
        },
        schema=EVENT_COLUMNS,
    ).filter(pl.Series(within))


def _instants(seconds: Ints) -> pl.Series:
    return pl.Series(BEGIN_MS + seconds * SECOND_MS).cast(EVENT_COLUMNS["start"])

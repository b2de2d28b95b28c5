"""The order in which jobs arrive at a fleet that is being filled, drawn from a list of jobs.

    the list, shuffled -> jobs drawn from it again, with replacement -> until the chips asked for would pass a limit

After Weng et al., "Beware of Fragmentation" (USENIX ATC '23), whose experiments draw so up to 130 % of the fleet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from headrace.errors import InputError

if TYPE_CHECKING:
    from headrace.world.record import Ints

MOST: Final = 10_000_000
"""Arrivals; more are a mistake, such as a list whose jobs hardly ask for chips."""
BATCH: Final = 4096
LIST: Final = "the list of jobs"


def draw_arrivals(demand: Ints, capacity: int, until: float, chance: np.random.Generator) -> Ints:
    """Numbers of the jobs as they arrive, each of the list once before any is drawn again.

    `demand[J]` is what each job asks for and `capacity` what the fleet has, both in milli-chips. The first job with
    which more than `until` (1.3: 130 %) of the fleet would have been asked for arrives no more, nor does any after it.
    Raises InputError for a list that asks for no chips, or of which far too many jobs, or none, would arrive.
    """
    limit = round(until * capacity)
    _refuse_hopeless(demand, limit)
    drawn = [chance.permutation(len(demand))]
    asked = int(demand.sum())
    while asked <= limit:
        drawn.append(chance.integers(len(demand), size=BATCH))
        asked += int(demand[drawn[-1]].sum())
    every = np.concatenate(drawn).astype(np.int64)
    arrivals = every[: np.searchsorted(np.cumsum(demand[every]), limit, side="right")]
    if not len(arrivals):
        first = f"begins, as it was drawn, with a job of more than {until:.0%} of the fleet"
        raise InputError(LIST, first, "fill the fleet further, or draw with another seed")
    return arrivals


def _refuse_hopeless(demand: Ints, limit: int) -> None:
    if not demand.any():
        raise InputError(LIST, "asks for no chips at all", "a fleet is filled with jobs of which some ask for chips")
    if limit / demand.mean() > MOST:
        many = f"would have to arrive {limit / demand.sum():,.0f} times to fill the fleet"
        raise InputError(LIST, many, f"at most {MOST:,} jobs arrive; give more jobs, or larger ones")

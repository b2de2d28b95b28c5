"""What was filled: one fill for each rule and seed, rules side by side, and the mean of the seeds."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

import numpy as np

from headrace.replay.fill import Filled, fill
from headrace.units import MILLI
from headrace.world.plan import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from headrace.world.fleet import Fleet
    from headrace.world.record import Ints, Workload

REASONS = (Reason.CHIPS, Reason.FRAGMENTED, Reason.CPU, Reason.MEMORY, Reason.QUOTA, Reason.NEVER)
"""Why a job may be dropped, in the order in which the reasons are shown."""
DEFAULT_PLACES = ("first", "best", "fgd")


@dataclass(frozen=True)
class Order:
    """What one seed decides: the numbers of the jobs as they arrive, and of the nodes as they are looked at."""

    arrivals: Ints
    nodes: Ints


@dataclass(frozen=True)
class Fill:
    """One fleet, filled by one rule in one order. `demand[A]` is what each arrival asks for, in milli-chips."""

    place: str
    seed: int
    order: Order
    demand: Ints
    filled: Filled

    @property
    def allocated(self) -> int:
        """Milli-chips held in the end."""
        return int(self.filled.allocated[-1])

    @property
    def fragmented(self) -> int:
        """Milli-chips free in the end of which the next job is expected to make no use."""
        return int(self.filled.fragmented[-1])

    def dropped(self, reason: Reason) -> tuple[int, int]:
        """(jobs, milli-chips) dropped for `reason`."""
        those = self.filled.reason == reason
        return int(those.sum()), int(self.demand[those].sum())


@dataclass(frozen=True)
class Mean:
    """A mean over the seeds; `sd`, the standard deviation of a sample, is None for a single one."""

    mean: float
    sd: float | None

    @classmethod
    def of(cls, values: Iterable[float]) -> Mean:
        known = list(values)
        return cls(fmean(known), stdev(known) if len(known) > 1 else None)


@dataclass(frozen=True)
class Rule:
    """One placement rule: its fill for each seed. `chips` is what the fleet has, in milli-chips; shares are of it."""

    place: str
    chips: int
    fills: tuple[Fill, ...]

    @property
    def allocated(self) -> Mean:
        return Mean.of(fill.allocated / self.chips for fill in self.fills)

    @property
    def fragmented(self) -> Mean:
        return Mean.of(fill.fragmented / self.chips for fill in self.fills)

    @property
    def left(self) -> Mean:
        """Chips free in the end."""
        return Mean.of((self.chips - fill.allocated) / MILLI for fill in self.fills)

    def dropped_jobs(self, reason: Reason) -> Mean:
        return Mean.of(fill.dropped(reason)[0] for fill in self.fills)

    def dropped_chips(self, reason: Reason) -> Mean:
        return Mean.of(fill.dropped(reason)[1] / MILLI for fill in self.fills)

    @property
    def load(self) -> list[int]:
        """The whole per cents of load that every seed reaches."""
        return list(range(min(len(fill.filled.load) for fill in self.fills)))

    def curve(self, name: str) -> list[float]:
        """`allocated` or `fragmented` as a share at each per cent of `load`, the mean over the seeds."""
        columns = [getattr(fill.filled, name)[: len(self.load)] for fill in self.fills]
        shares: list[float] = (np.mean(columns, axis=0) / self.chips).tolist()
        return shares


@dataclass(frozen=True)
class Origin:
    """Where a fill came from. `inputs` is (what, name, sha256) of each file; `until` None: the arrivals were given.

    `walls` are those that were waived, as in `relax`.
    """

    version: str
    command: str
    inputs: tuple[tuple[str, str, str], ...]
    until: float | None
    shuffled: bool
    walls: tuple[str, ...]
    jobs: int
    rejects: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Fills:
    """All that was filled, rule by rule, in the order in which the rules were asked for."""

    fleet: Fleet
    seeds: tuple[int, ...]
    rules: tuple[Rule, ...]
    origin: Origin

    @property
    def load(self) -> float:
        """What was asked for in the end, as a share of the fleet, in the mean."""
        return fmean(fill.demand.sum() / rule.chips for rule in self.rules for fill in rule.fills)

    @property
    def reasons(self) -> list[Reason]:
        """Why some job was dropped."""
        return [reason for reason in REASONS if any(rule.dropped_jobs(reason).mean for rule in self.rules)]

    @property
    def fullest(self) -> Rule:
        return max(self.rules, key=lambda rule: rule.allocated.mean)

    @property
    def emptiest(self) -> Rule:
        return min(self.rules, key=lambda rule: rule.allocated.mean)


def fill_rules(
    fleet: Fleet,
    mix: Workload,
    places: Sequence[str],
    orders: Mapping[int, Order],
    progress: Callable[[str, int, int], None],
) -> tuple[Rule, ...]:
    """Fill `fleet` with jobs of `mix` by each of `places`, in the order of each seed."""
    return tuple(_rule(fleet, mix, place, orders, progress) for place in places)


def _rule(
    fleet: Fleet, mix: Workload, place: str, orders: Mapping[int, Order], progress: Callable[[str, int, int], None]
) -> Rule:
    done, total, fills = 0, sum(len(order.arrivals) for order in orders.values()), list[Fill]()
    for seed, order in orders.items():
        filled = fill(
            fleet,
            mix,
            order.arrivals,
            place,
            seed=seed,
            node_order=order.nodes,
            progress=lambda offered, _, before=done: progress(place, before + offered, total),  # type: ignore[misc]
        )
        fills.append(Fill(place, seed, order, mix.demand[order.arrivals], filled))
        done += len(order.arrivals)
    return Rule(place, fleet.chips * MILLI, tuple(fills))

"""The ledger: every milli-chip-millisecond of a period in exactly one class.

paid = down
     + unallocated: no_demand | fragmented | quota | kind | order
     + allocated:   starting | lost | idle | underused | unknown | useful
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import Final

import numpy as np

from headrace.units import UNKNOWN, apportion, cost
from headrace.world.record import Ints


class Class(IntEnum):
    """The classes, in the order in which they are taken from what was paid."""

    DOWN = 0
    NO_DEMAND = 1
    FRAGMENTED = 2
    QUOTA = 3
    KIND = 4
    ORDER = 5
    STARTING = 6
    LOST = 7
    IDLE = 8
    UNDERUSED = 9
    UNKNOWN = 10
    USEFUL = 11

    @property
    def word(self) -> str:
        """The class as written in files: `no_demand`, `useful`, ..."""
        return self.name.lower()


UNALLOCATED: Final = (Class.NO_DEMAND, Class.FRAGMENTED, Class.QUOTA, Class.KIND, Class.ORDER)
ALLOCATED: Final = (Class.STARTING, Class.LOST, Class.IDLE, Class.UNDERUSED, Class.UNKNOWN, Class.USEFUL)


@dataclass(frozen=True)
class OverCommit:
    """More chips busy than exist: the first instant, the node (or "" where none is named), and the excess.

    `excess` (milli-chip-ms) is what the log claims beyond the fleet; it is in no class.
    """

    first: int
    where: str
    busy: int
    capacity: int
    excess: int
    runs: int


@dataclass(frozen=True)
class Ledger:
    """Chip-time by class, pool, tenant and week, over [begin, end) ms.

    `cells[class, pool, tenant, week]` in milli-chip-ms; the last tenant index stands for nobody (down, no_demand).
    `weeks` are the Mondays (ms) on which the weeks begin. `curve[class, slice]` is the same chip-time over time, in
    slices of `slice` ms from `begin`. `by_job[class, job]` is what each job had or claimed. `short` is an overlay:
    the part of no_demand while a waiting job wanted more chips than were free in all.
    """

    begin: int
    end: int
    pools: tuple[str, ...]
    kinds: tuple[str, ...]
    prices: tuple[int, ...]
    currencies: tuple[str, ...]
    tenants: tuple[str, ...]
    weeks: Ints
    cells: Ints
    curve: Ints
    slice: int
    by_job: Ints
    paid: int
    short: int
    overcommit: OverCommit | None

    @property
    def classes(self) -> dict[Class, int]:
        """Milli-chip-ms in each class."""
        return {c: int(self.cells[c].sum()) for c in Class}

    def by(self, axis: str) -> dict[str, dict[Class, int]]:
        """Milli-chip-ms by class for each "pool", "kind", "tenant" or "week" (its Monday's number), where not zero."""
        axes = {"pool": 1, "kind": 1, "tenant": 2, "week": 3}
        others = tuple(i for i in (1, 2, 3) if i != axes[axis])
        table = self.cells.sum(axis=others)
        names = {
            "pool": self.pools,
            "kind": self.kinds,
            "tenant": (*self.tenants, ""),
            "week": tuple(str(week) for week in range(len(self.weeks))),
        }[axis]
        out: dict[str, dict[Class, int]] = {}
        for i, name in enumerate(names):
            line = out.setdefault(name, dict.fromkeys(Class, 0))
            for c in Class:
                line[c] += int(table[c, i])
        return {name: line for name, line in out.items() if any(line.values())}

    def money(self) -> dict[str, dict[Class, int]]:
        """By currency: the cost of each class in the smallest unit; the classes sum to what was paid, exactly."""
        out: dict[str, dict[Class, int]] = {}
        per_pool = self.cells.sum(axis=(2, 3))
        for currency in dict.fromkeys(c for c, p in zip(self.currencies, self.prices, strict=True) if p != UNKNOWN):
            exact = [self._exact_cost(per_pool, c, currency) for c in Class]
            out[currency] = dict(zip(Class, apportion(exact, round(sum(exact, Fraction(0)))), strict=True))
        return out

    def _exact_cost(self, per_pool: Ints, which: Class, currency: str) -> Fraction:
        pools = zip(self.prices, self.currencies, strict=True)
        priced = [(i, price) for i, (price, unit) in enumerate(pools) if unit == currency and price != UNKNOWN]
        return sum((cost(int(per_pool[which, i]), price) for i, price in priced), Fraction(0))

    def check(self) -> None:
        """Raise if the classes do not sum to what was paid: a fault of Headrace, never of the input."""
        total = int(self.cells.sum())
        if total != self.paid or int(self.curve.sum()) != self.paid or np.any(self.cells < 0):
            raise ArithmeticError(f"the ledger sums to {total}, not to the {self.paid} paid")

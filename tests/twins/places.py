"""The published scores of nodes, and the target workload of FGD, written down from the formulas (GATES, section 1)."""

from __future__ import annotations

from collections import Counter
from math import exp
from typing import TYPE_CHECKING

from headrace.units import MILLI

if TYPE_CHECKING:
    from tests.twins.world import Demand, Job, Node

Type = tuple[int, int, int, tuple[bool, ...]]
"""(cores, share, chips, pools) of a demand in the target."""


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


class Target:
    """What was seen so far, made into a target each time that it has doubled."""

    def __init__(self) -> None:
        self.seen: Counter[Type] = Counter()
        self.total, self.due = 0, 1
        self.types: list[tuple[Type, float]] = []

    def see(self, demand: Demand) -> None:
        share = demand.share if demand.chips else 0
        self.seen[demand.cpu, share, demand.chips, demand.pools] += demand.gang
        self.total += demand.gang
        if self.total >= self.due:
            self.due = 2 * self.total
            self.types = self.made()

    def made(self) -> list[tuple[Type, float]]:
        """The shortest list of the most frequent that holds 95 % of all, with weights."""
        ranked = sorted(self.seen, key=lambda kind: (self.seen[kind], kind), reverse=True)
        chosen, held = [], 0
        while held * 100 < 95 * self.total:
            chosen.append(ranked[len(chosen)])
            held += self.seen[chosen[-1]]
        return [(kind, self.seen[kind] / self.total / (held / self.total)) for kind in chosen]


def fragment(free: list[int], cpu: int, pool: int, types: list[tuple[Type, float]]) -> float:
    """Expected fragment in milli-chips: what each type of the target could not use, weighed."""
    buckets = dict.fromkeys(("both", "chips", "cores", "chipless", "chipless short of cores", "barred"), 0.0)
    for (cores, share, chips, pools), p in types:
        usable = [left for left in free if left >= share]
        few, short = len(usable) < chips, cpu < cores
        lost = sum(free)
        if chips == 0:
            where = "chipless short of cores" if short else "chipless"
        elif not pools[pool]:
            where = "barred"
        elif few:
            where = "both" if short else "chips"
        elif short:
            where = "cores"
        else:
            where, lost = "chips", sum(free) - sum(usable)
        buckets[where] += p * lost
    return sum(buckets.values())


def fgd(node: Node, demand: Demand, free: list[int], target: Target) -> tuple[int, int]:
    """(score, chipmask) for one node's part of `demand` on `node`, of which `free` may be used."""
    before = fragment(free, node.cpu, node.pool, target.types)
    best = (-1, 0)
    for mask in fgd_choices(demand, free):
        left = [f - demand.share * (mask >> c & 1) for c, f in enumerate(free)]
        after = fragment(left, node.cpu - demand.cpu, node.pool, target.types)
        score = int(100 * sigmoid((before - after) / 1000))
        best = best if best[0] >= score else (score, mask)
    return best


def fgd_choices(demand: Demand, free: list[int]) -> list[int]:
    roomy = [c for c, left in enumerate(free) if left >= demand.share]
    if demand.chips == 1 and demand.share < MILLI:
        return [1 << c for c in roomy]
    return [sum(1 << c for c in roomy[: demand.chips])]


def tightest(demand: Demand, free: list[int]) -> int:
    """The chips with the least room left that have enough."""
    roomy = sorted((left, c) for c, left in enumerate(free) if left >= demand.share)
    return sum(1 << c for _, c in roomy[: demand.chips])


def lowest(demand: Demand, free: list[int]) -> int:
    roomy = [c for c, left in enumerate(free) if left >= demand.share]
    return sum(1 << c for c in roomy[: demand.chips])


def best(node: Node, demand: Demand, cores: int, chips: int) -> int:
    """`cores` and `chips` (milli) of the largest node."""
    left = sum(node.free) - demand.chips * demand.share
    return int(100 * (1 - (0.5 * ((node.cpu - demand.cpu) / cores) + 0.5 * (left / chips))))


def dot(node: Node, demand: Demand, cores: int, chips: int) -> int:
    wanted = demand.chips * demand.share
    return int(100 * (1 - (node.cpu / cores * (demand.cpu / cores) + sum(node.free) / chips * (wanted / chips)) / 2))


def packing(node: Node, demand: Demand) -> int:
    idle = sum(left == MILLI for left in node.free)
    if idle == len(node.free):
        return max(33 - idle, idle)
    taken = [node.free[c] for c in range(len(node.free)) if tightest(demand, node.free) >> c & 1]
    if MILLI in taken:
        return max(50 - taken.count(MILLI), 33)
    return max(100 - sum(int(left * 100 / 1000) for left in taken) // 10, 50)


def clustering(node: Node, demand: Demand, jobs: list[Job], chips: int) -> float:
    """Jobs of one class: shares, or the same number of whole chips."""
    base = 25 * (chips - sum(node.free)) / chips
    classes = {job_class(jobs[j].demand) for j in node.holds if jobs[j].demand.chips}
    if not classes:
        return base + 25
    if demand.chips == 0 or job_class(demand) not in classes:
        return base
    return base + (75 if len(classes) == 1 else 50)


def job_class(demand: Demand) -> int | str:
    return demand.chips if demand.share == MILLI else "share"

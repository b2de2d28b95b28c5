"""The published scores of nodes, and the target workload of FGD, written down from the published formulas."""

from __future__ import annotations

from collections import Counter
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from headrace.policy.prices import price
from headrace.units import MILLI

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.twins.world import Demand, Job, Node

Type = tuple[int, int, int, tuple[bool, ...]]
"""(cores, share, chips, pools) of a demand in the target."""


def added(parts: Iterable[float]) -> float:
    """One after another, rounded each time: `sum` has been exact about floats since Python 3.12."""
    total = 0.0
    for part in parts:
        total += part
    return total


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


class Target:
    """What was seen so far, made into a target each time that it has doubled."""

    def __init__(self) -> None:
        self.seen: Counter[Type] = Counter()
        self.memory: Counter[Type] = Counter()
        self.made_of: list[tuple[Type, int, int]] = []
        self.total, self.due = 0, 1
        self.types: list[tuple[Type, float]] = []

    def see(self, demand: Demand) -> None:
        share = demand.share if demand.chips else 0
        kind = demand.cpu, share, demand.chips, demand.pools
        self.seen[kind] += demand.gang
        self.memory[kind] += demand.gang * demand.memory
        self.total += demand.gang
        if self.total >= self.due:
            self.due = 2 * self.total
            self.types = self.made()
            self.made_of = [(kind, self.seen[kind], self.memory[kind]) for kind in self.seen]

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
    return added(buckets.values())


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


def worth(node: Node, demand: Demand, free: list[int], target: Target) -> tuple[int, int]:
    """(score, chipmask) for one node's part of `demand` on `node`, of which `free` may be used: least worth lost."""
    value, per_cpu, per_memory = worths(target)

    def of(chips: list[int], cpu: int, memory: int) -> int:
        left = [sum(value[chip] for chip in chips)]
        left += [cpu * 10**6 // per_cpu] if per_cpu else []
        left += [memory * 10**6 // per_memory] if per_memory else []
        return min(left)

    before, found = of(free, node.cpu, node.memory), []
    for mask in fgd_choices(demand, free):
        left = [f - demand.share * (mask >> c & 1) for c, f in enumerate(free)]
        lost = before - of(left, node.cpu - demand.cpu, node.memory - demand.memory)
        one = demand.chips == 1 and demand.share < MILLI
        tie = free[mask.bit_length() - 1] if one else sum(free)
        found.append((((lost + 500) // 1000) * 10**6 + tie, mask))
    least = min(found)
    return -least[0], least[1]


def worths(target: Target) -> tuple[list[int], int, int]:
    """What so much of a chip is worth (millionths), and the cores and memory wanted with a chip's worth."""
    wanted: Counter[int] = Counter()
    chipped = [(kind, seen, memory) for kind, seen, memory in target.made_of if kind[2]]
    for (_, share, chips, _), seen, _ in chipped:
        wanted[share] += seen * chips
    if not wanted:
        return [0] * (MILLI + 1), 0, 0
    sizes = sorted(wanted)
    prices = price(np.array(sizes), np.array([wanted[size] for size in sizes])).tolist()
    earned = [0.0]
    for left in range(1, MILLI + 1):
        cuts = [earned[left - size] + p for size, p in zip(sizes, prices, strict=True) if size <= left]
        earned.append(max([earned[-1], *cuts]))
    chips = added(wanted[size] * p for size, p in zip(sizes, prices, strict=True))
    cpu, memory = sum(kind[0] * seen for kind, seen, _ in chipped), sum(held for _, _, held in chipped)
    return [int(e * 10**6 + 0.5) for e in earned], int(cpu / chips + 0.5), int(memory / chips + 0.5)


def best(node: Node, demand: Demand, cores: int, chips: int) -> int:
    """`cores` and `chips` (milli) of the largest node."""
    left = sum(node.free) - demand.chips * demand.share
    return int(100 * (1 - (0.5 * ((node.cpu - demand.cpu) / cores) + 0.5 * (left / chips))))


def dot(node: Node, demand: Demand, cores: int, chips: int) -> int:
    wanted = demand.chips * demand.share
    return int(100 * (1 - (node.cpu / cores * (demand.cpu / cores) + sum(node.free) / chips * (wanted / chips)) / 2))


def packing(node: Node, demand: Demand) -> int:
    if demand.chips == 0:
        return 0
    idle = sum(left == MILLI for left in node.free)
    if idle == len(node.free):
        return max(33 - idle, idle)
    taken = [node.free[c] for c in range(len(node.free)) if tightest(demand, node.free) >> c & 1]
    if MILLI in taken:
        return max(50 - taken.count(MILLI), 33)
    return max(100 - sum(int(left * 100 / 1000) for left in taken) // 10, 50)


def clustering(node: Node, demand: Demand, jobs: list[Job], chips: int) -> int:
    """Jobs of one class: shares, or the same number of whole chips."""
    if demand.chips == 0:
        return 0
    base = 25 * (chips - sum(node.free)) // chips
    classes = {job_class(jobs[j].demand) for j in node.holds if jobs[j].demand.chips}
    if not classes:
        return base + 25
    if job_class(demand) not in classes:
        return base
    return base + (75 if len(classes) == 1 else 50)


def job_class(demand: Demand) -> int | str:
    return demand.chips if demand.share == MILLI else "share"

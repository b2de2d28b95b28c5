"""What free chip space is worth to a mix of demands.

A share's price is its dual price in cutting stock: to serve the mix from the fewest chips, how much of a chip does one
more such share take? (Gilmore & Gomory, Operations Research 1961.) 810 thousandths cost a whole chip if nothing in the
mix fits beside them; 470 cost half of one. What is left of a chip is worth the most that shares could pay for it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from headrace.policy.target import CORES, EPOCH, MEMORY, PRICED, Target
from headrace.units import MILLI
from headrace.world.record import Floats, Ints

MICRO = 1_000_000
"""Worths are kept in millionths of a chip."""
MOST_SIZES = 100
COARSE = 10
"""Of more sizes than MOST_SIZES, each is rounded up to a multiple of COARSE thousandths."""
TINY = 1e-9


@njit(cache=True)
def learn(target: Target) -> None:
    """Set what remainders are worth (`target.worth`), and the cores and memory wanted with a chip's worth of demand."""
    target.counts[PRICED] = target.counts[EPOCH]
    wanted, cpu, memory = _demand(target)
    sizes = np.flatnonzero(wanted)
    target.worth[:] = 0
    target.counts[CORES] = target.counts[MEMORY] = 0
    if len(sizes) == 0:
        return
    prices = price(sizes, wanted[sizes])
    values, _ = knapsack(sizes, prices)
    for left in range(MILLI + 1):
        target.worth[left] = int(values[left] * MICRO + 0.5)
    chips = (wanted[sizes] * prices).sum()
    target.counts[CORES], target.counts[MEMORY] = int(cpu / chips + 0.5), int(memory / chips + 0.5)


@njit(cache=True)
def _demand(target: Target) -> tuple[Ints, int, int]:
    """Chips wanted of each size 0..1000, and all the cores and memory that jobs with chips want."""
    types, wanted, cpu, memory = target.types, np.zeros(MILLI + 1, np.int64), 0, 0
    for y in range(len(types)):
        if types[y].chips > 0:
            wanted[types[y].share] += types[y].made_seen * types[y].chips
            cpu += types[y].made_seen * types[y].cpu
            memory += types[y].made_memory
    if np.count_nonzero(wanted) > MOST_SIZES:
        for size in range(1, MILLI + 1):
            if size % COARSE:
                wanted[size + COARSE - size % COARSE] += wanted[size]
                wanted[size] = 0
    return wanted, cpu, memory


@njit(cache=True)
def price(sizes: Ints, wanted: Ints) -> Floats:
    """Of a chip, for each of `sizes` (thousandths): the dual prices of serving `wanted` from the fewest chips.

    The simplex method over patterns, each found by a knapsack when it pays; it begins with each size cut alone.
    """
    count = len(sizes)
    inverse, costs = np.zeros((count, count), np.float64), np.ones(count, np.float64)
    for i in range(count):
        inverse[i, i] = 1 / (MILLI // sizes[i])
    prices = np.zeros(count, np.float64)
    for _ in range(50 * count):
        for j in range(count):
            prices[j] = (costs * inverse[:, j]).sum()
        column = np.zeros(count, np.float64)
        cost = _surplus(prices, column) if prices.min() < -TINY else _pattern(sizes, prices, column)
        if cost < 0:
            break
        _enter(inverse, costs, column, cost, wanted)
    return np.maximum(prices, 0)


@njit(cache=True)
def _surplus(prices: Floats, column: Floats) -> float:
    """A size that is served too often: more of it would save chips. It costs nothing not to use it."""
    column[np.argmin(prices)] = -1
    return 0.0


@njit(cache=True)
def _pattern(sizes: Ints, prices: Floats, column: Floats) -> float:
    """The pattern of a chip that is worth most at these prices; -1 if none is worth more than the chip."""
    values, choices = knapsack(sizes, np.maximum(prices, 0))
    left = MILLI
    if values[left] <= 1 + TINY:
        return -1.0
    while left > 0:
        i = choices[left]
        if i < 0:
            left -= 1
        else:
            column[i] += 1
            left -= sizes[i]
    return 1.0


@njit(cache=True)
def _enter(inverse: Floats, costs: Floats, column: Floats, cost: float, wanted: Ints) -> None:
    """Let `column` into the basis for the one that runs out first."""
    count, out, least = len(costs), -1, np.inf
    weights = np.zeros(count, np.float64)
    for i in range(count):
        weights[i] = (inverse[i] * column).sum()
        if weights[i] > TINY:
            ratio = (inverse[i] * wanted).sum() / weights[i]
            if ratio < least:
                out, least = i, ratio
    inverse[out] /= weights[out]
    for i in range(count):
        if i != out:
            inverse[i] -= weights[i] * inverse[out]
    costs[out] = cost


@njit(cache=True)
def knapsack(sizes: Ints, prices: Floats) -> tuple[Floats, Ints]:
    """values[0..1000]: the most that `sizes`, each as often as it fits, earn in so many thousandths of a chip at these
    `prices`; and the last size chosen for it (its index), or -1 where one thousandth less earns as much."""
    values, choices = np.zeros(MILLI + 1, np.float64), np.full(MILLI + 1, -1, np.int64)
    for left in range(1, MILLI + 1):
        values[left] = values[left - 1]
        for i in range(len(sizes)):
            if sizes[i] <= left and values[left - sizes[i]] + prices[i] > values[left] + TINY / 1000:
                values[left] = values[left - sizes[i]] + prices[i]
                choices[left] = i
    return values, choices

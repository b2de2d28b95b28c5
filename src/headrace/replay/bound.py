"""No rule can fill a fleet further than this: jobs arrive, none leave, and each is placed or dropped.

    most_allocated   by any choice among the jobs that arrive, made in hindsight
    most_filled      by a rule that drops only what fits nowhere, as `fill` does

Nodes that are alike are filled by patterns: sets of parts that fit on one node together, with their shares chip by
chip. A linear programme mixes patterns, and prices for the parts find the patterns that it lacks (Gilmore and Gomory,
Operations Research 9, 1961). The bound does not rest on the programme: for any prices of zero or more,

    sum over jobs of max(0, value - price)  +  sum over nodes of the dearest pattern

is no less than what can be allocated (Lagrange). It is worked out in integers, so that no rounding can make it wrong.
Where a pattern is not followed exactly (cores and memory are counted in cells, rounded down; a gang is only so many
parts; jobs without chips take no room), more fits than truly does: the bound rises, and holds.

    cores of a node  |-------|-------|-------|--    cells          chips  [600 400][1000  ][1000  ][230 770]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from highspy import Highs, HighsModelStatus, ObjSense, kHighsInf
from numba import njit
from numpy.typing import NDArray

from headrace.units import MILLI
from headrace.world.fleet import Fleet
from headrace.world.record import Bools, Ints, Shapes

CHIPS, PATTERNS, TURNS = "chips", "patterns", "turns"
CORE_CELLS, MEMORY_CELLS = 48, 8
"""Cells of a node at most; fewer where the greatest common divisor of what is asked for allows, and then exact."""
STEPS: Final = 400
CLOSE: Final = 1e-5
"""Of the bound: nearer to the programme's value it cannot come by much, and the search stops."""
FINE: Final = 10**6
"""Prices are whole millionths of a milli-chip."""
DEAREST: Final = 1e7
"""Milli-chips; keeps a node's worth of prices within 64 bits."""
HALFWAY: Final = 0.5
"""Prices to try lie between the best so far and the programme's (Wentges, Int. Trans. Oper. Res. 4, 1997)."""
EMPTY: Final = -1

Floats = NDArray[np.float64]
Points = list[tuple[int, int]]
"""(arrivals so far, parts placed of those): the corners of what is possible for one shape."""


@dataclass(frozen=True)
class Bound:
    """No more than `milli` milli-chips can be allocated; the search took `steps`.

    `level` is what says so: `chips` (as many as there are, or as arrive), `patterns` (what nodes can be packed with),
    or `turns` (that, and what a rule that drops only what fits nowhere could not have dropped).
    """

    milli: int
    level: str
    steps: int


class Parts(NamedTuple):
    """T shapes with chips, each asked for and possible, cut into parts that stay on one node.

    A job is `times` parts of `chips` whole chips, or of `share` milli of one; `cpu` millicores and `memory` MiB each.
    `fits[T, P]`: pools whose empty nodes take one; `easier[T, T]`: wherever the second shape fits, so does the first.
    """

    times: Ints
    chips: Ints
    share: Ints
    cpu: Ints
    memory: Ints
    fits: Bools
    easier: Bools

    @property
    def value(self) -> Ints:
        """Milli-chips of a part."""
        return self.chips * self.share


class Offer(NamedTuple):
    """What is offered: of each part the corners of what can be placed, and `order[E, 2]`: (easier, harder)."""

    parts: Parts
    points: list[Points]
    order: Ints


class Alike(NamedTuple):
    """Nodes that are alike, for which one pattern has to be found: what they can hold, in cells.

    `room` is (chips, cells of cores, cells of memory) and `whole[W, 3]` what parts `whole_part[W]` take of it;
    `shares[H, 3]` is what parts `shares_part[H]` take of (`grains` of one chip, cores, memory).
    """

    nodes: int
    room: tuple[int, int, int]
    grains: int
    whole: Ints
    whole_part: Ints
    shares: Ints
    shares_part: Ints


def most_allocated(
    fleet: Fleet, shapes: Shapes, counts: Ints, *, steps: int = STEPS, progress: Callable[[int], None] | None = None
) -> Bound:
    """What the best choice among `counts[S]` jobs of each shape could hold at once.

    Quotas and islands are ignored, which can only raise the bound. `progress` is called with the step.
    """
    rows, parts = _parts(fleet, shapes, counts)
    asked = np.bincount(rows[rows >= 0], counts[rows >= 0], len(parts.times)).astype(np.int64) * parts.times
    points = [[(0, 0), (1, many)] for many in asked.tolist()]
    return _search(fleet, Offer(parts, points, np.zeros((0, 2), np.int64)), PATTERNS, steps, progress)


def most_filled(
    fleet: Fleet, shapes: Shapes, arrivals: Ints, *, steps: int = STEPS, progress: Callable[[int], None] | None = None
) -> Bound:
    """What a rule could hold that is offered jobs of shapes `arrivals[A]`, in turn, and drops none that fits.

    When such a rule has dropped a job it places none that is as hard to place, or harder, later: the room only
    shrinks. So it places the first so many jobs of each shape, and of an easier shape it does not stop earlier. With
    quotas that does not follow, and the answer is `most_allocated`'s.
    """
    counts = np.bincount(arrivals, minlength=len(shapes)).astype(np.int64)
    if any(tenant.quota is not None for tenant in fleet.tenants):
        return most_allocated(fleet, shapes, counts, steps=steps, progress=progress)
    rows, parts = _parts(fleet, shapes, counts)
    places = [np.flatnonzero(rows[arrivals] == t).tolist() for t in range(len(parts.times))]
    points = [_corners(at, len(arrivals), times) for at, times in zip(places, parts.times.tolist(), strict=True)]
    return _search(fleet, Offer(parts, points, _next_harder(parts.easier)), TURNS, steps, progress)


def _parts(fleet: Fleet, shapes: Shapes, counts: Ints) -> tuple[Ints, Parts]:
    """For each shape its row in the parts, or -1 for one that takes no chips; equal shapes share a row."""
    pool = np.array([(p.chips, p.cpu, p.memory, p.nodes) for p in fleet.pools], np.int64)
    asked = np.column_stack([shapes.chips, shapes.cpu, shapes.memory])
    fits = shapes.pools & (asked[:, None, :] <= pool[None, :, :3]).all(2)
    used = (shapes.chips * shapes.share > 0) & (counts > 0) & (fits @ pool[:, 3] >= shapes.nodes)
    table = np.column_stack([shapes.nodes, asked, shapes.share, fits])[used]
    unique, row = np.unique(table, axis=0, return_inverse=True)
    rows = np.full(len(shapes), EMPTY)
    rows[used] = row.ravel()
    return rows, _cut(unique[:, :5], unique[:, 5:] > 0)


def _cut(demand: Ints, fits: Bools) -> Parts:
    """The parts of `demand[T, 5]`: nodes, chips, cores, memory, share. Of shares of several chips, each is a part."""
    nodes, chips, cpu, memory, share = demand.T
    pieces = np.where(share < MILLI, chips, 1)
    hard = np.column_stack([demand, ~fits])
    easier = np.all(hard[:, None, :] <= hard[None, :, :], axis=2)
    return Parts(nodes * pieces, chips // pieces, share, cpu // pieces, memory // pieces, fits, easier)


def _next_harder(easier: Bools) -> Ints:
    """[E, 2]: pairs (easier, harder) from which all others follow."""
    strictly = easier & ~np.eye(len(easier), dtype=np.bool_)
    paths = strictly.astype(np.float32)
    return np.argwhere(strictly & (paths @ paths < 0.5)).astype(np.int64)


def _corners(at: list[int], arrivals: int, times: int) -> Points:
    """Where a shape that arrives at places `at` may stop being placed: the corners of (arrivals, parts placed)."""
    early = [(0, 0), *((place + 1, (i + 1) * times) for i, place in enumerate(at)), (arrivals, len(at) * times)]
    late = [(0, 0), *((place, i * times) for i, place in enumerate(at)), (arrivals, len(at) * times)]
    return sorted({*_hull(early, 1), *_hull(late, -1)})


def _hull(points: Points, side: int) -> Points:
    """The corners of the upper (`side` 1) or lower (-1) hull of `points`, which come from left to right."""
    corners: Points = []
    for x, y in points:
        while len(corners) > 1:
            (x1, y1), (x2, y2) = corners[-2:]
            if side * ((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) < 0:
                break
            corners.pop()
        corners.append((x, y))
    return corners


def _alike(fleet: Fleet, parts: Parts) -> list[Alike]:
    groups: dict[tuple[object, ...], list[int]] = {}
    for p, pool in enumerate(fleet.pools):
        if parts.fits[:, p].any():
            groups.setdefault((pool.chips, pool.cpu, pool.memory, parts.fits[:, p].tobytes()), []).append(p)
    return [_cells(fleet, parts, group) for group in groups.values()]


def _cells(fleet: Fleet, parts: Parts, group: list[int]) -> Alike:
    pool, fits = fleet.pools[group[0]], parts.fits[:, group[0]]
    whole, shares = np.flatnonzero(fits & (parts.share >= MILLI)), np.flatnonzero(fits & (parts.share < MILLI))
    grain = max(1, int(np.gcd.reduce(parts.share[shares], initial=0)))
    core, memory = _cell(pool.cpu, parts.cpu[fits], CORE_CELLS), _cell(pool.memory, parts.memory[fits], MEMORY_CELLS)
    return Alike(
        sum(fleet.pools[p].nodes for p in group),
        (pool.chips, pool.cpu // core, pool.memory // memory),
        MILLI // grain,
        np.column_stack([parts.chips[whole], parts.cpu[whole] // core, parts.memory[whole] // memory]),
        whole,
        np.column_stack([parts.share[shares] // grain, parts.cpu[shares] // core, parts.memory[shares] // memory]),
        shares,
    )


def _cell(capacity: int, asked: Ints, most: int) -> int:
    """The size of a cell: exact if no more than `most` are needed; else rounding down errs to the safe side."""
    exact = int(np.gcd.reduce(asked)) or capacity + 1
    return exact if capacity // exact <= most else -(-capacity // most)


@njit(cache=True)
def put(best: Ints, last: Ints, j: int, item: Ints, gain: int, mark: int) -> None:
    """Put `item` last into each room of row `j` that is worth more with it; it takes at least 1 of the rows."""
    size, cpu, memory = item
    for c in range(cpu, best.shape[1]):
        for m in range(memory, best.shape[2]):
            worth = best[j - size, c - cpu, m - memory] + gain
            if worth > best[j, c, m]:
                best[j, c, m] = worth
                last[j, c, m] = mark


@njit(cache=True)
def pack(items: Ints, gains: Ints, rows: int, cores: int, memory: int) -> tuple[Ints, Ints]:
    """For each room up to (rows, cores, memory): the most that `items[I, 3]` in it are worth, and the last put in."""
    best = np.zeros((rows + 1, cores + 1, memory + 1), np.int64)
    last = np.full((rows + 1, cores + 1, memory + 1), EMPTY)
    for j in range(1, rows + 1):
        best[j] = best[j - 1]
        for i in range(len(items)):
            if gains[i] > 0 and items[i, 0] <= j:
                put(best, last, j, items[i], gains[i], i)
    return best, last


@njit(cache=True)
def unpack(items: Ints, last: Ints, j: int, c: int, m: int) -> Ints:
    """How many of each item are in the room (j, c, m)."""
    many = np.zeros(len(items), np.int64)
    while j > 0:
        i = last[j, c, m]
        if i == EMPTY:
            j -= 1
        else:
            many[i] += 1
            j, c, m = j - items[i, 0], c - items[i, 1], m - items[i, 2]
    return many


def _dearest(alike: Alike, prices: Ints) -> tuple[int, Ints]:
    """The pattern that is worth most at `prices[T]`, and its worth: first single chips of shares, then the node."""
    chips, cores, memory = alike.room
    worth, last = pack(alike.shares, prices[alike.shares_part], alike.grains, cores, memory)
    chip = worth[alike.grains]
    rises = (np.diff(chip, axis=0, prepend=0) > 0) & (np.diff(chip, axis=1, prepend=0) > 0)
    shared = np.argwhere(rises)
    items = np.concatenate([alike.whole, np.insert(shared, 0, 1, axis=1)])
    best, put_last = pack(items, np.concatenate([prices[alike.whole_part], chip[rises]]), chips, cores, memory)
    many = unpack(items, put_last, chips, cores, memory)
    pattern = np.zeros(len(prices), np.int64)
    pattern[alike.whole_part] = many[: len(alike.whole)]
    for cell in np.flatnonzero(many[len(alike.whole) :]).tolist():
        held = unpack(alike.shares, last, alike.grains, *shared[cell].tolist())
        pattern[alike.shares_part] += many[len(alike.whole) + cell] * held
    return int(best[chips, cores, memory]), pattern


class _Programme:
    """The linear programme over the patterns so far; its duals are the prices to try next.

    Rows: nodes of each kind; parts placed are in patterns; one mix of corners a shape; easier shapes stop no earlier.
    """

    def __init__(self, nodes: list[int], offer: Offer) -> None:
        self.kinds, self.shapes, self.highs = len(nodes), len(offer.points), Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)
        self.highs.changeObjectiveSense(ObjSense.kMaximize)
        for most in (*nodes, *[0] * self.shapes, *[1] * self.shapes, *[0] * len(offer.order)):
            self.highs.addRow(-kHighsInf, float(most), 0, np.zeros(0, np.int32), np.zeros(0))
        easier, harder = offer.order.T
        for t, corners in enumerate(offer.points):
            turns = (harder == t).astype(np.float64) - (easier == t)
            for x, y in corners[1:]:
                ends = np.zeros(2 * self.shapes)
                ends[[t, self.shapes + t]] = y, 1
                self._column(float(y * offer.parts.value[t]), np.concatenate([ends, turns * (x / corners[-1][0])]))

    def _column(self, worth: float, rows: Floats) -> None:
        at = np.flatnonzero(rows)
        self.highs.addCol(worth, 0.0, kHighsInf, len(at), (self.kinds + at).astype(np.int32), rows[at])

    def add(self, kind: int, pattern: Ints) -> None:
        """One more way to fill a node of `kind`."""
        at = np.flatnonzero(pattern)
        rows = np.append(kind, self.kinds + at).astype(np.int32)
        self.highs.addCol(0.0, 0.0, kHighsInf, len(rows), rows, np.append(1.0, -pattern[at]))

    def solve(self) -> tuple[float, Floats, Floats] | None:
        """The value, the prices of parts, and those of the order; None if the solver gives up."""
        self.highs.run()
        if self.highs.getModelStatus() != HighsModelStatus.kOptimal:
            return None
        prices, _, turns = np.split(
            np.array(self.highs.getSolution().row_dual)[self.kinds :], [self.shapes, 2 * self.shapes]
        )
        return self.highs.getInfo().objective_function_value, prices, turns


def _search(fleet: Fleet, offer: Offer, level: str, steps: int, progress: Callable[[int], None] | None) -> Bound:
    """The least bound that `steps` sets of prices give, each between the best so far and the programme's."""
    asked = sum(corners[-1][1] * value for corners, value in zip(offer.points, offer.parts.value.tolist(), strict=True))
    best, alike = Bound(min(asked, fleet.chips * MILLI), CHIPS, 0), _alike(fleet, offer.parts)
    programme = _Programme([nodes.nodes for nodes in alike], offer)
    prices: Floats = np.append(offer.parts.value, np.zeros(len(offer.order)))
    centre, least = prices, float("inf")
    for step in range(1, steps + 1):
        whole, turns = _whole(prices, offer)
        patterns = [_dearest(nodes, whole) for nodes in alike]
        total = _jobs_worth(offer, whole, turns)
        total += sum(nodes.nodes * worth for nodes, (worth, _) in zip(alike, patterns, strict=True))
        if total < least:
            least, centre = total, prices
        best = Bound(min(best.milli, total // FINE), level if total // FINE < best.milli else best.level, step)
        for kind, (_, pattern) in enumerate(patterns):
            programme.add(kind, pattern)
        solved = programme.solve()
        if progress is not None:
            progress(step)
        if solved is None or best.milli - solved[0] <= CLOSE * best.milli:
            break
        prices = HALFWAY * centre + (1 - HALFWAY) * np.concatenate(solved[1:])
    return best


def _whole(prices: Floats, offer: Offer) -> tuple[Ints, list[int]]:
    """`prices` in whole numbers of zero or more: of parts, and, for each arrival that it stops later, of the order."""
    parts, turns = np.split(prices, [len(offer.points)])
    span = max((corners[-1][0] for corners in offer.points), default=1)
    whole = np.rint(np.clip(parts, 0, DEAREST) * FINE).astype(np.int64)
    return whole, [round(turn * FINE / span) for turn in np.maximum(turns, 0.0).tolist()]


def _jobs_worth(offer: Offer, prices: Ints, turns: list[int]) -> int:
    """The most that jobs are worth beyond the prices of their parts, each shape stopping where that suits it best.

    A price of the order, `turns[E]`, rewards the easier shape for stopping late and fines the harder one, by as much.
    """
    late = [0] * len(offer.points)
    for (easier, harder), price in zip(offer.order.tolist(), turns, strict=True):
        late[easier] += price
        late[harder] -= price
    beyond = (offer.parts.value * FINE - prices).tolist()
    return sum(
        max(more * y + wait * x for x, y in corners)
        for more, wait, corners in zip(beyond, late, offer.points, strict=True)
    )

"""The ledger once more, in plain Python: every stretch between two instants on its own, nothing kept from the last.

A run takes its chips when it starts; what it then lacks, it takes as others free it. What is free in a stretch is
claimed by those who wait, one by one. What was held is cut into its classes once the walk is over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.twins.world import Demand, Node, Tenant, chips_in, demands_of, fits, nodes_of, shift, tenants_of

from headrace.explain.ledger import Class, OverCommit
from headrace.units import MILLI, NEVER, PPM, UNKNOWN
from headrace.world.record import Outages, Outcome, Runs, Workload

if TYPE_CHECKING:
    from headrace.world.fleet import Fleet

NOBODY = -1
Cell = tuple[Class, int, int, int]
"""(class, pool, tenant, week)."""
SLICES = [1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600]


@dataclass
class Piece:
    """What a run holds of one node: its part of the demand on the chips of `mask`; or `scattered`, milli by chip."""

    node: Node
    since: int
    mask: int
    milli: int
    scattered: dict[int, int] = field(default_factory=dict)


@dataclass
class Stay:
    """One run, on the record's own times; `parts` is the node (or what stands for it) and the chips of each row."""

    number: int
    job: int
    tenant: int
    demand: Demand
    queued: int
    start: int
    end: int
    outcome: int
    parts: list[tuple[int, int]]
    pieces: list[Piece] = field(default_factory=list)
    lacks: list[int] = field(default_factory=list)
    """Milli-chips that each part claims and does not have."""
    over: bool = False

    @property
    def leaves(self) -> int:
        """When it stops waiting."""
        return self.start if self.start < NEVER else self.end


class Ledger:
    """The ledger of a record over [begin, end): `cells`, `curve`, `by_job`, `short`, `overcommit`."""

    def __init__(self, fleet: Fleet, workload: Workload, runs: Runs, outages: Outages, begin: int, end: int) -> None:
        self.fleet, self.workload = fleet, workload
        self.begin, self.end = begin, max(end, begin + 1)
        self.nodes, self.tenants = nodes_of(fleet), tenants_of(fleet, workload)
        self.kinds = [tuple(row) for row in workload.shapes.kinds.tolist()]
        self.stays = _stays(workload, runs)
        self.outages = list(zip(*(vars(outages)[name].tolist() for name in ("node", "start", "end")), strict=True))
        self.weeks, self.slice = _weeks(self.begin, self.end), _slice(self.end - self.begin)
        self.cells: Counter[Cell] = Counter()
        self.curve: Counter[tuple[Class, int]] = Counter()
        self.by_job: Counter[tuple[Class, int]] = Counter()
        self.lacking: list[tuple[Stay, int]] = []
        self.short, self.excess = 0, 0
        self.first_over: tuple[int, str, int, int] | None = None
        self._walk()
        for stay in self.stays:
            self._spend(stay)

    @property
    def overcommit(self) -> OverCommit | None:
        if self.first_over is None:
            return None
        first, where, busy, capacity = self.first_over
        return OverCommit(first, where, busy, capacity, self.excess, sum(stay.over for stay in self.stays))

    # The walk

    def _walk(self) -> None:
        instants = {self.begin, self.end}
        for stay in self.stays:
            instants |= {self._inside(time) for time in (stay.queued, stay.leaves, stay.end)}
        for _, since, until in self.outages:
            instants |= {self._inside(since), self._inside(until)}
        turns = sorted(instants)
        for now, then in pairwise(turns):
            self._change(now)
            self._account(now, then)
            self.excess += (then - now) * sum(stay.lacks[part] for stay, part in self.lacking)

    def _inside(self, time: int) -> int:
        return min(max(time, self.begin), self.end)

    def _runs_inside(self, stay: Stay) -> bool:
        return stay.start < NEVER and self._inside(stay.start) < self._inside(stay.end)

    def _change(self, now: int) -> None:
        """What ended is freed, nodes go out or come back, then what begins takes its chips."""
        live = [stay for stay in self.stays if self._runs_inside(stay)]
        for stay in live:
            if self._inside(stay.end) == now:
                self._free(stay)
        self.lacking = [(stay, part) for stay, part in self.lacking if self._inside(stay.end) > now]
        for stay, part in self.lacking:
            stay.lacks[part] -= self._gather(stay, stay.parts[part][0], stay.lacks[part], now)
        for node in self.nodes:
            node.out = sum(n == node.number and since <= now < until for n, since, until in self.outages)
        for stay in live:
            if self._inside(stay.start) == now:
                self._begin(stay, now)

    def _free(self, stay: Stay) -> None:
        for piece in stay.pieces:
            if piece.scattered:
                for c, milli in piece.scattered.items():
                    piece.node.free[c] += milli
            else:
                shift(piece.node, stay.demand, piece.mask, 1)
            self.tenants[stay.tenant].used[piece.node.kind] -= piece.milli

    # What is held

    def _begin(self, stay: Stay, now: int) -> None:
        for part, (n, mask) in enumerate(stay.parts):
            wanted = stay.demand.chips * stay.demand.share
            if n < 0:
                wanted -= self._infer(stay, n, now)
            elif mask:
                wanted -= self._hold(stay, self.nodes[n], _with_room(self.nodes[n], stay.demand, mask), now)
            else:
                wanted -= self._hold(stay, self.nodes[n], _first(self.nodes[n], stay.demand), now)
            wanted -= self._gather(stay, n, wanted, now)
            stay.lacks.append(wanted)
            if wanted:
                self._over(stay, n, wanted, now)
                self.lacking.append((stay, part))

    def _hold(self, stay: Stay, node: Node, mask: int, now: int) -> int:
        milli = mask.bit_count() * stay.demand.share
        stay.pieces.append(Piece(node, now, mask, milli))
        shift(node, stay.demand, mask, -1)
        self.tenants[stay.tenant].used[node.kind] += milli
        return milli

    def _gather(self, stay: Stay, n: int, wanted: int, now: int) -> int:
        """Up to `wanted` milli of whatever is free, chip by chip, where a part of the run was or may have been."""
        got = 0
        for node in [self.nodes[n]] if n >= 0 else self._may_have_run(stay, n):
            for c, left in enumerate(node.free):
                if part := min(left, wanted - got):
                    got += part
                    node.free[c] -= part
                    self.tenants[stay.tenant].used[node.kind] += part
                    stay.pieces.append(Piece(node, now, 0, part, {c: part}))
        return got

    def _infer(self, stay: Stay, n: int, now: int) -> int:
        """The first node that has room for the whole part; else a bit here and a bit there. Returns milli-chips."""
        wanted, got = stay.demand.chips, 0
        nodes = self._may_have_run(stay, n)
        for node in nodes:
            if _first(node, stay.demand).bit_count() == wanted:
                return self._hold(stay, node, _first(node, stay.demand), now)
        for node in nodes:
            bits = chips_in(_first(node, stay.demand))[::-1][: wanted - got]
            if bits:
                self._hold(stay, node, sum(1 << c for c in bits), now)
                got += len(bits)
        share = stay.demand.share
        return got * share + self._gather(stay, n, (wanted - got) * share, now)

    def _may_have_run(self, stay: Stay, n: int) -> list[Node]:
        kind = self.fleet.kinds[-2 - n] if n < -1 else ""
        return [node for node in self.nodes if (node.kind == kind if kind else stay.demand.pools[node.pool])]

    def _over(self, stay: Stay, n: int, milli: int, now: int) -> None:
        stay.over = True
        if self.first_over is None:
            there = [self.nodes[n]] if n >= 0 else self._may_have_run(stay, n)
            capacity = sum(MILLI * len(node.free) for node in there)
            busy = capacity - sum(sum(node.free) for node in there) + milli
            self.first_over = now, self.fleet.node_names[n] if n >= 0 else "", busy, capacity

    # What is free

    def _account(self, now: int, then: int) -> None:
        nodes, tenants = deepcopy(self.nodes), deepcopy(self.tenants)
        for node in nodes:
            if node.out:
                self._add(Class.DOWN, node.pool, NOBODY, now, then, sum(node.free))
        up = [node for node in nodes if not node.out]
        waiting = [stay for stay in self.stays if self._inside(stay.queued) <= now < self._inside(stay.leaves)]
        barren: set[int] = set()
        for stay in sorted(waiting, key=lambda stay: (stay.queued, stay.job, stay.number)):
            if stay.demand.chips and not self._claim(stay, up, tenants, now, then):
                barren |= {p for p, open_ in enumerate(stay.demand.pools) if open_}
        for node in up:
            self._add(Class.NO_DEMAND, node.pool, NOBODY, now, then, sum(node.free))
            self.short += (then - now) * sum(node.free) * (node.pool in barren)

    def _claim(self, stay: Stay, up: list[Node], tenants: list[Tenant], now: int, then: int) -> bool:
        mine, kinds = stay.demand.pools, self.kinds[stay.demand.number]
        rules = {
            Class.ORDER: lambda n: mine[n.pool] and tenants[stay.tenant].within(n.kind, stay.demand.milli),
            Class.QUOTA: lambda n: kinds[n.pool],
            Class.KIND: lambda n: True,
        }
        for which, allows in rules.items():
            gang = _gang([node for node in up if allows(node)], stay.demand)
            for node in gang:
                milli = stay.demand.chips * stay.demand.share
                shift(node, stay.demand, _first(node, stay.demand), -1)
                tenants[stay.tenant].used[node.kind] += milli
                self._credit(which, stay, node, now, then, milli)
            if gang:
                return True
        return self._scrape(stay, [node for node in up if mine[node.pool]], now, then)

    def _scrape(self, stay: Stay, mine: list[Node], now: int, then: int) -> bool:
        """As much as it wants, from wherever it is free; nothing if there is less."""
        wanted = stay.demand.milli
        if sum(sum(node.free) for node in mine) < wanted:
            return False
        for node in mine:
            for c, left in enumerate(node.free):
                part = min(wanted, left)
                node.free[c] -= part
                wanted -= part
                self._credit(Class.FRAGMENTED, stay, node, now, then, part)
        return True

    def _credit(self, which: Class, stay: Stay, node: Node, now: int, then: int, milli: int) -> None:
        self._add(which, node.pool, stay.tenant, now, then, milli)
        self.by_job[which, stay.job] += milli * (then - now)

    # What was done with what was held

    def _spend(self, stay: Stay) -> None:
        if not self._runs_inside(stay):
            return
        starting, checkpoint, activity, idle_chips = (
            int(getattr(self.workload, name)[stay.job]) for name in ("starting", "checkpoint", "activity", "idle_chips")
        )
        worked = max(0, stay.end - stay.start - starting)
        kept = worked if stay.outcome in (Outcome.COMPLETED, Outcome.RUNNING) else _saved(worked, checkpoint)
        began = min(stay.end, stay.start + starting)
        for piece in stay.pieces:
            idle, underused, unknown, useful = _use(piece.milli, stay.demand, activity, idle_chips)
            for which, since, until, milli in (
                (Class.STARTING, stay.start, began, piece.milli),
                (Class.IDLE, began, began + kept, idle),
                (Class.UNDERUSED, began, began + kept, underused),
                (Class.UNKNOWN, began, began + kept, unknown),
                (Class.USEFUL, began, began + kept, useful),
                (Class.LOST, began + kept, stay.end, piece.milli),
            ):
                since, until = max(piece.since, self._inside(since)), self._inside(until)
                if since >= until:
                    continue
                self._add(which, piece.node.pool, stay.tenant, since, until, milli)
                self.by_job[which, stay.job] += milli * (until - since)

    # The books

    def _add(self, which: Class, pool: int, tenant: int, since: int, until: int, milli: int) -> None:
        for week, (monday, next_monday) in enumerate(zip(self.weeks, [*self.weeks[1:], NEVER], strict=True)):
            self.cells[which, pool, tenant, week] += milli * _overlap(since, until, monday, next_monday)
        for part in range((since - self.begin) // self.slice, (until - 1 - self.begin) // self.slice + 1):
            edge = self.begin + part * self.slice
            self.curve[which, part] += milli * _overlap(since, until, edge, edge + self.slice)


def _stays(workload: Workload, runs: Runs) -> list[Stay]:
    demands, first = demands_of(workload), runs.first.tolist()
    rows = list(zip(runs.node.tolist(), runs.chipmask.tolist(), strict=True))
    columns = zip(*(getattr(runs, n).tolist() for n in ("job", "queued", "start", "end", "outcome")), strict=True)
    return [
        Stay(r, job, int(workload.tenant[job]), demands[workload.shape[job]], *times, rows[first[r] : first[r + 1]])
        for r, (job, *times) in enumerate(columns)
    ]


def _first(node: Node, demand: Demand) -> int:
    """Chips of the node for its part of `demand`, or as many as there are: the tightest first, then the lowest."""
    roomy = sorted((left, c) for c, left in enumerate(node.free) if left >= demand.share)
    return sum(1 << c for _, c in roomy[: demand.chips])


def _with_room(node: Node, demand: Demand, mask: int) -> int:
    return sum(1 << c for c in chips_in(mask) if c < len(node.free) and node.free[c] >= demand.share)


def _gang(nodes: list[Node], demand: Demand) -> list[Node]:
    """The first nodes of one island that make a gang: of the island whose gang is complete first."""
    roomy: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in nodes:
        if fits(demand, node.free, node.cpu, node.memory):
            roomy[node.island].append(node)
            if len(roomy[node.island]) == demand.gang:
                return roomy[node.island]
    return []


def _saved(worked: int, checkpoint: int) -> int:
    """Work that outlives a run which did not end well."""
    if checkpoint == UNKNOWN:
        return 0
    return worked // checkpoint * checkpoint if checkpoint else worked


def _use(milli: int, demand: Demand, activity: int, idle_chips: int) -> tuple[int, int, int, int]:
    """`milli` of a run's chips as (idle, underused, unknown, useful)."""
    if activity == UNKNOWN:
        return 0, 0, milli, 0
    if activity == 0 or milli == 0:
        return milli, 0, 0, 0
    chips = demand.gang * demand.chips
    idle = milli * max(0, min(idle_chips, chips)) // chips
    useful = min(milli - idle, milli * activity // PPM)
    return idle, milli - idle - useful, 0, useful


def _overlap(since: int, until: int, begin: int, end: int) -> int:
    return max(0, min(until, end) - max(since, begin))


def _weeks(begin: int, end: int) -> list[int]:
    """The Mondays, 00:00 UTC, on or before which the period's days lie."""
    first = datetime.fromtimestamp(begin // 1000, UTC).replace(hour=0, minute=0, second=0)
    monday = first - timedelta(days=first.weekday())
    mondays = []
    while round(monday.timestamp()) * 1000 < end:
        mondays.append(round(monday.timestamp()) * 1000)
        monday += timedelta(days=7)
    return mondays


def _slice(period: int) -> int:
    """The shortest usual length of which at most 400 make the period."""
    return next((1000 * s for s in SLICES if 400_000 * s >= period), -(-period // 400))

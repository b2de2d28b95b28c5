"""Backfill's promises, node by node, as the docstrings of policy/backfill.py state them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.twins.places import lowest
from tests.twins.world import Demand, Job, Node, chips_in, earliest_gang, fits

from headrace.units import NEVER

Room = tuple[list[int], int, int]
"""Milli free on each chip, cores, memory."""


@dataclass
class Promised:
    """What is promised on one node over [since, until), in all, and the least that is left over beside it."""

    since: int
    until: int
    taken: Room
    slack: Room


class Promises:
    """The promises of one round."""

    def __init__(self, nodes: list[Node], jobs: list[Job]) -> None:
        self.nodes, self.jobs = nodes, jobs
        self.on: dict[int, Promised] = {}
        self.debts: list[tuple[int, str, int, int]] = []

    def usable(self, node: Node, end: int) -> Room:
        """What a job that ends at `end` may use of `node` now."""
        kept, room = self.on.get(node.number), (list(node.free), node.cpu, node.memory)
        if kept is None or end <= kept.since:
            return room
        return _least(room, kept.slack)

    def owed(self, tenant: int, kind: str, end: int) -> int:
        """Milli-chips of `kind` promised to jobs of `tenant` from before `end` on."""
        return sum(milli for who, what, since, milli in self.debts if (who, what) == (tenant, kind) and since < end)

    def use(self, node: Node, demand: Demand, mask: int, end: int) -> None:
        """A job was put on `node`: if it outlasts a promise there, it is put into what was left beside it."""
        kept = self.on.get(node.number)
        if kept is not None and end > kept.since:
            kept.slack = _less(kept.slack, demand, mask)

    def at(self, node: Node, when: int) -> Room:
        """What `node` will have free at `when`, if all ends by its limit."""
        free, cpu, memory = list(node.free), node.cpu, node.memory
        for j, mask in node.holds.items():
            if self.jobs[j].expected <= when:
                demand = self.jobs[j].demand
                free = [left + demand.share * (mask >> c & 1) for c, left in enumerate(free)]
                cpu, memory = cpu + demand.cpu, memory + demand.memory
        kept = self.on.get(node.number)
        if kept is None or when >= kept.until:
            return free, cpu, memory
        return [f - p for f, p in zip(free, kept.taken[0], strict=True)], cpu - kept.taken[1], memory - kept.taken[2]

    def ready(self, node: Node, demand: Demand, now: int) -> int:
        """The first instant, from `now` on, at which `node` has room."""
        instants = {now} | {self.jobs[j].expected for j in node.holds}
        if node.number in self.on:
            instants.add(self.on[node.number].until)
        for when in sorted(max(now, instant) for instant in instants):
            if fits(demand, *self.at(node, when)):
                return when
        return NEVER

    def make(self, job: Job, allowed: set[int], now: int) -> int:
        """Promise `job` the nodes on which its gang can start earliest; returns when."""
        times = {
            node.number: self.ready(node, job.demand, now)
            for node in self.nodes
            if node.pool in allowed and node.out == 0
        }
        since, chosen = earliest_gang(times, self.nodes, job.demand.gang)
        for n in chosen:
            self._keep(self.nodes[n], job.demand, since, since + job.length)
        if chosen:
            self.debts.append((job.tenant, self.nodes[chosen[0]].kind, since, job.demand.milli))
        return since

    def _keep(self, node: Node, demand: Demand, since: int, until: int) -> None:
        room = self.at(node, since)
        mask = lowest(demand, room[0])
        nothing: Room = ([0] * len(node.free), 0, 0)
        kept = self.on.get(node.number)
        beside = _less(room, demand, mask)
        taken = _less(kept.taken if kept else nothing, demand, mask, sign=1)
        if kept is None:
            self.on[node.number] = Promised(since, until, taken, beside)
        else:
            since, until = min(kept.since, since), max(kept.until, until)
            self.on[node.number] = Promised(since, until, taken, _least(kept.slack, beside))


def _least(one: Room, other: Room) -> Room:
    return [min(pair) for pair in zip(one[0], other[0], strict=True)], min(one[1], other[1]), min(one[2], other[2])


def _less(room: Room, demand: Demand, mask: int, sign: int = -1) -> Room:
    free = list(room[0])
    for c in chips_in(mask):
        free[c] += sign * demand.share
    return free, room[1] + sign * demand.cpu, room[2] + sign * demand.memory

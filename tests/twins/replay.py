"""The whole replay once more, in plain Python: no tables, no caches, nothing tentative. Slow, and easy to check by eye.

At each instant: what ended ends, nodes come back, drain, go down, jobs are submitted; then jobs are taken in order and
placed. Decisions take effect as they are made; only what is stopped goes back to its line after the pass.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from tests.factories import Stay
from tests.twins import places
from tests.twins.promises import Promises
from tests.twins.world import (
    Job,
    Node,
    Places,
    demands_of,
    earliest_gang,
    fits,
    jobs_of,
    nodes_of,
    possible,
    shift,
    tenants_of,
)

from headrace.units import HOUR_MS, MILLI, NEVER
from headrace.world.record import Outages, Outcome, Workload

if TYPE_CHECKING:
    from headrace.policy.policy import Policy
    from headrace.world.fleet import Fleet

END, BACK, OUT, DOWN, SUBMIT, WAKE = range(6)
BANDS = [hours * HOUR_MS * MILLI for hours in (1, 10, 100)]
DEPTH = 20
AFRESH = ("oracle:srtf", "oracle:srsf")
KEEP = round(2 ** (-1 / (7 * 24)) * 65536)
"""Of 65536 parts of usage, those that outlast an hour: half after seven days."""


class Lifted(NamedTuple):
    """How a running job stood before the fleet was dealt afresh."""

    places: Places
    start: int
    run: int
    left: int


class Twin:
    """One replay. `promised` collects (now, job, since) of each promise to the job that went first in its round."""

    def __init__(self, fleet: Fleet, workload: Workload, policy: Policy, outages: Outages) -> None:
        self.policy = policy
        self.nodes, self.tenants = nodes_of(fleet), tenants_of(fleet, workload)
        self.jobs = jobs_of(workload, demands_of(workload))
        self.cores = max(1, *(node.all_cpu for node in self.nodes))
        self.chips = max(1, *(len(node.free) for node in self.nodes)) * MILLI
        self.waiting: set[int] = set()
        self.target = places.Target()
        self.runs: list[Stay] = []
        self.promised: list[tuple[int, int, int]] = []
        self.clock, self.settled = 0, 0
        self.sequence = count()
        self.heap: list[tuple[int, int, int, int, int]] = []
        self.after = [(int(a), int(g)) for a, g in zip(workload.after, workload.gap, strict=True)]
        self._expect_what_is_known(workload, outages)

    def _expect_what_is_known(self, workload: Workload, outages: Outages) -> None:
        for j, submit in enumerate(workload.submit.tolist()):
            if self.after[j][0] < 0:
                heapq.heappush(self.heap, (submit, SUBMIT, -1, j, 0))
        for n, start, end, down in zip(*(vars(outages)[name].tolist() for name in vars(outages)), strict=True):
            heapq.heappush(self.heap, (start, DOWN if down else OUT, -1, n, 0))
            heapq.heappush(self.heap, (end, BACK, -1, n, 0))

    def replay(self) -> list[Stay]:
        while self.heap and self.heap[0][0] < NEVER:
            now = self.heap[0][0]
            if self._observe(now):
                self.clock = now
                self._round(now)
        stranded = [Stay(j, self.jobs[j].queued, NEVER, self.clock, Outcome.PENDING, ()) for j in sorted(self.waiting)]
        return self.runs + stranded

    def _push(self, time: int, kind: int, job: int) -> None:
        heapq.heappush(self.heap, (time, kind, next(self.sequence), job, self.jobs[job].run))

    # What happens

    def _observe(self, now: int) -> bool:
        """Everything of this instant; False if there was nothing but ends of runs that had been cut off."""
        self._settle(now)
        happened = False
        while self.heap and self.heap[0][0] == now:
            _, kind, _, which, run = heapq.heappop(self.heap)
            if kind in (END, WAKE) and (run != self.jobs[which].run or not self.jobs[which].places):
                continue
            happened = True
            if kind == END:
                self._end(self.jobs[which], now)
            elif kind in (BACK, OUT, DOWN):
                self._outage(self.nodes[which], kind, now)
            elif kind == SUBMIT:
                self._submit(self.jobs[which], now)
        return happened

    def _end(self, job: Job, now: int) -> None:
        self._leave(job, now, job.ends)
        for follower, (after, gap) in enumerate(self.after):
            if after == job.number:
                self._push(now + gap, SUBMIT, follower)

    def _outage(self, node: Node, kind: int, now: int) -> None:
        node.out += -1 if kind == BACK else 1
        for j in sorted(node.holds) if kind == DOWN else []:
            self._cut_off(self.jobs[j], now, Outcome.NODE_FAIL)

    def _submit(self, job: Job, now: int) -> None:
        job.submit = now
        self.target.see(job.demand)
        self._queue(job, now)

    def _queue(self, job: Job, now: int) -> None:
        job.queued = now
        self.waiting.add(job.number)

    def _leave(self, job: Job, now: int, outcome: int) -> None:
        where = tuple(sorted(job.places))
        self.runs.append(Stay(job.number, job.queued, job.start, now, int(outcome), where))
        job.attained += job.demand.milli * (now - job.start)
        self._free(job)
        job.places = []

    def _cut_off(self, job: Job, now: int, outcome: int) -> None:
        job.left -= job.kept(now - job.start)
        self._leave(job, now, outcome)
        self._queue(job, now)

    def _settle(self, now: int) -> None:
        """Usage grows by what is held, and loses a part of itself on every full hour."""
        while self.settled < now:
            until = min(now, self.settled - self.settled % HOUR_MS + HOUR_MS)
            for tenant in self.tenants:
                tenant.usage += sum(tenant.used.values()) * (until - self.settled)
                if until % HOUR_MS == 0:
                    tenant.usage = tenant.usage * KEEP // 65536
            self.settled = until

    # Room

    def _take(self, job: Job, where: Places) -> None:
        for n, mask in where:
            shift(self.nodes[n], job.demand, mask, -1)
            self.nodes[n].holds[job.number] = mask
            self._bill(job, n, 1)

    def _free(self, job: Job) -> None:
        for n, mask in job.places:
            if self.nodes[n].holds.pop(job.number, None) is not None:
                shift(self.nodes[n], job.demand, mask, 1)
                self._bill(job, n, -1)

    def _bill(self, job: Job, n: int, sign: int) -> None:
        self.tenants[job.tenant].used[self.nodes[n].kind] += sign * job.demand.chips * job.demand.share

    # What is decided

    def _round(self, now: int) -> None:
        started = stopped = [0]
        while self.waiting and started and stopped:
            started, stopped = self._decide(now)
            for j in stopped:
                self._cut_off(self.jobs[j], now, Outcome.PREEMPTED)
            for j in started:
                self._plan_end(self.jobs[j], now)

    def _plan_end(self, job: Job, now: int) -> None:
        end, milli = now + job.starting + job.left, job.demand.milli
        self._push(end, END, job.number)
        for threshold in BANDS if self.policy.order == "las" and milli else []:
            passes = now + -(-(threshold - job.attained) // milli)
            if now < passes < end:
                self._push(passes, WAKE, job.number)

    def _decide(self, now: int) -> tuple[list[int], list[int]]:
        """One pass over all that wait, in order; who was started, and who was stopped for them."""
        self.closed: set[tuple[int, int, int]] = set()
        self.blocked: set[int] = set()
        self.first_of: set[int] = set()
        self.made = 0
        self.promises = Promises(self.nodes, self.jobs)
        self.stopped: list[int] = []
        started = []
        lifted = self._lift(now)
        candidates = self.waiting | lifted.keys()
        for _, _, j in sorted((self._tenant_key(self.jobs[j]), self._key(self.jobs[j]), j) for j in candidates):
            job = self.jobs[j]
            if job.line not in self.closed and self._try(job, now):
                started.append(j)
        self._settle_lifted(lifted, started, now)
        self.waiting -= set(started)
        return [j for j in started if j not in lifted or self.jobs[j].run != lifted[j].run], self.stopped

    # Dealing afresh, under srtf and srsf

    def _lift(self, now: int) -> dict[int, Lifted]:
        """Free what every job holds that keeps its work, and take it for stopped; how each of them stood before."""
        lifted = {}
        running = [job for job in self.jobs if job.places and self.policy.order in AFRESH]
        for job in sorted(running, key=lambda job: (min(n for n, _ in job.places), job.number)):
            if job.stoppable:
                self._free(job)
                lifted[job.number] = Lifted(job.places, job.start, job.run, job.left)
                job.left -= job.kept(now - job.start)
                job.places = []
        return lifted

    def _settle_lifted(self, lifted: dict[int, Lifted], started: list[int], now: int) -> None:
        """Who was dealt what it had runs on, as if nothing had been; of the others the run ends here."""
        for j, was in lifted.items():
            job = self.jobs[j]
            dealt, left = job.places, job.left
            if sorted(dealt) == sorted(was.places):
                job.places, job.start, job.run, job.left = was.places, was.start, was.run, was.left
                continue
            where = tuple(sorted(was.places))
            self.runs.append(Stay(j, job.queued, was.start, now, int(Outcome.PREEMPTED), where))
            job.attained += job.demand.milli * (now - was.start)
            job.places, job.left = dealt, left
            self._queue(job, now)

    def _tenant_key(self, job: Job) -> int:
        tenant = self.tenants[job.tenant]
        return tenant.usage // tenant.weight if self.policy.order == "fair" else 0

    def _key(self, job: Job) -> tuple[int, int]:
        if self.policy.order in ("oracle:shortest", "oracle:srtf"):
            return job.left, 0
        if self.policy.order in ("oracle:smallest", "oracle:srsf"):
            return job.left * job.demand.milli, 0
        if self.policy.order == "las":
            return _band(job.attained), job.submit
        return job.submit, 0

    def _try(self, job: Job, now: int) -> bool:
        allowed = {
            node.pool for node in self.nodes if job.demand.pools[node.pool] and self._within(job, node.kind, now)
        }
        allowed -= self.blocked
        if not possible(self.nodes, job.demand) or not allowed:
            self.closed.add(job.line)
            return False
        where = self._find(job, allowed, now)
        if where is None and self.policy.order == "las":
            where = self._make_room(job, allowed, now)
        if where is None:
            self._wait(job, allowed, now)
            return False
        for n, mask in where:
            self.promises.use(self.nodes[n], job.demand, mask, job.latest_end(now))
        self._take(job, where)
        job.places, job.start, job.run = where, now, job.run + 1
        return True

    def _within(self, job: Job, kind: str, now: int) -> bool:
        """Has the tenant quota for `job`, beside what it uses and what was promised to it while `job` may run."""
        owed = self.promises.owed(job.tenant, kind, job.latest_end(now))
        return job.demand.milli == 0 or self.tenants[job.tenant].within(kind, owed + job.demand.milli)

    def _wait(self, job: Job, allowed: set[int], now: int) -> None:
        self.closed.add(job.line)
        if self.policy.backfill == "none":
            self.blocked |= allowed
            return
        if self.policy.backfill == "greedy":
            return
        first = bool(allowed - self.first_of)
        self.first_of |= allowed
        if (self.policy.backfill == "easy" and first) or (self.policy.backfill == "conservative" and self.made < DEPTH):
            since = self.promises.make(job, allowed, now)
            if self.made == 0:
                self.promised.append((now, job.number, since))
            self.made += 1
        if self.policy.backfill == "conservative" and self.made < DEPTH:
            self.closed.discard(job.line)

    def _find(self, job: Job, allowed: set[int], now: int) -> Places | None:
        """Nodes and chips for the whole gang: on the island of the best node, the best nodes; of equals, the first."""
        demand, end = job.demand, job.latest_end(now)
        scored = [
            (-self._score(node, job), node.number)
            for node in self.nodes
            if node.out == 0 and node.pool in allowed and fits(demand, *self.promises.usable(node, end))
        ]
        islands = [self.nodes[n].island for _, n in scored]
        scored = sorted(one for one in scored if islands.count(self.nodes[one[1]].island) >= demand.gang)
        if not scored:
            return None
        home = self.nodes[scored[0][1]].island
        chosen = [self.nodes[n] for _, n in scored if self.nodes[n].island == home][: demand.gang]
        return [(node.number, self._chips(node, job, self.promises.usable(node, end)[0])) for node in chosen]

    def _score(self, node: Node, job: Job) -> float:
        place = self.policy.place
        if place == "best":
            return places.best(node, job.demand, self.cores, self.chips)
        if place == "dot":
            return places.dot(node, job.demand, self.cores, self.chips)
        if place == "packing":
            return places.packing(node, job.demand)
        if place == "clustering":
            return places.clustering(node, job.demand, self.jobs, self.chips)
        if place == "fgd":
            return places.fgd(node, job.demand, node.free, self.target)[0]
        if place == "worth":
            return places.worth(node, job.demand, node.free, self.target)[0]
        return 0

    def _chips(self, node: Node, job: Job, free: list[int]) -> int:
        if job.demand.chips == 0:
            return 0
        if self.policy.place == "fgd":
            return places.fgd(node, job.demand, free, self.target)[1]
        if self.policy.place == "worth":
            return places.worth(node, job.demand, free, self.target)[1]
        return (places.lowest if job.demand.share == MILLI else places.tightest)(job.demand, free)

    # Stopping, under las

    def _make_room(self, job: Job, allowed: set[int], now: int) -> Places | None:
        """Stop jobs of higher bands, where that loses least; if `job` still finds no place, nothing was stopped."""
        costs = {}
        for node in self.nodes:
            if node.pool in allowed and node.out == 0:
                victims = self._victims(node, job, now)
                costs[node.number] = NEVER if victims is None else sum(self._loss(v, now) for v in victims)
        cost, chosen = earliest_gang(costs, self.nodes, job.demand.gang)
        stopped: list[Job] = []
        for n in chosen if cost < NEVER else []:
            for victim in self._victims(self.nodes[n], job, now) or []:
                self._free(victim)
                stopped.append(victim)
        where = self._find(job, allowed, now) if stopped else None
        for victim in stopped if where is None else []:
            self._take(victim, victim.places)
        self.stopped += [victim.number for victim in stopped if where is not None]
        return where

    def _victims(self, node: Node, job: Job, now: int) -> list[Job] | None:
        """Whom to stop on `node` so that `job` fits: the highest band first, then the latest started."""
        mine, free, cpu, memory = _band(job.attained), list(node.free), node.cpu, node.memory
        ranked = []
        for other in (self.jobs[j] for j in node.holds):
            theirs = _band(other.attained + other.demand.milli * (now - other.start))
            if theirs > mine and other.stoppable and other.start < now:
                ranked.append((-theirs, -other.start, -other.number))
        stopped: list[Job] = []
        while not fits(job.demand, free, cpu, memory):
            if len(stopped) == len(ranked):
                return None
            victim = self.jobs[-sorted(ranked)[len(stopped)][2]]
            held = victim.demand
            free = [left + held.share * (node.holds[victim.number] >> c & 1) for c, left in enumerate(free)]
            cpu, memory = cpu + held.cpu, memory + held.memory
            stopped.append(victim)
        return stopped

    def _loss(self, job: Job, now: int) -> int:
        ran = now - job.start
        return job.demand.milli * (ran - job.kept(ran))


def _band(attained: int) -> int:
    return sum(attained >= threshold for threshold in BANDS)

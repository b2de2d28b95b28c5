"""The desk: the state of a fleet that is running, kept by what happens, and the very round that replay runs.

    happen(events)   what the engine did: jobs and nodes come, change and go        (headrace.round.observe)
    round(now)       propose -> verify -> apply; what was decided                   (headrace.round)
    propose(now)     what a round would decide; nothing changes

Pure: no file, no clock, no network. Jobs keep the order in which they came, which decides between equals; tables that
are full are made anew without the jobs that ended, so that a desk may run for years.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headrace.errors import CallError
from headrace.live import anew, booking
from headrace.live.engine import Status
from headrace.live.event import Event, What
from headrace.live.happening import HAPPENINGS
from headrace.live.known import Known, Step
from headrace.live.memory import Memory
from headrace.live.tables import Tables, needed
from headrace.policy.backfill import UNLIMITED
from headrace.policy.find import Rules
from headrace.policy.order.las import BANDS
from headrace.policy.registry import BACKFILLS, LAS, ORDERS, PLACES
from headrace.round import apply, propose, verify
from headrace.round.observe import node_back, node_out
from headrace.units import NEVER
from headrace.world.fits import FITS
from headrace.world.plan import STARTS, STEPS, STOPS
from headrace.world.state import LIVE, QUEUED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from headrace.live.engine import NodeSeen
    from headrace.live.known import Places
    from headrace.policy.policy import Policy
    from headrace.world.fleet import Tenant

NEW_NODES = (What.NODE_NEW, What.NODE_CHANGED)
PLACED = (What.SUBMITTED, What.CHANGED, What.DECIDED, What.ADOPTED, What.MOVED)
"""Events that may bring a job, a shape, or more nodes of a job than were known."""


class Desk:
    """A fleet and its queue, of which nothing is known yet.

    `tenants` have quotas and weights; others who submit have neither. `work` is the true work (ms) of jobs by name,
    which only a test or a study has: orders that need it are refused without. `memory` is an earlier desk's.
    """

    def __init__(
        self,
        policy: Policy,
        tenants: Iterable[Tenant] = (),
        work: Mapping[str, int] | None = None,
        memory: Memory | None = None,
    ) -> None:
        if policy.oracle and work is None:
            raise CallError(f"policy {policy.name!r}: no live fleet knows true run times; choose another order")
        self.policy, self.tenants, self._work = policy, tuple(tenants), work
        self.rules = Rules(ORDERS[policy.order], BACKFILLS[policy.backfill], PLACES[policy.place], policy.seed)
        memory = memory or Memory()
        self.memory = Memory(dict(memory.usage), dict(memory.attained), memory.jobs)
        self.jobs: dict[str, Known] = {}
        self.nodes: dict[str, NodeSeen] = {}
        self.gone: set[str] = set()
        """Nodes that the engine lists no more, while something is still booked there."""
        self.spared: frozenset[str] = frozenset()
        """Jobs that the engine would not stop."""
        self.names: dict[int, str] = {}
        self.short: dict[str, Places] = {}
        """Jobs that the engine put on nodes which have less than they hold there, and where it put them."""
        self._crowded: frozenset[str] = frozenset()
        self.tables = Tables((), frozenset(), self.tenants, needed((), 0))

    def happen(self, events: Sequence[Event], now: int) -> list[Event]:
        """Take in what happened up to `now` (ms), in the order told. Returns which nodes were found to be crowded."""
        self._make_room(events, now)
        for event in events:
            if event.what in HAPPENINGS:
                HAPPENINGS[event.what](self, event, now)
        return self._book_again(now) if self.short or self._crowded else []

    def round(self, now: int) -> list[Step]:
        """Decide and apply; the accepted steps in order. Under `las` again while jobs were stopped, as in replay."""
        decided, again, size = [], self.waiting > 0, self.tables.plan.size
        while again:
            steps = self.propose(now)
            apply.apply(self.tables.state_ref, self.rules, self.tables.plan_ref, now)
            for step in steps:
                self._note(step, now)
            decided += steps
            again = bool(self.rules.order == LAS and size[STOPS] > 0 and size[STARTS] > 0)
        return decided

    def propose(self, now: int) -> list[Step]:
        """What a round would decide (under `las`: first); but for what is said of why jobs wait, nothing changes."""
        if self.waiting == 0:
            return []
        propose.propose(self.tables.state_ref, self.tables.memo_ref, self.rules, now, self.tables.plan_ref)
        verify.verify(self.tables.state_ref, self.tables.plan_ref)
        return self._steps()

    @property
    def waiting(self) -> int:
        """How many jobs stand in line; those that are held do not."""
        return int(self.tables.state.counts[QUEUED])

    def _steps(self) -> list[Step]:
        size, steps, rows, _ = self.tables.plan
        found, runs = [], dict[str, int]()
        for i in range(int(size[STEPS])):
            if steps[i]["rejected"] == FITS:
                part = rows[int(steps[i]["first"]) : int(steps[i + 1]["first"])]
                places = zip(part["node"].tolist(), part["chipmask"].tolist(), strict=True)
                on = tuple((self.tables.nodes[n].name, mask) for n, mask in places)
                job, stop = self.names[int(steps[i]["job"])], bool(steps[i]["stop"])
                run = runs.get(job, self.jobs[job].run)
                runs[job] = run + stop
                found.append(Step(job, run, stop, on))
        return found

    def _note(self, step: Step, now: int) -> None:
        known = self.jobs[step.job]
        self.tables.state.jobs[known.number]["stoppable"] = 0
        if step.stop:
            known = replace(known, run=step.run + 1, status=Status.WAITING, on=(), start=NEVER)
        else:
            known = replace(known, run=step.run, status=Status.STARTING, on=step.on, start=now, ours=True)
        self.jobs[step.job] = known

    def wake(self, now: int) -> int:
        """The next instant (ms) at which a decision may change though nothing happens, or NEVER: `las` has bands."""
        jobs, shapes = self.tables.state.jobs[: self.tables.size], self.tables.state.shapes
        live = jobs[jobs["status"] == LIVE]
        demand = shapes[live["shape"]]
        held = demand["nodes"] * demand["chips"] * demand["share"]
        live, held = live[held > 0], held[held > 0]
        if self.rules.order != LAS or len(live) == 0:
            return NEVER
        later = np.concatenate([live["start"] - (live["attained"] - threshold) // held for threshold in BANDS])
        return int(later[later > now].min(initial=NEVER))

    def left(self, job: str) -> int:
        """The work of `job` (ms): as given, or no end in sight."""
        return UNLIMITED if self._work is None else self._work[job]

    def rows(self, gang: int, on: int = 0) -> int:
        """How many allocations a job can have: of a gang that is larger than the fleet, none is ever placed."""
        return max(1, min(gang, len(self.nodes)), on)

    def mark(self, name: str) -> None:
        """Have node `name` take new work or not, by what the engine says of it and by what is booked there."""
        n = self.tables.number.get(name)
        if n is None:
            return
        out = not self.nodes[name].up or name in self.gone or name in self._crowded
        if out and not self.tables.state.nodes[n]["out"]:
            node_out(self.tables.state_ref, n)
        if not out and self.tables.state.nodes[n]["out"]:
            node_back(self.tables.state_ref, n)

    def _make_room(self, events: Sequence[Event], now: int) -> None:
        """Tables that have the nodes, and room for the jobs, that `events` bring."""
        other = any(event.what in NEW_NODES for event in events)
        for event in events:
            if event.node is not None:
                self.nodes[event.node.name] = event.node
                self.gone.discard(event.node.name)
        seen = [event.seen for event in events if event.seen is not None and event.what in PLACED]
        asked = [one.asked for one in seen]
        rows = sum(self.rows(one.asked.nodes, len(one.on)) for one in seen)
        if other or not self.tables.has_room(asked, rows):
            anew.make_anew(self, asked, rows, now)
        self.tables.rows += rows
        self.tables.learn(asked, now)

    def _book_again(self, now: int) -> list[Event]:
        """Book again what did not fit, last known first out: there may be room by now."""
        for job in self.short:
            booking.unbook(self.tables, self.jobs[job].number)
        crowded = dict[str, str]()
        for job, on in list(self.short.items()):
            nodes = booking.book(self.tables, self.jobs[job].number, on)
            crowded |= dict.fromkeys(nodes, job)
            if not nodes:
                del self.short[job]
        new, changed = crowded.keys() - self._crowded, crowded.keys() ^ self._crowded
        self._crowded = frozenset(crowded)
        for name in changed:
            self.mark(name)
        said = "the engine put more on node {} than it has, job {} among it; nothing more is placed there for now"
        return [Event(What.CROWDED, now, said.format(name, crowded[name]), crowded[name]) for name in sorted(new)]

    @property
    def crowded(self) -> frozenset[str]:
        """Nodes on which the engine put more than they have."""
        return self._crowded

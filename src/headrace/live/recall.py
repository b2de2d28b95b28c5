"""What is new of a desk's memory, and a desk that is as an earlier one was when it was closed.

A tenant's usage is written down when what it holds changes: until then the rest follows from the clock. So a turn
writes as much as it changed, however many tenants and jobs there are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headrace.live.engine import JobSeen, Observation, Start, Status, Stop
from headrace.live.event import Event, What
from headrace.live.memory import Memory
from headrace.live.reconcile import Picture, reconcile
from headrace.policy.order.fair import settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from headrace.live.desk import Desk
    from headrace.live.intents import Intent


def remember(desk: Desk, now: int) -> Memory:
    """What tenants have used and jobs have received, at `now` (ms)."""
    usage = dict(desk.memory.usage)
    for name, t in desk.tables.tenants.items():
        settle(desk.tables.state_ref, t, now)
        usage[name] = _used(desk, t)
    return Memory(usage, _attained(desk))


class Diary:
    """What of a desk is written down: all of what it is now, and from then on what `news` gave."""

    def __init__(self, desk: Desk) -> None:
        self._held, self._attained = _held(desk), _attained(desk)

    def news(self, desk: Desk, jobs: Iterable[str]) -> Memory:
        """What is otherwise by now: of the tenants who hold more or less than they did, and of `jobs`."""
        before, self._held = self._held, _held(desk)
        changed = [name for name, held in self._held.items() if held != before.get(name, 0)]
        usage = {name: _used(desk, desk.tables.tenants[name]) for name in changed}
        rows = desk.tables.state.jobs
        received = {job: int(rows[desk.jobs[job].number]["attained"]) for job in jobs if job in desk.jobs}
        attained = {job: much for job, much in received.items() if much != self._attained.get(job, 0)}
        self._attained |= attained
        return Memory(usage, attained)


def _held(desk: Desk) -> dict[str, int]:
    held = desk.tables.state.tenants["held"].tolist()
    return {name: held[t] for name, t in desk.tables.tenants.items()}


def _used(desk: Desk, t: int) -> tuple[int, int]:
    row = desk.tables.state.tenants[t]
    return int(row["usage"]), int(row["settled"])


def _attained(desk: Desk) -> dict[str, int]:
    attained = desk.tables.state.jobs["attained"]
    numbers = np.flatnonzero(attained[: desk.tables.size]).tolist()
    return {desk.names[j]: int(attained[j]) for j in numbers if j in desk.names}


def recall(desk: Desk, intents: Sequence[Intent], seen: Observation) -> list[Event]:
    """Have a desk that knows nothing be what its memory says, with the orders that are open, on the nodes `seen`.

    What became of the jobs since is for the next reconciling. Returns what is new: the nodes.
    """
    nodes = list(reconcile(Picture({}, {}), Observation(seen.at, seen.nodes, ())).events)
    usage = dict(desk.memory.usage)
    desk.happen([*nodes, *_came(desk.memory.jobs, intents, seen.at)], seen.at)
    for name, (used, settled) in usage.items():
        if name in desk.tables.tenants:
            row = desk.tables.state.tenants[desk.tables.tenants[name]]
            row["usage"], row["settled"] = used, min(settled, seen.at)
    return nodes


def _came(jobs: Iterable[JobSeen], intents: Sequence[Intent], at: int) -> Iterator[Event]:
    """Each job as it came: told in this order, jobs have the order that they had, which decides between equals."""
    starts = {(intent.job, intent.order.run): intent for intent in intents if isinstance(intent.order, Start)}
    stops = {(intent.job, intent.order.run) for intent in intents if isinstance(intent.order, Stop)}
    for one in jobs:
        job = one.asked.job
        known = _stopped(one) if (job, one.run) in stops and one.status != Status.WAITING else one
        if known.status != Status.WAITING:
            yield Event(
                What.ADOPTED, at, "", job, known.run, replace(known, ours=known.ours or (job, known.run) in starts)
            )
            continue
        yield Event(What.SUBMITTED, at, "", job, known.run, known)
        if intent := starts.get((job, known.run)):
            order = intent.order
            assert isinstance(order, Start)
            yield Event(What.DECIDED, intent.at, "", job, known.run, replace(known, on=order.on))


def _stopped(one: JobSeen) -> JobSeen:
    """A job that runs and is to be stopped: for the desk it waits for its next run already."""
    return JobSeen(one.asked, Status.WAITING, one.run + 1)

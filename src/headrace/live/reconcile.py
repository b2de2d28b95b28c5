"""What the engine says now, against what is known: what happened since. The engine is always right.

    clock -> new and changed nodes -> ends -> cut-offs -> nodes out and back -> changes -> submissions -> starts

is the order in which it is told: that of replay, so that both decide alike. A job that is what it was, to the engine
and here, is not looked at again: most of them are, in most turns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from headrace.live.engine import JobSeen, NodeSeen, Observation, Start, Status
from headrace.live.event import Event, What
from headrace.live.intents import Intent, Settled, agree, judge
from headrace.units import MILLI, NEVER
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headrace.live.known import Known, Places

ORDER: Final = {what: place for place, what in enumerate(What)}
NEITHER: Final[tuple[None, object]] = None, object()
"""No job: neither seen nor known."""


@dataclass(frozen=True)
class Found:
    """What reconciling found: the events, in order, the intents that are settled by them, and each job's latest run."""

    events: tuple[Event, ...]
    settled: tuple[Settled, ...]
    seen: dict[str, JobSeen]


Unchanged = dict[str, "tuple[JobSeen, Known]"]
"""By job: what the engine said and what was known when nothing was otherwise, nor can be by time alone."""


class Picture:
    """What is known before an observation: jobs, nodes, the intents that are open, and when it was last looked.

    `unchanged` is kept from one reconciling to the next, by the caller and here.
    """

    def __init__(
        self,
        jobs: Mapping[str, Known],
        nodes: Mapping[str, NodeSeen],
        intents: Iterable[Intent] = (),
        at: int = 0,
        unchanged: Unchanged | None = None,
    ) -> None:
        self.jobs, self.nodes, self.at = jobs, nodes, at
        self.unchanged: Unchanged = {} if unchanged is None else unchanged
        self.intents = tuple(intents)
        self.ordered = {intent.job for intent in self.intents}
        self.starts = {(i.job, i.order.run): i.order for i in self.intents if isinstance(i.order, Start)}
        self.stops = {(i.job, i.order.run) for i in self.intents if not isinstance(i.order, Start)}


def reconcile(picture: Picture, observation: Observation) -> Found:
    """Everything that is otherwise than known, in the order of `What`; of equals, as the engine lists them."""
    at = max(picture.at, observation.at)
    seen = latest(observation.jobs)
    events = [*_clock(picture, observation), *_nodes(picture, observation, at)]
    for job, one in seen.items():
        if not _is_unchanged(picture, job, one):
            found = list(_job(picture, job, one, at))
            events += found
            _keep(picture, job, one, at, quiet=not found)
    for job, known in picture.jobs.items():
        if job not in seen:
            picture.unchanged.pop(job, None)
            what = "ran" if known.live else "waited"
            events.append(Event(What.VANISHED, at, f"job {job} {what} and the engine lists it no more", job, known.run))
    events.sort(key=_place)
    settled = (judge(intent, seen.get(intent.job)) for intent in picture.intents)
    return Found(tuple(events), tuple(one for one in settled if one is not None), seen)


def _is_unchanged(picture: Picture, job: str, seen: JobSeen) -> bool:
    was, known = picture.unchanged.get(job, NEITHER)
    return (was is seen or was == seen) and known is picture.jobs.get(job) and job not in picture.ordered


def _keep(picture: Picture, job: str, seen: JobSeen, at: int, quiet: bool) -> None:
    """Remember a job of which nothing was said, unless that may be otherwise by the time of the next look."""
    known = picture.jobs.get(job)
    if quiet and known is not None and not known.why and not at < seen.start < NEVER:
        picture.unchanged[job] = seen, known
    else:
        picture.unchanged.pop(job, None)


def _place(event: Event) -> tuple[int, int]:
    new = event.seen is not None and event.what == What.SUBMITTED
    return ORDER[event.what], event.seen.asked.submit if new and event.seen is not None else 0


def latest(jobs: Iterable[JobSeen]) -> dict[str, JobSeen]:
    """Of each job its latest run: an engine may list an earlier run, which ended, beside it."""
    jobs = tuple(jobs)
    latest = {one.asked.job: one for one in jobs}
    if len(latest) == len(jobs):
        return latest
    latest = dict[str, JobSeen]()
    for one in jobs:
        other = latest.get(one.asked.job)
        if other is None or (one.run, -one.status) > (other.run, -other.status):
            latest[one.asked.job] = one
    return latest


def _clock(picture: Picture, observation: Observation) -> Iterator[Event]:
    if observation.at < picture.at:
        back = picture.at - observation.at
        said = f"the engine's clock jumped back by {back} ms; {picture.at} is kept until it has caught up"
        yield Event(What.CLOCK_BACK, picture.at, said)


def _nodes(picture: Picture, observation: Observation, at: int) -> Iterator[Event]:
    listed = {node.name: node for node in observation.nodes}
    for name, node in listed.items():
        was = picture.nodes.get(name)
        if was == node:
            continue
        if was is None:
            yield Event(What.NODE_NEW, at, f"node {name} is new: {_size(node)}", node=node)
        elif _size(was) != _size(node):
            yield Event(What.NODE_CHANGED, at, f"node {name} is {_size(node)}; it was {_size(was)}", node=node)
        if was is None or (was.up, was.lost) != (node.up, node.lost):
            yield from _outage(was, node, at)
    for name, was in picture.nodes.items():
        if name not in listed and was.reason != GONE:
            gone = replace(was, up=False, reason=GONE)
            yield Event(What.NODE_GONE, at, f"node {name} is listed by the engine no more", node=gone)


GONE: Final = "not listed"
"""The reason that a node is out for, when the engine does not list it."""


def _size(node: NodeSeen) -> str:
    return f"{node.chips} x {node.kind} in {node.pool}, {node.cpu} millicores, {node.memory} MiB"


def _outage(was: NodeSeen | None, node: NodeSeen, at: int) -> Iterator[Event]:
    why = f": {node.reason}" if node.reason else ""
    if node.lost and not (was is not None and was.lost):
        yield Event(What.NODE_LOST, at, f"node {node.name} is lost, with what ran there{why}", node=node)
    elif not node.up and (was is None or was.up):
        yield Event(What.NODE_OUT, at, f"node {node.name} takes no new work{why}", node=node)
    elif node.up and was is not None:
        yield Event(What.NODE_BACK, at, f"node {node.name} is back", node=node)


def _job(picture: Picture, job: str, seen: JobSeen, at: int) -> Iterator[Event]:
    """What happened to a job that the engine lists."""
    known = picture.jobs.get(job)
    if seen.status == Status.ENDED:
        how = "in a way that is not known" if seen.outcome == Outcome.PENDING else f"as {seen.outcome.name.lower()}"
        yield _event(What.ENDED, f"ended {how}", seen, at)
        return
    if known is not None and known.asked != seen.asked:
        yield _event(What.CHANGED, "asks for something else than it did", seen, at)
    if seen.status == Status.WAITING:
        yield from _waits(picture, known, seen, at)
    elif (job, seen.run) not in picture.stops or known is None:
        yield from _runs(picture, known, seen, at)


def _event(what: What, said: str, seen: JobSeen, at: int) -> Event:
    job = seen.asked.job
    return Event(what, at, f"job {job} {said}", job, seen.run, seen)


def _waits(picture: Picture, known: Known | None, seen: JobSeen, at: int) -> Iterator[Event]:
    order = picture.starts.get((seen.asked.job, seen.run))
    if known is None:
        yield _event(What.SUBMITTED, f"of {seen.asked.tenant} is submitted: {_wanted(seen)}", seen, at)
    elif known.run == seen.run and known.status == Status.STARTING:
        if not seen.startable:
            yield _by_engine(seen, at)
        return
    elif known.live:
        what = (
            "was cut off, and waits for its run"
            if known.run != seen.run
            else "did not start after all: it waits for its run"
        )
        yield _event(What.INTERRUPTED, f"{what} {seen.run}", seen, at)
    elif known.run != seen.run:
        yield _event(What.INTERRUPTED, f"waits for its run {seen.run}, not {known.run}", seen, at)
    else:
        yield from _held(known, seen, at)
    if order is not None:
        yield _event(What.DECIDED, f"is still to start on {_names(order.on)}", replace(seen, on=order.on), at)


def _held(known: Known, seen: JobSeen, at: int) -> Iterator[Event]:
    other = known.again == NEVER and seen.said not in ("", known.why)
    if not seen.startable and (other or not known.why):
        yield _by_engine(seen, at)
    if seen.startable and known.why and (known.again == NEVER or at >= known.again):
        yield _event(What.RELEASED, "may be started again", seen, at)


def _by_engine(seen: JobSeen, at: int) -> Event:
    return _event(What.HELD, f"is held by the engine{seen.said and f': {seen.said}'}", seen, at)


def _runs(picture: Picture, known: Known | None, seen: JobSeen, at: int) -> Iterator[Event]:
    where = f"on {_names(seen.on)}"
    ours = seen.ours or (seen.asked.job, seen.run) in picture.starts
    if known is None or not known.live:
        by = "by an order from here" if ours else "behind our back"
        yield _event(What.ADOPTED, f"was started {by}, {where}", replace(seen, ours=ours), at)
    elif known.run != seen.run:
        yield _event(What.ADOPTED, f"is on its run {seen.run}, not {known.run}, {where}", replace(seen, ours=ours), at)
    elif not agree(known.on, seen.on):
        said = f"runs {where}, not on {_names(known.on)}"
        yield _event(What.MOVED, said, replace(seen, ours=ours), at)
    elif known.status == Status.STARTING or (seen.start < NEVER and known.start < min(seen.start, at)):
        does = "is being started" if seen.status == Status.STARTING else "runs"
        yield _event(What.STARTED, f"{does} {where}", seen, at)


def _names(on: Places) -> str:
    return ", ".join(node for node, _ in on) or "no node that is known"


def _wanted(seen: JobSeen) -> str:
    asked = seen.asked
    share = "" if asked.share == MILLI or not asked.chips else f" of {asked.share} thousandths each"
    return f"{asked.nodes} x {asked.chips} chips{share}"

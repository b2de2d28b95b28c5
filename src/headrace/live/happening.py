"""What each event does to the desk: what replay has too, `headrace.round.observe` does; the rest is booked here."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from headrace.live import booking
from headrace.live.engine import JobSeen, Status
from headrace.live.event import HELD_BY_ENGINE, Event, What
from headrace.live.known import Known
from headrace.round import observe
from headrace.units import NEVER, UNKNOWN
from headrace.world.record import Service
from headrace.world.state import DONE, LIVE

if TYPE_CHECKING:
    from headrace.live.desk import Desk
    from headrace.world.table import Row


def submitted(desk: Desk, event: Event, now: int) -> None:
    """A job is new: it has a row of its own, and stands in line unless the engine holds it."""
    assert event.seen is not None
    _enter(desk, event.seen, now)
    if not event.seen.startable:
        held(desk, event, now)


def _enter(desk: Desk, seen: JobSeen, now: int) -> None:
    tables, asked = desk.tables, seen.asked
    j = tables.add(asked, left=desk.left(asked.job), attained=desk.memory.attained.pop(asked.job, 0))
    desk.jobs[asked.job], desk.names[j] = Known(asked, j, seen.run), asked.job
    observe.submit(tables.state_ref, tables.memo_ref, desk.rules, j, min(asked.submit, now))


def held(desk: Desk, event: Event, now: int) -> None:
    """A job that waits is not tried for now: the engine or `event` says why. One that was to start is taken back."""
    known = desk.jobs[event.job]
    why = event.said if event.seen is None else event.seen.said or HELD_BY_ENGINE.format(job=event.job)
    queued = int(_row(desk, known)["queued"])
    if known.live:
        _back_in_line(desk, known, now)
    booking.leave_line(desk.tables, known.number)
    _row(desk, known)["queued"] = queued
    desk.jobs[event.job] = replace(known, status=Status.WAITING, on=(), start=NEVER, why=why, again=event.again)


def released(desk: Desk, event: Event, now: int) -> None:
    """A job that was held stands in line again, where it stood."""
    known = desk.jobs[event.job]
    desk.jobs[event.job] = replace(known, why="", again=NEVER)
    booking.line_up(desk.tables, desk.rules.order, known.number, int(_row(desk, known)["queued"]))


def adopted(desk: Desk, event: Event, now: int) -> None:
    """A job runs where the engine says, whatever was known of it."""
    seen = event.seen
    assert seen is not None
    if event.job not in desk.jobs:
        _enter(desk, seen, now)
    known = desk.jobs[event.job]
    if known.live and seen.run != known.run:
        _back_in_line(desk, known, now)
    _alter(desk, known, seen)
    start = min(seen.start, now)
    if not known.live and known.run == seen.run + 1:
        _not_stopped(desk, known, start)
    if booking.run(desk.tables, known.number, seen.on, start, now):
        desk.short[event.job] = seen.on
    else:
        desk.short.pop(event.job, None)
    desk.jobs[event.job] = Known(seen.asked, known.number, seen.run, Status.RUNNING, seen.on, start, ours=seen.ours)
    _stoppable(desk, event.job)


def _not_stopped(desk: Desk, known: Known, start: int) -> None:
    """A stop was decided and not done: what the job had received by then is not over, and will count when it is."""
    row = _row(desk, known)
    received = known.asked.nodes * known.asked.chips * known.asked.share * (int(row["queued"]) - start)
    row["attained"] = max(0, int(row["attained"]) - max(0, received))


def decided(desk: Desk, event: Event, now: int) -> None:
    """A job is to start where an order from before a restart says; its nodes are kept for it until that is seen."""
    assert event.seen is not None
    known, start = desk.jobs[event.job], min(event.at, now)
    if booking.run(desk.tables, known.number, event.seen.on, start, now):
        desk.short[event.job] = event.seen.on
    desk.jobs[event.job] = replace(known, status=Status.STARTING, on=event.seen.on, start=start, why="", again=NEVER)


def started(desk: Desk, event: Event, now: int) -> None:
    """What was decided is seen to run, since when the engine says."""
    seen, known = event.seen, desk.jobs[event.job]
    assert seen is not None
    start = known.start if seen.start == NEVER else min(seen.start, now)
    booking.begun(desk.tables, known.number, start)
    desk.jobs[event.job] = replace(known, status=Status.RUNNING, start=start)
    _stoppable(desk, event.job)


def interrupted(desk: Desk, event: Event, now: int) -> None:
    """A job was cut off: it waits, with what its last checkpoint kept."""
    seen, known = event.seen, desk.jobs[event.job]
    assert seen is not None
    if known.live:
        _back_in_line(desk, known, now)
    desk.jobs[event.job] = replace(known, run=seen.run, status=Status.WAITING, on=(), start=NEVER)
    if not seen.startable:
        held(desk, event, now)


def ended(desk: Desk, event: Event, now: int) -> None:
    """A job is over: it has no row any more when the tables are next made anew."""
    known = desk.jobs.pop(event.job, None)
    if known is None:
        return
    desk.short.pop(event.job, None)
    if _row(desk, known)["status"] == LIVE:
        observe.finish(desk.tables.state_ref, known.number, now)
    else:
        booking.leave_line(desk.tables, known.number)
        _row(desk, known)["status"] = DONE
    del desk.names[known.number]


def changed(desk: Desk, event: Event, now: int) -> None:
    """A job asks for something else: it stands in another line, or runs with another size or limit."""
    seen, known = event.seen, desk.jobs[event.job]
    assert seen is not None
    if known.live:
        adopted(desk, replace(event, seen=replace(seen, on=known.on, start=known.start, ours=known.ours)), now)
        desk.jobs[event.job] = replace(known, asked=seen.asked)
        _stoppable(desk, event.job)
        return
    waits = not known.why
    booking.leave_line(desk.tables, known.number)
    _alter(desk, known, seen)
    desk.jobs[event.job] = replace(known, asked=seen.asked)
    if waits:
        booking.line_up(desk.tables, desk.rules.order, known.number, int(_row(desk, known)["queued"]))


def node_marked(desk: Desk, event: Event, now: int) -> None:
    """A node takes new work, or does not."""
    assert event.node is not None
    if event.what == What.NODE_GONE:
        desk.gone.add(event.node.name)
    desk.mark(event.node.name)


def _row(desk: Desk, known: Known) -> Row:
    return desk.tables.state.jobs[known.number]


def _back_in_line(desk: Desk, known: Known, now: int) -> None:
    desk.short.pop(known.asked.job, None)
    observe.interrupt(desk.tables.state_ref, desk.rules, known.number, now)


def _alter(desk: Desk, known: Known, seen: JobSeen) -> None:
    """Have the row of a job say what it asks for now. What it holds by then is given back under the old shape."""
    if known.asked == seen.asked:
        return
    row = _row(desk, known)
    if row["status"] == LIVE:
        booking.unbook(desk.tables, known.number)
    else:
        booking.leave_line(desk.tables, known.number)
    row["tenant"], row["shape"], row["line"] = desk.tables.placed(seen.asked)
    row["limit"], row["checkpoint"] = seen.asked.limit, seen.asked.checkpoint


def _stoppable(desk: Desk, job: str) -> None:
    """Only what is seen to run, was started here, keeps its work and serves nobody may be stopped for others; and what
    the engine would not stop is let be for a while."""
    known = desk.jobs[job]
    keeps = known.asked.checkpoint != UNKNOWN and known.asked.service != Service.SERVING
    may = keeps and known.ours and known.status == Status.RUNNING and job not in desk.spared
    _row(desk, known)["stoppable"] = int(may)


def spare(desk: Desk, jobs: Set[str]) -> None:
    """From now on these jobs alone are stopped for nobody, though they might be."""
    changed, desk.spared = desk.spared ^ jobs, frozenset(jobs)
    for job in changed & desk.jobs.keys():
        _stoppable(desk, job)


Happens: TypeAlias = Callable[["Desk", Event, int], None]
HAPPENINGS: Final[dict[What, Happens]] = {
    What.SUBMITTED: submitted,
    What.HELD: held,
    What.RELEASED: released,
    What.DECIDED: decided,
    What.ADOPTED: adopted,
    What.MOVED: adopted,
    What.STARTED: started,
    What.INTERRUPTED: interrupted,
    What.ENDED: ended,
    What.VANISHED: ended,
    What.CHANGED: changed,
    What.NODE_BACK: node_marked,
    What.NODE_OUT: node_marked,
    What.NODE_LOST: node_marked,
    What.NODE_GONE: node_marked,
}
"""What the events do; new and changed nodes are in the tables before any of them."""

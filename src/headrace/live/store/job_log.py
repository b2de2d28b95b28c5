"""What the store remembers of runs, as a job log: the form that explain and replay read.

A log written from here and imported again says the same, so that what ran can be asked what else could have been.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from headrace.history.log import COLUMNS, EVENT_COLUMNS, JobLog, make_log
from headrace.live.store.nouns import Page
from headrace.units import NEVER, SECOND_MS, UNKNOWN
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from headrace.live.store.nouns import NodeEvent, Stay
    from headrace.live.store.store import Store

PIECE: Final = 10_000
UNTOLD: Final = (Outcome.RUNNING, Outcome.PENDING)
"""What an ended run's outcome is where the engine forgot it."""


def job_log(store: Store, since: int = 0) -> JobLog:
    """The runs that last, or ended at `since` (ms) or after, with the node events of that time."""
    stays = list(_all(lambda page: store.log(since, page)))
    jobs = pl.DataFrame([_row(stay) for stay in stays], COLUMNS)
    events = pl.DataFrame([_event(event) for event in _all(lambda page: store.node_events(since, page))], EVENT_COLUMNS)
    checksum = hashlib.sha256(jobs.write_csv().encode() + events.write_csv().encode()).hexdigest()
    where = store.database.where
    return make_log(jobs, events, source=where, sha256=checksum, format="own", notes=_notes(stays))


def _all(some: Callable[[Page], tuple[Any, ...]]) -> Iterator[Any]:
    page = some(Page(None, PIECE))
    while page:
        yield from page
        page = some(Page(page[-1].sequence, PIECE))


def _row(stay: Stay) -> dict[str, object]:
    asked = stay.asked
    return {
        "job": asked.job,
        "run": stay.run,
        "tenant": asked.tenant,
        "user": asked.user,
        "submit": stay.queued,
        "start": _instant(stay.start),
        "end": _instant(stay.end),
        "state": _state(stay),
        "chips": asked.chips,
        "nodes": asked.nodes,
        "share_milli": asked.share,
        "cpus_milli": asked.cpu,
        "memory_mib": asked.memory,
        "kinds": ";".join(asked.kinds),
        "ran_on": _ran_on(stay),
        "pool": ";".join(asked.pools),
        "site": "",
        "class": asked.service.name.lower(),
        "checkpoint_s": _seconds(asked.checkpoint or UNKNOWN),  # 0 is what serving has, and the class says it
        "limit_s": _seconds(asked.limit),
        "workload": asked.workload,
    }


def _event(event: NodeEvent) -> dict[str, object]:
    return {
        "node": event.node,
        "start": event.start,
        "end": _instant(event.end),
        "state": event.state,
        "reason": event.reason,
    }


def _state(stay: Stay) -> str:
    """A run without an end runs or waits, whatever outcome was written down early."""
    if stay.end == NEVER:
        return "pending" if stay.start == NEVER else "running"
    return "cancelled" if stay.outcome in UNTOLD else stay.outcome.name.lower()


def _notes(stays: Iterable[Stay]) -> list[str]:
    untold = sum(stay.end != NEVER and stay.outcome in UNTOLD for stay in stays)
    return [f"runs whose outcome the engine did not tell, taken as cancelled: {untold}"] if untold else []


def _ran_on(stay: Stay) -> str:
    return f"{stay.kind}:{';'.join(node for node, _ in stay.on)}" if stay.start != NEVER and stay.on else ""


def _instant(at: int) -> int | None:
    return None if at == NEVER else at


def _seconds(length: int) -> float | None:
    return None if length == UNKNOWN else length / SECOND_MS

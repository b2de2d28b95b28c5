"""The queue: what waits, for what, why, and when it is expected to start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from headrace.explain.ledger import Class
from headrace.report.instants import minute
from headrace.report.live import hold
from headrace.report.live.size import demand
from headrace.report.names import plain, short

if TYPE_CHECKING:
    from headrace.report.words import Words
    from headrace.serve.page.view import View, Waiting

NAME: Final = 60
MARKS: Final = {
    "fragmented": Class.FRAGMENTED,
    "cpu": Class.FRAGMENTED,
    "memory": Class.FRAGMENTED,
    "quota": Class.QUOTA,
    "kind": Class.KIND,
    "reserved": Class.ORDER,
    "behind": Class.ORDER,
}
"""The class of the ledger in which chips stand free for that reason. That too few are free is none: nothing stands."""


@dataclass(frozen=True)
class Line:
    """A job that waits, as the table shows it."""

    job: str
    name: str
    tenant: str
    demand: str
    mark: str
    label: str
    reason: str
    ahead: str
    submitted: str
    expected: str


@dataclass(frozen=True)
class Queue:
    """The first jobs; `said` is how many wait, `more` how many are not shown, empty where all are."""

    lines: tuple[Line, ...]
    said: str
    more: str


def part(view: View, words: Words) -> Queue:
    """What is shown of the queue."""
    more = view.queue - len(view.waiting)
    said = words("page_live.queue_some", count=f"{view.queue:,}") if view.queue else words("page_live.queue_none")
    return Queue(
        tuple(_line(each, view.now_ms, words) for each in view.waiting),
        said,
        words("page_live.more_jobs", count=f"{more:,}", shown=len(view.waiting)) if more > 0 else "",
    )


def _line(waiting: Waiting, now: int, words: Words) -> Line:
    job, why = waiting.job, waiting.why
    mark = MARKS.get(why.reason or "")
    return Line(
        job=short(job.job, NAME),
        name=short(job.name, NAME).strip(),
        tenant=short(job.tenant, NAME),
        demand=demand(job, words),
        mark=mark.word if mark is not None else "",
        label=hold.label(why.reason, words) if why.reason else words("none"),
        reason=hold.reason(why, words),
        ahead=hold.ahead(why, words),
        submitted=minute(job.submit_ms),
        expected=_expected(why.expected_ms, now, words),
    )


def _expected(at: int | None, now: int, words: Words) -> str:
    if at is None:
        return words("page_live.not_known")
    return words("page_live.soon") if at <= now else plain(minute(at))

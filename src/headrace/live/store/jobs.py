"""Jobs as the engine last had them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from headrace.live.engine import Asked, JobSeen, Status
from headrace.live.store.nouns import JobKept, Page
from headrace.live.store.statements import adding, paged
from headrace.live.store.tables import jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

ASKED: Final = tuple(field.name for field in fields(Asked))
SEEN: Final = tuple(field.name for field in fields(JobSeen) if field.name not in ("asked", "said"))
ALIVE: Final = tuple(status for status in Status if status is not Status.ENDED)
ASKED_COLUMNS: Final = tuple(jobs.c[name] for name in ASKED)
"""In the order of Asked's fields: a row's values are its arguments."""
KEPT_COLUMNS: Final = (jobs.c.sequence, jobs.c.seen, *ASKED_COLUMNS, *(jobs.c[name] for name in SEEN))


def keep(db: Connection, at: int, seen: Sequence[JobSeen]) -> None:
    """Take over what the engine says now; what it says late of an earlier run does not put a job back."""
    statement = adding(db, jobs)
    new = {name: statement.excluded[name] for name in (*ASKED, *SEEN, "seen") if name != "job"}
    statement = statement.on_conflict_do_update(
        index_elements=["job"], set_=new, where=statement.excluded.run >= jobs.c.run
    )
    if seen:
        db.execute(statement, [_row(at, job) for job in seen])


def one(db: Connection, job: str) -> JobKept | None:
    """The job of that id."""
    row = db.execute(select(*KEPT_COLUMNS).where(jobs.c.job == job)).one_or_none()
    return _kept(row) if row else None


def alive(db: Connection) -> tuple[JobSeen, ...]:
    """All jobs that wait, start or run, in the order in which they were first seen."""
    query = select(*KEPT_COLUMNS).where(jobs.c.status.in_(ALIVE)).order_by(jobs.c.sequence)
    return tuple(_kept(row).job for row in db.execute(query))


def some(db: Connection, page: Page, tenant: str | None, status: Status | None) -> tuple[JobKept, ...]:
    """A page of jobs: of one tenant, in one status, or all."""
    query = select(*KEPT_COLUMNS)
    if tenant is not None:
        query = query.where(jobs.c.tenant == tenant)
    if status is not None:
        query = query.where(jobs.c.status == status)
    return tuple(_kept(row) for row in db.execute(paged(query, jobs.c.sequence, page)))


def _row(at: int, job: JobSeen) -> dict[str, Any]:
    return vars(job.asked) | {name: getattr(job, name) for name in SEEN} | {"seen": at}


def _kept(row: Sequence[Any]) -> JobKept:
    sequence, seen, said = row[0], row[1], row[2:]
    return JobKept(sequence, seen, JobSeen(Asked(*said[: len(ASKED)]), *said[len(ASKED) :]))

"""Every stay of a job: queued, started, ended, and where; the record that the job log is made of."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, case, func, or_, select, update

from headrace.live.engine import Asked
from headrace.live.store.jobs import ASKED_COLUMNS
from headrace.live.store.nouns import Page, Stay
from headrace.live.store.statements import adding, paged, pieces
from headrace.live.store.tables import jobs, nodes, runs
from headrace.world.record import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row
    from sqlalchemy.dialects import sqlite

    from headrace.live.engine import JobSeen


STAY: Final = tuple(field.name for field in fields(Stay) if field.name != "asked")
COLUMNS: Final = tuple(runs.c[name] for name in STAY)


def keep(db: Connection, at: int, seen: Sequence[JobSeen]) -> None:
    """Take over what the engine says of runs; a place or a start that it does not repeat stays known."""
    if not seen:
        return
    kinds = _kinds(db, seen)
    db.execute(_upsert(db), [_row(at, job, kinds) for job in seen])
    if again := [{"of": job.asked.job, "before": job.run} for job in seen if job.run]:
        _end_earlier(db, at, again)


def some(db: Connection, since: int, page: Page) -> tuple[Stay, ...]:
    """A page of the runs that last, or ended at `since` or after."""
    query = select(*COLUMNS, *ASKED_COLUMNS).join(jobs, jobs.c.job == runs.c.job)
    query = query.where(or_(runs.c.end.is_(None), runs.c.end >= since))
    return tuple(_stay(row) for row in db.execute(paged(query, runs.c.sequence, page)))


def _upsert(db: Connection) -> sqlite.Insert:
    statement = adding(db, runs)
    new = statement.excluded
    placed = new["on"] != ()
    places = {name: case((placed, new[name]), else_=runs.c[name]) for name in ("on", "kind")}
    start = func.coalesce(new.start, runs.c.start)
    said = {name: new[name] for name in ("end", "outcome", "ours")}
    return statement.on_conflict_do_update(index_elements=["job", "run"], set_=places | said | {"start": start})


def _row(at: int, job: JobSeen, kinds: dict[str, str]) -> dict[str, Any]:
    return {
        "job": job.asked.job,
        "run": job.run,
        "queued": job.asked.submit if job.run == 0 else at,
        "on": job.on,
        "kind": kinds.get(job.on[0][0], "") if job.on else "",
        "start": job.start,
        "end": job.end,
        "outcome": job.outcome,
        "ours": job.ours,
    }


def _kinds(db: Connection, seen: Sequence[JobSeen]) -> dict[str, str]:
    """The kind of each job's first node; a gang stands on nodes of one kind."""
    found: dict[str, str] = {}
    for names in pieces(sorted({job.on[0][0] for job in seen if job.on})):
        query = select(nodes.c.name, nodes.c.kind).where(nodes.c.name.in_(names))
        found |= {row.name: row.kind for row in db.execute(query)}
    return found


def _end_earlier(db: Connection, at: int, again: list[dict[str, Any]]) -> None:
    """A run that another follows has ended, even where nobody saw it end: now, as preempted."""
    query = update(runs).where(runs.c.job == bindparam("of"), runs.c.run < bindparam("before"), runs.c.end.is_(None))
    db.execute(query.values(end=at, outcome=Outcome.PREEMPTED), again)


def _stay(row: Row[Any]) -> Stay:
    said = dict(zip(STAY, row, strict=False))
    return Stay(asked=Asked(*row[len(STAY) :]), **said)

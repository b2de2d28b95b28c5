"""Idempotency keys: a client that sends a submission again, not knowing whether it arrived, submits once.

begin ── new: reserved ──> the engine takes the job, with the key ──> answer
      └─ known: what was answered; or nothing yet, and the engine knows whether it took the job
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, insert, select, update

from headrace.errors import StoreError
from headrace.live.store.nouns import Submission
from headrace.live.store.tables import submissions
from headrace.units import DAY_MS

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEPT_MS: Final = DAY_MS


def begin(db: Connection, tenant: str, key: str, asked: str, at: int) -> Submission | None:
    """Reserve `key` for a request with the checksum `asked`; or what the key has stood for since less than 24 h ago."""
    db.execute(delete(submissions).where(submissions.c.at <= at - KEPT_MS))
    query = select(submissions).where(submissions.c.tenant == tenant, submissions.c.key == key)
    if row := db.execute(query).one_or_none():
        return Submission(**row._mapping)
    db.execute(insert(submissions), vars(Submission(tenant, key, asked, at)))
    return None


def answer(db: Connection, tenant: str, key: str, job: str, answered: str) -> None:
    """What the request that reserved `key` was answered with. StoreError where it is not reserved, or was answered."""
    query = update(submissions).where(submissions.c.tenant == tenant, submissions.c.key == key)
    query = query.where(submissions.c.answered == "")
    if not db.execute(query.values(job=job, answered=answered)).rowcount:
        raise StoreError(f"the idempotency key {key!r} waits for no answer; reserve it before the job is submitted")


def unanswered(db: Connection) -> tuple[Submission, ...]:
    """Keys that were reserved by a request which died before its answer was written down, or is still at work."""
    return tuple(
        Submission(**row._mapping) for row in db.execute(select(submissions).where(submissions.c.answered == ""))
    )


def drop(db: Connection, tenant: str, key: str) -> None:
    """Give a key free whose request was refused, so that it may be tried again."""
    query = delete(submissions).where(submissions.c.tenant == tenant, submissions.c.key == key)
    db.execute(query.where(submissions.c.answered == ""))

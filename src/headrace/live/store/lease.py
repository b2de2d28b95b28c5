"""Which server may act: one at a time, whatever each of them believes.

A server that was paused beyond its lease still believes that it holds it. So what it intends is stored only together
with the term of its lease (`guard`), and another one's term is higher.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import case, or_, select

from headrace.errors import StoreError
from headrace.live.store import nouns
from headrace.live.store.statements import adding
from headrace.live.store.tables import lease

if TYPE_CHECKING:
    from sqlalchemy import Connection

NAME: Final = "serve"


def read(db: Connection) -> nouns.Lease | None:
    """The lease as it stands, whether it has run out or not; None where nobody ever held it."""
    row = db.execute(select(lease.c.holder, lease.c.term, lease.c.renewed, lease.c.until)).one_or_none()
    return nouns.Lease(**row._mapping) if row else None


def take(db: Connection, holder: str, at: int, length: int) -> nouns.Lease | None:
    """Renew the lease of `holder`, or take one that has run out, until `at + length`; None where another holds it.

    One statement that compares and sets: of two that take at once, one gets it.
    """
    statement = adding(db, lease).values(name=NAME, holder=holder, term=1, renewed=at, until=at + length)
    new, mine = statement.excluded, lease.c.holder == statement.excluded.holder
    term = case((mine, lease.c.term), else_=lease.c.term + 1)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": new.holder, "term": term, "renewed": new.renewed, "until": new.until},
        where=or_(mine, lease.c.until <= at),
    )
    db.execute(statement)
    now = read(db)
    return now if now and now.holder == holder else None


def drop(db: Connection, holder: str, at: int) -> bool:
    """End the lease of `holder` now, so that another need not wait; False where it does not hold it."""
    row = lease.update().where(lease.c.holder == holder).values(until=at)
    return db.execute(row).rowcount == 1


def guard(db: Connection, held: nouns.Lease) -> None:
    """Raises StoreError where somebody else has taken the lease since."""
    now = read(db)
    if now is None or (now.holder, now.term) != (held.holder, held.term):
        holder = now.holder if now else "nobody"
        raise StoreError(f"the lease of {held.holder!r} has run out and {holder!r} has it; nothing was changed")

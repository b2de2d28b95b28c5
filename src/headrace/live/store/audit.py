"""Who did what: lines that are only added (triggers in the database refuse all else), chained by their hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select

from headrace.live.store import chain
from headrace.live.store.columns import canonical, clean
from headrace.live.store.nouns import Page
from headrace.live.store.statements import adding, paged
from headrace.live.store.tables import audit, audit_head

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

NAME: Final = "audit"
PIECE: Final = 1_000


def append(db: Connection, key: bytes, at: int, who: str, what: str, detail: Mapping[str, Any]) -> chain.Line:
    """Add a line in the transaction of what it tells of, so that neither is there without the other."""
    line = chain.link(head(db), at, clean(who), clean(what), canonical(detail))
    db.execute(insert(audit), vars(line))
    statement = adding(db, audit_head)
    new = {name: statement.excluded[name] for name in ("lines", "hash", "seal")}
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=new)
    db.execute(statement, vars(chain.head_at(line, key)) | {"name": NAME})
    return line


def head(db: Connection) -> chain.Head | None:
    """How many lines there are, and the hash of the last; None before the first."""
    row = db.execute(select(audit_head.c.lines, audit_head.c.hash, audit_head.c.seal)).one_or_none()
    return chain.Head(**row._mapping) if row else None


def some(db: Connection, page: Page) -> tuple[chain.Line, ...]:
    """A page of lines."""
    return tuple(chain.Line(**row._mapping) for row in db.execute(paged(select(audit), audit.c.sequence, page)))


def verify(db: Connection, key: bytes) -> chain.Broken | None:
    """The first line that is not as it was written; None where all are."""
    return chain.verify(_lines(db), head(db), key)


def _lines(db: Connection) -> Iterator[chain.Line]:
    """All lines, a piece at a time: a log of years does not have to fit into memory."""
    page = some(db, Page(None, PIECE))
    while page:
        yield from page
        page = some(db, Page(page[-1].sequence, PIECE))

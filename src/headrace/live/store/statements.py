"""Statements that several tables share: add or replace, one page, many keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Select, Table

    from headrace.live.store.nouns import Page

T = TypeVar("T")
MOST_KEYS: Final = 10_000
"""Values in one IN list; SQLite takes 32,766 in a statement, PostgreSQL 65,535."""


def adding(db: Connection, table: Table) -> sqlite.Insert:
    """An INSERT that can say what happens on a conflict; both databases have it, each under its own import."""
    if db.dialect.name == "postgresql":
        return postgresql.insert(table)  # type: ignore[return-value]  # the same methods
    return sqlite.insert(table)


def paged(query: Select[Any], key: ColumnElement[int], page: Page) -> Select[Any]:
    """The rows of `page`, by `key`: as quick for the last page as for the first, which OFFSET is not."""
    if page.after is not None:
        query = query.where(key < page.after if page.newest else key > page.after)
    return query.order_by(key.desc() if page.newest else key).limit(page.size)


def pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """`values` in pieces that fit into one statement."""
    for first in range(0, len(values), MOST_KEYS):
        yield values[first : first + MOST_KEYS]

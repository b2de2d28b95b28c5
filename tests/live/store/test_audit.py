"""The audit log in a database: only added to, in the transaction of what it tells of, and checked line by line."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text, update
from tests.live.store.made import start, token

from headrace.errors import StoreError
from headrace.live.store import audit
from headrace.live.store.nouns import Page
from headrace.live.store.tables import audit as lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from headrace.live.store.store import Store

KEY = b"kept elsewhere"
LINES = 6


@pytest.fixture
def written(url: str, opened: Callable[..., Store]) -> Store:
    """A store with six lines in its audit log, sealed."""
    store = opened(url, seal=KEY)
    for i in range(LINES):
        store.note(i, "ann", "cancel", {"job": str(i)})
    return store


@contextmanager
def unguarded(store: Store) -> Iterator[Connection]:
    """A transaction without the triggers, undone at the end: what somebody could do who owns the database."""
    with store.database.writer.connect() as db:
        if db.dialect.name == "sqlite":
            names = db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
            for name in names:
                db.execute(text(f"DROP TRIGGER {name}"))
        else:
            db.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
            db.execute(text("ALTER TABLE audit_head DISABLE TRIGGER USER"))
        yield db
        db.rollback()


def found(db: Connection) -> int | None:
    broken = audit.verify(db, KEY)
    return broken.sequence if broken else None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(k=st.integers(1, LINES), name=st.sampled_from(["who", "what", "detail", "previous", "hash"]))
def test_a_line_that_was_changed_in_the_database_is_found(written: Store, k: int, name: str) -> None:
    """Whichever field of whichever line, by whoever can put the triggers aside."""
    with unguarded(written) as db:
        db.execute(update(lines).where(lines.c.sequence == k).values({name: "other"}))
        assert found(db) == k
    assert written.verify() is None


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(k=st.integers(1, LINES))
def test_a_line_that_was_dropped_from_the_database_is_found(written: Store, k: int) -> None:
    """The last one too."""
    with unguarded(written) as db:
        db.execute(delete(lines).where(lines.c.sequence == k))
        assert found(db) == k


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=st.lists(st.integers(1, LINES), min_size=2, max_size=2, unique=True))
def test_lines_that_were_exchanged_in_the_database_are_found(written: Store, pair: list[int]) -> None:
    """At the first of the two."""
    with unguarded(written) as db:
        for old, new in ((pair[0], 99), (pair[1], pair[0]), (99, pair[1])):
            db.execute(update(lines).where(lines.c.sequence == old).values(sequence=new))
        assert found(db) == min(pair)


def test_a_tail_that_was_cut_off_is_found_even_with_its_head_set_right(written: Store) -> None:
    """With the head left alone, by the count; with the head rewritten, by its seal."""
    with unguarded(written) as db:
        db.execute(delete(lines).where(lines.c.sequence > 4))
        assert found(db) == 5
        last = db.scalars(text("SELECT hash FROM audit WHERE sequence = 4")).one()
        db.execute(text(f"UPDATE audit_head SET lines = 4, hash = '{last}'"))
        assert found(db) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'bob'",
        "DELETE FROM audit WHERE sequence = 2",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET lines = lines - 1",
        "UPDATE audit_head SET hash = 'other'",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove_lines(written: Store, statement: str) -> None:
    """Not only our code: whoever opens the database by hand is refused as well."""
    with pytest.raises(StoreError, match="the audit log is only ever added to"):
        run(written, statement)
    assert written.verify() is None


def run(store: Store, statement: str) -> None:
    with store.database.writing() as db:
        db.execute(text(statement))


def test_the_database_refuses_the_ways_round_its_own_triggers(written: Store) -> None:
    """SQLite's REPLACE removes without DELETE's trigger, PostgreSQL's TRUNCATE without any of a row."""
    sqlite = written.database.where.startswith("sqlite")
    way = "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE sequence = 2" if sqlite else "TRUNCATE audit"
    with pytest.raises(StoreError, match="the audit log is only ever added to"):
        run(written, way)


def test_what_is_audited_is_there_only_with_its_line(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token or an intent whose line cannot be written is not made either."""
    monkeypatch.setattr("headrace.live.store.audit.canonical", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        store.make_token(token(), bytes(32), "root")
    with pytest.raises(ZeroDivisionError):
        store.intend(1, [start()])
    assert (store.tokens(), store.open_intents()) == ((), ())


def test_a_line_tells_who_did_what_to_what(store: Store) -> None:
    """In JSON that has one form, and pages by key."""
    store.note(7, "ann", "cancel", {"job": "12", "because": "队列"})
    store.note(8, "bob", "cancel", {})
    first, second = store.audit()
    assert (first.sequence, first.at, first.who, first.what) == (1, 7, "ann", "cancel")
    assert json.loads(first.detail) == {"job": "12", "because": "队列"}
    assert second.previous == first.hash
    assert store.audit(Page(first.sequence)) == (second,)
    head = store.audit_head()
    assert head is not None
    assert (head.lines, head.hash) == (2, second.hash)


def test_a_log_longer_than_a_piece_is_verified_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Piece by piece, without one line twice or none."""
    monkeypatch.setattr(audit, "PIECE", 4)
    for i in range(13):
        store.note(i, "ann", "did", {})
    assert store.verify() is None


@pytest.mark.usefixtures("written")
def test_another_key_than_the_log_was_sealed_with_is_found(url: str, opened: Callable[..., Store]) -> None:
    """The key of the seal is part of what is verified."""
    broken = opened(url, seal=b"another").verify()
    assert broken is not None
    assert "was not made with this key" in broken.how

"""A SQLite file or a PostgreSQL database, and the two ways to use it: reading and writing, each a transaction.

Writers come one at a time on both, so that what a writer has read still holds when it writes: SQLite's BEGIN IMMEDIATE,
PostgreSQL's advisory lock. Readers see one instant and wait for nobody: SQLite's write-ahead log, REPEATABLE READ.
What is committed outlives a power failure: an intent that was forgotten would be an order that nobody knows of. In the
write-ahead log SQLite promises that only with synchronous=FULL (https://www.sqlite.org/pragma.html#pragma_synchronous),
PostgreSQL with synchronous_commit=on, whatever the server's own setting.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from headrace.errors import StoreError
from headrace.live.store.failures import UNOPENED, told
from headrace.units import SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE_MS: Final = 5_000
"""How long a writer waits for another one."""
PAUSE_MS: Final = 50
WRITERS_LOCK: Final = int.from_bytes(b"headrace")
"""PostgreSQL's advisory lock under which Headrace writes: the letters of its name as a 64-bit number."""
FORMS: Final = "sqlite:///FILE and postgresql://USER:PASSWORD@HOST/NAME are possible"


@dataclass(frozen=True)
class Database:
    """A database that answers; `where` is its URL without the password."""

    reader: Engine
    writer: Engine
    where: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one instant. Raises StoreError."""
        with told(self.where), self.reader.begin() as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that no other writer comes between. Raises StoreError, and nothing was changed then."""
        with told(self.where), self.writer.begin() as db:
            yield db

    def close(self) -> None:
        """Give all connections back; the next use opens new ones."""
        self.reader.dispose()


def connect(url: str, patience: int = PATIENCE_MS) -> Database:
    """The database at `url`; writers wait `patience` ms for each other. Raises StoreError for a URL of another form."""
    parsed = _parsed(url)
    where = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, where, patience)
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        return _postgresql(parsed.set(drivername="postgresql+psycopg"), where, patience)
    raise StoreError(f"store {where}: Headrace keeps no store in {parsed.get_backend_name()!r}; {FORMS}")


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as error:
        raise StoreError(f"store: its URL cannot be read; {FORMS}") from error


def _sqlite(url: URL, where: str, patience: int) -> Database:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise StoreError(f"store {where}: it names no file, and what is kept nowhere is lost; {FORMS}")
    _make_private(Path(url.database), where)
    engine = create_engine(url, connect_args={"timeout": patience / 1000, "isolation_level": None})
    event.listen(engine, "connect", partial(_prepare_sqlite, patience // PAUSE_MS))
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, engine.execution_options(writes=True), where)


def _make_private(file: Path, where: str) -> None:
    """A new file that its owner alone may read, for it names people; SQLite gives its side files the same rights."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StoreError(f"store {where}: {UNOPENED}") from error


def _prepare_sqlite(tries: int, connection: sqlite3.Connection, _: object) -> None:
    _write_ahead(connection, tries)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _write_ahead(connection: sqlite3.Connection, tries: int) -> None:
    """Of several that open a new file at once one must change its journal; SQLite does not wait for that by itself."""
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not tries:
            raise
        time.sleep(PAUSE_MS / SECOND_MS)
        _write_ahead(connection, tries - 1)


def _begin_sqlite(db: Connection) -> None:
    """The driver is told to leave transactions alone (isolation_level None): they begin here."""
    db.exec_driver_sql("BEGIN IMMEDIATE" if db.get_execution_options().get("writes") else "BEGIN")


def _postgresql(url: URL, where: str, patience: int) -> Database:
    settings = f"-c lock_timeout={int(patience)} -c synchronous_commit=on"
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"options": settings, "connect_timeout": 10})
    except ImportError as error:
        raise StoreError(f'store {where}: its driver is absent; pip install "headrace[postgres]"') from error
    event.listen(engine, "begin", _begin_postgresql)
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(reader, engine.execution_options(writes=True), where)


def _begin_postgresql(db: Connection) -> None:
    if db.get_execution_options().get("writes"):
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")

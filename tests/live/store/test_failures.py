"""Whatever becomes of a database: one sentence tells it, nothing is half done, and the store goes on afterwards."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event
from tests.live.store.made import seen, start
from tests.live.store.processes import CONTEXT, hold, write_as_nobody

from headrace.errors import StoreError
from headrace.live.store.database import connect
from headrace.live.store.failures import LOCKED, READ_ONLY, reason
from headrace.live.store.nouns import Page
from headrace.live.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.live.store.server import Server


@contextmanager
def held(url: str) -> Iterator[None]:
    """Another process keeps the store locked."""
    mine, theirs = CONTEXT.Pipe()
    child = CONTEXT.Process(target=hold, args=(url, theirs))
    child.start()
    assert mine.recv() == "held"
    yield
    mine.send("go")
    assert mine.recv() == "let go"
    child.join(60)


def test_a_store_that_another_process_keeps_locked_is_an_error_for_writers_alone(
    url: str, opened: Callable[..., Store]
) -> None:
    """A writer gives up after its patience; readers do not wait; afterwards the same store writes."""
    store = opened(url, patience=100)
    with held(url):
        with pytest.raises(StoreError, match=LOCKED.split(";")[0]):
            store.intend(1, [start()])
        assert store.open_intents() == ()
    store.intend(1, [start()])
    assert len(store.open_intents()) == 1


def test_a_store_on_a_full_disk_changes_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """All of a transaction that does not fit is undone (SQLite's limit of pages stands for the disk)."""
    with closing(Store.open(f"sqlite:///{tmp_path / 'store.db'}")) as store:
        store.intend(1, [start("first")])
        event.listen(
            store.database.reader, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=1")
        )
        store.close()  # SQLite never sets the limit below what is there already
        with pytest.raises(StoreError, match="its disk is full; nothing was changed; make room"):
            store.intend(2, [start(f"k{i}") for i in range(5_000)])
        assert [intent.key for intent in store.open_intents()] == ["first"]
        assert len(store.audit()) == 1
    with closing(Store.open(f"sqlite:///{tmp_path / 'store.db'}")) as store:
        store.intend(2, [start(f"k{i}") for i in range(5_000)])
        assert store.verify() is None


def test_a_full_disk_does_not_spoil_the_connection_it_struck(tmp_path: Path) -> None:
    """What fits can be stored through the very connection that just ran out of room."""
    with closing(Store.open(f"sqlite:///{tmp_path / 'store.db'}")) as store:
        event.listen(
            store.database.reader, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count=80")
        )
        store.close()
        with pytest.raises(StoreError, match="its disk is full"):
            store.intend(1, [start(f"k{i}") for i in range(5_000)])
        store.intend(2, [start()])
        assert [intent.key for intent in store.open_intents()] == ["a"]


@pytest.mark.parametrize("folder_mode", [0o777, 0o555])
def test_a_file_that_may_not_be_written_is_refused(filled_file: Path, tmp_path: Path, folder_mode: int) -> None:
    """Whoever may read the file, and not write it or its folder, is told so (as nobody, where the tests are root)."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "store.db")
        file.write_bytes(filled_file.read_bytes())
        file.chmod(0o444)
        Path(folder).chmod(folder_mode)
        mine, theirs = CONTEXT.Pipe()
        urls = (f"sqlite:///{file}", f"sqlite:///{tmp_path / 'own.db'}")
        child = CONTEXT.Process(target=write_as_nobody, args=(*urls, theirs))
        child.start()
        assert mine.recv() == READ_ONLY
        child.join(60)
        Path(folder).chmod(0o700)


def test_a_database_that_may_not_be_written_is_refused(server: Server, filled_database: str) -> None:
    """PostgreSQL: a standby, or a database that was set to read only."""
    url = server.create(filled_database)
    with closing(Store.open(url)) as store:
        server.run(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = on")
        store.close()
        with pytest.raises(StoreError, match="it may not be written"):
            store.note(1, "a", "b", {})
        server.run(f"ALTER DATABASE {url.rpartition('/')[2]} SET default_transaction_read_only = off")
        store.close()
        assert store.note(1, "a", "b", {}).sequence == 1


def test_a_damaged_file_is_told(tmp_path: Path, opened: Callable[..., Store]) -> None:
    """Pages of noise are found when they are read, and named for what they are."""
    file = tmp_path / "store.db"
    with closing(Store.open(f"sqlite:///{file}")) as store:
        store.record(1, [seen(str(i)) for i in range(500)])
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(4096)
        raw.write(b"\xa5" * (size - 4096))
    with pytest.raises(StoreError, match="it is damaged; put a backup in its place"):
        opened(f"sqlite:///{file}").jobs(Page(None, 1_000))


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path, opened: Callable[..., Store]) -> None:
    """A file named by mistake is not written over."""
    file = tmp_path / "notes.txt"
    file.write_text("not a database at all\n" * 100)
    with pytest.raises(StoreError, match="not a database that Headrace made; name another one"):
        opened(f"sqlite:///{file}")
    assert file.read_text().startswith("not a database at all\n")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, opened: Callable[..., Store]) -> None:
    """A file stands where the folder would be."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(StoreError, match="it cannot be opened; its folder must exist"):
        opened(f"sqlite:///{tmp_path / 'taken' / 'store.db'}")


def test_a_new_file_is_private(tmp_path: Path, opened: Callable[..., Store]) -> None:
    """The store names people and what they ran: nobody else on the machine may read it, nor its side files."""
    opened(f"sqlite:///{tmp_path / 'new' / 'store.db'}").note(1, "a", "b", {})
    assert {stat.S_IMODE(os.stat(file).st_mode) for file in (tmp_path / "new").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://u:secret@host/db", "Headrace keeps no store in 'mysql'; sqlite:///FILE and"),
        ("sqlite://", "it names no file"),
        ("sqlite:///:memory:", "it names no file"),
        ("sqlite:///file:x?mode=memory&uri=true", "it names no file"),
        ("/var/lib/headrace.db", "its URL cannot be read; sqlite:///FILE and"),
        ("", "its URL cannot be read"),
    ],
)
def test_a_url_of_another_form_is_refused_without_its_password(url: str, why: str) -> None:
    """What is possible is said; what is secret is not."""
    with pytest.raises(StoreError, match=why) as told:
        connect(url)
    assert "secret" not in str(told.value)


def test_a_server_that_cannot_be_used_is_told_and_why(server: Server, opened: Callable[..., Store]) -> None:
    """No such database, a wrong password, nobody there: each its own sentence, none with the password."""
    for url, why in {
        server.url("nowhere"): "there is no such database; make it with createdb",
        server.url("postgres", "guess"): "its server does not take this user or password",
        "postgresql://headrace:guess@127.0.0.1:1/postgres": "its server does not answer",
    }.items():
        with pytest.raises(StoreError, match=why) as told:
            opened(url)
        assert "guess" not in str(told.value)
        assert "water" not in str(told.value)


def test_a_server_that_was_restarted_is_used_again(
    server: Server, filled_database: str, opened: Callable[..., Store]
) -> None:
    """While it is gone every method says so; when it is back the same store goes on."""
    store = opened(server.create(filled_database))
    store.note(1, "a", "b", {})
    server.stop()
    with pytest.raises(StoreError, match="its server does not answer"):
        store.note(2, "a", "b", {})
    server.start()
    assert store.note(2, "a", "b", {}).sequence == 2


def cut_off(store: Store, server: Server) -> None:
    """End the connection of a transaction from outside, and go on with it."""
    with store.database.writing() as db:
        mine = db.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        server.run(f"SELECT pg_terminate_backend({mine})")
        db.exec_driver_sql("SELECT 1")


def test_a_connection_that_is_cut_within_a_transaction_is_told(
    server: Server, filled_database: str, opened: Callable[..., Store]
) -> None:
    """What was begun is undone by the server, and the next transaction has a new connection."""
    store = opened(server.create(filled_database))
    with pytest.raises(StoreError, match="its server does not answer"):
        cut_off(store, server)
    assert store.note(1, "a", "b", {}).sequence == 1


@pytest.mark.parametrize(
    ("state", "why"), [("53100", "disk is full"), ("55P03", "locked"), ("57P01", "not answer"), ("XX001", "damaged")]
)
def test_what_postgresql_says_by_number_is_said_in_words(state: str, why: str) -> None:
    """By SQLSTATE, whatever the language of the server's own message."""
    error = Exception("FEHLER: etwas ging schief\nDETAIL: ...")
    error.sqlstate = state  # type: ignore[attr-defined]
    assert why in reason(error)


def test_what_nobody_foresaw_is_said_in_the_databases_own_first_line() -> None:
    """Never a traceback, never nothing."""
    assert reason(Exception("something new\nDETAIL: ...")) == "something new"
    assert reason(None) == "it gave no reason"


def test_the_driver_of_postgresql_that_is_absent_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """psycopg is an extra."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'pip install "headrace\[postgres\]"'):
        connect("postgresql://host/db")

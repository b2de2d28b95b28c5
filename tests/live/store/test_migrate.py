"""A store is brought to this version's tables from every earlier one, wholly or not at all."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from tests.live.store.processes import CONTEXT, open_at_once

from headrace.errors import StoreError
from headrace.live.store.database import Database, connect
from headrace.live.store.migrate import NEWEST, SCRIPTS, bring_up_to_date, migrate, version_of
from headrace.live.store.tables import VERSION_TABLE, metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from headrace.live.store.store import Store

VERSIONS = [script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()][::-1]
OPENERS = 6


def test_the_newest_version_is_the_last_script() -> None:
    """What `bring_up_to_date` takes for the newest is what Alembic does, in one line without branches."""
    assert ScriptDirectory(str(SCRIPTS)).get_heads() == [NEWEST]
    assert sorted(VERSIONS) == VERSIONS


def test_migrations_build_what_the_tables_say(store: Store) -> None:
    """Alembic finds no difference between the tables in the code and those that the migrations built."""
    with store.database.reading() as db:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        assert compare_metadata(MigrationContext.configure(db, opts=options), metadata) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_store_of_any_version_is_brought_up_to_date_with_its_rows(
    empty: str, version: str, opened: Callable[..., Store]
) -> None:
    """Audit lines that were written under an earlier version are there and chained under the newest."""
    with closing(connect(empty)) as database, database.writing() as db:
        migrate(db, version)
        db.execute(text("INSERT INTO tokens VALUES ('ann', 'search', 'tenant', 'abc', 5, NULL, NULL)"))
        db.execute(text("INSERT INTO lease VALUES ('serve', 'one', 3, 5, 9)"))
    store = opened(empty)
    held = store.lease()
    assert [token.name for token in store.tokens()] == ["ann"]
    assert held is not None
    assert (held.holder, held.term) == ("one", 3)
    store.note(1, "tests", "migrated", {})
    assert store.verify() is None


def migrate_and_stop(database: Database) -> None:
    """All migrations, and Ctrl-C before they are committed."""
    with database.writing() as db:
        migrate(db, NEWEST)
        raise KeyboardInterrupt


def test_a_migration_that_is_cut_short_leaves_nothing(empty: str) -> None:
    """Tables and version come in one transaction, on SQLite too."""
    with closing(connect(empty)) as database:
        with pytest.raises(KeyboardInterrupt):
            migrate_and_stop(database)
        with database.reading() as db:
            assert inspect(db).get_table_names() == []
        bring_up_to_date(database)
        with database.reading() as db:
            assert version_of(db) == NEWEST


def test_processes_that_open_at_once_do_not_trip_over_each_other(empty: str) -> None:
    """Of several that find an empty database, one makes the tables and the others wait for it."""
    ready = CONTEXT.Barrier(OPENERS)
    pipes = [CONTEXT.Pipe() for _ in range(OPENERS)]
    children = [CONTEXT.Process(target=open_at_once, args=(empty, ready, pipe[1])) for pipe in pipes]
    for child in children:
        child.start()
    assert [pipe[0].recv() for pipe in pipes] == ["opened"] * OPENERS
    for child in children:
        child.join(60)


def test_a_store_of_a_newer_headrace_is_refused(url: str, opened: Callable[..., Store]) -> None:
    """One sentence names both versions, and the store is left as it is."""
    with closing(connect(url)) as database, database.writing() as db:
        db.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9000'"))
    with pytest.raises(StoreError, match=f"a newer Headrace made it .version 9000 .* knows {NEWEST}.; install"):
        opened(url)
    with closing(connect(url)) as database, database.reading() as db:
        assert version_of(db) == "9000"


def test_a_database_with_tables_of_somebody_else_is_refused(empty: str, opened: Callable[..., Store]) -> None:
    """Tables of our names that no migration made are not ours to touch."""
    with closing(connect(empty)) as database, database.writing() as db:
        db.execute(text("CREATE TABLE jobs (salary INTEGER)"))
    with pytest.raises(StoreError, match="not a database that Headrace made"):
        opened(empty)


def test_a_store_that_is_up_to_date_opens_without_alembic(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is migrated where nothing has to be."""
    monkeypatch.setattr("headrace.live.store.migrate.migrate", lambda *_: pytest.fail("migrated"))
    with closing(connect(url)) as database:
        bring_up_to_date(database)


def test_a_path_may_hold_a_percent_sign(tmp_path: Path, opened: Callable[..., Store]) -> None:
    """Alembic's configuration gives % a meaning, which a path does not have."""
    store = opened(f"sqlite:///{tmp_path}/100%25 full/store.db")
    assert store.verify() is None

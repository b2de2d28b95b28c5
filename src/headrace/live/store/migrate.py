"""Brings a database to this version of the tables, in one transaction: wholly or not at all.

Alembic is imported only where something has to change: a store that is up to date opens without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, column, inspect, select, table

from headrace.errors import StoreError
from headrace.live.store.failures import FOREIGN
from headrace.live.store.tables import VERSION_TABLE, metadata

if TYPE_CHECKING:
    from headrace.live.store.database import Database

NEWEST: Final = "0003"
"""The version that this Headrace writes: the last file of migrations/versions."""
SCRIPTS: Final = Path(__file__).with_name("migrations")


def bring_up_to_date(database: Database) -> None:
    """Create or migrate the tables of `database`. StoreError where they are newer than this Headrace, or not its own.

    Who finds something to do looks again once it is the only writer: another process may have done it meanwhile.
    """
    with database.reading() as db:
        done = _checked(db, database.where) == NEWEST
    if not done:
        with database.writing() as db:
            if _checked(db, database.where) != NEWEST:
                migrate(db, NEWEST)


def migrate(db: Connection, version: str) -> None:
    """Bring the tables to `version`, which is not older than theirs, within the transaction of `db`."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    command.upgrade(config, version)


def version_of(db: Connection) -> str | None:
    """The version of the tables; None where there are none."""
    if not inspect(db).has_table(VERSION_TABLE):
        return None
    return db.execute(select(column("version_num")).select_from(table(VERSION_TABLE))).scalar()


def _checked(db: Connection, where: str) -> str | None:
    version = version_of(db)
    if version is None and set(inspect(db).get_table_names()) & set(metadata.tables):
        raise StoreError(f"store {where}: {FOREIGN}")
    if version is not None and version > NEWEST:
        raise StoreError(
            f"store {where}: a newer Headrace made it (version {version} of its tables, this one knows {NEWEST});"
            " install that one or a newer one"
        )
    return version

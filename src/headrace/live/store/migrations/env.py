"""Runs migrations on the connection, and in the transaction, that `headrace.live.store.migrate` hands over."""

from alembic import context

from headrace.live.store.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,  # for its naming of keys and indices
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # SQLite too: its transactions hold tables as well as rows
)
context.run_migrations()

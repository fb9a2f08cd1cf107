"""Alembic's door to the migrations: runs them on the connection, and in the transaction, that the opener hands in."""

from alembic import context

from shipwatch.ledger_schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # SQLite too: the opener begins the transaction itself
    render_as_batch=True,
)
context.run_migrations()

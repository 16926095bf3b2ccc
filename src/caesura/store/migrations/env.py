"""Alembic's environment: `caesura.store.migrations.migrate` hands over an open connection."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
with context.begin_transaction():
    context.run_migrations()

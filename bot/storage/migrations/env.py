"""Run by Alembic inside the transaction that bot.storage.database opened."""

from __future__ import annotations

from alembic import context

from bot.storage.schema import metadata

# Batch mode: SQLite alters a table by copying it. https://alembic.sqlalchemy.org/en/latest/batch.html
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

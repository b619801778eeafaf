"""Brings a database's tables to what the code expects."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StorageError

HEAD = "0004"
NOTHING_TO_DO = f"already at version {HEAD}, nothing to do."
_SCRIPTS = Path(__file__).parent / "migrations"


async def migrate(engine: AsyncEngine, file: Path | None) -> str:
    """All pending migrations in one transaction; says what was done. The caller holds the database's lock.

    An SQLite `file` with tables in it is copied first.
    """
    async with engine.connect() as connection:
        empty = not await connection.run_sync(_tables)
        stored = await version(connection)
    if stored == HEAD:
        return NOTHING_TO_DO
    copy = await asyncio.to_thread(_copy, file) if file and not empty else None
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade)
    done = f"brought from version {stored} to {HEAD}." if stored else f"made at version {HEAD}."
    return f"{done} A copy of what was there is in {copy}." if copy else done


async def version(connection: AsyncConnection) -> str | None:
    """Of the tables; None where there are none of ours."""
    if "alembic_version" not in await connection.run_sync(_tables):
        return None
    stored: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return stored


def _tables(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


def _copy(file: Path) -> Path:
    """SQLite's own backup: a copied file would lack what still stands in its write-ahead log."""
    copy = file.with_name(f"{file.name}.backup-before-{HEAD}")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _upgrade(connection: Connection) -> None:
    # Imported here because only a start after an update needs it: about 0.1 s and 10 MB otherwise spent on nothing.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StorageError(f"The database was made by another version of this program ({error}). Update the program.") from error

"""One process per database: two would race for its due times and talk over each other in Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import AlreadyRunning

# Any number, the same in every process; PostgreSQL keeps these locks per database.
_KEY = int.from_bytes(b"arxivday")


@contextmanager
def file_lock(database: Path) -> Iterator[None]:
    """Held on `<database>.lock`, which the system frees when the process dies. AlreadyRunning at once when it is taken."""
    path = database.with_name(f"{database.name}.lock")
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise AlreadyRunning(f"Another process is using {database} (it holds {path}). Stop that one first.") from error
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def advisory_lock(engine: AsyncEngine) -> AsyncIterator[None]:
    """Held by a connection of its own, which PostgreSQL frees when the process dies. AlreadyRunning at once when it is taken.

    Not through a pooler that shares sessions between transactions: the lock belongs to the session.
    """
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not await connection.scalar(select(func.pg_try_advisory_lock(_KEY))):
            name = engine.url.render_as_string(hide_password=True)
            raise AlreadyRunning(f"Another process is using {name} (it holds its advisory lock). Stop that one first.")
        try:
            yield
        finally:
            with suppress(DBAPIError):  # a connection that broke has freed it already
                await connection.execute(select(func.pg_advisory_unlock(_KEY)))

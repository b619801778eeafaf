"""One process per database: two would race for its due times and talk over each other in Discord."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi

from bot.errors import AlreadyRunning

# Any number, the same in every process; PostgreSQL keeps these locks per database.
_KEY = int.from_bytes(b"arxivday")

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_LOCK_NOT_AVAILABLE = "55P03"

# A machine that lost its power cannot say goodbye, and by default the server believes in it for two hours.
_SETTINGS = """
SELECT set_config('lock_timeout', '3s', true), set_config('tcp_keepalives_idle', '30', false),
    set_config('tcp_keepalives_interval', '10', false), set_config('tcp_keepalives_count', '3', false),
    set_config('tcp_user_timeout', '60000', false)
"""


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


def session_lock(database: str) -> Callable[[Any, object], None]:
    """For each new session with PostgreSQL: takes an advisory lock, which the server frees when the session ends.

    AlreadyRunning when it is taken for three seconds: so long the server may need to notice that the holder has died.
    Not through a pooler that shares sessions between transactions: the lock belongs to the session.
    """

    def take(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(_SETTINGS)
        try:
            cursor.execute(f"SELECT pg_advisory_lock({_KEY})")
        except AsyncAdapt_asyncpg_dbapi.Error as error:
            if error.sqlstate != _LOCK_NOT_AVAILABLE:
                raise
            raise AlreadyRunning(
                f"Another process is using {database} (it holds its advisory lock). Stop that one first."
            ) from error
        cursor.close()
        connection.commit()

    return take

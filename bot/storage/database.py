"""The open database: locked, migrated, and handing out transactions."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, DisconnectionError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as QueueTooLong
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from bot.errors import AlreadyRunning, StorageError, StorageUnreachable
from bot.storage.locking import file_lock, session_lock
from bot.storage.migrate import HEAD, NOTHING_TO_DO, migrate, version
from bot.storage.url import Address, parse

T = TypeVar("T")

_QUEUE = 60
"""Seconds a transaction waits for those before it."""
_REST = 0.1
"""Seconds without a transaction."""
_USED = "used"

_session: ContextVar[int | None] = ContextVar("session", default=None)
"""Which one the story in hand belongs to."""


class Database:
    """Every transaction of the program begins here."""

    def __init__(self, engine: AsyncEngine, address: Address) -> None:
        self._engine = engine
        self._address = address
        self._rehearsed: AsyncConnection | None = None
        self._turn = asyncio.Lock()
        self._sessions = 0
        event.listen(engine.sync_engine, "connect", self._count)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Database]:
        """Locked for this process alone and at the newest version.

        Raises AlreadyRunning, StorageUnreachable, or StorageError when it cannot be read or understood.
        """
        address = parse(url)
        async with _locked(address) as engine:
            with _explained(address):
                await migrate(engine, address.file)
            yield cls(engine, address)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed at the end, rolled back on any exception. StorageError when the database fails."""
        with _explained(self._address):
            if self._rehearsed is None:
                async with self._engine.begin() as connection:
                    if _session.get() not in (None, self._sessions):
                        raise StorageUnreachable(f"The database {self._address} was away; what was in hand ends here.")
                    yield connection
            else:
                async with self._turn, self._rehearsed.begin_nested():
                    yield self._rehearsed

    @asynccontextmanager
    async def unbroken(self) -> AsyncIterator[None]:
        """For a story of many transactions: StorageUnreachable in the first one inside that is not of the same session.

        While the session was lost another process may have held the lock, and done what is still in this one's hands.
        """
        async with self.begin():
            before = _session.set(self._sessions)
        try:
            yield
        finally:
            _session.reset(before)

    def _count(self, *_: object) -> None:
        self._sessions += 1

    @property
    def rehearsing(self) -> bool:
        """Nothing that is done now may be seen outside."""
        return self._rehearsed is not None

    @asynccontextmanager
    async def rehearsal(self) -> AsyncIterator[None]:
        """Whatever is written inside is seen inside and undone at the end: each begin() is a savepoint of one transaction."""
        with _explained(self._address):
            async with self._engine.connect() as connection:
                self._rehearsed = connection
                try:
                    await connection.begin()
                    yield
                finally:
                    self._rehearsed = None
                    await connection.rollback()


async def upgrade(url: str) -> str:
    """Bring a database to the newest version, under its lock; one sentence says what was done.

    AlreadyRunning only if there is something to do: a host that runs this before each deployment does so while the bot runs.
    """
    address = parse(url)
    try:
        async with _locked(address) as engine:
            with _explained(address):
                return f"{address}: {await migrate(engine, address.file)}"
    except AlreadyRunning:
        if not await _is_newest(address):
            raise
        return f"{address}: {NOTHING_TO_DO}"


def insert_into(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """The dialect's own INSERT, for ON CONFLICT, which both spell alike."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def batches(items: Sequence[T], size: int = 250) -> Iterator[Sequence[T]]:
    """Short enough for any driver's limit on bound values, and for the event loop not to stall on one statement."""
    return (items[start : start + size] for start in range(0, len(items), size))


@asynccontextmanager
async def _locked(address: Address) -> AsyncIterator[AsyncEngine]:
    engine = _engine(address)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        if address.file is not None:
            with _explained(address):
                _check_place(address.file)
                stack.enter_context(file_lock(address.file))
        yield engine


async def _is_newest(address: Address) -> bool:
    """Asked without the lock, beside the process that holds it."""
    engine = create_async_engine(address.url, connect_args=dict(address.connect_args))
    try:
        with _explained(address):
            async with engine.connect() as connection:
                return await version(connection) == HEAD
    finally:
        await engine.dispose()


def _check_place(file: Path) -> None:
    if file.is_dir():
        raise StorageError(f"The database {file} is a folder; DATABASE_URL must name a file in it.")
    if not file.absolute().parent.is_dir():
        raise StorageError(f"The folder of the database {file} does not exist. Make it, or change DATABASE_URL.")
    for place in (file, file.absolute().parent):
        if place.exists() and not os.access(place, os.W_OK):
            raise StorageError(f"This user may not write to {place}. Allow it, or change DATABASE_URL.")


@contextmanager
def _explained(address: Address) -> Iterator[None]:
    try:
        yield
    except PendingRollbackError as error:  # in a rehearsal, after what it is explained with
        raise StorageUnreachable(f"The database {address} went away.") from error
    except DBAPIError as error:
        kind = StorageUnreachable if _is_gone(error) else StorageError
        raise kind(f"The database {address} failed: {error.orig}") from error
    except QueueTooLong as error:
        raise StorageUnreachable(f"The database {address} is too slow: a transaction has waited for {_QUEUE} seconds.") from error
    except OSError as error:
        if address.file is not None:
            raise StorageError(f"The database {address} cannot be used: {error}") from error
        raise StorageUnreachable(f"The database {address} cannot be reached: {str(error) or type(error).__name__}") from error


def _is_gone(error: DBAPIError) -> bool:
    """Shutting down, starting up, full, or cut off: https://www.postgresql.org/docs/current/errcodes-appendix.html"""
    code = str(getattr(error.orig, "sqlstate", None))
    return error.connection_invalidated or code.startswith("08") or code in {"53300", "57P01", "57P02", "57P03"}


def _engine(address: Address) -> AsyncEngine:
    """One connection in all. On SQLite transactions queue for it instead of failing as "locked"; on PostgreSQL its session
    holds the process's lock, so that nothing can be written without it, also after the server was gone for a while.
    """
    engine = create_async_engine(
        address.url,
        connect_args=dict(address.connect_args),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_QUEUE,
    )
    if engine.dialect.name == "postgresql":
        event.listen(engine.sync_engine, "connect", session_lock(str(address)))
        event.listen(engine.sync_engine, "checkin", _remember_when)
        event.listen(engine.sync_engine, "checkout", _ask_after_a_rest)
    else:
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _remember_when(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED] = time.monotonic()


def _ask_after_a_rest(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Hosts close connections that rest, and servers restart. The pool's own pre-ping asks each time: three round trips more for
    every transaction, where a digest has two for each message.
    """
    if time.monotonic() - record.info.get(_USED, 0.0) < _REST:
        return
    try:
        connection.ping()
    except (AsyncAdapt_asyncpg_dbapi.Error, OSError) as error:
        raise DisconnectionError from error  # the pool then makes a new one


def _prepare(connection: Any, _record: object) -> None:
    """FULL because a commit lost in a power cut is a paper posted twice; an fsync is far cheaper than the request it guards."""
    # The driver would begin transactions too late for SAVEPOINT and DDL: _begin does it.
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")

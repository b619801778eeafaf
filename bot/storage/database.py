"""The open database: locked by one process, at the newest version, and handing out transactions."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Table, event, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, DisconnectionError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as QueueTooLong
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from bot.errors import AlreadyRunning, StorageError, StorageUnreachable
from bot.storage.url import Address, parse

T = TypeVar("T")

_QUEUE = 60
"""Seconds a transaction waits for those before it."""
_REST = 0.1
"""Seconds without a transaction."""
_USED = "used"

_session: ContextVar[int | None] = ContextVar("session", default=None)
"""Which session the digest in hand began on."""


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
                await _migrate(engine, address.file)
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
        """For many transactions that belong together: StorageUnreachable in the first one inside that is not of the same session.

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
                return f"{address}: {await _migrate(engine, address.file)}"
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
                check_place(address.file)
                stack.enter_context(file_lock(address.file))
        yield engine


@asynccontextmanager
async def beside(address: Address) -> AsyncIterator[AsyncConnection]:
    """Without the lock, beside the process that holds it: for reading alone. Raises StorageError."""
    engine = create_async_engine(address.url, connect_args=dict(address.connect_args))
    try:
        with _explained(address):
            async with engine.connect() as connection:
                yield connection
    finally:
        await engine.dispose()


async def _is_newest(address: Address) -> bool:
    async with beside(address) as connection:
        return await _version(connection) == HEAD


def check_place(file: Path) -> None:
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
        if getattr(error.orig, "sqlstate", None) in _POOLED:
            raise StorageError(
                f"The database {address} is reached through a pooler that shares sessions between transactions, where neither a "
                "lock nor a prepared statement lasts. Let DATABASE_URL name the database itself, or the pooler's session mode."
            ) from error
        kind = StorageUnreachable if _is_gone(error) else StorageError
        raise kind(f"The database {address} failed: {error.orig}") from error
    except QueueTooLong as error:
        raise StorageUnreachable(f"The database {address} is too slow: a transaction has waited for {_QUEUE} seconds.") from error
    except OSError as error:
        if address.file is not None:
            raise StorageError(f"The database {address} cannot be used: {error}") from error
        raise StorageUnreachable(f"The database {address} cannot be reached: {str(error) or type(error).__name__}") from error


def _is_gone(error: DBAPIError) -> bool:
    """Whether trying again later may help."""
    if (code := getattr(error.orig, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)
    state = str(getattr(error.orig, "sqlstate", None))
    return error.connection_invalidated or state.startswith("08") or state in _PASSING


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
        event.listen(engine.sync_engine, "connect", _session_lock(str(address)))
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


# The disk is full, too many connections, read-only as a standby is while another one takes over, a statement's timeout,
# shutting down, crashed, starting up: https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING = frozenset({"53100", "53300", "25006", "57014", "57P01", "57P02", "57P03"})


# A prepared statement exists already, or does not exist any more: the session was somebody else's a moment ago.
_POOLED = frozenset({"42P05", "26000"})


# --- one process a database ------------------------------------------------------------------


# Any number, the same in every process; PostgreSQL keeps these locks per database.
_KEY = int.from_bytes(b"arxivday")

_SILENT = 150.0
"""Seconds. A bot that lives asks its database every minute."""

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
    """Held on `<database>.lock`, which the system frees when the process dies. AlreadyRunning at once when it is taken.

    Beside the file itself: through a link the same database has another name and folder.
    """
    real = database.resolve()
    path = real.with_name(f"{real.name}.lock")
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise AlreadyRunning(f"Another process is using {database} (it holds {path}). Stop that one first.") from error
    try:
        yield
    finally:
        lock.release()


def _session_lock(database: str) -> Callable[[Any, object], None]:
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
            connection.rollback()
            silent = _holders_silence(connection.cursor())
            if silent > _SILENT:
                raise StorageUnreachable(
                    f"A session that has done nothing for {silent:.0f} seconds holds the lock of {database}: its machine is "
                    "gone, or stalled. The server ends such a session by itself within minutes; try again then."
                ) from error
            raise AlreadyRunning(
                f"Another process is using {database} (it holds its advisory lock). Stop that one first."
            ) from error
        cursor.close()
        connection.commit()

    return take


def _holders_silence(cursor: Any) -> float:
    """Seconds since the session that holds our advisory lock last did anything; 0 when it is gone by now."""
    cursor.execute(
        "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0) "
        "FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted "
        f"AND classid = {_KEY >> 32} AND objid = {_KEY & 0xFFFFFFFF}"
    )
    return float(cursor.fetchone()[0])


# --- the newest version ----------------------------------------------------------------------


_SCRIPTS = Path(__file__).parent / "migrations"


def _newest_version() -> str:
    """Of the migrations: the one that no other one follows. Read as text, because importing one imports Alembic."""
    texts = [script.read_text(encoding="utf-8") for script in (_SCRIPTS / "versions").glob("v*.py")]
    revisions, followed = (
        {found[1] for text in texts if (found := re.search(rf'^{name} = "(\w+)"', text, re.MULTILINE))}
        for name in ("revision", "down_revision")
    )
    (newest,) = revisions - followed
    return newest


HEAD = _newest_version()
NOTHING_TO_DO = f"already at version {HEAD}, nothing to do."


async def _migrate(engine: AsyncEngine, file: Path | None) -> str:
    """All pending migrations in one transaction; says what was done. The caller holds the database's lock.

    An SQLite `file` with tables in it is copied first.
    """
    async with engine.connect() as connection:
        empty = not await connection.run_sync(_tables)
        stored = await _version(connection)
    if stored == HEAD:
        return NOTHING_TO_DO
    copy = await asyncio.to_thread(_copy_of, file) if file and not empty else None
    async with engine.begin() as connection:
        await connection.run_sync(_run_migrations)
    done = f"brought from version {stored} to {HEAD}." if stored else f"made at version {HEAD}."
    return f"{done} A copy of what was there is in {copy}." if copy else done


async def _version(connection: AsyncConnection) -> str | None:
    """Of the tables; None where there are none of ours."""
    if "alembic_version" not in await connection.run_sync(_tables):
        return None
    stored: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return stored


def _tables(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()


def _copy_of(file: Path) -> Path:
    """Made before anything is changed. Raises StorageError."""
    kept = file.with_name(f"{file.name}.backup-before-{HEAD}")
    try:
        copy(file, kept)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(
            f"Before the database is brought to version {HEAD} it is copied into {kept}, and that fails: {error}. Move away what "
            "is in the way there, or make room on the disk, and start again. Nothing was changed."
        ) from error
    return kept


def copy(source: Path, target: Path) -> None:
    """SQLite's own backup: a copied file would lack what still stands in its write-ahead log. Whole, or not there at all."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(reading(source)) as old, closing(sqlite3.connect(part)) as new:
            shutil.copymode(source, part)
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file alone
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def reading(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro", uri=True)


def _run_migrations(connection: Connection) -> None:
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


# --- whether it lasts ------------------------------------------------------------------------


_TEMPORARY = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # looked for, not written to

# A host sets its variable where the bot runs. Their local disks are new with each start or deployment,
# all but Heroku's let a lasting one be mounted somewhere:
# https://devcenter.heroku.com/articles/dynos#ephemeral-filesystem
# https://render.com/docs/disks, https://fly.io/docs/volumes/overview/, https://docs.railway.com/reference/volumes
_HOSTS = {
    "DYNO": "Heroku",
    "RENDER": "Render",
    "FLY_APP_NAME": "Fly.io",
    "RAILWAY_ENVIRONMENT_NAME": "Railway",
    "K_SERVICE": "Google Cloud Run",
}
_NO_MOUNTS = frozenset({"DYNO", "K_SERVICE"})


async def try_writing(database: Database) -> None:
    """Writes one row as it is. Raises StorageError."""
    async with database.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def vanished(url: str) -> bool:
    """Whether an SQLite file was moved or deleted while it is open: it goes on working, and ends with the program."""
    file = parse(url).file
    return file is not None and not file.exists()


def throwaway(url: str, environ: Mapping[str, str]) -> str | None:
    """Who wipes the disk that an SQLite file is on, such as "Heroku"; None where it lasts, and for PostgreSQL."""
    address = parse(url)
    if address.file is None:
        return None
    file = address.file.absolute()
    if any(file.is_relative_to(folder) for folder in _TEMPORARY):
        return "this machine"
    host = next((name for name in _HOSTS if name in environ), None)
    if host is None or (host not in _NO_MOUNTS and _mounted(file)):
        return None
    return _HOSTS[host]


def _mounted(file: Path) -> bool:
    """On a disk other than the program's own."""
    return any(folder.is_mount() for folder in file.parents if folder != Path(file.anchor))

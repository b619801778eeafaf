"""Copies of the database: made while the bot runs, looked at, and put back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import StorageError, StorageUnreachable
from bot.storage.database import HEAD, beside, check_place, copy, file_lock, reading
from bot.storage.url import Address, parse

_COUNTS = (
    ("server", "SELECT count(*) FROM servers"),
    ("channel", "SELECT count(*) FROM subscriptions WHERE ended_at IS NULL"),
    ("paper", "SELECT count(*) FROM papers"),
)
_WITH_ITS_LOG = ("-wal", "-shm")
"""Endings of the files beside an SQLite database that hold what is not in it yet."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a look into a database found. `problem` is a sentence, None for one that is whole and that this version can use."""

    version: str
    counts: Sequence[tuple[str, int]]
    """What is counted, in the singular, and how many there are."""
    problem: str | None


async def check(url: str) -> Findings:
    """Also beside a bot that runs. Raises StorageError when there is no database of this program, or it cannot be read."""
    address = parse(url)
    if address.file is not None and not address.file.exists():
        raise StorageError(f"There is no database {address.file} yet.")
    async with beside(address) as connection:
        damage = await _damage(connection) if address.file is not None else None
        version = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        counts = [(noun, await connection.scalar(text(statement)) or 0) for noun, statement in _COUNTS]
    return Findings(str(version), counts, damage or _from_the_future(address, str(version)))


async def _damage(connection: AsyncConnection) -> str | None:
    found = list(await connection.scalars(text("PRAGMA integrity_check(1)")))
    return (
        None if found == ["ok"] else f"The database is damaged ({found[0]}). Put a copy back with: python -m bot db restore FILE"
    )


def _from_the_future(address: Address, version: str) -> str | None:
    # Versions are numbers of four digits (bot/storage/migrations).
    return (
        f"The database {address} is at version {version}, made by a newer program. Update this one." if version > HEAD else None
    )


def back_up(url: str, file: Path) -> None:
    """Copy an SQLite database into `file`, which must not exist, while it may be written to. Raises StorageError."""
    database = _only_sqlite(parse(url), "pg_dump")
    if not database.exists():
        raise StorageError(f"There is no database {database} yet.")
    _refuse_existing(file)
    with _explained(database):
        copy(database, file)


def restore(url: str, file: Path, now: datetime) -> Path | None:
    """Put the copy `file` in the place of an SQLite database that nobody uses. Gives where the present one now stands, if any.

    Raises StorageError, AlreadyRunning among them, for what is no whole database of this program; then nothing has changed.
    """
    address = parse(url)
    database = _only_sqlite(address, "pg_restore").resolve()
    if not file.is_file():
        raise StorageError(f"There is no copy {file}.")
    if file.resolve() == database:
        raise StorageError(f"{file} is the database itself; name a copy of it.")
    check_place(database)
    with file_lock(database), _explained(file):
        _check_copy(file)
        new = database.with_name(f"{database.name}.restoring")
        new.unlink(missing_ok=True)
        copy(file, new)
        kept = _put_aside(database, now) if database.exists() else None
        new.replace(database)
    return kept


def _only_sqlite(address: Address, tool: str) -> Path:
    if address.file is None:
        raise StorageError(f"The database {address} is PostgreSQL: use {tool}, or the copies that its host makes.")
    return address.file


def _refuse_existing(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise StorageError(f"{file} exists already; name a file that does not.")
    if not file.absolute().parent.is_dir():
        raise StorageError(f"The folder of {file} does not exist. Make it first.")


def _check_copy(file: Path) -> None:
    with closing(reading(file)) as opened:
        [found] = opened.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise StorageError(f"The copy {file} is damaged: {found}")
        try:
            [version] = opened.execute("SELECT version_num FROM alembic_version").fetchone()
        except (sqlite3.OperationalError, TypeError) as error:
            raise StorageError(f"{file} is no database of this program.") from error
    if version > HEAD:
        raise StorageError(f"The copy {file} is at version {version}, made by a newer program. Update this one.")


def _put_aside(database: Path, now: datetime) -> Path:
    """Under another name in the same folder, with what is not in it yet: it may be damaged, so it is moved and not copied."""
    kept = database.with_name(f"{database.name}.before-restore-{now:%Y%m%d-%H%M%S}")
    _refuse_existing(kept)
    for ending in _WITH_ITS_LOG:
        log = database.with_name(database.name + ending)
        if log.exists():
            log.replace(kept.with_name(kept.name + ending))
    database.replace(kept)
    return kept


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
        raise (StorageUnreachable if busy else StorageError)(f"{file} cannot be read or copied: {error}") from error
    except OSError as error:
        raise StorageError(f"{file} cannot be read or copied: {error}") from error

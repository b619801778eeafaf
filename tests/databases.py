"""The database under test: an SQLite file, or one on the PostgreSQL server that TEST_DATABASE_URL names.

TEST_DATABASE_URL=$(scripts/postgres.sh start FOLDER) make test
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from bot.storage.database import upgrade
from bot.storage.url import parse

SERVER = os.environ.get("TEST_DATABASE_URL")
DATABASE = f"arxiv_daily_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
SCRIPT = Path(__file__).parents[1] / "scripts" / "postgres.sh"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server of a test's own, to be stopped at the wrong moment; what it has committed is there when it is back."""

    folder: Path

    def start(self) -> str:
        """Its address. Nothing happens while it runs already."""
        return self._run("start").strip()

    def stop(self) -> None:
        """As by a power cut: nobody who is connected is told."""
        self._run("stop")

    def _run(self, command: str) -> str:
        done = subprocess.run([SCRIPT, command, self.folder], capture_output=True, text=True, timeout=60)
        if done.returncode == 3:
            pytest.skip(done.stderr.strip())
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.start()
            server.stop()


async def empty_database(folder: Path) -> str:
    """The address of one without any table, that nobody else is using; the same each time, and what it held is gone."""
    return _no_file(folder) if SERVER is None else await made_anew(SERVER, DATABASE)


async def new_database(folder: Path) -> str:
    """As empty_database, with the tables as a first start makes them: a copy of one that this process migrated once."""
    if SERVER is not None:
        if _TEMPLATE not in _made:
            await upgrade(await made_anew(SERVER, _TEMPLATE))
            _made.add(_TEMPLATE)
        return await made_anew(SERVER, DATABASE, template=_TEMPLATE)
    if _TEMPLATE not in _made:
        await upgrade(f"sqlite:///{_FOLDER.name}/{_TEMPLATE}")
        _made.add(_TEMPLATE)
    url = _no_file(folder)
    shutil.copyfile(Path(_FOLDER.name) / _TEMPLATE, folder / "lab.db")
    return url


async def keep(folder: Path) -> None:
    """As it is now, for put_back; nobody is in it."""
    if SERVER is None:
        shutil.copyfile(folder / "lab.db", folder / "kept.db")
    else:
        await made_anew(SERVER, _KEPT, template=DATABASE)


async def put_back(folder: Path) -> None:
    """As it was kept."""
    if SERVER is None:
        _no_file(folder)
        shutil.copyfile(folder / "kept.db", folder / "lab.db")
    else:
        await made_anew(SERVER, DATABASE, template=_KEPT)


_TEMPLATE, _KEPT = f"{DATABASE}_template", f"{DATABASE}_kept"
_FOLDER = tempfile.TemporaryDirectory()
_made: set[str] = set()


def _no_file(folder: Path) -> str:
    for file in folder.glob("lab.db*"):
        file.unlink()
    return f"sqlite:///{folder / 'lab.db'}"


async def made_anew(server: str, name: str, *, template: str = "template1") -> str:
    """`name` on the server of this address, of which nothing is left that was there before, nor anybody who was in it."""
    async with administering(server) as connection:
        await connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    return parse(server).url.set(drivername="postgres", database=name).render_as_string(hide_password=False)


@asynccontextmanager
async def administering(server: str) -> AsyncIterator[AsyncConnection]:
    """Each statement is a transaction of its own."""
    address = parse(server)
    engine = create_async_engine(address.url, connect_args=dict(address.connect_args), isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()

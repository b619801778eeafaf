"""Is the database still there tomorrow?"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.errors import StorageError
from bot.storage.database import Database, throwaway, try_writing


@pytest.mark.parametrize(
    ("url", "environ", "who"),
    [
        ("sqlite:////srv/bot/papers.db", {}, None),
        ("sqlite:////srv/bot/papers.db", {"DYNO": "worker.1"}, "Heroku"),
        ("sqlite:////srv/bot/papers.db", {"RENDER": "true"}, "Render"),
        ("sqlite:////srv/bot/papers.db", {"FLY_APP_NAME": "papers"}, "Fly.io"),
        ("sqlite:////tmp/papers.db", {}, "this machine"),
        ("sqlite:////tmpfiles/papers.db", {}, None),
        ("postgres://user:secret@db.example.org/papers", {"DYNO": "worker.1"}, None),
    ],
)
def test_who_throws_the_database_away(url: str, environ: Mapping[str, str], who: str | None) -> None:
    assert throwaway(url, environ) == who


def test_a_disk_mounted_for_it_lasts_where_a_host_offers_one() -> None:
    # /proc is mounted on every Linux; where it is not, there is nothing to look at.
    mounted = next((folder for folder in (Path("/proc"), Path("/dev")) if folder.is_mount()), None)
    if mounted is None:
        pytest.skip("no folder here is known to be mounted")
    assert throwaway(f"sqlite:///{mounted}/papers.db", {"FLY_APP_NAME": "papers"}) is None
    assert throwaway(f"sqlite:///{mounted}/papers.db", {"DYNO": "worker.1"}) == "Heroku"


async def test_writing_changes_nothing(database: Database) -> None:
    recorded = select(text("version_num")).select_from(text("alembic_version"))
    async with database.begin() as connection:
        before = (await connection.scalars(recorded)).all()

    await try_writing(database)

    async with database.begin() as connection:
        assert (await connection.scalars(recorded)).all() == before != []


async def test_a_database_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "papers.db"
    async with Database.open(f"sqlite:///{file}") as database:
        with sqlite3.connect(file) as other:
            other.execute("CREATE TRIGGER full BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        other.close()
        with pytest.raises(StorageError, match="disk full"):
            await try_writing(database)

"""Copies of the database, as an operator makes them, looks at them and puts them back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.databases import Postgres, empty_database, made_anew
from tests.e2e.lab import Lab
from tests.e2e.room import Room
from tests.e2e.test_run import published, seeded


@pytest.fixture
def lab(lab: Lab) -> Lab:
    """On SQLite."""
    lab.url = f"sqlite:///{lab.folder / 'lab.db'}"
    return lab


def beginning_with(folder: Path, name: str) -> list[str]:
    return [file.name for file in folder.iterdir() if file.name.startswith(name)]


async def test_a_copy_made_while_the_bot_runs_is_whole_and_repeats_nothing_on_another_machine(lab: Lab, tmp_path: Path) -> None:
    async with Room(lab) as room:
        await seeded(room)
        new = published(lab, 3)
        await room.tick()
        made = await lab.bot("db", "backup", "copy.db")
        checked = await lab.bot("db", "check")
    assert (made.status, made.out) == (0, "copy.db: 1 server, 1 channel, 6 papers\n")
    assert (checked.status, checked.out.splitlines()[1:]) == (0, ["1 server, 1 channel, 6 papers", "The database is whole."])
    assert beginning_with(tmp_path, "copy.db") == ["copy.db"]

    lab.url = f"sqlite:///{tmp_path / 'moved.db'}"
    restored = await lab.bot("db", "restore", "copy.db")
    assert (restored.status, restored.out) == (0, "copy.db is the database now.\n")
    lab.days(1)
    new += published(lab, 1)
    await lab.once()
    assert lab.posted() == new


async def test_what_a_copy_replaces_is_kept_under_a_name_that_is_said(lab: Lab, tmp_path: Path) -> None:
    await lab.once()
    assert (await lab.bot("db", "backup", "copy.db")).status == 0
    before = (await lab.bot("db", "check")).out
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(lab.sandbox.world.general.id)}])
    await lab.once()
    restored = await lab.bot("db", "restore", "copy.db")
    kept = restored.out.strip().rpartition(" ")[2].removesuffix(".")

    assert (await lab.bot("db", "check")).out == before
    lab.url = f"sqlite:///{kept}"
    assert "1 server, 2 channels" in (await lab.bot("db", "check")).out


async def test_what_is_in_the_way_is_said_and_nothing_is_changed(lab: Lab, tmp_path: Path) -> None:
    await lab.once()
    (tmp_path / "copy.db").write_text("mine")
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\0" + bytes(5000))
    before = (tmp_path / "lab.db").read_bytes()
    for arguments, sentence in {
        ("backup", "copy.db"): "copy.db exists already",
        ("restore", "copy.db"): "copy.db cannot be read or copied: file is not a database",
        ("restore", "none.db"): "There is no copy none.db.",
        ("restore", "broken.db"): "broken.db",
        ("restore", "lab.db"): "is the database itself",
    }.items():
        finished = await lab.bot("db", *arguments)
        assert (finished.status, "Traceback" in finished.err) == (2, False)
        assert sentence in finished.err
    async with Room(lab):
        (tmp_path / "copy.db").unlink()
        assert (await lab.bot("db", "backup", "copy.db")).status == 0
        finished = await lab.bot("db", "restore", "copy.db")
        assert (finished.status, "Another process" in finished.err) == (2, True)
    assert (tmp_path / "lab.db").read_bytes()[:16] == before[:16]


async def test_a_damaged_or_missing_database_is_said_with_status_2(lab: Lab, tmp_path: Path) -> None:
    await empty_database(tmp_path)
    missing = await lab.bot("db", "check")
    assert (missing.status, "There is no database" in missing.err) == (2, True)
    assert not (tmp_path / "lab.db").exists()
    await lab.once()
    whole = (tmp_path / "lab.db").read_bytes()
    (tmp_path / "lab.db").write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    damaged = await lab.bot("db", "check")
    assert (damaged.status, "Traceback" in damaged.err) == (2, False)
    assert "malformed" in damaged.err or "damaged" in damaged.err


async def test_a_database_of_a_newer_program_is_said_with_status_2(lab: Lab, tmp_path: Path) -> None:
    await lab.once()
    with closing(sqlite3.connect(tmp_path / "lab.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    checked = await lab.bot("db", "check")

    assert (checked.status, "Traceback" in checked.err) == (2, False)
    assert "is at version 9999, made by a newer program" in checked.err


async def test_postgresql_has_tools_of_its_own(lab: Lab, postgres: Postgres) -> None:
    lab.url = await made_anew(postgres.start(), "copies")
    await lab.once()
    backup, restore, check = [await lab.bot("db", *words) for words in (["backup", "x"], ["restore", "x"], ["check"])]
    assert (backup.status, "use pg_dump" in backup.err) == (2, True)
    assert (restore.status, "use pg_restore" in restore.err) == (2, True)
    assert (check.status, "1 server, 1 channel" in check.out) == (0, True)

"""Opening, locking, migrating, and what a transaction promises."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.digest.model import Notice, NoticeKind, Reach
from bot.errors import AlreadyRunning, StorageError, StorageUnreachable
from bot.storage.database import HEAD, Database, upgrade
from bot.storage.deliveries import DeliveryStore
from bot.storage.ledger import LedgerStore
from bot.storage.queries import QueryStore
from bot.storage.schema import metadata
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from bot.storage.url import parse
from tests.databases import Postgres, made_anew
from tests.papers import answer
from tests.storage.lab import CHANNEL, DEFAULTS, NOW, SERVER

ROOT = Path(__file__).parents[2]
QUERY = "all:perovskite"
FLOOD: dict[str, object] = {
    "kind": "notice",
    "badges": [],
    "day_line": None,
    "away": False,
    "intro": None,
    "notice": {"kind": "flood", "count": 12},
    "edits": None,
    "notifies_on": None,
}


async def child(program: str, url: str) -> str:
    """What another process prints that runs `program` with `url` as its argument."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", program, url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    return output.decode().strip()


INSTALLED = f"""
INSERT INTO servers (guild_id, query, schedule, next_run_at, attempt, paused)
VALUES ({SERVER}, 'cat:cs.LG', '14:00 Asia/Singapore', '2025-12-09 06:00:00.000000', 0, false);
INSERT INTO subscriptions (channel_id, guild_id, origin, seeded_query, seeded_at, seeded_lookback, seeded_max_results)
VALUES ({CHANNEL}, {SERVER}, 'file', 'cat:cs.LG', '2025-12-08 06:00:00.000000', 30, 500);
INSERT INTO digests (channel_id, slot_at, finished_at, report)
VALUES ({CHANNEL}, '2025-12-08 06:00:00.000000', '2025-12-08 06:00:00.000000', '{{"seeded": 90, "recent": 15}}');
INSERT INTO deliveries (id, channel_id, kind, nonce, payload, state, created_at, tries)
VALUES (7, {CHANNEL}, 'notice', '1f', '{json.dumps(FLOOD)}', 'pending', '2025-12-09 06:00:00.000000', 0);
"""


async def first_version(url: str, rows: str) -> None:
    """A database as the first version of the program made and filled it."""

    def fill(connection: Connection) -> None:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(ROOT / "bot" / "storage" / "migrations"))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "0001")
        for statement in rows.strip().split(";\n"):
            connection.exec_driver_sql(statement)

    engine = create_async_engine(parse(url).url)
    async with engine.begin() as connection:
        await connection.run_sync(fill)
    await engine.dispose()


OPENING = """
import asyncio, sys
from bot.errors import AlreadyRunning
from bot.storage.database import Database

async def main():
    async with Database.open(sys.argv[1]):
        print("opened", "alembic" in sys.modules)

try:
    asyncio.run(main())
except AlreadyRunning as error:
    print("AlreadyRunning", error)
"""


async def test_a_second_process_is_turned_away(url: str) -> None:
    async with Database.open(url):
        said = await child(OPENING, url)
    assert said.startswith("AlreadyRunning Another process is using ")
    assert "lab.db.lock" in said or "advisory lock" in said


async def test_upgrade_leaves_a_database_in_use_as_it_is(url: str) -> None:
    async with Database.open(url) as database:
        assert "nothing to do" in await upgrade(url)
        async with database.begin() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        with pytest.raises(AlreadyRunning):
            await upgrade(url)


async def test_the_lock_is_free_again_after_closing(url: str) -> None:
    for _ in range(2):
        async with Database.open(url):
            pass
    assert (await child(OPENING, url)).startswith("opened")


async def test_alembic_is_imported_only_for_a_pending_migration(url: str) -> None:
    assert await child(OPENING, url) == "opened True"
    assert await child(OPENING, url) == "opened False"


async def test_upgrade_says_what_it_did(url: str) -> None:
    assert f"made at version {HEAD}" in await upgrade(url)
    assert "nothing to do" in await upgrade(url)


async def test_a_database_of_the_first_version_keeps_what_it_had(url: str) -> None:
    await first_version(url, INSTALLED)
    assert f"brought from version 0001 to {HEAD}" in await upgrade(url)
    async with Database.open(url) as database:
        (subscription,) = await SubscriptionStore(database, DEFAULTS).of_server(SERVER)
        (unfinished,) = await DeliveryStore(database).unfinished()
        assert await LedgerStore(database).rate(subscription, NOW) == 0.5
        assert await ServerStore(database, DEFAULTS).known() == {SERVER}
        assert not await ServerStore(database, DEFAULTS).join(SERVER, NOW)
    assert (subscription.channel_id, subscription.query) == (CHANNEL, "cat:cs.LG")
    assert (unfinished.id, unfinished.message.notice) == (7, Notice(NoticeKind.FLOOD, 12))
    assert unfinished.destination_id == CHANNEL


def test_the_newest_version_is_that_of_alembic() -> None:
    assert ScriptDirectory(str(ROOT / "bot" / "storage" / "migrations")).get_heads() == [HEAD]


async def test_migrations_make_the_tables_the_code_expects(database: Database) -> None:
    def difference(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with database.begin() as connection:
        assert await connection.run_sync(difference) == []


async def test_a_database_of_a_newer_program_is_left_alone(url: str) -> None:
    async with Database.open(url) as database, database.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="Update the program"):
        await upgrade(url)


async def test_an_sqlite_file_is_copied_before_it_is_migrated(tmp_path: Path) -> None:
    file = tmp_path / "papers.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE notes (line TEXT)")
        connection.execute("INSERT INTO notes VALUES ('kept')")
    said = await upgrade(f"sqlite:///{file}")
    copy = tmp_path / f"papers.db.backup-before-{HEAD}"
    assert str(copy) in said
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT line FROM notes").fetchall() == [("kept",)]
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]


def with_a_note(file: Path) -> str:
    """An SQLite file of an earlier day; its address."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE notes (line TEXT)")
    return f"sqlite:///{file}"


async def test_half_a_copy_of_an_interrupted_start_is_replaced(tmp_path: Path) -> None:
    url = with_a_note(tmp_path / "papers.db")
    copy = tmp_path / f"papers.db.backup-before-{HEAD}"
    copy.write_text("half")
    await upgrade(url)
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]


async def test_without_a_copy_nothing_is_migrated_and_the_sentence_names_what_is_in_the_way(tmp_path: Path) -> None:
    url = with_a_note(tmp_path / "papers.db")
    copy = tmp_path / f"papers.db.backup-before-{HEAD}"
    copy.mkdir()
    with pytest.raises(StorageError, match=f"{re.escape(str(copy))}.*Move away what is in the way"):
        await upgrade(url)
    with closing(sqlite3.connect(tmp_path / "papers.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]


async def test_a_new_sqlite_file_is_not_copied(tmp_path: Path) -> None:
    assert "A copy" not in await upgrade(f"sqlite:///{tmp_path / 'papers.db'}")


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder nobody may write to."""
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write anywhere")
    return tmp_path


async def test_a_folder_this_user_may_not_write_to(closed: Path) -> None:
    with pytest.raises(StorageError, match="may not write to") as caught:
        async with Database.open(f"sqlite:///{closed / 'papers.db'}"):
            pass
    assert not isinstance(caught.value, StorageUnreachable)


@pytest.mark.parametrize(
    ("path", "hint"),
    [("", "is a folder"), ("missing/papers.db", "does not exist"), ("notes.txt", "file is not a database")],
)
async def test_a_path_that_cannot_be_opened(tmp_path: Path, path: str, hint: str) -> None:
    (tmp_path / "notes.txt").write_text("A shopping list is not a database, however long it is.\n" * 100)
    with pytest.raises(StorageError, match=hint) as caught:
        async with Database.open(f"sqlite:///{tmp_path / path}"):
            pass
    assert str(tmp_path) in str(caught.value)


async def test_postgresql_that_does_not_answer() -> None:
    with pytest.raises(StorageError, match="cannot be reached") as caught:
        async with Database.open("postgres://lab:secret@127.0.0.1:1/papers"):
            pass
    assert "secret" not in str(caught.value)


async def fail_halfway(database: Database) -> None:
    async with database.begin() as connection:
        await connection.execute(text("INSERT INTO queries (text, last_total) VALUES ('half', 1)"))
        await connection.execute(text("SELECT * FROM nowhere"))


async def test_what_fails_halfway_is_undone(database: Database) -> None:
    with pytest.raises(StorageError, match="nowhere"):
        await fail_halfway(database)
    async with database.begin() as connection:
        assert (await connection.execute(text("SELECT text FROM queries"))).all() == []


async def test_a_rehearsal_sees_what_it_wrote_and_leaves_nothing(database: Database) -> None:
    store = QueryStore(database)
    await store.answered(QUERY, answer(1), NOW, believed=True, reach=Reach(1.5, None))
    async with database.rehearsal():
        await asyncio.gather(
            store.answered(QUERY, answer(2), NOW, believed=True, reach=Reach(1.5, None)),
            store.failed("all:other", "no answer", NOW),
        )
        with pytest.raises(StorageError):
            await fail_halfway(database)
        assert (await store.state(QUERY)).last_total == 2
        assert (await store.state("all:other")).last_error == "no answer"
        assert (await store.state("half")).last_total is None
    assert (await store.state(QUERY)).last_total == 1
    assert (await store.state("all:other")).last_error is None


async def test_a_rehearsal_that_fails_leaves_nothing_either(database: Database) -> None:
    store = QueryStore(database)

    async def rehearse() -> None:
        async with database.rehearsal():
            await store.answered(QUERY, answer(2), NOW, believed=True, reach=Reach(1.5, None))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await rehearse()
    assert (await store.state(QUERY)).last_total is None


async def test_times_come_back_aware_and_naive_ones_are_refused(database: Database) -> None:
    store = QueryStore(database)
    await store.failed(QUERY, "no answer", NOW.astimezone())
    since = (await store.state(QUERY)).failing_since
    assert since == NOW
    assert since is not None
    assert since.tzname() == "UTC"
    with pytest.raises(StatementError, match="naive"):
        await store.failed("all:naive", "no answer", datetime(2025, 12, 9))  # noqa: DTZ001


async def test_postgresql_that_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"postgres://lab:secret@127.0.0.1:{silent.getsockname()[1]}/papers?connect_timeout=1"
        with pytest.raises(StorageUnreachable, match=r"cannot be reached: \w+"):
            async with Database.open(address):
                pass


async def test_a_link_to_a_database_is_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "link.db").symlink_to(tmp_path / "real.db")
    async with Database.open(f"sqlite:///{tmp_path / 'real.db'}"):
        with pytest.raises(AlreadyRunning):
            async with Database.open(f"sqlite:///{tmp_path / 'elsewhere' / 'link.db'}"):
                pass


async def test_a_file_that_another_program_has_locked_is_worth_another_try(tmp_path: Path) -> None:
    async with Database.open(f"sqlite:///{tmp_path / 'lab.db'}") as database:
        with closing(sqlite3.connect(tmp_path / "lab.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageUnreachable, match="locked"):
                async with database.begin():
                    pass


async def test_a_full_disk_is_worth_another_try(tmp_path: Path) -> None:
    async with Database.open(f"sqlite:///{tmp_path / 'lab.db'}") as database:
        await in_one_transaction(database, "CREATE TABLE notes (line TEXT)", "PRAGMA max_page_count = 1")
        with pytest.raises(StorageUnreachable, match="full"):
            await in_one_transaction(database, f"INSERT INTO notes VALUES ('{'moss' * 10_000}')")


@pytest.mark.parametrize("statement", ["SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)", "CREATE TABLE more (id int)"])
async def test_a_slow_or_read_only_server_is_worth_another_try(postgres: Postgres, statement: str) -> None:
    url = await made_anew(postgres.start(), "passing")
    async with Database.open(url) as database:
        with pytest.raises(StorageUnreachable):
            await in_one_transaction(database, "SET LOCAL transaction_read_only = on", *statement.split("; "))


@pytest.mark.parametrize("state", ["42P05", "26000"])
async def test_a_pooler_that_shares_sessions_is_named_with_the_remedy(postgres: Postgres, state: str) -> None:
    """A prepared statement that exists already, or not any more, although this session made it."""
    url = await made_anew(postgres.start(), "pooled")
    async with Database.open(url) as database:
        with pytest.raises(StorageError, match="pooler's session mode"):
            await in_one_transaction(database, f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$")


async def in_one_transaction(database: Database, *statements: str) -> None:
    async with database.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)

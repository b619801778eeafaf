"""Trouble that passes by itself: it ends with status 1 or costs one message a try, and what needs a person is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from bot.errors import StorageUnreachable
from bot.storage import database
from sandbox.control.faults import Fault
from tests.databases import Postgres, administering, made_anew
from tests.e2e.lab import Lab
from tests.e2e.room import Room, running, until
from tests.e2e.test_daily import seeded

POST = "POST /channels/{channel_id}/messages"


@pytest.mark.parametrize("route", [POST, "GET /guilds/{guild_id}", "GET /guilds/{guild_id}/members/{user_id}"])
async def test_one_401_among_good_answers_ends_nothing(lab: Lab, route: str) -> None:
    await seeded(lab)
    new = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(3)]
    lab.sandbox.faults.add(Fault(route, status=401))

    report = await lab.once()
    assert report.status in (0, 1)
    if not report.complete:
        lab.move(hours=1)
        assert (await lab.once()).complete

    assert lab.posted() == new


async def test_a_second_401_ends_it(lab: Lab) -> None:
    await seeded(lab)
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.add(Fault(POST, status=401, times=-1))
    lab.sandbox.faults.add(Fault("GET /users/@me", status=401, after=1, times=-1))  # it logs in all the same

    finished = await lab.bot("once", *lab.now_argument())

    assert finished.status == 2
    assert "token" in finished.err


async def test_the_database_deleted_while_it_runs_is_said_within_a_tick(lab: Lab) -> None:
    if not lab.url.startswith("sqlite"):
        pytest.skip("a PostgreSQL database is no file")
    log = lab.folder / "run.log"
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    async with running(lab):
        await until(lab.messages)
        (lab.folder / "lab.db").unlink()
        await until(lambda: "moved or deleted" in log.read_text(encoding="utf-8"))
    async with Room(lab) as room:
        status = await room.manager.command("status")
        (lab.folder / "lab.db").unlink()
        check = await room.manager.press(status, "Check")

    assert "moved or deleted" in str(check.embeds)


@pytest.fixture
async def held(postgres: Postgres) -> AsyncIterator[str]:
    """The address of a database whose lock somebody else's session holds, and does nothing more."""
    url = await made_anew(postgres.start(), "held")
    async with administering(url) as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": int.from_bytes(b"arxivday")})
        yield url


async def test_the_lock_of_a_session_that_lives_is_a_second_process(lab: Lab, held: str) -> None:
    lab.url = held
    finished = await lab.bot("once")
    assert (finished.status, "Another process" in finished.err) == (2, True)


async def test_the_lock_of_a_session_that_fell_silent_is_worth_another_try(
    lab: Lab, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.url = held
    monkeypatch.setattr(database, "_SILENT", -1.0)  # as if the minutes had passed
    with pytest.raises(StorageUnreachable, match="done nothing for"):
        await asyncio.wait_for(lab.once(), 30)

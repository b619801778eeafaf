"""PostgreSQL goes away and comes back, at any moment: nothing is lost, nothing comes twice, and who asks is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from bot.digest.model import Delivery
from bot.digest.ports import Journal, Outbox
from bot.errors import AlreadyRunning, StorageUnreachable
from bot.storage.database import Database
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from tests.databases import Postgres, made_anew
from tests.e2e.lab import Lab
from tests.e2e.room import Room, at_message, running, until
from tests.e2e.test_run import published, seeded

PAPERS = 12


@pytest.fixture
async def url(postgres: Postgres) -> str:
    return await made_anew(postgres.start(), "lab_test")


def said(lab: Lab, sentence: str) -> bool:
    return sentence in (lab.folder / "run.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("moment", [1, 5, PAPERS], ids=["after the first message", "in the middle", "after the last"])
async def test_away_in_the_middle_of_a_digest(lab: Lab, postgres: Postgres, moment: int) -> None:
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    async with running(lab) as child:
        await until(lab.messages)
        at_message(lab, moment, postgres.stop)
        new = published(lab, PAPERS)
        lab.days(1)
        await until(lambda: said(lab, "the next one comes all the same"))
        lab.move(hours=2)
        postgres.start()
        await until(lambda: len(lab.posted()) >= PAPERS)
        more = published(lab, 3)
        lab.days(1)
        await until(lambda: len(lab.posted()) >= PAPERS + 3)
        child.terminate()
        assert await asyncio.wait_for(child.wait(), 10) == 0

    assert lab.posted() == new + more


async def test_restarted_overnight_the_morning_comes_as_usual(lab: Lab, postgres: Postgres) -> None:
    async with Room(lab) as room:
        await seeded(room)
        new = published(lab, 2)
        postgres.stop()
        postgres.start()
        lab.days(1)
        assert (await room.tick()).status == 0

    assert lab.posted() == new


async def test_while_it_is_away_a_digest_fails_and_loses_nothing(lab: Lab, postgres: Postgres) -> None:
    async with Room(lab) as room:
        await seeded(room)
        new = published(lab, 2)
        postgres.stop()
        lab.days(1)
        for _ in range(3):
            with pytest.raises(StorageUnreachable):
                await room.tick()
            lab.move(hours=1)
        assert lab.posted() == []
        postgres.start()
        assert (await room.tick()).status == 0

    assert lab.posted() == new


async def test_while_it_is_away_whoever_asks_is_told_and_can_go_on_afterwards(lab: Lab, postgres: Postgres) -> None:
    async with Room(lab) as room:
        await seeded(room)
        offer = await room.manager.command("setquery", query="all:moss")
        postgres.stop()
        status = await room.member.command("status")
        save = await room.manager.press(offer, "Save")
        for told in (status.content, save.followups[-1].content):
            assert told == "My database does not answer at the moment. Try again in a minute."
        postgres.start()
        await room.manager.press(offer, "Save")
        assert "all:moss" in str((await room.member.command("status")).embeds)


async def test_another_process_that_was_quicker_afterwards_is_not_interfered_with(lab: Lab, postgres: Postgres) -> None:
    async with Room(lab) as room:
        await seeded(room)
        new = published(lab, 2)
        lab.days(1)
        postgres.stop()
        postgres.start()
        async with Database.open(lab.url):
            with pytest.raises(AlreadyRunning):
                await room.tick()
            assert lab.posted() == []
        await room.tick()

    assert lab.posted() == new


class Interrupted:
    """The real outbox; something happens between the claim and the first message."""

    def __init__(self, outbox: Outbox, happen: Callable[[], Awaitable[None]]) -> None:
        self._outbox = outbox
        self._happen = happen

    def __getattr__(self, name: str) -> object:
        return getattr(self._outbox, name)

    async def send(self, deliveries: Sequence[Delivery], journal: Journal, *, resuming: bool = False) -> frozenset[int]:
        if not resuming:
            await self._happen()
        return await self._outbox.send(deliveries, journal, resuming=resuming)


async def test_what_another_process_has_posted_meanwhile_is_not_posted_again(lab: Lab, postgres: Postgres) -> None:
    """Ten minutes later, when Discord does not know the nonces any more."""

    async def taken_over() -> None:
        postgres.stop()
        postgres.start()
        finished = await lab.bot("once", *lab.now_argument())
        assert (finished.status, lab.posted()) == (0, new)
        lab.move(minutes=10)

    async with Room(lab) as room:
        await seeded(room)
        new = published(lab, 3)
        lab.days(1)
        with pytest.raises(StorageUnreachable, match="was away"):
            await room.bot.app.run_digest(Interrupted(room.bot.outbox, taken_over))  # type: ignore[arg-type]
        await room.tick()

    assert lab.posted() == new


async def test_nothing_is_posted_while_another_process_holds_the_lock(lab: Lab, postgres: Postgres) -> None:
    async with Room(lab) as room, AsyncExitStack() as other:

        async def taken_over() -> None:
            postgres.stop()
            postgres.start()
            await other.enter_async_context(Database.open(lab.url))

        await seeded(room)
        new = published(lab, 3)
        lab.days(1)
        with pytest.raises(AlreadyRunning):
            await room.bot.app.run_digest(Interrupted(room.bot.outbox, taken_over))  # type: ignore[arg-type]
        assert lab.posted() == []
        await other.aclose()
        await room.tick()

    assert lab.posted() == new


async def test_a_dry_run_that_loses_it_ends_with_a_sentence(lab: Lab, postgres: Postgres) -> None:
    async with Room(lab) as room:
        await seeded(room)
    published(lab, 3)
    lab.days(1)
    lab.sandbox.faults.add(Fault(ROUTE, stall=30))
    asked = len(lab.sandbox.arxiv.requests)
    rehearsing = asyncio.create_task(lab.bot("once", "--dry-run", *lab.now_argument()))
    await until(lambda: len(lab.sandbox.arxiv.requests) > asked)
    postgres.stop()
    lab.sandbox.faults.clear()
    finished = await rehearsing

    assert (finished.status, lab.posted()) == (1, [])
    assert "Traceback" not in finished.err
    assert "connection" in finished.err.splitlines()[-1] or "away" in finished.err.splitlines()[-1]


async def test_a_rehearsal_that_lost_it_says_so_each_time_it_is_asked(url: str, postgres: Postgres) -> None:
    async with Database.open(url) as database, database.rehearsal():
        postgres.stop()
        for _ in range(3):
            with pytest.raises(StorageUnreachable):
                async with database.begin() as connection:
                    await connection.execute(text("SELECT 1"))


async def test_once_without_it_is_tried_again_later(lab: Lab, postgres: Postgres) -> None:
    postgres.stop()
    finished = await lab.bot("once", *lab.now_argument())
    postgres.start()

    assert finished.status == 1
    assert "cannot be reached" in finished.err
    assert len(finished.err.splitlines()) == 1
    assert (await lab.bot("once", *lab.now_argument())).status == 0

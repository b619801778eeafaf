"""PostgreSQL goes away and comes back, at any moment: nothing is lost, nothing comes twice, and who asks is told."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import AlreadyRunning, StorageUnreachable
from bot.storage.database import Database
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
            with pytest.raises(StorageUnreachable, match="cannot be reached"):
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


async def test_once_without_it_is_tried_again_later(lab: Lab, postgres: Postgres) -> None:
    postgres.stop()
    finished = await lab.bot("once", *lab.now_argument())
    postgres.start()

    assert finished.status == 1
    assert "cannot be reached" in finished.err
    assert len(finished.err.splitlines()) == 1
    assert (await lab.bot("once", *lab.now_argument())).status == 0

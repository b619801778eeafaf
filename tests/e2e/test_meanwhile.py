"""What people type while a digest waits for arXiv, and while it posts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from bot.delivery.outbox import connected
from bot.digest.model import Answer
from bot.digest.ports import Source
from bot.digest.report import Report
from bot.query import Query
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.panel import MOVE, filled, one, panel, publish, text
from tests.e2e.panel import room as room
from tests.e2e.room import Room, at_message
from tests.e2e.test_daily import ALLOY, seeded

PAPERS = 30


class Meanwhile:
    """The real source; something happens before its first answer."""

    def __init__(self, source: Source, happens: Callable[[], Awaitable[object]]) -> None:
        self._source = source
        self._happens: Callable[[], Awaitable[object]] | None = happens

    async def search(self, query: Query, *, limit: int, since: datetime | None) -> Answer:
        happens, self._happens = self._happens, None
        if happens is not None:
            await happens()
        return await self._source.search(query, limit=limit, since=since)


async def test_a_channel_stopped_while_arxiv_is_asked_gets_nothing_more(lab: Lab) -> None:
    world = lab.sandbox.world
    lab.configure(channels=[])
    async with lab.app() as app:
        await app.storage.servers.join(world.lab.id, app.clock.now())
        await app.storage.servers.change(world.lab.id, app.clock.now(), query=app.settings.query)
        for channel in (world.papers, world.general):
            await app.storage.subscriptions.follow(channel.id, world.lab.id, None, app.clock.now())
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **ALLOY)
    settings = lab.settings()

    async with lab.app() as app, connected(world.token, settings.discord_api_url, app.clock) as channels:
        app.asker.source = Meanwhile(app.asker.source, lambda: app.storage.subscriptions.stop(world.papers.id, app.clock.now()))
        await app.run_digest(channels)
        assert (lab.posted(world.papers.id), lab.posted(world.general.id)) == ([], [])
        await app.run_digest(channels)

    assert (lab.posted(world.papers.id), lab.posted(world.general.id)) == ([], [record.id])


class TestAskedMeanwhile:
    @pytest.mark.parametrize("command", ["status", "settings"])
    async def test_a_digest_that_is_just_made_is_said_to_be(self, lab: Lab, room: Room, command: str) -> None:
        said: list[str] = []

        async def ask() -> None:
            said.append(text(await room.manager.command(command)))

        room.bot.app.asker.source = Meanwhile(room.bot.app.asker.source, ask)
        lab.move(to=datetime.fromisoformat("2026-03-03T14:00:30+08:00"))
        await room.tick()

        assert "The digest of" in said[0]
        assert " under way since 14:00.\n" in said[0]
        assert "Next" not in said[0]
        assert "Next" in text(await room.manager.command(command))

    async def test_so_is_another_try(self, lab: Lab, room: Room) -> None:
        said: list[str] = []

        async def ask() -> None:
            said.append(text(await room.manager.command("status")))

        lab.days()
        lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
        await room.tick()
        assert "Next try: **Tue 3 Mar 15:0" in text(await room.manager.command("status"))
        lab.sandbox.faults.clear()
        room.bot.app.asker.source = Meanwhile(room.bot.app.asker.source, ask)
        lab.move(hours=1)
        await room.tick()
        assert "The try of **Tue 3 Mar 15:0" in said[0]
        assert " under way since 16:0" in said[0]

    @pytest.mark.parametrize("command", ["status", "settings"])
    async def test_that_arxiv_is_slow_is_said_while_it_is(self, lab: Lab, room: Room, command: str) -> None:
        said: list[str] = []

        async def ask() -> None:
            lab.move(minutes=3)
            said.append(text(await room.manager.command(command)))

        room.bot.app.asker.source = Meanwhile(room.bot.app.asker.source, ask)
        lab.move(to=datetime.fromisoformat("2026-03-03T14:00:30+08:00"))
        await room.tick()
        assert " under way since 14:00. " in said[0]
        assert "slow" in said[0]
        assert "slow" not in text(await room.manager.command(command))

    async def test_before_the_tick_and_beside_a_digest_on_request_nothing_is_claimed_to_be_made(
        self, lab: Lab, room: Room
    ) -> None:
        said: list[str] = []

        async def ask() -> None:
            said.append(text(await room.manager.command("status")))

        lab.days()
        await ask()
        room.bot.app.asker.source = Meanwhile(room.bot.app.asker.source, ask)
        await room.manager.press(await panel(room), "Post now")
        assert len(said) == 2
        assert all(" is due: " in each for each in said)

    async def test_an_hour_changed_meanwhile_holds_from_its_next_occurrence_on(self, lab: Lab, room: Room) -> None:
        reply = await panel(room)

        async def change() -> None:
            await filled(room.manager, reply, "Time and zone", hour="9:00")

        paper = publish(lab)
        room.bot.app.asker.source = Meanwhile(room.bot.app.asker.source, change)
        lab.move(to=datetime.fromisoformat("2026-03-03T14:00:00+08:00"))
        await room.tick()
        assert lab.posted() == [paper]
        assert "Next digest: **Wed 4 Mar 09:00" in text(await room.manager.command("status"))


async def interrupted(room: Room, press: Callable[[], Awaitable[object]]) -> tuple[list[str], int, Report]:
    """Thirty papers are posted one by one; after the third somebody presses something. The papers, how many stood there when
    the answer came, and what the digest reports."""
    lab = room.lab
    await filled(room.manager, await panel(room), "Cards", cards=str(PAPERS))
    papers = [publish(lab, f"Moss, part {number}") for number in range(PAPERS)]
    lab.days()

    async def pressed() -> int:
        await press()
        return len(lab.posted())

    presses: list[asyncio.Task[int]] = []
    at_message(lab, 3, lambda: presses.append(asyncio.create_task(pressed())))
    report = await room.tick()
    return papers, await presses[0], report


class TestPressedInTheMiddle:
    """One message may be on its way when the button is pressed."""

    @pytest.mark.parametrize("button", ["Stop", "Erase everything"])
    async def test_nothing_more_comes(self, lab: Lab, room: Room, button: str) -> None:
        reply = await (one(room) if button == "Stop" else room.manager.press(await panel(room), "Erase"))

        papers, standing, report = await interrupted(room, lambda: room.manager.press(reply, button))

        assert 3 <= len(lab.posted()) <= standing + 1 < PAPERS
        assert report.complete
        posted = lab.posted()
        lab.days()
        await room.tick()
        assert lab.posted() == posted == papers[: len(posted)]

    async def test_paused_the_others_come_when_it_is_resumed(self, lab: Lab, room: Room) -> None:
        reply = await panel(room)

        papers, standing, _ = await interrupted(room, lambda: room.manager.press(reply, "Pause"))

        assert 3 <= len(lab.posted()) <= standing + 1 < PAPERS
        await room.manager.press(reply, "Resume")
        await room.tick()
        assert lab.posted() == papers

    async def test_moved_the_others_come_where_it_was_moved_to(self, lab: Lab, room: Room) -> None:
        reply, general = await one(room), lab.sandbox.world.general

        papers, standing, _ = await interrupted(room, lambda: room.manager.choose(reply, MOVE, general))

        assert 3 <= len(lab.posted()) <= standing + 1 < PAPERS
        await room.tick()
        assert lab.posted() + lab.posted(general.id) == papers

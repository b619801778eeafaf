"""What can be typed, who may change what, and what is told of a digest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.digest.model import Updates
from bot.digest.report import Report
from bot.errors import NotAllowedHere
from bot.settings.typed import BadValue, clock_time, zone_name
from bot.storage.queries import QueryStore
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from cogs.settings.service import Posted, SettingsService, cards
from tests.apps import opened
from tests.papers import NOON

SERVER, ELSEWHERE, PAPERS, LOUNGE = 11, 12, 21, 22
ALLOYS, MOSS = "all:alloys", "ti:moss"


class Clock:
    """Stands still."""

    def now(self) -> datetime:
        return NOON

    async def sleep(self, seconds: float) -> None: ...


@dataclass
class Lab:
    servers: ServerStore
    subscriptions: SubscriptionStore
    queries: QueryStore
    settings: SettingsService
    held: list[int]
    """The server of every lock that was taken."""

    async def followed(self, guild_id: int = SERVER) -> dict[int, str]:
        return {each.channel_id: each.query for each in await self.subscriptions.of_server(guild_id)}


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    held: list[int] = []

    @asynccontextmanager
    async def lock(guild_id: int) -> AsyncIterator[None]:
        held.append(guild_id)
        yield

    async with opened(tmp_path, Clock()) as app:
        app.locks = lock
        yield Lab(app.storage.servers, app.storage.subscriptions, app.storage.queries, SettingsService(app), held)


class TestTyped:
    def test_nothing_is_the_default(self) -> None:
        assert (clock_time(" "), zone_name(""), cards("")) == (None, None, None)

    def test_what_cannot_be_read_is_said_with_the_remedy_of_config_json(self) -> None:
        with pytest.raises(BadValue, match="I cannot read `25:00` as a time: write hours and minutes, such as"):
            clock_time("25:00")
        with pytest.raises(BadValue, match='I know no time zone `SGT`: write "Asia/Singapore"'):
            zone_name("SGT")

    def test_what_was_typed_is_no_markup(self) -> None:
        with pytest.raises(BadValue) as refused:
            zone_name("`@everyone` 0123456789" * 9)
        assert str(refused.value).count("`") == 2
        assert len(str(refused.value)) < 200

    @pytest.mark.parametrize(("typed", "meant"), [("0", 0), (" 100 ", 100)])
    def test_cards(self, typed: str, meant: int) -> None:
        assert cards(typed) == meant

    @pytest.mark.parametrize("typed", ["101", "-1", "ten", "1.5", "²"])
    def test_what_is_no_number_of_cards(self, typed: str) -> None:
        with pytest.raises(BadValue, match="from 0 to 100"):
            cards(typed)


async def test_every_change_takes_the_lock_of_its_server_once(lab: Lab) -> None:
    await lab.servers.change(SERVER, NOON, query=MOSS)
    await lab.subscriptions.follow(PAPERS, SERVER, ALLOYS, NOON)
    for change in (
        lab.settings.keep(SERVER, post_at=clock_time("9"), timezone=None, max_posts=3, updates=Updates.OFF),
        lab.settings.keep(SERVER, paused=True),
        lab.settings.share_query(SERVER, PAPERS),
        lab.settings.move(SERVER, PAPERS, LOUNGE),
        lab.settings.stop(SERVER, LOUNGE),
        lab.settings.erase(SERVER),
    ):
        lab.held.clear()
        await change
        assert lab.held == [SERVER]


class TestChannels:
    async def test_of_another_server_cannot_be_touched(self, lab: Lab) -> None:
        await lab.servers.change(SERVER, NOON, query=MOSS)
        await lab.subscriptions.follow(PAPERS, ELSEWHERE, ALLOYS, NOON)
        for touch in (lab.settings.stop, lab.settings.share_query, lab.settings.channel):
            with pytest.raises(NotAllowedHere, match="gets no papers now"):
                await touch(SERVER, PAPERS)
        with pytest.raises(NotAllowedHere, match="gets no papers now"):
            await lab.settings.move(SERVER, PAPERS, LOUNGE)
        assert await lab.followed(ELSEWHERE) == {PAPERS: ALLOYS}

    async def test_without_a_servers_query_there_is_none_to_share(self, lab: Lab) -> None:
        await lab.subscriptions.follow(PAPERS, SERVER, ALLOYS, NOON)
        with pytest.raises(NotAllowedHere, match="no query that channels could share"):
            await lab.settings.share_query(SERVER, PAPERS)
        assert await lab.followed() == {PAPERS: ALLOYS}

    async def test_nothing_is_coming_while_nobody_is_fed_or_the_server_is_paused(self, lab: Lab) -> None:
        assert (await lab.settings.of(SERVER)).next_at is None
        await lab.subscriptions.follow(PAPERS, SERVER, ALLOYS, NOON)
        assert (await lab.settings.of(SERVER)).next_at == NOON + timedelta(hours=18)
        await lab.settings.keep(SERVER, paused=True)
        assert (await lab.settings.of(SERVER)).next_at is None


class TestPosted:
    async def test_of_each_channel_of_this_server_alone(self, lab: Lab) -> None:
        for channel_id, guild_id in ((PAPERS, SERVER), (LOUNGE, SERVER), (31, ELSEWHERE)):
            await lab.subscriptions.follow(channel_id, guild_id, ALLOYS if channel_id == LOUNGE else MOSS, NOON)
        report = Report(NOON)
        for channel_id in (PAPERS, 31):
            told = report.channel(channel_id)
            told.slot_at, told.new, told.revised, told.held_back = NOON, 3, 2, 1
        await lab.queries.failed(ALLOYS, "arXiv answered 500", NOON)
        assert await lab.settings.posted(SERVER, report) == (
            Posted(PAPERS, 3, 2, 1),
            Posted(LOUNGE, problem="arXiv answered 500"),
        )

    async def test_a_blocked_channel_says_why_although_its_query_was_not_asked(self, lab: Lab) -> None:
        await lab.subscriptions.follow(PAPERS, SERVER, MOSS, NOON)
        report = Report(NOON)
        report.channel(PAPERS).problem = "blocked: no permission"
        assert await lab.settings.posted(SERVER, report) == (Posted(PAPERS, problem="blocked: no permission"),)

    async def test_nobody_to_serve(self, lab: Lab) -> None:
        with pytest.raises(NotAllowedHere, match="No channel gets papers yet"):
            await lab.settings.check_ready(SERVER)
        await lab.subscriptions.follow(PAPERS, SERVER, MOSS, NOON)
        await lab.settings.check_ready(SERVER)
        await lab.settings.keep(SERVER, paused=True)
        with pytest.raises(NotAllowedHere, match="paused"):
            await lab.settings.check_ready(SERVER)

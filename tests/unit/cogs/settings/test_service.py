"""What can be typed, who may change what, and what is told of a digest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from bot.digest.lock import Turn
from bot.digest.model import Defaults, Updates
from bot.digest.report import Report
from bot.errors import NotAllowedHere
from bot.storage import Storage
from bot.storage.queries import QueryStore
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from cogs.settings.service import BadValue, Posted, ServerSettings, cards, clock_time, zone_name
from tests.papers import NOON

SERVER, ELSEWHERE, PAPERS, LOUNGE = 11, 12, 21, 22
ALLOYS, MOSS = "all:alloys", "ti:moss"
DEFAULTS = Defaults(
    query=None,
    post_at=time(14),
    timezone="Asia/Singapore",
    max_posts=20,
    updates=Updates.EDIT,
    lookback_days=30,
    max_results=40,
)


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
    settings: ServerSettings
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

    async with Storage.open(f"sqlite:///{tmp_path / 'lab.db'}", DEFAULTS) as storage:
        servers, subscriptions = storage.servers, storage.subscriptions
        queries = storage.queries
        settings = ServerSettings(
            servers=servers,
            subscriptions=subscriptions,
            queries=queries,
            digests=storage.digests,
            drafts=storage.drafts,
            turn=Turn(),
            locks=lock,
            clock=Clock(),
            defaults=DEFAULTS,
            listed=[],
        )
        yield Lab(servers, subscriptions, queries, settings, held)


class TestTyped:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("9:30", time(9, 30)),
            (" 09.30 ", time(9, 30)),
            ("7", time(7)),
            ("23:59", time(23, 59)),
            ("00:00", time(0)),
            (" ", None),
        ],
    )
    def test_hours(self, typed: str, meant: time | None) -> None:
        assert clock_time(typed) == meant

    @pytest.mark.parametrize("typed", ["24:00", "12:60", "9:3", "noon", "2 pm", "-1", "٩"])
    def test_what_is_no_hour(self, typed: str) -> None:
        with pytest.raises(BadValue, match="such as 09:30 or 14:00"):
            clock_time(typed)

    @pytest.mark.parametrize(
        ("typed", "meant"),
        [("Europe/Berlin", "Europe/Berlin"), ("america/new york", "America/New_York"), ("utc", "UTC"), ("", None)],
    )
    def test_zones(self, typed: str, meant: str | None) -> None:
        assert zone_name(typed) == meant

    @pytest.mark.parametrize(
        ("typed", "near"), [("Asia/Singapur", "Asia/Singapore"), ("Rome", "Europe/Rome"), ("New York", "America/New_York")]
    )
    def test_the_nearest_zone_is_suggested(self, typed: str, near: str) -> None:
        with pytest.raises(BadValue, match=f"Did you mean {near}[?]"):
            zone_name(typed)

    def test_nothing_is_suggested_where_nothing_is_near_and_what_was_typed_is_no_markup(self) -> None:
        with pytest.raises(BadValue) as refused:
            zone_name("`@everyone` 0123456789" * 9)
        assert "Write a name such as Asia/Singapore" in str(refused.value)
        assert str(refused.value).count("`") == 2
        assert len(str(refused.value)) < 200

    @pytest.mark.parametrize(("typed", "meant"), [("0", 0), (" 100 ", 100), ("", None)])
    def test_cards(self, typed: str, meant: int | None) -> None:
        assert cards(typed) == meant

    @pytest.mark.parametrize("typed", ["101", "-1", "ten", "1.5", "²"])
    def test_what_is_no_number_of_cards(self, typed: str) -> None:
        with pytest.raises(BadValue, match="from 0 to 100"):
            cards(typed)


async def test_every_change_takes_the_lock_of_its_server_once(lab: Lab) -> None:
    await lab.servers.change(SERVER, NOON, query=MOSS)
    await lab.subscriptions.follow(PAPERS, SERVER, ALLOYS, NOON)
    for change in (
        lab.settings.keep_schedule(SERVER, "9", ""),
        lab.settings.keep_max_posts(SERVER, "3"),
        lab.settings.keep_updates(SERVER, Updates.OFF),
        lab.settings.pause(SERVER),
        lab.settings.resume(SERVER),
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
        await lab.settings.pause(SERVER)
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
        await lab.settings.pause(SERVER)
        with pytest.raises(NotAllowedHere, match="paused"):
            await lab.settings.check_ready(SERVER)

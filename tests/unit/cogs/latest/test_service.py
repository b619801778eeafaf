"""What `/latest` finds: stored papers while they are fresh, else one question to arXiv, and a plain sentence otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import QueryRefused, QuerySyntaxError
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from cogs.latest.service import Latest, NoQuery, Page, PageGone, Unanswered
from tests.apps import opened
from tests.unit.arxiv.conftest import NOW, Arxiv, ManualClock, moss, page

SERVER, PAPERS, LOUNGE, SOMEBODY = 11, 21, 22, 31
MOSS = "all:moss"


@dataclass
class Room:
    """A server, the stores behind it, and arXiv."""

    arxiv: Arxiv
    clock: ManualClock
    servers: ServerStore
    subscriptions: SubscriptionStore
    latest: Latest

    async def first(self, text: str | None = MOSS, *, channel: int = PAPERS, count: int = 5) -> Page:
        return await self.latest.first(SERVER, channel, SOMEBODY, text=text, count=count)

    async def at(self, found: Page, start: int) -> Page:
        return await self.latest.turn(replace(found.spot, start=start))

    @property
    def asked(self) -> int:
        return len(self.arxiv.arrivals)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    clock = ManualClock()
    arxiv = Arxiv(clock)
    await arxiv.start()
    async with opened(tmp_path, clock, arxiv.client(interactive=True)) as app:
        await app.storage.servers.join(SERVER, NOW)
        yield Room(arxiv, clock, app.storage.servers, app.storage.subscriptions, Latest(app))
    await arxiv.close()


def ids(found: Page) -> list[str]:
    return [str(paper.id) for paper in found.papers]


class TestStoredOrAsked:
    async def test_one_question_then_what_is_stored(self, room: Room) -> None:
        held = room.arxiv.holds(12)
        assert ids(await room.first()) == held[:5]
        assert ids(await room.first(count=10)) == held[:10]
        assert room.asked == 1

    async def test_after_a_day_it_asks_again(self, room: Room) -> None:
        room.arxiv.holds(3)
        await room.first()
        room.clock.advance(hours=23, minutes=50)
        await room.first()
        assert room.asked == 1
        room.clock.advance(minutes=20)
        again = await room.first()
        assert room.asked == 2
        assert again.now - again.as_of < timedelta(minutes=1)

    async def test_two_ways_to_write_a_query_are_one(self, room: Room) -> None:
        room.arxiv.holds(2)
        await room.first("all:moss AND cat:q-bio.PE")
        await room.first("((all:moss  AND  (cat:q-bio.PE)))")
        assert room.asked == 1

    async def test_everybody_at_once_is_one_question(self, room: Room) -> None:
        held = room.arxiv.holds(3)
        found = await asyncio.gather(*(room.first() for _ in range(20)))
        assert [ids(each) for each in found] == [held] * 20
        assert room.asked == 1

    async def test_nothing_found_is_an_answer_too(self, room: Room) -> None:
        found = await room.first("all:lichen")
        assert (found.papers, found.total) == ((), 0)
        await room.first("all:lichen")
        assert room.asked == 1


class TestWhichQuery:
    async def test_the_channels_own_before_the_servers(self, room: Room) -> None:
        await room.servers.change(SERVER, NOW, query="all:moss")
        await room.subscriptions.follow(PAPERS, SERVER, "all:fern", NOW)
        assert (await room.first(None, channel=PAPERS)).query == "all:fern"
        assert (await room.first(None, channel=LOUNGE)).query == "all:moss"

    async def test_a_channel_that_takes_the_servers(self, room: Room) -> None:
        await room.servers.change(SERVER, NOW, query="all:moss")
        await room.subscriptions.follow(PAPERS, SERVER, None, NOW)
        assert (await room.first(None, channel=PAPERS)).query == "all:moss"

    async def test_what_is_typed_before_both(self, room: Room) -> None:
        await room.subscriptions.follow(PAPERS, SERVER, "all:fern", NOW)
        assert (await room.first("all:moss")).query == "all:moss"

    async def test_no_query_anywhere(self, room: Room) -> None:
        with pytest.raises(NoQuery, match=r"follows no query yet.*`/setquery`"):
            await room.first(None)
        assert room.asked == 0

    async def test_the_servers_zone(self, room: Room) -> None:
        await room.servers.change(SERVER, NOW, timezone="Europe/Berlin")
        assert (await room.first()).zone.key == "Europe/Berlin"

    async def test_a_query_that_cannot_be_read(self, room: Room) -> None:
        with pytest.raises(QuerySyntaxError) as caught:
            await room.first("all:moss AND (ti:fern")
        assert "^" in caught.value.pointer()
        assert room.asked == 0


class TestPages:
    async def test_there_and_back(self, room: Room) -> None:
        held = room.arxiv.holds(12)
        first = await room.first()
        second = await room.at(first, 5)
        third = await room.at(second, 10)
        assert ids(second) == held[5:10]
        assert ids(third) == held[10:]
        assert ids(await room.at(third, 0)) == held[:5]
        assert room.asked == 1

    async def test_the_end_is_the_last_page_there_is(self, room: Room) -> None:
        held = room.arxiv.holds(12)
        beyond = await room.at(await room.first(), 45)
        assert (ids(beyond), beyond.spot.start) == (held[10:], 10)

    async def test_a_full_last_page(self, room: Room) -> None:
        held = room.arxiv.holds(10)
        assert ids(await room.at(await room.first(), 10)) == held[5:]

    async def test_only_the_newest_fifty(self, room: Room) -> None:
        room.arxiv.holds(60)
        found = await room.first()
        assert (found.known, found.total) == (50, 60)

    async def test_a_forgotten_page(self, room: Room) -> None:
        room.arxiv.holds(2)
        old = await room.first()
        room.clock.advance(days=2)
        await room.first("all:fern")
        with pytest.raises(PageGone, match="Type `/latest`"):
            await room.at(old, 0)


class TestArxivFails:
    async def test_what_was_known_is_shown_with_its_time(self, room: Room) -> None:
        held = room.arxiv.holds(3)
        known = await room.first()
        room.clock.advance(days=2)
        room.arxiv.fails(status=500, times=-1)
        found = await room.first()
        assert (ids(found), found.as_of, found.stale) == (held, known.as_of, True)

    async def test_nothing_known(self, room: Room) -> None:
        room.arxiv.fails(status=500, times=-1)
        with pytest.raises(Unanswered, match="nothing is stored for this query yet"):
            await room.first()

    async def test_back_again(self, room: Room) -> None:
        room.arxiv.fails(status=500, times=3)
        with pytest.raises(Unanswered):
            await room.first()
        room.arxiv.holds(1)
        assert not (await room.first()).stale

    async def test_an_answer_nobody_can_believe_is_not_kept(self, room: Room) -> None:
        held = room.arxiv.holds(30)
        await room.first()
        room.clock.advance(days=2)
        room.arxiv.fails(status=200, body=page(range(0), total=30), times=-1)
        found = await room.first()
        assert (ids(found), found.stale) == (held[:5], True)

    async def test_the_query_is_at_fault(self, room: Room) -> None:
        room.arxiv.fails(status=400, times=-1)
        with pytest.raises(QueryRefused):
            await room.first()


async def test_of_one_day_the_new_paper_comes_before_the_revised_one(room: Room) -> None:
    early, late = NOW.replace(hour=9), NOW.replace(hour=10)  # in UTC, which is the server's zone here
    room.arxiv.corpus.add(replace(moss(2), updated=early - timedelta(days=30)))
    room.arxiv.corpus.add(replace(moss(3), updated=early))
    room.arxiv.corpus.add(replace(moss(2), version=2, updated=late))
    room.clock.advance(days=1)
    assert ids(await room.first()) == ["9905.00003v1", "9905.00002v2"]


async def test_todays_revision_comes_before_yesterdays_paper(room: Room) -> None:
    room.arxiv.corpus.add(moss(3))
    room.arxiv.corpus.add(replace(moss(2), updated=NOW - timedelta(days=1)))
    room.arxiv.corpus.add(replace(moss(3), version=2, updated=NOW - timedelta(hours=1), appears=NOW - timedelta(hours=1)))
    assert ids(await room.first()) == ["9905.00003v2", "9905.00002v1"]

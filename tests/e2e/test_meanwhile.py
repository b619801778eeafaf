"""What a command changes while a digest waits for arXiv."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.delivery.channels import connected
from bot.digest.model import Answer
from bot.digest.ports import Source
from bot.query import Query
from tests.e2e.lab import Lab
from tests.e2e.test_daily import ALLOY, seeded


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
        await app.servers.join(world.lab.id, app.clock.now())
        await app.servers.change(world.lab.id, app.clock.now(), query=app.settings.query)
        for room in (world.papers, world.general):
            await app.subscriptions.follow(room.id, world.lab.id, None, app.clock.now())
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **ALLOY)
    settings = lab.settings()

    async with lab.app() as app, connected(world.token, settings.discord_api_url) as channels:
        app.source = Meanwhile(app.source, lambda: app.subscriptions.stop(world.papers.id, app.clock.now()))
        await app.run_digest(channels)
        assert (lab.posted(world.papers.id), lab.posted(world.general.id)) == ([], [])
        await app.run_digest(channels)

    assert (lab.posted(world.papers.id), lab.posted(world.general.id)) == ([], [record.id])

"""The newest papers of a query, for whoever asks: from what is stored while it is fresh, else from one question to arXiv."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.digest.ask import FRESH, NEWEST, doubt
from bot.digest.model import Empty, Newest
from bot.digest.ports import Source
from bot.errors import ArxivError, ArxivImplausible, BotError, QueryRefused
from bot.query import Query, lint, parse
from bot.storage.drafts import Draft, DraftStore
from bot.storage.queries import QueryStore
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from cogs.latest.page import Page, Spot


class NoQuery(BotError):
    """Neither the channel nor its server follows a query, and none was typed."""


class Unanswered(BotError):
    """arXiv gave no usable answer and nothing is stored; the ArxivError is the cause."""


class PageGone(BotError):
    """The query of a page is no longer remembered."""


class Latest:
    """Reads what digests stored and adds to it; never touches a ledger."""

    def __init__(
        self,
        *,
        source: Source,
        servers: ServerStore,
        subscriptions: SubscriptionStore,
        drafts: DraftStore,
        results: QueryStore,
        clock: Clock,
    ) -> None:
        """`source` is the interactive one: somebody waits."""
        self._source = source
        self._servers = servers
        self._subscriptions = subscriptions
        self._drafts = drafts
        self._results = results
        self._clock = clock
        self._asking: dict[str, asyncio.Task[Newest]] = {}

    async def first(self, guild_id: int, channel_id: int, user_id: int, *, text: str | None, count: int) -> Page:
        """The newest `count` papers of what was typed, else of the channel's query, else of the server's.

        Raises QuerySyntaxError, QueryRefused, NoQuery and Unanswered.
        """
        text = text if text is not None else await self._followed(guild_id, channel_id)
        results = await self._known(parse(text))
        draft = await self._drafts.put(guild_id, channel_id, user_id, text, self._clock.now())
        return await self._page(draft, results, 0, count)

    async def turn(self, spot: Spot) -> Page:
        """The page at `spot`, or the last one if there are fewer by now. Raises PageGone, QueryRefused and Unanswered."""
        draft = await self._drafts.get(spot.draft)
        if draft is None:
            raise PageGone("This page is too old to be turned. Type `/latest` for a new one.")
        return await self._page(draft, await self._known(parse(draft.text)), spot.start, spot.count)

    async def _followed(self, guild_id: int, channel_id: int) -> str:
        subscription = await self._subscriptions.get(channel_id)
        if subscription is not None:
            return subscription.query
        server = await self._servers.get(guild_id)
        if server is None or server.query is None:
            raise NoQuery(
                "This server follows no query yet. Type one into `/latest`, for example `cat:cs.LG AND all:diffusion`, "
                "or ask whoever manages the server to set one with `/setquery`."
            )
        return server.query

    async def _known(self, query: Query) -> Newest:
        """What is fresh, or what arXiv says now, or what it said last."""
        stored = await self._results.newest(str(query))
        if stored is not None and self._clock.now() - stored.as_of < FRESH:
            return stored
        try:
            return await self._asked(query, stored)
        except QueryRefused:
            raise
        except ArxivError as error:
            if stored is None:
                raise Unanswered(
                    "arXiv does not answer right now, and nothing is stored for this query yet. Try again in a few minutes."
                ) from error
            return stored

    async def _asked(self, query: Query, stored: Newest | None) -> Newest:
        """Everybody who wants the same query meanwhile shares one question, and its answer or failure."""
        text = str(query)
        task = self._asking.get(text)
        if task is None:
            task = self._asking[text] = asyncio.create_task(self._ask(query, stored))
            task.add_done_callback(lambda _: self._asking.pop(text))
        return await asyncio.shield(task)

    async def _ask(self, query: Query, stored: Newest | None) -> Newest:
        answer = await self._source.search(query, limit=NEWEST, since=None)
        if reason := doubt(answer, limit=NEWEST, last_total=stored.total if stored else None):
            raise ArxivImplausible(reason, url=str(query))
        total = 0 if isinstance(answer, Empty) else answer.total
        now = self._clock.now()
        await self._results.remember(str(query), answer.papers, total, now)
        return Newest(answer.papers, total, now)

    async def _page(self, draft: Draft, results: Newest, start: int, count: int) -> Page:
        server = await self._servers.get(draft.guild_id)
        now = self._clock.now()
        last = max(len(results.papers) - 1, 0) // count * count
        start = min(start, last)
        return Page(
            spot=Spot(draft.id, start, count),
            query=str(parse(draft.text)),
            papers=results.papers[start : start + count],
            known=len(results.papers),
            total=results.total,
            as_of=results.as_of,
            now=now,
            zone=server.schedule.zone if server else ZoneInfo("UTC"),
            stale=now - results.as_of >= FRESH,
            hints=lint(draft.text),
        )

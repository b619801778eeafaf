"""The newest papers of a query, for whoever asks: from what is stored while it is fresh, else from one question to arXiv."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.digest.ask import FRESH
from bot.digest.model import Newest
from bot.errors import ArxivError, BotError, QueryRefused
from bot.paper import Paper, PaperId
from bot.query import Hint, Query, lint, parse, query_for

if TYPE_CHECKING:
    from bot.app import App
    from bot.storage.drafts import Draft

REFRESHED = timedelta(minutes=1)
"""A page younger than this is not refreshed: arXiv would say the same."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in an answer a page begins, and how long it is: all that a button needs to find it again."""

    draft: str
    """Id of the row that holds the query's text."""
    start: int
    """0-based."""
    count: int
    """Papers a page, 1 to 10."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the newest papers of `query`, the newest day first; none when nothing matches."""

    spot: Spot
    query: str
    """Canonical text."""
    papers: tuple[Paper, ...]
    known: int
    """Papers that can be paged through: at most fifty."""
    total: int
    """Papers on arXiv."""
    as_of: datetime
    """When arXiv said so."""
    now: datetime
    zone: ZoneInfo
    """The server's."""
    stale: bool
    """arXiv was asked for something newer and did not answer."""
    hints: tuple[Hint, ...]
    """On the query as it was typed."""

    @property
    def refreshable(self) -> bool:
        """It is old enough for arXiv to know more by now."""
        return self.now - self.as_of >= REFRESHED


class NoQuery(BotError):
    """Neither the channel nor its server follows a query, and none was typed."""


class Unanswered(BotError):
    """arXiv gave no usable answer and nothing is stored; the ArxivError is the cause."""


class PageGone(BotError):
    """The query of a page is no longer remembered."""


class Latest:
    """Reads what digests stored and adds to it; never touches a ledger."""

    def __init__(self, app: App) -> None:
        self._asker = app.interactive
        self._servers = app.storage.servers
        self._subscriptions = app.storage.subscriptions
        self._drafts = app.storage.drafts
        self._clock = app.clock

    async def first(self, guild_id: int, channel_id: int, user_id: int, *, text: str | None, count: int) -> Page:
        """The newest `count` papers of what was typed (the paper itself, where that is its id or a link to it), else of the
        channel's query, else of the server's.

        Raises QuerySyntaxError, QueryRefused, NoQuery and Unanswered.
        """
        text = await self._followed(guild_id, channel_id) if text is None else _one_paper(text) or text
        results = await self._known(parse(text))
        draft = await self._drafts.put(guild_id, channel_id, user_id, text, self._clock.now())
        return await self._page(draft, results, 0, count)

    async def turn(self, spot: Spot) -> Page:
        """The page at `spot`, or the last one if there are fewer by now. Raises PageGone, QueryRefused and Unanswered."""
        draft = await self._drafts.get(spot.draft)
        if draft is None:
            raise PageGone("This page is too old to be turned. Type `/latest` for a new one.")
        return await self._page(draft, await self._known(parse(draft.text)), spot.start, spot.count)

    async def refresh(self, spot: Spot) -> Page:
        """The first page again, as arXiv has it now; as it was, while that is less than a minute old. Raises as `turn`."""
        draft = await self._drafts.get(spot.draft)
        if draft is None:
            raise PageGone("This page is too old to be refreshed. Type `/latest` for a new one.")
        return await self._page(draft, await self._known(parse(draft.text), fresh=REFRESHED), 0, spot.count)

    async def _followed(self, guild_id: int, channel_id: int) -> str:
        subscription = await self._subscriptions.get(channel_id)
        if subscription is not None:
            return subscription.query
        server = await self._servers.get(guild_id)
        if server is None or server.settings.query is None:
            raise NoQuery(
                "This server follows no query yet. Type one into `/latest`, for example `cat:cs.LG AND all:diffusion`, "
                "or ask whoever manages the server to set one with `/setquery`."
            )
        return server.settings.query

    async def _known(self, query: Query, *, fresh: timedelta = FRESH) -> Newest:
        try:
            return await self._asker.newest(query, self._clock.now(), fresh=fresh)
        except QueryRefused:
            raise
        except ArxivError as error:
            raise Unanswered(
                "arXiv does not answer right now, and nothing is stored for this query yet. Try again in a few minutes."
            ) from error

    async def _page(self, draft: Draft, results: Newest, start: int, count: int) -> Page:
        server = await self._servers.get(draft.guild_id)
        now, zone = self._clock.now(), server.settings.schedule.zone if server else ZoneInfo("UTC")
        # Of each day what is new, then what is revised.
        papers = sorted(results.papers, key=lambda paper: (-paper.updated.astimezone(zone).toordinal(), paper.version > 1))
        last = max(len(results.papers) - 1, 0) // count * count
        start = min(start, last)
        return Page(
            spot=Spot(draft.id, start, count),
            query=str(parse(draft.text)),
            papers=tuple(papers[start : start + count]),
            known=len(results.papers),
            total=results.total,
            as_of=results.as_of,
            now=now,
            zone=zone,
            stale=now - results.as_of >= FRESH,
            hints=lint(draft.text),
        )


def _one_paper(text: str) -> str | None:
    """The query that finds the paper whose id or link was typed, None for any other text."""
    try:
        return str(query_for(PaperId.parse(text)))
    except ValueError:
        return None

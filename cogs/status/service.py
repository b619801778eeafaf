"""What the bot did last, what it does next, why a channel is quiet, and whether all it stands on works."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot import VERSION
from bot.digest.ask import MONTH
from bot.digest.model import Server, Subscription
from bot.digest.silence import PastDigest, Reason, reasons
from bot.errors import ArxivError, BotError, StorageError
from bot.logs import current_id
from bot.paper import Paper
from bot.query import Hint, parse
from bot.storage.database import throwaway, try_writing

if TYPE_CHECKING:
    from bot.app import App
    from bot.storage.digests import DigestRow

log = logging.getLogger(__name__)

PAGE = 10
"""Papers of the backlog shown at once."""
DIGESTS = 12
"""Digests a channel may have between two evenings: the hourly looks for a late batch, and those that somebody asked for."""


class NotFollowed(BotError):
    """The channel gets no papers, or is another server's."""


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    channel_id: int
    query: str
    """Canonical text."""
    per_day: float | None
    """How many papers a day it brings, new and revised; None before the first answer to a digest."""
    followed_since: datetime | None
    """When the query's papers were last marked as seen; None before the first time."""
    last: PastDigest | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """`channels` is empty while nothing is set up."""

    zone: ZoneInfo
    paused: bool
    next_at: datetime | None
    """The next digest or, while one could not be finished, the next try; None when nothing is coming."""
    retrying: bool
    channels: tuple[ChannelStatus, ...]
    now: datetime
    made_since: datetime | None = None
    """When somebody began to make the one that is due."""
    hints: tuple[Hint, ...] = ()
    """On queries of config.json that are followed here; `/setquery` has told of its own before they were saved."""

    @property
    def due(self) -> bool:
        """The next one has come."""
        return self.next_at is not None and self.next_at <= self.now


@dataclass(frozen=True, slots=True)
class BacklogPage:
    channel_id: int
    papers: tuple[Paper, ...]
    start: int
    """0-based place of the first one."""
    total: int


@dataclass(frozen=True, slots=True)
class Answered:
    """`total` papers match the query asked about."""

    total: int


@dataclass(frozen=True, slots=True)
class Checked:
    """`storage_problem`, `throwaway` and an answer that is a string are sentences, or a part of one, for people."""

    channels: tuple[int, ...]
    """To be looked at by whoever can see Discord."""
    storage_problem: str | None
    throwaway: str | None
    """Who wipes the disk that the database is on; None where it lasts."""
    arxiv: Answered | str | None
    """None without a query to ask."""
    pending: int
    """Messages filed and not confirmed by Discord."""
    version: str


class Status:
    """Reads what the digests left; only `check` writes something, and asks arXiv."""

    def __init__(self, app: App, environ: Mapping[str, str] = os.environ) -> None:
        """`environ` tells on which host the bot runs."""
        self._asker = app.interactive
        self._storage = app.storage
        self._settings = app.settings
        self._servers = app.storage.servers
        self._subscriptions = app.storage.subscriptions
        self._queries = app.storage.queries
        self._digests = app.storage.digests
        self._digest_lock = app.digest_lock
        self._clock = app.clock
        self._listed = app.listed
        self._environ = environ

    async def of(self, guild_id: int) -> ServerStatus:
        server = await self._servers.get(guild_id)
        if server is None:
            return ServerStatus(ZoneInfo("UTC"), paused=False, next_at=None, retrying=False, channels=(), now=self._clock.now())
        living = await self._subscriptions.of_server(guild_id)
        recent = await self._digests.recent(guild_id, DIGESTS * len(living))
        channels = [await self._channel(server, one, recent) for one in living]
        coming = server.retry_at or server.next_run_at
        return ServerStatus(
            zone=server.settings.schedule.zone,
            paused=server.paused,
            next_at=coming if channels and not server.paused else None,
            retrying=server.retry_at is not None,
            channels=tuple(channels),
            now=self._clock.now(),
            made_since=self._digest_lock.since(coming),
            hints=self._hints({one.query for one in living}),
        )

    def _hints(self, followed: Collection[str]) -> tuple[Hint, ...]:
        """Each once, for canonical texts."""
        found = self._settings.hints(self._clock.now())
        here = [hints for written, hints in found if str(parse(written.text)) in followed]
        return tuple(dict.fromkeys(hint for hints in here for hint in hints))

    async def backlog(self, guild_id: int, channel_id: int, start: int) -> BacklogPage:
        """The page at `start`, or the last one if there are fewer by now. Raises NotFollowed."""
        subscription = await self._subscriptions.get(channel_id)
        if subscription is None or subscription.guild_id != guild_id:
            raise NotFollowed("That channel gets no papers any more.")
        papers, total = await self._digests.backlog(channel_id, start, PAGE)
        if not papers and total:
            start = (total - 1) // PAGE * PAGE
            papers, total = await self._digests.backlog(channel_id, start, PAGE)
        return BacklogPage(channel_id, tuple(papers), start, total)

    async def check(self, guild_id: int) -> Checked:
        """One write, and one question to arXiv."""
        subscriptions = await self._subscriptions.of_server(guild_id)
        return Checked(
            channels=tuple(subscription.channel_id for subscription in subscriptions),
            storage_problem=await self._storage_problem(),
            throwaway=throwaway(self._settings.database_url, self._environ),
            arxiv=await self._ask(subscriptions[0].query) if subscriptions else None,
            pending=await self._digests.pending(guild_id),
            version=VERSION,
        )

    async def _storage_problem(self) -> str | None:
        if self._storage.vanished:
            return "Its file was moved or deleted while I run; what I write now ends with me, unless whoever runs me puts it back"
        try:
            await try_writing(self._storage.database)
        except StorageError as error:
            log.error("%s: storage cannot be written: %s", current_id(), error)
            return error.for_members
        return None

    async def _ask(self, query: str) -> Answered | str:
        try:
            return Answered(await self._asker.count(parse(query)))
        except ArxivError as error:
            return error.for_members

    async def _channel(self, server: Server, subscription: Subscription, recent: Iterable[DigestRow]) -> ChannelStatus:
        digests = await self._past(subscription.channel_id, recent)
        _, backlog = await self._digests.backlog(subscription.channel_id, 0, 1)
        state = await self._queries.state(subscription.query)
        found = reasons(
            subscription,
            state,
            digests,
            retry_at=server.retry_at,
            waiting=await self._digests.waiting(subscription.channel_id),
            backlog=backlog,
            unconfirmed=await self._digests.unconfirmed(subscription.channel_id),
            not_taken=await self._digests.not_taken(subscription.channel_id, self._clock.now() - MONTH),
            listed=subscription.channel_id in self._listed,
        )
        since = None if subscription.seeding is None else subscription.seeding.at
        last = digests[0] if digests else None
        return ChannelStatus(
            channel_id=subscription.channel_id,
            query=subscription.query,
            per_day=None if state.reach is None else state.reach.per_day,
            followed_since=since,
            last=last,
            reasons=tuple(found),
        )

    async def _past(self, channel_id: int, recent: Iterable[DigestRow]) -> list[PastDigest]:
        """The newest first. The last one is asked for: it may be older than what is recent elsewhere on the server."""
        last = await self._digests.last(channel_id)
        if last is None:
            return []
        earlier = (row for row in recent if row.channel_id == channel_id and row.slot_at != last.slot_at)
        tries = [
            PastDigest.of(row.finished_at, row.report, await self._digests.unposted(channel_id, row.finished_at))
            for row in await self._digests.of_slot(channel_id, last.slot_at)
        ]
        return [PastDigest.together(tries), *(PastDigest.of(row.finished_at, row.report) for row in earlier)]

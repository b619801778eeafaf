"""The bot's own health, for those who manage a server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from bot.arxiv.exchange import VERSION
from bot.clock import Clock
from bot.digest.ports import Source
from bot.errors import ArxivError, StorageError
from bot.query import parse
from bot.storage.database import Database, throwaway, try_writing
from bot.storage.digests import DigestStore
from bot.storage.subscriptions import SubscriptionStore


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


class Checkup:
    """One write, and one question to arXiv."""

    def __init__(
        self,
        *,
        clock: Clock,
        source: Source,
        database: Database,
        database_url: str,
        subscriptions: SubscriptionStore,
        digests: DigestStore,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        """`source` is the interactive one: somebody waits. `environ` tells on which host the bot runs."""
        self._clock = clock
        self._source = source
        self._database = database
        self._database_url = database_url
        self._subscriptions = subscriptions
        self._digests = digests
        self._environ = environ

    async def of(self, guild_id: int) -> Checked:
        subscriptions = await self._subscriptions.of_server(guild_id)
        return Checked(
            channels=tuple(subscription.channel_id for subscription in subscriptions),
            storage_problem=await self._storage_problem(),
            throwaway=throwaway(self._database_url, self._environ),
            arxiv=await self._ask(subscriptions[0].query) if subscriptions else None,
            pending=await self._digests.pending(guild_id),
            version=VERSION,
        )

    async def _storage_problem(self) -> str | None:
        try:
            await try_writing(self._database)
        except StorageError as error:
            return str(error)
        return None

    async def _ask(self, query: str) -> Answered | str:
        try:
            answer = await self._source.search(parse(query), limit=1, since=self._clock.now())
        except ArxivError as error:
            return str(error)
        return Answered(answer.total)

"""Composition: settings become a database, a source and a digest, opened and closed in one place. No Discord here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from bot.arxiv import TIMEOUT, ArxivClient, Gate, open_session
from bot.clock import Clock
from bot.config import Settings
from bot.digest.model import Blocked, Defaults, Place, Unknown, Updates
from bot.digest.ports import Ledger, Outbox, Progress, Source
from bot.digest.report import Report
from bot.digest.service import Digest
from bot.storage.database import Database
from bot.storage.ledger import LedgerStore
from bot.storage.papers import prune
from bot.storage.queries import QueryStore
from bot.storage.subscriptions import SubscriptionStore

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Channels asked for at once while their servers are looked up."""


class Quiet:
    """Progress for where nobody watches."""

    def stage(self, name: str, total: int) -> None:
        log.debug("%s: %s", name, total)

    def step(self) -> None:
        return None


@dataclass(slots=True)
class App:
    """Everything a digest needs but its outbox."""

    settings: Settings
    clock: Clock
    database: Database
    source: Source
    subscriptions: SubscriptionStore
    queries: QueryStore
    ledger: Ledger
    progress: Progress

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, clock: Clock, progress: Progress | None = None, *, arxiv_timeout: aiohttp.ClientTimeout = TIMEOUT
    ) -> AsyncIterator[App]:
        """Raises StorageError, AlreadyRunning among them."""
        async with (
            Database.open(settings.database_url) as database,
            open_session(arxiv_timeout) as session,
        ):
            gate = Gate(clock=clock, interval=settings.arxiv_interval)
            yield cls(
                settings=settings,
                clock=clock,
                database=database,
                source=ArxivClient(
                    session=session, url=settings.arxiv_api_url, gate=gate, clock=clock, contact=settings.arxiv_contact
                ),
                subscriptions=SubscriptionStore(database, defaults(settings)),
                queries=QueryStore(database),
                ledger=LedgerStore(database),
                progress=progress or Quiet(),
            )

    async def run_digest(self, outbox: Outbox, *, force: bool = False) -> Report:
        """Look up where config.json's channels are, then one digest of everything due."""
        now = self.clock.now()
        problems = await self._reconcile(outbox, now)
        digest = Digest(
            source=self.source,
            subscriptions=self.subscriptions,
            queries=self.queries,
            ledger=self.ledger,
            defaults=defaults(self.settings),
            progress=self.progress,
        )
        report = await digest.run(now, outbox, force=force)
        for problem in problems:
            report.failed(problem)
        await prune(self.database, now)
        return report

    async def _reconcile(self, outbox: Outbox, now: datetime) -> list[str]:
        """What could not be looked up, a sentence each; those channels wait and the others go on."""
        channels: Mapping[int, str | None] = {channel.id: channel.query for channel in self.settings.channels}
        unplaced = await self.subscriptions.reconcile(channels, now)
        bound = asyncio.Semaphore(AT_ONCE)

        async def look_up(channel_id: int) -> str | None:
            async with bound:
                found = await outbox.locate(channel_id)
            match found:
                case Place():
                    await self.subscriptions.place(channel_id, found.guild_id, now)
                    return None
                case Blocked(reason) | Unknown(reason):
                    await self.subscriptions.block(channel_id, reason, now)
                    return f"channel {channel_id} in config.json waits: {reason}"

        problems = await asyncio.gather(*(look_up(channel_id) for channel_id in unplaced))
        return [problem for problem in problems if problem is not None]


def defaults(settings: Settings) -> Defaults:
    """config.json's top level, as the digest knows it."""
    return Defaults(
        query=settings.query,
        post_at=settings.post_at,
        timezone=settings.timezone,
        max_posts=settings.max_posts,
        updates=Updates(settings.updates),
        lookback_days=settings.lookback_days,
        max_results=settings.max_results,
    )

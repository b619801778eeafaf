"""Composition: settings become a database, a source, a digest and what commands need, in one place. No Discord here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import aiohttp

from bot.arxiv import TIMEOUT, ArxivClient, Gate, open_session
from bot.clock import Clock
from bot.digest.lock import Turn
from bot.digest.model import Defaults, Updates
from bot.digest.placement import Placement
from bot.digest.ports import Ledger, Outbox, Progress, Source
from bot.digest.report import Report
from bot.digest.run import Digest
from bot.errors import BotError
from bot.publish.listing import Publication
from bot.settings import Settings
from bot.storage import Storage
from bot.storage.database import Database
from bot.storage.digests import DigestStore
from bot.storage.drafts import DraftStore
from bot.storage.queries import QueryStore
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from cogs.latest.service import Latest
from cogs.setquery.service import SetQuery
from cogs.settings.service import ServerSettings
from cogs.status.checkup import Checkup
from cogs.status.service import Status

log = logging.getLogger(__name__)


class Quiet:
    """Progress for where nobody watches."""

    def stage(self, name: str, total: int) -> None:
        log.debug("%s: %s", name, total)

    def step(self) -> None:
        return None


class Locks:
    """Implements digest.ports.Locks; a lock lives as long as somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def __call__(self, guild_id: int, /) -> asyncio.Lock:
        return self._locks.setdefault(guild_id, asyncio.Lock())


@dataclass(slots=True)
class App:
    """Everything but Discord: what a digest needs but its outbox, and the services that answer commands."""

    settings: Settings
    clock: Clock
    progress: Progress

    storage: Storage
    database: Database
    servers: ServerStore
    subscriptions: SubscriptionStore
    queries: QueryStore
    ledger: Ledger
    digests: DigestStore
    drafts: DraftStore
    results: QueryStore

    source: Source
    interactive: Source
    """Passes the gate that it shares with `source` first: somebody waits."""
    locks: Locks
    placement: Placement
    look_again: bool
    """As Digest has it."""

    setquery: SetQuery
    latest: Latest
    status: Status
    checkup: Checkup
    server_settings: ServerSettings
    publication: Publication
    turn: Turn

    listeners: list[Callable[[Report], None]] = field(default_factory=list)
    """Told of each digest that has ended, whoever wished for it."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        clock: Clock,
        progress: Progress | None = None,
        *,
        look_again: bool = False,
        arxiv_timeout: aiohttp.ClientTimeout = TIMEOUT,
        arxiv_trace: aiohttp.TraceConfig | None = None,
    ) -> AsyncIterator[App]:
        """`look_again` as Digest has it. Raises StorageError, AlreadyRunning among them."""
        async with (
            Storage.open(settings.database_url, defaults(settings)) as storage,
            open_session(arxiv_timeout, arxiv_trace) as session,
        ):
            gate = Gate(clock=clock, interval=settings.arxiv_interval)
            url, contact = settings.arxiv_api_url, settings.arxiv_contact
            source = ArxivClient(session=session, url=url, gate=gate, clock=clock, contact=contact)
            interactive = ArxivClient(session=session, url=url, gate=gate, clock=clock, contact=contact, interactive=True)
            database, subscriptions, servers, queries = storage.database, storage.subscriptions, storage.servers, storage.queries
            ledger, digests, drafts, results = storage.ledger, storage.digests, storage.drafts, storage.queries
            locks, turn, listed = Locks(), Turn(), [channel.id for channel in settings.channels]
            yield cls(
                settings=settings,
                clock=clock,
                progress=progress or Quiet(),
                storage=storage,
                database=database,
                servers=servers,
                subscriptions=subscriptions,
                queries=queries,
                ledger=ledger,
                digests=digests,
                drafts=drafts,
                results=results,
                source=source,
                interactive=interactive,
                locks=locks,
                placement=Placement(subscriptions, {channel.id: channel.query for channel in settings.channels}),
                look_again=look_again,
                setquery=SetQuery(
                    source=interactive,
                    subscriptions=subscriptions,
                    servers=servers,
                    queries=queries,
                    drafts=drafts,
                    results=results,
                    ledger=ledger,
                    deliveries=storage.deliveries,
                    locks=locks,
                    clock=clock,
                    defaults=defaults(settings),
                    listed=listed,
                    progress=Quiet(),
                ),
                latest=Latest(
                    source=interactive, servers=servers, subscriptions=subscriptions, drafts=drafts, results=results, clock=clock
                ),
                status=Status(
                    servers=servers,
                    subscriptions=subscriptions,
                    queries=queries,
                    digests=digests,
                    turn=turn,
                    clock=clock,
                    listed=listed,
                ),
                checkup=Checkup(
                    clock=clock,
                    source=interactive,
                    database=database,
                    database_url=settings.database_url,
                    subscriptions=subscriptions,
                    digests=digests,
                ),
                server_settings=ServerSettings(
                    servers=servers,
                    subscriptions=subscriptions,
                    queries=queries,
                    digests=digests,
                    drafts=drafts,
                    turn=turn,
                    locks=locks,
                    clock=clock,
                    defaults=defaults(settings),
                    listed=listed,
                ),
                publication=Publication(
                    digests=digests,
                    channels=listed,
                    zone=settings.zone,
                    revisions=Updates(settings.updates) is not Updates.OFF,
                ),
                turn=turn,
            )

    async def run_digest(
        self, outbox: Outbox, *, force: bool = False, guild_id: int | None = None, retry: Collection[int] | None = None
    ) -> Report:
        """Look up where config.json's channels are, then one digest, as Digest.run has it.

        One at a time: who comes second waits. The caller holds no server's lock.
        """
        async with self.turn.taken(self.clock, scheduled=guild_id is None) as now, self.database.unbroken():
            unplaced = await self.placement.look_up(outbox, now, again=retry is None or len(retry) > 0)
            digest = Digest(
                source=self.source,
                subscriptions=self.subscriptions,
                queries=self.queries,
                ledger=self.ledger,
                deliveries=self.storage.deliveries,
                digests=self.storage.digests,
                locks=self.locks,
                defaults=defaults(self.settings),
                progress=self.progress,
                look_again=self.look_again,
            )
            report = await digest.run(now, outbox, force=force, guild_id=guild_id, retry=retry)
            report.mistakes += [each.sentence for each in unplaced if each.mistaken]
            report.failures += [each.sentence for each in unplaced if not each.mistaken]
            await self._publish(report)
            for tell in self.listeners:
                tell(report)
            if report.slots:
                await self.storage.prune(now)
            return report

    async def _publish(self, report: Report) -> None:
        """After a digest that served one of config.json's channels; every paper has gone out and is written down by then."""
        output, served = self.settings.publish, {id for id, channel in report.channels.items() if channel.slot_at is not None}
        if output is None or self.database.rehearsing or served.isdisjoint(self.publication.channels):
            return
        try:
            await self.publication.markdown(output.markdown, self.clock.now())
        except BotError as error:
            report.failed(str(error))


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

"""Composition: settings become storage, a source, a clock and a digest, in one place. No Discord here, and no command."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import EnumType
from typing import get_type_hints
from weakref import WeakValueDictionary

import aiohttp

from bot.arxiv import TIMEOUT, ArxivClient, Gate, open_session
from bot.clock import Clock, ShiftedClock
from bot.digest.ask import Asker
from bot.digest.lock import DigestLock
from bot.digest.model import Defaults, Updates
from bot.digest.placement import Placement
from bot.digest.ports import Locks, Outbox, Progress, Source
from bot.digest.report import Report
from bot.digest.run import Digest
from bot.errors import BotError
from bot.publish.listing import Publication
from bot.settings import Settings
from bot.storage import Storage
from bot.text.sentences import wrong_clock

log = logging.getLogger(__name__)


class Quiet:
    """Progress for where nobody watches."""

    def stage(self, name: str, total: int) -> None:
        log.debug("%s: %s", name, total)

    def step(self) -> None:
        return None


class ServerLocks:
    """One lock a server. Implements digest.ports.Locks; a lock lives as long as somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def __call__(self, guild_id: int, /) -> asyncio.Lock:
        return self._locks.setdefault(guild_id, asyncio.Lock())


@dataclass(slots=True)
class App:
    """Everything but Discord, opened once: settings, storage, arXiv, the clock, and a digest over them. It knows no command."""

    settings: Settings
    storage: Storage
    clock: Clock
    progress: Progress

    asker: Asker
    interactive: Asker
    """Passes the gate that it shares with `asker` first: somebody waits."""
    locks: Locks
    digest_lock: DigestLock
    digest: Digest
    placement: Placement
    publication: Publication

    listeners: list[Callable[[Report], None]] = field(default_factory=list)
    """Told of each digest that has ended, whoever asked for it."""
    _digest_at: datetime | None = None
    """When the last digest began."""

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
        progress, locks, from_file = progress or Quiet(), ServerLocks(), defaults(settings)
        async with (
            Storage.open(settings.database_url, from_file) as storage,
            sources(settings, clock, arxiv_timeout, arxiv_trace) as (source, interactive),
        ):
            asker = Asker(source, storage.queries, max_results=settings.max_results)
            yield cls(
                settings=settings,
                storage=storage,
                clock=clock,
                progress=progress,
                asker=asker,
                interactive=Asker(interactive, storage.queries, max_results=settings.max_results),
                locks=locks,
                digest_lock=DigestLock(),
                digest=Digest(
                    asker=asker, storage=storage, locks=locks, defaults=from_file, progress=progress, look_again=look_again
                ),
                placement=Placement(storage.subscriptions, {channel.id: channel.query for channel in settings.channels}),
                publication=Publication(
                    digests=storage.digests,
                    channels=[channel.id for channel in settings.channels],
                    zone=settings.zone,
                    revisions=Updates(settings.updates) is not Updates.OFF,
                ),
            )

    @property
    def defaults(self) -> Defaults:
        """config.json's top level, as the digest knows it."""
        return defaults(self.settings)

    @property
    def listed(self) -> frozenset[int]:
        """The channels of config.json."""
        return frozenset(channel.id for channel in self.settings.channels)

    async def run_digest(
        self, outbox: Outbox, *, force: bool = False, guild_id: int | None = None, retry: Collection[int] | None = None
    ) -> Report:
        """Look up where config.json's channels are, run one digest as Digest.run has it, publish, tell, and forget what is old.

        One at a time: who comes second waits. The caller holds no server's lock.
        """
        async with (
            self.digest_lock.taken(self.clock, scheduled=guild_id is None) as now,
            self.storage.database.unbroken(),
        ):
            await self._compare_clocks(outbox.clock_ahead, now)
            unplaced = await self.placement.look_up(outbox, now, again=retry is None or len(retry) > 0)
            report = await self.digest.run(now, outbox, force=force, guild_id=guild_id, retry=retry)
            report.mistakes += [each.sentence for each in unplaced if each.mistaken]
            report.failures += [each.sentence for each in unplaced if not each.mistaken]
            await self._publish(report)
            for tell in self.listeners:
                tell(report)
            if report.slots:
                await self.storage.prune(now)
            return report

    async def _compare_clocks(self, ahead: timedelta | None, now: datetime) -> None:
        """Before the first digest, and when the clock was put back: a wrong clock is told, and one that agrees with Discord's
        puts right what a wrong one has written. `once --now` is wrong on purpose.
        """
        put_back, self._digest_at = self._digest_at is None or now < self._digest_at, now
        if not put_back or ahead is None or isinstance(self.clock, ShiftedClock):
            return
        if wrong := wrong_clock(ahead):
            log.warning("%s", wrong)
        else:
            await self.storage.put_times_right(now)

    async def _publish(self, report: Report) -> None:
        """After a digest that served one of config.json's channels; every paper has gone out and is written down by then."""
        output, served = self.settings.publish, {id for id, channel in report.channels.items() if channel.slot_at is not None}
        if output is None or self.storage.database.rehearsing or served.isdisjoint(self.publication.channels):
            return
        try:
            await self.publication.markdown(output.markdown, self.clock.now())
        except BotError as error:
            report.failed(str(error))


@asynccontextmanager
async def sources(
    settings: Settings, clock: Clock, timeouts: aiohttp.ClientTimeout = TIMEOUT, trace: aiohttp.TraceConfig | None = None
) -> AsyncIterator[tuple[Source, Source]]:
    """Where papers come from, for digests and for people who wait: the second passes the gate that both share first."""
    async with open_session(timeouts, trace) as session:
        gate = Gate(clock=clock, interval=settings.arxiv_interval)
        url, contact = settings.arxiv_api_url, settings.arxiv_contact
        yield (
            ArxivClient(session=session, url=url, gate=gate, clock=clock, contact=contact),
            ArxivClient(session=session, url=url, gate=gate, clock=clock, contact=contact, interactive=True),
        )


def defaults(settings: Settings) -> Defaults:
    """config.json's top level, as the digest knows it."""
    kinds = get_type_hints(Defaults)
    values = {field.name: getattr(settings, field.name) for field in fields(Defaults)}
    choices = {name: kinds[name](value) for name, value in values.items() if isinstance(kinds[name], EnumType)}
    return Defaults(**{**values, **choices})

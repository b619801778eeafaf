"""What lasts: one Storage, an object for each noun of the tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from bot.digest.model import Defaults
from bot.storage.database import Database, vanished
from bot.storage.deliveries import DeliveryStore
from bot.storage.digests import DigestStore
from bot.storage.drafts import DraftStore
from bot.storage.ledger import LedgerStore
from bot.storage.papers import PaperStore
from bot.storage.queries import QueryStore
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from bot.storage.times import put_times_right

__all__ = ["Storage"]


class Storage:
    """An open database and what is kept in it. Each method of its nouns is one transaction, and raises StorageError."""

    def __init__(self, database: Database, defaults: Defaults, url: str) -> None:
        """`defaults` are config.json's: they hold where a server has set nothing itself."""
        self.database = database
        self.url = url
        self.papers = PaperStore(database)
        self.queries = QueryStore(database)
        self.servers = ServerStore(database, defaults)
        self.subscriptions = SubscriptionStore(database, defaults)
        self.ledger = LedgerStore(database)
        self.deliveries = DeliveryStore(database)
        self.digests = DigestStore(database, defaults)
        self.drafts = DraftStore(database)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, defaults: Defaults) -> AsyncIterator[Storage]:
        """Locked for this process alone and at the newest version.

        Raises AlreadyRunning, StorageUnreachable, or StorageError when it cannot be read or understood.
        """
        async with Database.open(url) as database:
            yield cls(database, defaults, url)

    async def put_times_right(self, now: datetime) -> None:
        """Bring back what was written while the clock was ahead: nothing that has happened lies in the future, and no retry
        further away than the longest wait.
        """
        async with self.database.begin() as connection:
            await put_times_right(connection, now)

    @property
    def vanished(self) -> bool:
        """Whether the file of an SQLite database was moved or deleted while it is open."""
        return vanished(self.url)

    async def prune(self, now: datetime) -> None:
        """Delete papers' bodies that nothing shows any more, and the servers left more than 30 days ago."""
        await self.papers.prune(now)
        await self.servers.prune(now)

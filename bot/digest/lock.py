"""The lock that lets one digest run at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from bot.clock import Clock


class DigestLock:
    """Lets one digest run at a time, and knows since when the one that is running does. Who comes second waits."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._since: datetime | None = None

    @asynccontextmanager
    async def taken(self, clock: Clock, *, scheduled: bool) -> AsyncIterator[datetime]:
        """Hold the lock; gives the time at which the digest begins. `scheduled`: it serves whatever is due by then."""
        async with self._lock:
            now = clock.now()
            self._since = now if scheduled else None
            try:
                yield now
            finally:
                self._since = None

    def since(self, due_at: datetime | None) -> datetime | None:
        """When the digest that serves what was due at `due_at` began; None while none does."""
        return self._since if due_at is not None and self._since is not None and due_at <= self._since else None

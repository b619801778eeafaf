"""One digest at a time, and since when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from bot.clock import Clock


class Turn:
    """Kept in memory: a digest does not outlive the program."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._since: datetime | None = None

    @asynccontextmanager
    async def taken(self, clock: Clock, *, scheduled: bool) -> AsyncIterator[datetime]:
        """Gives the time at which it begins; who comes second waits. `scheduled`: it serves whatever is due by then."""
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

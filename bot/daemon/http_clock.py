"""The time of somebody else: CLOCK_URL, for the sandbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp

from bot.errors import ConfigError

log = logging.getLogger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=2)


class HttpClock:
    """Implements bot.clock.Clock. The time stands still between two refreshes; sleeping takes real seconds."""

    def __init__(self, session: aiohttp.ClientSession, url: str, now: datetime) -> None:
        self._session = session
        self._url = url
        self._now = now

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[HttpClock]:
        """Raises ConfigError when no time can be read there."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            try:
                now = await _read(session, url)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                raise ConfigError(
                    [f"CLOCK_URL is {url}, where no time can be read ({error}); start the sandbox first."]
                ) from error
            yield cls(session, url, now)

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def refresh(self) -> None:
        """Read the time; when that fails it stays what it was."""
        try:
            self._now = await _read(self._session, self._url)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            log.warning("no time can be read at %s: %s", self._url, str(error) or type(error).__name__)


async def _read(session: aiohttp.ClientSession, url: str) -> datetime:
    """ISO 8601 text with its zone."""
    async with session.get(url, raise_for_status=True) as answer:
        now = datetime.fromisoformat((await answer.text()).strip())
    if now.tzinfo is None:
        raise ValueError("the time there has no zone")
    return now.astimezone(UTC)

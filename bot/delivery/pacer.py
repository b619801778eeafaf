"""One pace for every REST request."""

from __future__ import annotations

import asyncio

import aiohttp

PER_SECOND = 48
"""Below Discord's documented 50 a second (docs, rate-limits); evenly spaced this gives no 429s at all, measured 2026-11-22."""


class Pacer:
    """Hands out evenly spaced slots on the event loop's clock; a burst first and a pause after loses messages."""

    def __init__(self, per_second: float = PER_SECOND) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    async def wait(self) -> None:
        """Sleep until this request's own slot."""
        loop = asyncio.get_running_loop()
        slot = max(loop.time(), self._next)
        self._next = slot + self._gap
        await asyncio.sleep(slot - loop.time())

    def trace(self) -> aiohttp.TraceConfig:
        """For discord.Client(http_trace=…): every request on the wire waits for its slot, retries included."""

        async def on_request_start(*_: object) -> None:
            await self.wait()

        config = aiohttp.TraceConfig()
        config.on_request_start.append(on_request_start)
        return config

"""One digest after another, for as long as the program runs.

Not discord.ext.tasks: after some exceptions its loop runs the body twice, after all others never again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot import logs
from bot.errors import BotError, TokenRefused

log = logging.getLogger(__name__)


class Ticker:
    """`tick` runs at once, and again when `pause` has passed since it ended or, sooner, when `woken` is set."""

    def __init__(self, tick: Callable[[], Awaitable[None]], pause: Callable[[], Awaitable[None]], woken: asyncio.Event) -> None:
        self._tick = tick
        self._pause = pause
        self._woken = woken
        self._stopping = False

    async def run(self) -> None:
        """Until stopped. A tick that fails is logged and the next one comes; only TokenRefused is raised."""
        while not self._stopping:
            self._woken.clear()
            with logs.identified("digest"):
                await self._try()
            await self._rest()

    def stop(self) -> None:
        """No further tick begins; one in flight goes on to its end."""
        self._stopping = True
        self._woken.set()

    async def _try(self) -> None:
        try:
            await self._tick()
        except TokenRefused:
            raise
        except BotError as error:  # it says what is wrong by itself
            log.error("this tick failed; the next one comes all the same: %s", error)
        except Exception:
            log.exception("this tick failed; the next one comes all the same")

    async def _rest(self) -> None:
        waits = [asyncio.ensure_future(self._pause()), asyncio.ensure_future(self._woken.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

"""One gate to arXiv for everybody in this process: turns, the pause between them, and the cool-down."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.errors import ArxivThrottled

INTERVAL = 3.0
"""Seconds; https://info.arxiv.org/help/api/tou.html allows one request every three seconds, over one connection."""

PATIENCE = timedelta(seconds=30)
"""What is left of a cool-down is waited for up to here; beyond it, whoever asks is told at once."""

COOL_DOWNS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""After the first, second, and every later refusal in a row."""

DENIALS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""After "Access Denied": https://arxiv.org/denied.html speaks of robots to be stopped, not of a busy hour."""

LONGEST_REQUESTED = timedelta(hours=1)
"""A longer Retry-After counts as this much: a digest tries again hourly anyway."""


LEAD = 10
"""So many later interactive requests may pass a scheduled one: people wait for theirs, but nobody holds up the digest."""


class Gate:
    """One request at a time, their starts at least `interval` seconds apart, interactive ones before scheduled ones.

    A clock may stand still or be set back (the sandbox's does): a pause slept in full is over, whatever the clock says.
    """

    def __init__(self, *, clock: Clock, interval: float = INTERVAL) -> None:
        self._clock = clock
        self._interval = timedelta(seconds=interval)
        self._opens_at = self._cool_until = clock.now()
        self._refusals: Counter[tuple[timedelta, ...]] = Counter()
        self._busy = False
        self._numbers = itertools.count()
        self._waiting: set[float] = set()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def turn(self, *, url: str, interactive: bool = False) -> AsyncIterator[None]:
        """The right to send one request.

        Raises ArxivThrottled, for a caller already waiting too, while more than PATIENCE of a cool-down is left.
        """
        ticket = next(self._numbers) + (0 if interactive else LEAD + 0.5)
        self._waiting.add(ticket)
        try:
            await self._come_first(ticket, url)
        finally:
            self._waiting.remove(ticket)
            self._wake()
        try:
            yield
        finally:
            self._busy = False
            self._wake()

    def cool_down(self, *, steps: tuple[timedelta, ...] = COOL_DOWNS, requested: timedelta | None = None) -> datetime:
        """arXiv refused: nobody asks until the time returned. `requested` is its Retry-After."""
        step = steps[min(self._refusals[steps], len(steps) - 1)]
        self._refusals[steps] += 1
        # arXiv's cache answers 503 with "Retry-After: 0" when its own back end is late; that names no time.
        length = min(requested, LONGEST_REQUESTED) if requested else step
        self._cool_until = self._clock.now() + length
        self._opens_at = max(self._opens_at, self._cool_until)
        return self._cool_until

    def clear(self) -> None:
        """arXiv answered: the next cool-down starts from the shortest again."""
        self._refusals.clear()

    def refuses(self) -> bool:
        """Whether a turn asked for now would be denied."""
        return self._cool_until - self._clock.now() > PATIENCE

    async def _come_first(self, ticket: float, url: str) -> None:
        """Return with the gate taken. Nothing is awaited between the last look and the taking."""
        while True:
            if self.refuses():
                raise ArxivThrottled("arXiv asked for a pause that is not over yet.", url=url, until=self._cool_until)
            if self._busy or ticket != min(self._waiting):
                await self._changed.wait()
            elif (pause := self._opens_at - self._clock.now()) > timedelta():
                await self._rest(pause)
            else:
                self._busy = True
                self._opens_at = self._clock.now() + self._interval
                return

    async def _rest(self, pause: timedelta) -> None:
        """Sleep; an interactive request may overtake meanwhile, and then the next pause is not over."""
        opens_at = self._opens_at
        await self._clock.sleep(pause.total_seconds())
        if self._opens_at == opens_at:
            self._opens_at = self._clock.now()

    def _wake(self) -> None:
        """Let everyone who waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

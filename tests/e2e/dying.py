"""`python -m tests.e2e.dying CONFIG NOW WHEN`: one digest of the real App, killed with SIGKILL at a chosen moment."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from bot.app import App
from bot.clock import ShiftedClock
from bot.delivery.outbox import connected
from bot.digest.model import Delivery, Outcome, Subscription, Unknown
from bot.digest.ports import Claim, Journal, Ledger, Outbox
from bot.paper import Paper
from bot.settings import load, require_token

MOMENTS = ("before the claim is committed", "after the claim", "stored but unanswered", "after the answer")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingLedger:
    """The real ledger until the moment comes."""

    def __init__(self, ledger: Ledger, moment: str) -> None:
        self._ledger = ledger
        self._moment = moment

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    @asynccontextmanager
    async def claim(self, subscription: Subscription, papers: Sequence[Paper], now: datetime) -> AsyncIterator[Claim]:
        async with self._ledger.claim(subscription, papers, now) as claim:
            yield claim
            if self._moment == MOMENTS[0]:
                die()
        if self._moment == MOMENTS[1]:
            die()


class DyingOutbox:
    """The real outbox until the moment comes."""

    def __init__(self, outbox: Outbox, moment: str) -> None:
        self._outbox = outbox
        self._moment = moment

    def __getattr__(self, name: str) -> object:
        return getattr(self._outbox, name)

    async def send(self, deliveries: Sequence[Delivery], journal: Journal, *, resuming: bool = False) -> frozenset[int]:
        return await self._outbox.send(deliveries, journal if resuming else DyingJournal(journal, self._moment))


class DyingJournal:
    """The real journal until the moment comes."""

    def __init__(self, journal: Journal, moment: str) -> None:
        self._journal = journal
        self._moment = moment

    async def wanted(self, delivery: Delivery) -> bool:
        return await self._journal.wanted(delivery)

    async def last_message_id(self, delivery: Delivery) -> int | None:
        return await self._journal.last_message_id(delivery)

    async def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        if self._moment == MOMENTS[3] or (self._moment == MOMENTS[2] and isinstance(outcome, Unknown)):
            die()
        await self._journal.settle(delivery, outcome)


async def main(config: str, now: str, moment: str) -> None:
    settings = load(Path(config))
    async with (
        App.open(settings, ShiftedClock(datetime.fromisoformat(now))) as app,
        connected(require_token(settings), settings.discord_api_url, app.clock) as channels,
    ):
        app.storage.ledger = DyingLedger(app.storage.ledger, moment)  # type: ignore[assignment]
        await app.run_digest(DyingOutbox(channels, moment))  # type: ignore[arg-type]


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

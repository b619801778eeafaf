"""The Discord outbox: deliveries become messages, over REST alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

import discord

from bot.delivery.addresses import point_at
from bot.delivery.outcomes import BAD_TOKEN, FAILURES, Banned, outcome_of
from bot.delivery.pacer import Pacer
from bot.delivery.permissions import Accesses, unsuitable
from bot.delivery.worker import Wanted, Worker
from bot.digest.model import Blocked, Delivery, Outcome, Place, Subscription, Unknown
from bot.errors import DiscordUnreachable, TokenRefused

log = logging.getLogger(__name__)

WORKERS = 128
"""Channels worked on at once. A message may wait 5 s for its channel's bucket (5 messages in 5 s): this many keep 48 slots a
second filled, and none comes near aiohttp's 300 s timeout, which counts the wait for a slot."""

Settled = tuple[Delivery, Outcome]


@asynccontextmanager
async def connected(token: str, api_url: str, wanted: Wanted) -> AsyncIterator[Channels]:
    """Log in over REST and give the outbox. Raises TokenRefused or DiscordUnreachable."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    point_at(api_url)
    client = discord.Client(
        intents=discord.Intents(guilds=True), allowed_mentions=discord.AllowedMentions.none(), http_trace=Pacer().trace()
    )
    async with client:
        try:
            await client.login(token)
        except discord.LoginFailure as error:
            raise TokenRefused(BAD_TOKEN) from error
        except FAILURES as error:
            raise DiscordUnreachable(f"Discord does not answer: {str(error) or type(error).__name__}") from error
        yield Channels(client, wanted)


class Channels:
    """Implements digest.ports.Outbox."""

    def __init__(self, client: discord.Client, wanted: Wanted) -> None:
        self._client = client
        self._wanted = wanted
        self._banned_until = 0.0
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """What is on its way is finished; nothing more is begun."""
        self._stopping.set()

    async def locate(self, channel_id: int) -> Place | Blocked | Unknown:
        loop = asyncio.get_running_loop()
        if loop.time() < self._banned_until:
            return Unknown("Discord's network refuses this machine for now")
        try:
            channel = await self._client.fetch_channel(channel_id)
        except FAILURES as error:
            return self._whereabouts(error)
        if isinstance(channel, discord.abc.PrivateChannel):
            return Blocked("a direct message cannot take papers; name a channel of a server")
        if (reason := unsuitable(channel.type)) is not None:
            return Blocked(reason)
        return Place(channel.guild.id, channel.name)

    def _whereabouts(self, error: Exception) -> Blocked | Unknown:
        try:
            outcome = outcome_of(error)
        except Banned as ban:
            self._banned(ban)
            return Unknown(str(ban))
        return outcome if isinstance(outcome, Blocked | Unknown) else Unknown(str(error))

    def _banned(self, ban: Banned) -> None:
        self._banned_until = asyncio.get_running_loop().time() + ban.retry_after
        log.error("%s; nothing more is sent until then", ban)

    async def barred(self, subscriptions: Sequence[Subscription]) -> dict[int, str]:
        found = await Accesses(self._client).check(subscriptions)
        return {
            each.channel_id: access.reason for each in subscriptions if isinstance(access := found[each.destination_id], Blocked)
        }

    def send(self, deliveries: Sequence[Delivery]) -> AsyncGenerator[Settled, None]:
        return self._work(deliveries, resuming=False)

    def resume(self, deliveries: Sequence[Delivery]) -> AsyncGenerator[Settled, None]:
        return self._work(deliveries, resuming=True)

    async def _work(self, deliveries: Sequence[Delivery], *, resuming: bool) -> AsyncGenerator[Settled, None]:
        """What is settled, in the order it happens; a ban by Discord's network ends it early."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._banned_until or not deliveries:
            return
        try:
            async with aclosing(self._side_by_side(deliveries, resuming=resuming)) as settled:
                async for done in settled:
                    yield done
        except Banned as ban:
            self._banned(ban)

    async def _side_by_side(self, deliveries: Sequence[Delivery], *, resuming: bool) -> AsyncGenerator[Settled, None]:
        """One task a channel, so that its messages stay in order; a bounded number of them at once."""
        accesses = await Accesses(self._client).check(deliveries)
        settled: asyncio.Queue[Settled | None] = asyncio.Queue()
        slots = asyncio.Semaphore(WORKERS)

        def settle(delivery: Delivery, outcome: Outcome) -> None:
            settled.put_nowait((delivery, outcome))

        async def serve(destination_id: int, own: list[Delivery]) -> None:
            async with slots:
                worker = Worker(self._client, own[0], settle, wanted=self._wanted, stopping=self._stopping)
                await worker.serve(own, accesses[destination_id], resuming=resuming)

        async def serve_all() -> None:
            async with asyncio.TaskGroup() as group:
                for destination_id, own in _by_destination(deliveries).items():
                    group.create_task(serve(destination_id, own))

        workers = asyncio.create_task(serve_all())
        workers.add_done_callback(lambda _: settled.put_nowait(None))
        try:
            while (done := await settled.get()) is not None:
                yield done
            await _raising_the_first(workers)
        finally:
            workers.cancel()
            await asyncio.wait([workers])


def _by_destination(deliveries: Sequence[Delivery]) -> dict[int, list[Delivery]]:
    places: dict[int, list[Delivery]] = {}
    for delivery in deliveries:
        places.setdefault(delivery.destination_id, []).append(delivery)
    return places


async def _raising_the_first(workers: asyncio.Task[None]) -> None:
    try:
        await workers
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None

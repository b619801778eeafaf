"""The Discord outbox: deliveries become messages, over REST alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import discord

from bot.clock import Clock
from bot.delivery.addresses import point_at
from bot.delivery.clock_check import ClockCheck
from bot.delivery.outcomes import BAD_TOKEN, FAILURES, Banned, described, judged, unreachable
from bot.delivery.pacer import Pacer
from bot.delivery.permissions import Access, Accesses, Open, unsuitable
from bot.delivery.requests import Throttled, asked_once
from bot.delivery.worker import NEWEST, PATIENCE, Worker, as_found, is_ours
from bot.digest.model import Blocked, Delivery, Found, Place, Subscription, Unknown
from bot.digest.ports import Journal
from bot.errors import TokenRefused
from bot.settings.proxies import proxy_for
from bot.text.words import channel_called

log = logging.getLogger(__name__)

WORKERS = 128
"""Channels worked on at once. A message may wait 5 s for its channel's bucket (5 messages in 5 s): this many keep 48 slots a
second filled, and none comes near aiohttp's 300 s timeout, which counts the wait for a slot."""

SHUT_OUT = Unknown("Discord's network refuses this machine for now")
"""Nothing is asked of Discord meanwhile, nor about a channel that is blocked: every request may make the ban longer."""


@asynccontextmanager
async def connected(token: str, api_url: str, clock: Clock) -> AsyncIterator[Channels]:
    """Log in over REST and give the outbox. Raises TokenRefused, DiscordUnreachable or ConfigError."""
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    point_at(api_url)
    requests, clock_check = Pacer().trace(), ClockCheck(clock)
    clock_check.listen(requests)
    client = discord.Client(
        intents=discord.Intents(guilds=True),
        allowed_mentions=discord.AllowedMentions.none(),
        http_trace=requests,
        proxy=proxy_for(api_url),
    )
    async with client:
        try:
            await client.login(token)
        except discord.LoginFailure as error:
            raise TokenRefused(BAD_TOKEN) from error
        except FAILURES as error:
            raise unreachable(error) from error
        yield Channels(client, clock, clock_check, remember=True)


class Channels:
    """Implements digest.ports.Outbox."""

    def __init__(self, client: discord.Client, clock: Clock, clock_check: ClockCheck, *, remember: bool = False) -> None:
        """`remember` as Accesses has it."""
        self._client = client
        self._clock = clock
        self._clock_check = clock_check
        self._accesses = Accesses(client, remember=remember)
        self._banned_until = 0.0
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """What is on its way is finished; nothing more is begun."""
        self._stopping.set()

    @property
    def clock_ahead(self) -> timedelta | None:
        return self._clock_check.ahead

    def name_of(self, channel_id: int) -> str | None:
        return self._accesses.names.get(channel_id)

    async def locate(self, channel_id: int) -> Place | Blocked | Unknown:
        if self._is_banned():
            return SHUT_OUT
        try:
            with asked_once():
                channel = await self._client.fetch_channel(channel_id)
        except (*FAILURES, Throttled) as error:
            return await self._whereabouts(error)
        if isinstance(channel, discord.abc.PrivateChannel):
            return Blocked("a direct message cannot take papers; name a channel of a server")
        self._accesses.names[channel_id] = channel.name
        if (reason := unsuitable(channel.type)) is not None:
            return Blocked(reason)
        return Place(channel.guild.id, channel.name)

    async def _whereabouts(self, error: Exception) -> Blocked | Unknown:
        try:
            outcome = await judged(self._client, error)
        except Banned as ban:
            self._banned(ban)
            return Unknown(str(ban))
        return outcome if isinstance(outcome, Blocked | Unknown) else Unknown(described(error))

    def _banned(self, ban: Banned) -> None:
        self._banned_until = asyncio.get_running_loop().time() + ban.retry_after
        log.error("%s; nothing more is sent until then", ban)

    def _is_banned(self) -> bool:
        return asyncio.get_running_loop().time() < self._banned_until

    async def barred(self, subscriptions: Sequence[Subscription]) -> dict[int, Blocked | Unknown]:
        if self._is_banned():
            return dict.fromkeys((each.channel_id for each in subscriptions), SHUT_OUT)
        try:
            with asked_once():
                found = await self._accesses.check(subscriptions)
        except Banned as ban:
            self._banned(ban)
            return {each.channel_id: Unknown(str(ban)) for each in subscriptions}
        accesses = {each.channel_id: found[each.destination_id] for each in subscriptions}
        return {id: access for id, access in accesses.items() if isinstance(access, Blocked | Unknown)}

    async def standing(
        self, subscriptions: Sequence[Subscription], known: Mapping[int, int]
    ) -> dict[int, tuple[Found, ...] | Unknown]:
        slots = asyncio.Semaphore(WORKERS)

        async def look(subscription: Subscription, access: Access) -> tuple[Found, ...] | Unknown:
            last = known.get(subscription.destination_id)
            if isinstance(access, Unknown):
                return access
            if not isinstance(access, Open) or not access.readable or (access.newest_id or 0) <= (last or 0):
                return ()
            try:
                async with slots, asyncio.timeout(PATIENCE):
                    return await self._standing(subscription, last)
            except (*FAILURES, Throttled) as error:
                outcome = await judged(self._client, error)
                called = channel_called(subscription.destination_id, self.name_of(subscription.destination_id))
                log.warning("%s cannot be read back: %s", called, outcome)
                return outcome if isinstance(outcome, Unknown) else ()

        if self._is_banned():
            return dict.fromkeys((each.channel_id for each in subscriptions), SHUT_OUT)
        try:
            with asked_once():
                accesses = await self._accesses.check(subscriptions)
                found = await asyncio.gather(*(look(each, accesses[each.destination_id]) for each in subscriptions))
        except Banned as ban:
            self._banned(ban)
            return {each.channel_id: Unknown(str(ban)) for each in subscriptions}
        return {each.channel_id: seen for each, seen in zip(subscriptions, found, strict=True)}

    async def _standing(self, subscription: Subscription, last: int | None) -> tuple[Found, ...]:
        channel = self._client.get_partial_messageable(subscription.destination_id, guild_id=subscription.guild_id)
        after = None if last is None else discord.Object(last)
        history = channel.history(limit=NEWEST, after=after, oldest_first=False)
        return tuple(reversed([as_found(message) async for message in history if is_ours(message, self._client)]))

    async def send(self, deliveries: Sequence[Delivery], journal: Journal, *, resuming: bool = False) -> frozenset[int]:
        """A ban by Discord's network ends everything early, and leaves what is not settled for next time."""
        channels = frozenset(delivery.channel_id for delivery in deliveries)
        if self._is_banned() or not deliveries:
            return channels
        left: set[int] = set()
        slots, banned = asyncio.Semaphore(WORKERS), asyncio.Event()

        def ending() -> bool:
            return self._stopping.is_set() or banned.is_set()

        async def serve(own: list[Delivery], access: Access) -> None:
            async with slots:
                worker = Worker(self._client, own[0], journal, clock=self._clock, ending=ending)
                try:
                    served = await worker.serve(own, access, resuming=resuming)
                except Banned as ban:  # the others end by themselves: who is cut off within a statement loses its connection
                    self._banned(ban)
                    banned.set()
                else:
                    left.update(() if served else (delivery.channel_id for delivery in own))

        try:
            with asked_once():
                accesses = await self._accesses.check(deliveries)
                async with asyncio.TaskGroup() as group:  # one task a destination, so that its messages stay in order
                    for destination_id, own in _by_destination(deliveries).items():
                        group.create_task(serve(own, accesses[destination_id]))
        except Banned as ban:
            self._banned(ban)
            return channels
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None
        return channels if banned.is_set() else frozenset(left)


def _by_destination(deliveries: Sequence[Delivery]) -> dict[int, list[Delivery]]:
    places: dict[int, list[Delivery]] = {}
    for delivery in deliveries:
        places.setdefault(delivery.destination_id, []).append(delivery)
    return places

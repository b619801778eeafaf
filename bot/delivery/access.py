"""May the bot post here? Read once for each server and digest: from the gateway's cache while it is connected, else over REST."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import discord

from bot.delivery.outcomes import FAILURES, outcome_of
from bot.delivery.permissions import Room, objection
from bot.digest.model import Blocked, Delivery, Subscription, Unknown


@dataclass(frozen=True, slots=True)
class Open:
    """The channel can be posted to; `readable` is the Read Message History permission."""

    readable: bool


Access = Open | Blocked | Unknown
Known = tuple[discord.Guild, discord.Member, dict[int, Room]]
"""A server, the bot in it, and its channels and active threads by id."""


class Accesses:
    """What was found out about channels, server by server. Over REST three requests a server, one more a thread; from the
    cache none, but one for a channel that is not in it: a deleted one, or an archived thread."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def check(self, targets: Iterable[Delivery | Subscription]) -> dict[int, Access]:
        """Access by channel id, for every channel that something will be sent to."""
        channels: dict[int, set[int]] = {}
        for target in targets:
            channels.setdefault(target.guild_id, set()).add(target.channel_id)
        found = await asyncio.gather(*(self._guild(guild_id, wanted) for guild_id, wanted in channels.items()))
        return {channel_id: access for part in found for channel_id, access in part.items()}

    async def _guild(self, guild_id: int, wanted: set[int]) -> dict[int, Access]:
        try:
            guild, me, rooms = self._cached(guild_id) or await self._fetched(guild_id)
        except FAILURES as error:
            return dict.fromkeys(wanted, _refusal(error))
        return {channel_id: await self._channel(guild, me, rooms, channel_id) for channel_id in wanted}

    def _cached(self, guild_id: int) -> Known | None:
        """None without a gateway, while it is lost (it would be out of date), and while the server is unavailable."""
        guild = self._client.get_guild(guild_id)
        connected = self._client.ws is not None and self._client.ws.open
        if guild is None or guild.unavailable or not connected:
            return None
        return guild, guild.me, {room.id: room for room in (*guild.channels, *guild.threads)}

    async def _fetched(self, guild_id: int) -> Known:
        guild = await self._client.fetch_guild(guild_id, with_counts=False)
        me = await guild.fetch_member(self._me.id)
        return guild, me, {channel.id: channel for channel in await guild.fetch_channels()}

    async def _channel(self, guild: discord.Guild, me: discord.Member, rooms: dict[int, Room], channel_id: int) -> Access:
        try:
            room = rooms.get(channel_id) or await guild.fetch_channel(channel_id)
        except FAILURES as error:
            return _refusal(error)
        if isinstance(room, discord.Thread):
            return _judge(room, rooms.get(room.parent_id), me)
        return _judge(room, room, me)

    @property
    def _me(self) -> discord.ClientUser:
        if self._client.user is None:
            raise RuntimeError("the client has not logged in")
        return self._client.user


def _judge(room: Room, parent: Room | None, me: discord.Member) -> Access:
    if (reason := objection(room, parent, me)) is not None:
        return Blocked(reason)
    # Nothing was objected to, so there is a parent.
    assert isinstance(parent, discord.abc.GuildChannel)
    return Open(readable=parent.permissions_for(me).read_message_history)


def _refusal(error: Exception) -> Blocked | Unknown:
    outcome = outcome_of(error)
    return outcome if isinstance(outcome, Blocked | Unknown) else Unknown(str(error))

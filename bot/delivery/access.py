"""May the bot post here? Read once for each server and digest, over REST."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import discord

from bot.delivery.outcomes import FAILURES, outcome_of
from bot.digest.model import Blocked, Delivery, Subscription, Unknown

TARGETS = frozenset(
    {
        discord.ChannelType.text,
        discord.ChannelType.news,
        discord.ChannelType.public_thread,
        discord.ChannelType.news_thread,
    }
)
_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
}


@dataclass(frozen=True, slots=True)
class Open:
    """The channel can be posted to; `readable` is the Read Message History permission."""

    readable: bool


Access = Open | Blocked | Unknown
Room = discord.abc.GuildChannel | discord.Thread


class Accesses:
    """What was found out about channels, server by server: three requests a server, one more a thread."""

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
            guild = await self._client.fetch_guild(guild_id, with_counts=False)
            me = await guild.fetch_member(self._me.id)
            rooms: dict[int, Room] = {channel.id: channel for channel in await guild.fetch_channels()}
        except FAILURES as error:
            return dict.fromkeys(wanted, _refusal(error))
        return {channel_id: await self._channel(guild, me, rooms, channel_id) for channel_id in wanted}

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


def unsuitable(kind: discord.ChannelType) -> str | None:
    """Why papers cannot go to such a channel; None when they can."""
    if kind in TARGETS:
        return None
    name = {discord.ChannelType.voice: "voice channel", discord.ChannelType.private: "direct message"}.get(
        kind, f"{kind.name} channel"
    )
    return f"a {name} cannot take papers; name a text channel, an announcement channel or a public thread"


def _judge(room: Room, parent: Room | None, me: discord.Member) -> Access:
    """A thread takes its permissions from its parent (docs, threads)."""
    if (reason := unsuitable(room.type)) is not None:
        return Blocked(reason)
    if not isinstance(parent, discord.abc.GuildChannel):
        return Blocked(f"the bot cannot see the channel of the thread #{room.name}")
    granted = parent.permissions_for(me)
    threaded = isinstance(room, discord.Thread)
    needed = ["view_channel", "send_messages_in_threads" if threaded else "send_messages", "embed_links"]
    missing = [_NEEDED[name] for name in needed if not getattr(granted, name)]
    if missing:
        return Blocked(f"the bot lacks {' and '.join(missing)} in #{room.name}; grant it in the channel's settings, Permissions")
    if isinstance(room, discord.Thread) and room.locked and not granted.manage_threads:
        return Blocked(f"the thread #{room.name} is locked; unlock it")
    return Open(readable=granted.read_message_history)


def _refusal(error: Exception) -> Blocked | Unknown:
    outcome = outcome_of(error)
    return outcome if isinstance(outcome, Blocked | Unknown) else Unknown(str(error))

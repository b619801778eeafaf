"""May the bot post in a channel, may this person change things? One answer for digests, commands and buttons.

A sentence with a channel's name in it is Words until it is stored or logged (plain) or shown (Discord's markdown): people type
such names, and nobody who shows the sentence can forget to escape one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import discord
from discord.channel import _guild_channel_factory

from bot.delivery.escape import as_markdown
from bot.delivery.outcomes import FAILURES, judged, outcome_of
from bot.delivery.requests import Throttled
from bot.digest.model import Blocked, Delivery, Outcome, Subscription, Unknown
from bot.text.words import Name, Words, as_plain

TARGETS = frozenset(
    {
        discord.ChannelType.text,
        discord.ChannelType.news,
        discord.ChannelType.public_thread,
        discord.ChannelType.news_thread,
    }
)
MANAGERS_ONLY = "Only people with the permission Manage Server can change what is posted here. Ask whoever manages this server."

Room = discord.abc.GuildChannel | discord.Thread

_UTC = ZoneInfo("UTC")


def may_manage(permissions: discord.Permissions) -> bool:
    """Checked at every press too: a command's default permission is a hint that a server may override."""
    return permissions.manage_guild or permissions.administrator


def unsuitable(kind: discord.ChannelType) -> str | None:
    """Why papers cannot go to such a channel; None when they can."""
    if kind in TARGETS:
        return None
    name = kind.name.replace("_", " ")
    return f"a {name} channel cannot take papers; name a text channel, an announcement channel or a public thread"


def objection(room: Room, parent: Room | None, me: discord.Member, *, any_kind: bool = False) -> Words | None:
    """Why the bot may not post there, with the remedy; None when it may.

    `parent` is the channel of a thread, which gives it its permissions, else the room itself
    (https://docs.discord.com/developers/topics/threads#permissions). `any_kind`: also where papers cannot go.
    """
    if not any_kind and (reason := unsuitable(room.type)) is not None:
        return (reason,)
    if not isinstance(parent, discord.abc.GuildChannel):
        return "the bot cannot see the channel of the thread #", Name(room.name)
    thread = isinstance(room, discord.Thread)
    # A text channel's own answer takes Embed Links away where Send Messages is denied; in its threads another permission counts.
    held = discord.abc.GuildChannel.permissions_for(parent, me) if thread else parent.permissions_for(me)
    # Whoever is timed out holds next to nothing meanwhile, whatever roles and channels grant; administrators cannot be.
    # https://docs.discord.com/developers/topics/permissions#permissions-for-timed-out-members
    if me.timed_out_until is not None and me.is_timed_out() and not held.administrator:
        return "a moderator has timed the bot out until ", me.timed_out_until, "; lift that timeout"
    needed = {
        "View Channel": held.view_channel,
        "Send Messages in Threads" if thread else "Send Messages": held.send_messages_in_threads
        if thread
        else held.send_messages,
        "Embed Links": held.embed_links,
    }
    if missing := [name for name, granted in needed.items() if not granted]:
        remedy = "; grant it in the channel's settings, Permissions"
        return f"the bot lacks {' and '.join(missing)} in #", Name(room.name), remedy
    if isinstance(room, discord.Thread) and room.locked and not held.manage_threads:
        return "the thread #", Name(room.name), " is locked; unlock it"
    return None


async def objection_in(
    guild: discord.Guild | None, channel_id: int, *, here: object = None, any_kind: bool = False
) -> str | None:
    """Why the bot may not post in that channel of the server, in Discord's markdown; None when it may. For commands and buttons.

    `here` is the interaction's own channel: Discord describes it even where the bot was not told of it. DELETED as it stands when
    there is no such channel any more. `any_kind` as `objection` has it.
    """
    if guild is None:
        return "this server is not known yet; try again in a minute"
    room: object = guild.get_channel_or_thread(channel_id)
    if room is None and isinstance(here, Room) and here.id == channel_id:
        room = here
    if room is None:
        try:
            room = await guild.fetch_channel(channel_id)  # archived threads are not among what Discord tells at the start
        except discord.InvalidData:
            return "the channel is not in this server"
        except FAILURES as error:
            return _refusal(outcome_of(error)).reason
    if not isinstance(room, Room):
        return "the channel is not in this server"
    words = objection(room, room.parent if isinstance(room, discord.Thread) else room, guild.me, any_kind=any_kind)
    return None if words is None else as_markdown(words)


# --- before a digest is sent ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open:
    """The channel can be posted to."""

    readable: bool
    """The bot has the Read Message History permission."""
    newest_id: int | None
    """The id of the newest message in it, whoever posted it, as Discord last told; None where there is none."""


Access = Open | Blocked | Unknown
Known = tuple[discord.Guild, discord.Member, dict[int, Room]]
"""A server, the bot in it, and its channels and active threads by id."""


class Accesses:
    """What may be done in many channels, found out server by server: from the gateway's cache while it is connected, else over
    REST. Over REST three requests a server, one more a thread; from the cache none, but one for a channel that is not in it: a
    deleted one, or an archived thread."""

    def __init__(self, client: discord.Client, *, remember: bool = False) -> None:
        """`remember`: what REST told of a server holds from then on, for a program that ends with its digest."""
        self._client = client
        self._remembered: dict[int, Known] | None = {} if remember else None
        self.names: dict[int, str] = {}
        """Of the channels and threads looked at, by id."""

    async def check(self, targets: Iterable[Delivery | Subscription]) -> dict[int, Access]:
        """Access by the id of each channel or thread that something will be sent to."""
        channels: dict[int, set[int]] = {}
        for target in targets:
            channels.setdefault(target.guild_id, set()).add(target.destination_id)
        found = await asyncio.gather(*(self._guild(guild_id, wanted) for guild_id, wanted in channels.items()))
        return {channel_id: access for part in found for channel_id, access in part.items()}

    async def _guild(self, guild_id: int, wanted: set[int]) -> dict[int, Access]:
        try:
            guild, me, rooms = self._cached(guild_id) or await self._fetched(guild_id)
        except (*FAILURES, Throttled) as error:
            return dict.fromkeys(wanted, _refusal(await judged(self._client, error)))
        return {channel_id: await self._channel(guild, me, rooms, channel_id) for channel_id in wanted}

    def _cached(self, guild_id: int) -> Known | None:
        """None without a gateway, while it is lost (it would be out of date), and while the server is unavailable."""
        guild = self._client.get_guild(guild_id)
        connected = self._client.ws is not None and self._client.ws.open
        if guild is None or guild.unavailable or not connected:
            return None
        return guild, guild.me, {room.id: room for room in (*guild.channels, *guild.threads)}

    async def _fetched(self, guild_id: int) -> Known:
        if self._client.user is None:
            raise RuntimeError("the client has not logged in")
        if self._remembered is not None and guild_id in self._remembered:
            return self._remembered[guild_id]
        guild = await self._client.fetch_guild(guild_id, with_counts=False)
        me = await guild.fetch_member(self._client.user.id)
        known: Known = guild, me, {channel.id: channel for channel in await self._channels(guild)}
        if self._remembered is not None:
            self._remembered[guild_id] = known
        return known

    async def _channels(self, guild: discord.Guild) -> list[discord.abc.GuildChannel]:
        """Those of a kind that discord.py knows: one of another kind anywhere in the server makes Guild.fetch_channels fail."""
        found = []
        for data in await self._client.http.get_all_guild_channels(guild.id):
            factory, _ = _guild_channel_factory(data["type"])
            if factory is not None:
                found.append(factory(guild=guild, state=self._client._connection, data=data))
        return found

    async def _channel(self, guild: discord.Guild, me: discord.Member, rooms: dict[int, Room], channel_id: int) -> Access:
        try:
            room = rooms.get(channel_id) or await guild.fetch_channel(channel_id)
        except (*FAILURES, Throttled) as error:
            return _refusal(await judged(self._client, error))
        self.names[channel_id] = room.name
        return access(room, rooms.get(room.parent_id) if isinstance(room, discord.Thread) else room, me)


def access(room: Room, parent: Room | None, me: discord.Member) -> Access:
    """What `objection` says, as it is stored and logged."""
    if (words := objection(room, parent, me)) is not None:
        return Blocked(as_plain(words, _UTC))
    # Nothing was objected to, so there is a parent.
    assert isinstance(parent, discord.abc.GuildChannel)
    newest_id = getattr(room, "last_message_id", None)
    return Open(readable=parent.permissions_for(me).read_message_history, newest_id=newest_id)


def _refusal(outcome: Outcome) -> Blocked | Unknown:
    return outcome if isinstance(outcome, Blocked | Unknown) else Unknown("Discord's answer could not be understood")

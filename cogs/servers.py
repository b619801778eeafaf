"""Where the bot is: servers joined and left, also while it was away, and changes that may unblock a channel."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.delivery.escape import escape
from bot.delivery.outcomes import FAILURES
from bot.digest.model import Blocked

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot

log = logging.getLogger(__name__)

EXAMPLE = 'cat:cond-mat.mtrl-sci AND abs:"machine learning"'

_ASKED_AT_ONCE = 5
"""Servers that the gateway does not name and that are asked for over REST."""

_NOT_IN_SERVER = (10004, 50001)
"""Unknown Guild and Missing Access: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json"""

_LATELY = timedelta(days=3)
"""Since it joined a server; long enough for an invitation that was accepted while the bot was down over a weekend."""


class ServersCog(commands.Cog, name="servers"):
    """Has no command: digests come by themselves, with the ticks."""

    def __init__(self, bot: ArxivBot) -> None:
        self.bot = bot

    # --- servers

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Also after a session was lost. Discord does not tell of servers that removed the bot while it was away."""
        try:
            await self._reconcile()
        finally:
            self.bot.present.set()  # whatever went wrong is logged; digests do not depend on it

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._enter(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Comes for each server after every READY, too."""
        await self._enter(guild)
        await self._note_deleted(guild)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """A server that is only unavailable does not come here."""
        await self.bot.app.storage.servers.leave(guild.id, self.bot.app.clock.now())

    async def _reconcile(self) -> None:
        servers, here = self.bot.app.storage.servers, {guild.id for guild in self.bot.guilds}
        bound = asyncio.Semaphore(_ASKED_AT_ONCE)

        async def confirm(guild_id: int) -> None:
            async with bound:
                gone = await self._is_gone(guild_id)
            if gone and self.bot.get_guild(guild_id) is None:
                await servers.leave(guild_id, self.bot.app.clock.now())

        await asyncio.gather(*map(confirm, await servers.known() - here))
        for guild in self.bot.guilds:
            if not guild.unavailable:
                await self._enter(guild)

    async def _is_gone(self, guild_id: int) -> bool:
        """Asked over REST: one READY lacked a server that the bot was in, and its channels got nothing any more."""
        try:
            await self.bot.fetch_guild(guild_id, with_counts=False)
        except FAILURES as error:
            if isinstance(error, discord.HTTPException) and error.code in _NOT_IN_SERVER:
                return True
            log.warning("server %d is missing at the gateway, and whether the bot is in it could not be asked", guild_id)
        return False

    async def _enter(self, guild: discord.Guild) -> None:
        """The database decides whether that is news, so that a server is greeted once however often Discord tells of it."""
        self.bot.retry(guild.id)
        news = await self.bot.app.storage.servers.join(guild.id, self.bot.app.clock.now())
        if news and self._came_lately(guild) and not await self._is_fed(guild):
            await _greet(guild)

    async def _is_fed(self, guild: discord.Guild) -> bool:
        """By config.json, which may not have been looked up yet, or still by a command after the bot was away."""
        listed = {channel.id for channel in self.bot.app.settings.channels}
        if not listed.isdisjoint(room.id for room in (*guild.channels, *guild.threads)):
            return True
        return bool(await self.bot.app.storage.subscriptions.of_server(guild.id))

    def _came_lately(self, guild: discord.Guild) -> bool:
        """A bot whose database was wiped or erased has been there for long; it is no guest to introduce itself again."""
        joined_at = guild.me.joined_at
        return joined_at is None or self.bot.app.clock.now() - joined_at < _LATELY

    # --- channels that are deleted

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._note_deleted(channel.guild)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, thread: discord.RawThreadDeleteEvent) -> None:
        if (guild := self.bot.get_guild(thread.guild_id)) is not None:
            await self._note_deleted(guild)

    async def _note_deleted(self, guild: discord.Guild) -> None:
        """Ask about channels that Discord did not tell of: a deleted one is noted before anything is to be posted there."""
        if guild.unavailable:
            return
        subscriptions = self.bot.app.storage.subscriptions
        followed = [each for each in await subscriptions.of_server(guild.id) if not each.deleted]
        unseen = [each for each in followed if guild.get_channel_or_thread(each.channel_id) is None]
        for channel_id, why in (await self.bot.outbox.barred(unseen)).items():
            if isinstance(why, Blocked):
                await subscriptions.block(channel_id, why.reason, self.bot.app.clock.now())

    # --- what may unblock a channel

    @commands.Cog.listener()
    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        self.bot.retry(after.guild.id)

    @commands.Cog.listener()
    async def on_raw_thread_update(self, change: discord.RawThreadUpdateEvent) -> None:
        self.bot.retry(change.guild_id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        self.bot.retry(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        self.bot.retry(role.guild.id)

    @commands.Cog.listener()
    async def on_member_update(self, before: discord.Member, after: discord.Member) -> None:
        """Of the bot itself: without the members intent Discord tells of nobody else."""
        self.bot.retry(after.guild.id)


async def _greet(guild: discord.Guild) -> None:
    """In the channel that the server has for it, else in the first one that allows it, else nowhere."""
    channels = [guild.system_channel, *guild.text_channels]
    allowed = (channel for channel in channels if channel and _may_talk(channel, guild.me))
    channel = next(allowed, None)
    if channel is None:
        log.info("server %s has no channel to say hello in", guild.id)
        return
    try:
        await channel.send(welcome(guild.name))
    except (discord.HTTPException, OSError) as error:
        log.warning("server %s was not greeted: %s", guild.id, error)


def welcome(server: str) -> str:
    """Plain text, so that it needs no permission but to send. `server` is its name, as people wrote it."""
    return (
        f"Hi {escape(server)}! Once a day I post the new arXiv papers that match your query.\n\n"
        "Whoever manages this server tells me which: in the channel that should get the papers, type\n"
        f"`/setquery query: {EXAMPLE}`\n"
        "or just `/setquery` and fill in a form. Until then I post nothing. `/help` shows the rest."
    )


def _may_talk(channel: discord.TextChannel, me: discord.Member) -> bool:
    granted = channel.permissions_for(me)
    return granted.view_channel and granted.send_messages


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(ServersCog(bot))

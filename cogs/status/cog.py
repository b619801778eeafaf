"""`/status`: what was posted, what comes next, and why it is quiet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.delivery.permissions import MANAGERS_ONLY, may_manage, objection_in
from cogs.status.service import PAGE
from cogs.status.view import BUTTON, backlog, backlog_buttons, checked, status, status_buttons

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot

    Interaction = discord.Interaction[ArxivBot]
    Button = discord.ui.Button[discord.ui.View]


class StatusCog(commands.Cog, name="status"):
    """Everyone may ask; only they see the answer."""

    def __init__(self, bot: ArxivBot) -> None:
        self.bot = bot

    @app_commands.command()
    async def status(self, interaction: discord.Interaction[Any]) -> None:
        """What was posted last, what comes next, and why it is quiet"""
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await self.bot.app.status.of(interaction.guild_id or 0)
        rooms = interaction.guild.channels if interaction.guild else ()
        buttons = status_buttons(found, {room.id: room.name for room in rooms}, manager=may_manage(interaction.permissions))
        await interaction.edit_original_response(embed=status(found), view=buttons)


class StatusButton(discord.ui.DynamicItem["Button"], template=BUTTON):
    """Check, and the pages of a backlog, under any status since the bot was first started."""

    def __init__(self, item: Button, verb: str, channel_id: int, start: int) -> None:
        super().__init__(item)
        self._verb = verb
        self._channel_id = channel_id
        self._start = start

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> StatusButton:
        if not isinstance(item, discord.ui.Button):
            raise TypeError(f"{match[0]} is a button's custom_id")
        return cls(item, match["verb"], int(match["channel"]), int(match["start"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await (self._check(interaction) if self._verb == "check" else self._show(interaction))
        except Exception as error:  # discord.py would only log it
            await interaction.client.explain(interaction, error)

    async def _show(self, interaction: Interaction) -> None:
        """A page of its own at first, later ones in its place."""
        if self._verb == "open":
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        page = await interaction.client.app.status.backlog(interaction.guild_id or 0, self._channel_id, self._start)
        await interaction.edit_original_response(embed=backlog(page), view=backlog_buttons(page, PAGE))

    async def _check(self, interaction: Interaction) -> None:
        if not may_manage(interaction.permissions):
            await interaction.response.send_message(MANAGERS_ONLY, ephemeral=True)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        found = await interaction.client.app.checkup.of(interaction.guild_id or 0)
        objections = {id: await objection_in(interaction.guild, id) for id in found.channels}
        listed = {channel.id for channel in interaction.client.app.settings.channels}
        await interaction.edit_original_response(embed=checked(found, objections, listed))


async def setup(bot: ArxivBot) -> None:
    bot.add_dynamic_items(StatusButton)
    await bot.add_cog(StatusCog(bot))

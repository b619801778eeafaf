"""`/latest`: the newest papers, for whoever asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.delivery.mistakes import mistake
from bot.delivery.permissions import objection_in
from bot.errors import QuerySyntaxError
from cogs.latest.page import Page, Spot
from cogs.latest.view import BUTTON, buttons, not_for_asker, render

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot

    Interaction = discord.Interaction[ArxivBot]
    Button = discord.ui.Button[discord.ui.View]


class LatestCog(commands.Cog, name="latest"):
    """Everyone may ask; only they see the answer."""

    def __init__(self, bot: ArxivBot) -> None:
        self.bot = bot

    @app_commands.command()
    @app_commands.checks.cooldown(5, 60.0)
    @app_commands.describe(count="How many: 1 to 10, else 5", query="What to look for; else what this channel follows")
    async def latest(
        self, interaction: discord.Interaction[Any], count: app_commands.Range[int, 1, 10] = 5, query: str | None = None
    ) -> None:
        """The newest papers on arXiv, shown to you alone"""
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild_id, channel_id = interaction.guild_id or 0, interaction.channel_id or 0
        try:
            page = await self.bot.app.latest.first(guild_id, channel_id, interaction.user.id, text=query, count=count)
        except QuerySyntaxError as error:
            await interaction.edit_original_response(content=mistake(error))
        else:
            await _show(interaction, page)


class PageButton(discord.ui.DynamicItem["Button"], template=BUTTON):
    """Newer, Older and Share here, under any page since the bot was first started."""

    def __init__(self, item: Button, verb: str, spot: Spot) -> None:
        super().__init__(item)
        self._verb = verb
        self._spot = spot

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /) -> PageButton:
        if not isinstance(item, discord.ui.Button):
            raise TypeError(f"{match[0]} is a button's custom_id")
        return cls(item, match["verb"], Spot(match["draft"], int(match["start"]), int(match["count"])))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await (self._share(interaction) if self._verb == "share" else self._turn(interaction))
        except Exception as error:  # discord.py would only log it
            await interaction.client.explain(interaction, error)

    async def _turn(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await _show(interaction, await interaction.client.app.latest.turn(self._spot))

    async def _share(self, interaction: Interaction) -> None:
        if refusal := not_for_asker(interaction.channel, interaction.permissions):
            await interaction.response.send_message(refusal, ephemeral=True)
            return
        # Discord lets a bot answer in public where it may not write, too.
        here, guild = interaction.channel, interaction.guild
        if reason := await objection_in(guild, interaction.channel_id or 0, here=here, any_kind=True):
            await interaction.response.send_message(f"I cannot share this here: {reason}.", ephemeral=True)
            return
        await interaction.response.defer()
        page = await interaction.client.app.latest.turn(self._spot)
        reply = render(page, shared_by=interaction.user.id)
        await interaction.followup.send(reply.content, embeds=reply.embeds, allowed_mentions=discord.AllowedMentions.none())
        await _show(interaction, page, shared=True)


async def _show(interaction: discord.Interaction[Any], page: Page, *, shared: bool = False) -> None:
    """Put a page where the asker's private answer stands."""
    reply = render(page)
    await interaction.edit_original_response(content=reply.content, embeds=reply.embeds, view=buttons(page, shared=shared))


async def setup(bot: ArxivBot) -> None:
    bot.add_dynamic_items(PageButton)
    await bot.add_cog(LatestCog(bot))

"""`/latest`: the newest papers, for whoever asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.daemon.interactions import Interaction, InteractiveCog, answers, show, spend
from bot.delivery.mistakes import mistake
from bot.delivery.permissions import objection_in
from bot.errors import NotAllowedHere, QuerySyntaxError
from cogs.latest.service import Latest, Page, Spot
from cogs.latest.view import BUTTON, buttons, not_for_asker, render

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot


class LatestCog(InteractiveCog, name="latest"):
    """Everyone may ask; only they see the answer."""

    def __init__(self, bot: ArxivBot) -> None:
        super().__init__(bot)
        self._latest = Latest(bot.app)

    @app_commands.command()
    @app_commands.describe(count="How many: 1 to 10, else 5", query="What to look for; else what this channel follows")
    async def latest(
        self, interaction: discord.Interaction[Any], count: app_commands.Range[int, 1, 10] = 5, query: str | None = None
    ) -> None:
        """The newest papers on arXiv, shown to you alone"""
        spend(interaction, "latest")
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild_id, channel_id = interaction.guild_id or 0, interaction.channel_id or 0
        try:
            page = await self._latest.first(guild_id, channel_id, interaction.user.id, text=query, count=count)
        except QuerySyntaxError as error:
            await show(interaction, mistake(error))
        else:
            await _show(interaction, page)

    @answers(BUTTON)
    async def press(self, interaction: Interaction, pressed: re.Match[str], _: Sequence[str]) -> None:
        """Newer, Older, Refresh and Share here, under any page since the bot was first started."""
        spot = Spot(pressed["draft"], int(pressed["start"]), int(pressed["count"]))
        if pressed["verb"] == "share":
            await self._share(interaction, spot)
        elif pressed["verb"] == "refresh":
            spend(interaction, "latest")
            await interaction.response.defer()
            await _show(interaction, await self._latest.refresh(spot))
        else:
            await interaction.response.defer()
            await _show(interaction, await self._latest.turn(spot))

    async def _share(self, interaction: Interaction, spot: Spot) -> None:
        if refusal := not_for_asker(interaction.channel, interaction.permissions):
            raise NotAllowedHere(refusal)
        # Discord lets a bot answer in public where it may not write, too.
        here, guild = interaction.channel, interaction.guild
        if reason := await objection_in(guild, interaction.channel_id or 0, here=here, any_kind=True):
            raise NotAllowedHere(f"I cannot share this here: {reason}.")
        spend(interaction, "share")
        await interaction.response.defer()
        page = await self._latest.turn(spot)
        reply = render(page, shared_by=interaction.user.id)
        await interaction.followup.send(reply.content, embeds=reply.embeds, allowed_mentions=discord.AllowedMentions.none())
        await _show(interaction, page, shared=True)


async def _show(interaction: Interaction, page: Page, *, shared: bool = False) -> None:
    reply = render(page)
    await show(interaction, reply.content, embeds=reply.embeds, view=buttons(page, shared=shared))


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(LatestCog(bot))

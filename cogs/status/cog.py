"""`/status`: what was posted, what comes next, and why it is quiet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.daemon.interactions import Interaction, InteractiveCog, answers, guild_of, require_manager, show, spend
from bot.delivery.permissions import may_manage, objection_in
from cogs.status.service import PAGE, Status
from cogs.status.view import BUTTON, backlog, backlog_buttons, checked, status, status_buttons

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot


class StatusCog(InteractiveCog, name="status"):
    """Everyone may ask; only they see the answer."""

    def __init__(self, bot: ArxivBot) -> None:
        super().__init__(bot)
        self._status = Status(bot.app)

    @app_commands.command()
    async def status(self, interaction: discord.Interaction[Any]) -> None:
        """What was posted last, what comes next, and why it is quiet"""
        await interaction.response.defer(ephemeral=True, thinking=True)
        manager = may_manage(interaction.permissions)
        found = await self._status.of(interaction.guild_id or 0)
        rooms = interaction.guild.channels if interaction.guild else ()
        view = status_buttons(found, {room.id: room.name for room in rooms}, manager=manager)
        await show(interaction, embeds=[status(found, manager=manager)], view=view)

    @answers(BUTTON)
    async def press(self, interaction: Interaction, pressed: re.Match[str], _: Sequence[str]) -> None:
        """Check, and the pages of a backlog, under any status since the bot was first started."""
        if pressed["verb"] == "check":
            await self._check(interaction)
            return
        if pressed["verb"] == "open":  # a message of its own, in which later pages take the place of earlier ones
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        page = await self._status.backlog(interaction.guild_id or 0, int(pressed["channel"]), int(pressed["start"]))
        await show(interaction, embeds=[backlog(page)], view=backlog_buttons(page, PAGE))

    async def _check(self, interaction: Interaction) -> None:
        require_manager(interaction)
        spend(interaction, "check")
        await interaction.response.defer(ephemeral=True, thinking=True)
        guild = guild_of(interaction)
        found = await self._status.check(guild.id)
        objections = {id: await objection_in(guild, id) for id in found.channels}
        await show(interaction, embeds=[checked(found, objections, self.bot.outbox.clock_ahead, self.bot.app.listed)])


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(StatusCog(bot))

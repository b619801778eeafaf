"""`/help`: what there is to type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.help_view import render

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot


class HelpCog(commands.Cog, name="help"):
    """Reads the command tree, so that it never names a command that is not there."""

    def __init__(self, bot: ArxivBot) -> None:
        self.bot = bot

    @app_commands.command()
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """What I can do, and what to type"""
        known = [command for command in self.bot.tree.walk_commands() if isinstance(command, app_commands.Command)]
        await interaction.response.send_message(embed=render(known), ephemeral=True)


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(HelpCog(bot))

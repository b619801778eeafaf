"""`/help`: what there is to type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

if TYPE_CHECKING:
    from bot.daemon.client import ArxivBot

Command = app_commands.Command[Any, ..., Any]

_QUERIES = (
    "**What a query looks like**\n"
    "`cat:cond-mat.mtrl-sci AND ti:perovskite`\n"
    "`ti:` title, `abs:` abstract, `au:` author, `cat:` category, `all:` anywhere. "
    'Join with `AND`, `OR`, `ANDNOT`; put phrases in `"quotes"`.'
)


class HelpCog(commands.Cog, name="help"):
    """Reads the command tree, so that it never names a command that is not there."""

    def __init__(self, bot: ArxivBot) -> None:
        self.bot = bot

    @app_commands.command()
    async def help(self, interaction: discord.Interaction[Any]) -> None:
        """What I can do, and what to type"""
        known = [command for command in self.bot.tree.walk_commands() if isinstance(command, app_commands.Command)]
        await interaction.response.send_message(embed=render(known), ephemeral=True)


def render(commands: Iterable[Command]) -> discord.Embed:
    """Every command given and no other: those for everyone first, then those for whoever manages the server."""
    ordered = sorted(commands, key=lambda command: command.name)
    everyone = [command for command in ordered if command.default_permissions is None]
    managers = [command for command in ordered if command.default_permissions is not None]
    parts = ["New arXiv papers for this server: each one once, in the channel you chose, at the hour you chose."]
    parts += [_section("For everyone", everyone), _section("For whoever manages the server", managers), _QUERIES]
    if managers:
        parts.append(
            f"Don't see /{managers[0].name}? Ask whoever manages the server, or let them allow your role in "
            "Server Settings, Integrations."
        )
    return discord.Embed(title="What I can do", description="\n\n".join(filter(None, parts)))


def _section(title: str, commands: Iterable[Command]) -> str:
    lines = [f"{_usage(command)}\n{command.description}" for command in commands]
    return "\n".join([f"**{title}**", *lines]) if lines else ""


def _usage(command: Command) -> str:
    """`/latest [count] [query]`: what is in brackets may be left out."""
    options = (option.display_name if option.required else f"[{option.display_name}]" for option in command.parameters)
    return f"`{' '.join([f'/{command.name}', *options])}`"


async def setup(bot: ArxivBot) -> None:
    await bot.add_cog(HelpCog(bot))

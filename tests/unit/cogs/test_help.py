"""Help names what is there and nothing else, and fits two screens of a phone."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import app_commands

from cogs.help import Command, render


@app_commands.command()
async def latest(interaction: discord.Interaction[Any], count: int = 5, query: str | None = None) -> None:
    """The newest papers"""


@app_commands.command()
async def paper(interaction: discord.Interaction[Any], id: str) -> None:
    """One paper"""


@app_commands.command()
@app_commands.default_permissions(manage_guild=True)
async def setquery(interaction: discord.Interaction[Any], query: str | None = None) -> None:
    """Choose what is posted"""


@app_commands.command()
@app_commands.default_permissions(manage_guild=True)
async def settings(interaction: discord.Interaction[Any]) -> None:
    """Everything else"""


def text(*commands: Command) -> str:
    return render(commands).description or ""


def test_each_command_with_its_options_and_what_it_does() -> None:
    shown = text(settings, paper, latest, setquery)
    assert "`/latest [count] [query]`\nThe newest papers" in shown
    assert "`/paper id`\nOne paper" in shown


def test_those_for_managers_stand_apart() -> None:
    _, everyone, managers = (
        text(settings, paper, latest, setquery).replace("**For whoever", "**For everyone").split("**For everyone")
    )
    assert "/latest" in everyone
    assert "/paper" in everyone
    assert "/setquery" not in everyone
    assert "/setquery" in managers
    assert "/settings" in managers


def test_who_does_not_see_setquery_is_told_what_to_do() -> None:
    said = "Don't see /setquery? Ask whoever manages the server, or let them allow your role in Server Settings, Integrations."
    assert text(settings, latest, setquery).endswith(said)


@pytest.mark.parametrize("absent", ["/setquery", "/settings", "/paper"])
def test_a_command_that_is_not_there_is_not_named(absent: str) -> None:
    assert absent not in text(latest)

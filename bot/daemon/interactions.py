"""What all commands, buttons, selects and forms have in common: who may, how often, what was given, where the answer stands."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import discord
from discord import ui
from discord.ext import commands

from bot.daemon.client import ArxivBot
from bot.delivery.permissions import MANAGERS_ONLY, may_manage
from bot.errors import NotAllowedHere

Interaction = discord.Interaction[ArxivBot]
Answer = Callable[[Any, Interaction, re.Match[str], Sequence[str]], Awaitable[None]]
"""A cog's method: what its custom_id matched, and what was chosen in a select or typed into a form's fields, in their order."""

AnswerT = TypeVar("AnswerT", bound=Answer)

_PATTERN = "__custom_id__"


def answers(custom_id: str) -> Callable[[AnswerT], AnswerT]:
    """Marks the method of an InteractiveCog that answers every button, select or form whose custom_id matches as a whole."""

    def mark(answer: AnswerT) -> AnswerT:
        setattr(answer, _PATTERN, re.compile(custom_id))
        return answer

    return mark


class InteractiveCog(commands.Cog):
    """A cog whose buttons, selects and forms are found by their custom_ids alone, so that they outlive the program.

    discord.py's views and modals are forgotten with it, and what fails in them is only logged; here it is explained.
    """

    def __init__(self, bot: ArxivBot) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type not in (discord.InteractionType.component, discord.InteractionType.modal_submit):
            return
        data: Mapping[str, Any] = interaction.data or {}
        for pattern, answer in self._answers():
            if match := pattern.fullmatch(data["custom_id"]):
                try:
                    await answer(self, interaction, match, _given(data))
                except Exception as error:  # discord.py would only log it
                    await self.bot.explain(interaction, error)

    def _answers(self) -> Iterator[tuple[re.Pattern[str], Answer]]:
        for method in vars(type(self)).values():
            if (pattern := getattr(method, _PATTERN, None)) is not None:
                yield pattern, method


def _given(data: Mapping[str, Any]) -> Sequence[str]:
    """Nothing for a button."""
    if "components" in data:
        return [label["component"]["value"] for label in data["components"]]
    return list(data.get("values", ()))


def guild_of(interaction: Interaction) -> discord.Guild:
    """Raises NotAllowedHere while Discord has not told of the server yet, as after a start."""
    if interaction.guild is None:
        raise NotAllowedHere("This server is not known to me yet. Try again in a minute.")
    return interaction.guild


def require_manager(interaction: Interaction) -> None:
    """Raises NotAllowedHere unless this person manages the server now, whoever was shown the button."""
    if not may_manage(interaction.permissions):
        raise NotAllowedHere(MANAGERS_ONLY)


def spend(interaction: Interaction, action: str) -> None:
    """Before anything is asked of arXiv or Discord. Raises TooOften."""
    client = interaction.client
    client.budget.spend(action, interaction.guild_id or 0, interaction.user.id, client.app.clock.now())


def require_budget(interaction: Interaction, action: str) -> None:
    """Before a form is shown whose answer will cost `action`. Raises TooOften."""
    client = interaction.client
    client.budget.check(action, interaction.guild_id or 0, interaction.user.id, client.app.clock.now())


async def show(
    interaction: Interaction,
    content: str | None = None,
    *,
    embeds: Sequence[discord.Embed | None] = (),
    view: ui.View | None = None,
) -> None:
    """For this person alone: in the place of what stands there once the interaction was answered, else as the answer."""
    shown = [embed for embed in embeds if embed is not None]
    if interaction.response.is_done():
        await interaction.edit_original_response(content=content, embeds=shown, view=view)
    else:
        await interaction.response.send_message(content, embeds=shown, view=view or discord.utils.MISSING, ephemeral=True)

"""Buttons: the custom_id grammar, and views of plain links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.delivery.theme import MOST_CUSTOM_ID

SNOWFLAKE = r"[1-8]?\d{1,18}"
"""An id of Discord's inside a custom_id: no larger than those of the next sixty years, and than the database can hold."""


@dataclass(frozen=True, slots=True)
class CustomId:
    """`name:argument`, what a button says to whoever answers it; the argument may hold anything, `name` no colon."""

    name: str
    argument: str

    def __post_init__(self) -> None:
        """Raises ValueError for what Discord would refuse or `parse` would read differently."""
        if not self.name or ":" in self.name:
            raise ValueError(f"a custom_id's name is not empty and holds no colon: {self.name!r}")
        if len(str(self)) > MOST_CUSTOM_ID:
            raise ValueError(f"a custom_id holds at most {MOST_CUSTOM_ID} characters: {str(self)!r}")

    @classmethod
    def parse(cls, text: str) -> CustomId:
        """Raises ValueError when `text` is none of ours."""
        name, colon, argument = text.partition(":")
        if not colon:
            raise ValueError(f"a custom_id reads name:argument: {text!r}")
        return cls(name, argument)

    def __str__(self) -> str:
        return f"{self.name}:{self.argument}"


@dataclass(frozen=True, slots=True)
class LinkButton:
    """`label` within MOST_LABEL, `url` https and within MOST_ADDRESS."""

    label: str
    url: str


def view(buttons: Sequence[LinkButton]) -> discord.ui.View | None:
    """None without buttons. Needs a running event loop; whoever sends the view stops it first, so that nothing is stored."""
    if not buttons:
        return None
    shown = discord.ui.View(timeout=None)
    for button in buttons:
        shown.add_item(discord.ui.Button(style=discord.ButtonStyle.link, label=button.label, url=button.url))
    return shown


def edit_query(draft_id: str) -> CustomId:
    """Of a button that opens `/setquery`'s form with a draft's text, for views of other commands too."""
    return CustomId("setquery", f"edit:{draft_id}")

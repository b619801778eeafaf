"""The bot's answer to an interaction, as the person sees it."""

from __future__ import annotations

import asyncio

from sandbox.discord.components import BUTTON, SELECTS, flat
from sandbox.discord.exchange import Callback, Interaction
from sandbox.discord.model import Json, Message, MessageFlag

_KINDS = {
    Callback.MESSAGE: "message",
    Callback.DEFERRED: "deferred",
    Callback.DEFERRED_UPDATE: "deferred update",
    Callback.UPDATE: "update",
    Callback.CHOICES: "autocomplete",
    Callback.MODAL: "modal",
}


class Reply:
    """The answer as it is now; later edits show here."""

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction

    async def settled(self, seconds: float = 10) -> Reply:
        """Wait for a deferred answer, and return this reply; TimeoutError after `seconds` real seconds."""
        await asyncio.wait_for(self.interaction.settled.wait(), seconds)
        return self

    @property
    def kind(self) -> str:
        """How the bot answered first: message, deferred, update, deferred update, autocomplete or modal."""
        assert self.interaction.callback is not None
        return _KINDS[self.interaction.callback]

    @property
    def acknowledged_after(self) -> float:
        """Real seconds from the event to the first answer."""
        return self.interaction.acknowledged_after or 0.0

    @property
    def message(self) -> Message | None:
        """The answer; after an update the message that was pressed on; None for modals, choices and what was deleted."""
        return self.interaction.original

    @property
    def ephemeral(self) -> bool:
        return bool(self.message and self.message.flags & MessageFlag.EPHEMERAL)

    @property
    def content(self) -> str:
        return self.message.content if self.message else ""

    @property
    def embeds(self) -> list[Json]:
        return self.message.embeds if self.message else []

    @property
    def components(self) -> list[Json]:
        return self.message.components if self.message else []

    @property
    def buttons(self) -> dict[str, Json]:
        """The buttons by label, or by emoji where there is no label."""
        found = [each for each in flat(self.components) if each["type"] == BUTTON]
        return {each.get("label") or each["emoji"]["name"]: each for each in found}

    @property
    def selects(self) -> dict[str, Json]:
        """The selects by custom_id."""
        return {each["custom_id"]: each for each in flat(self.components) if each["type"] in SELECTS}

    @property
    def followups(self) -> list[Message]:
        return self.interaction.followups

    @property
    def modal(self) -> Json | None:
        """{"title", "custom_id", "components"}, as the bot sent it."""
        return self.interaction.modal

    @property
    def choices(self) -> list[Json]:
        return self.interaction.choices

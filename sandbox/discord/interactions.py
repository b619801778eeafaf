"""Interactions: what a person does with the bot, from the event it causes to the last edit of the answer.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sandbox.discord import answers, interaction_payloads
from sandbox.discord.dispatch import Dispatch
from sandbox.discord.exchange import Callback, Interaction, Kind
from sandbox.discord.model import Channel, Deed, Json, Message, MessageFlag, MessageKind, User
from sandbox.discord.world import World

ANSWER_WITHIN = 3.0
"""Real seconds until an interaction that nobody answered has failed."""
TOKEN_LASTS = timedelta(minutes=15)


class Interactions:
    """All interactions, by id; `answer_within`, in real seconds, may be changed."""

    def __init__(self, world: World, dispatch: Dispatch) -> None:
        self._world = world
        self._dispatch = dispatch
        self._known: dict[int, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self.answer_within = ANSWER_WITHIN

    def begin(
        self,
        kind: Kind,
        user: User,
        channel: Channel,
        data: Json,
        message: Message | None = None,
        deed: Deed | None = None,
        opened_by: Interaction | None = None,
    ) -> Interaction:
        """Make an interaction and send it to the bot; `deed` is shown with the answers."""
        now = asyncio.get_running_loop().time()
        interaction = Interaction(
            self._world.new_id(), kind, user, channel, self._world.clock.now(), now, message, deed, opened_by
        )
        self._known[interaction.id] = self._by_token[interaction.token] = interaction
        self._dispatch.interaction(interaction_payloads.event(self._world, interaction, data), channel.guild_id)
        return interaction

    def find(self, interaction_id: int) -> Interaction:
        return self._known[interaction_id]

    def to_answer(self, interaction_id: str, token: str) -> Interaction:
        """The interaction, for its first answer; ApiError 10062 if it is unknown or too late, 40060 if it has one."""
        interaction = self._by_token.get(token)
        if interaction is None or str(interaction.id) != interaction_id:
            raise answers.unknown_interaction()
        if interaction.callback is not None:
            raise answers.already_acknowledged()
        if asyncio.get_running_loop().time() - interaction.began > self.answer_within:
            raise answers.unknown_interaction()
        return interaction

    def answered(self, token: str) -> Interaction:
        """The interaction, after its first answer; ApiError 50027 for an unknown or old token, 10015 before that answer."""
        interaction = self._by_token.get(token)
        if interaction is None or self._world.clock.now() - interaction.created_at > TOKEN_LASTS:
            raise answers.invalid_webhook_token()
        if interaction.callback is None:
            raise answers.unknown_webhook()
        return interaction

    # --- first answers

    def reply(self, interaction: Interaction, fields: Json) -> None:
        interaction.original = self._say(interaction, fields)
        self._acknowledge(interaction, Callback.MESSAGE)

    def defer(self, interaction: Interaction, flags: int) -> None:
        interaction.original = self._say(interaction, {"flags": flags | MessageFlag.LOADING})
        self._acknowledge(interaction, Callback.DEFERRED)

    def defer_update(self, interaction: Interaction) -> None:
        interaction.original = interaction.message
        self._acknowledge(interaction, Callback.DEFERRED_UPDATE)

    def update(self, interaction: Interaction, message: Message, changes: Json) -> None:
        interaction.original = message
        self._world.edit(message, changes)
        self._acknowledge(interaction, Callback.UPDATE)

    def suggest(self, interaction: Interaction, choices: list[Json]) -> None:
        interaction.choices = choices
        self._acknowledge(interaction, Callback.CHOICES)

    def open_modal(self, interaction: Interaction, modal: Json) -> None:
        interaction.modal = modal
        self._acknowledge(interaction, Callback.MODAL)

    # --- what follows

    def follow_up(self, interaction: Interaction, fields: Json) -> Message:
        """Post a further message; the first one after a deferral fills the deferred message, visible to the same people."""
        if interaction.original and interaction.original.flags & MessageFlag.LOADING:
            self.edit(interaction, interaction.original, fields)
            return interaction.original
        message = self._say(interaction, fields)
        interaction.followups.append(message)
        interaction.settled.set()
        return message

    def edit(self, interaction: Interaction, message: Message, changes: Json) -> None:
        kept = message.flags & ~int(MessageFlag.LOADING | MessageFlag.SUPPRESS_EMBEDS)
        asked = changes.get("flags", message.flags) & (MessageFlag.SUPPRESS_EMBEDS | MessageFlag.IS_COMPONENTS_V2)
        self._world.edit(message, changes | {"flags": kept | asked})
        interaction.settled.set()

    def delete(self, interaction: Interaction, message: Message) -> None:
        self._world.delete_message(message.channel_id, message.id)
        if message is interaction.original:
            interaction.original = None
        interaction.followups = [each for each in interaction.followups if each is not message]
        interaction.settled.set()

    def _say(self, interaction: Interaction, fields: Json) -> Message:
        private = fields.get("flags", 0) & MessageFlag.EPHEMERAL
        first_to_command = interaction.kind is Kind.COMMAND and interaction.callback is None
        return self._world.post(
            interaction.channel.id,
            **fields,
            kind=MessageKind.COMMAND_REPLY if first_to_command else 0,
            interaction=interaction_payloads.metadata(interaction),
            deed=interaction.deed,
            visible_to=interaction.user.id if private else None,
        )

    def _acknowledge(self, interaction: Interaction, callback: Callback) -> None:
        interaction.callback = callback
        interaction.acknowledged_after = asyncio.get_running_loop().time() - interaction.began
        interaction.acknowledged.set()
        if callback not in (Callback.DEFERRED, Callback.DEFERRED_UPDATE):
            interaction.settled.set()

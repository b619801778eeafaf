"""A person who uses the bot: types commands, presses buttons, chooses, submits modals."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from sandbox.discord import choosing
from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.commands import Commands
from sandbox.discord.components import BUTTON, LINK, SELECTS, flat
from sandbox.discord.exchange import Interaction, Kind
from sandbox.discord.interaction_payloads import resolved_channel
from sandbox.discord.interactions import Interactions
from sandbox.discord.model import Channel, Deed, Json, Message, User
from sandbox.discord.payloads import numbered
from sandbox.discord.permissions import Permission
from sandbox.discord.reply import Reply
from sandbox.discord.world import World


class NoAnswerError(Exception):
    """Raised when the bot did not answer in time; Discord shows "The application did not respond"."""


class Visitor:
    """Acts as any member. Each method returns after the bot's first answer; NoAnswerError after Discord's 3 seconds.

    NotAllowedError: Discord's own app would not let this person do it. LookupError: there is no such thing.
    """

    def __init__(self, world: World, commands: Commands, interactions: Interactions) -> None:
        self._world = world
        self._commands = commands
        self._interactions = interactions

    async def command(self, member: User, channel_id: int, name: str, /, *, force: bool = False, **options: Any) -> Reply:
        """Use a slash command; `name` may be a subcommand's ("group sub"), channel options are channels or their ids.

        `force` passes over the command's default permissions, as a server's own settings can.
        """
        channel = self._world.channel(channel_id)
        command, path = self._command(member, channel, name, force=force)
        given, channels = choosing.options(self._world, path.options, options)
        data = self._command_data(command, path.around(given))
        return await self._act(Kind.COMMAND, member, channel, data | self._resolved(member, channels), deed=("used", f"/{name}"))

    async def autocomplete(
        self, member: User, channel_id: int, name: str, focused: str, value: str, /, **options: Any
    ) -> list[Json]:
        """The choices suggested while `value` stands in the option `focused`: {"name", "value"} each."""
        channel = self._world.channel(channel_id)
        command, path = self._command(member, channel, name)
        option = choosing.completed(path.options, focused)
        given, channels = choosing.options(self._world, path.options, options, partial=True)
        given.append({"name": focused, "type": option["type"], "value": value, "focused": True})
        data = self._command_data(command, path.around(given)) | self._resolved(member, channels)
        return (await self._act(Kind.AUTOCOMPLETE, member, channel, data)).choices

    async def press(self, member: User, target: Message | Reply, wanted: str, /) -> Reply:
        """Press a button, named by custom_id, label or emoji."""
        message = self._seen(member, target)
        button = _find(message, wanted, {BUTTON})
        if button.get("style") == LINK:
            raise NotAllowedError(f"the button {wanted!r} leads to {button['url']}")
        return await self._use(member, message, button, {})

    async def choose(self, member: User, target: Message | Reply, wanted: str, values: Iterable[str | Channel], /) -> Reply:
        """Choose options (by value) or channels in a select, named by custom_id or placeholder."""
        message = self._seen(member, target)
        select = _find(message, wanted, SELECTS)
        chosen, channels = choosing.values(self._world, select, values)
        return await self._use(member, message, select, {"values": chosen} | self._resolved(member, channels))

    async def submit(self, member: User, modal: Reply, /, **fields: Any) -> Reply:
        """Submit a modal; fields are named by custom_id or label, and those left out keep what the bot had put there."""
        interaction = modal.interaction
        if interaction.modal is None:
            raise LookupError("this reply opened no modal")
        if interaction.user is not member:
            raise NotAllowedError("somebody else opened this modal")
        filled, channels = choosing.filled(self._world, interaction.modal["components"], fields)
        data = {"custom_id": interaction.modal["custom_id"], "components": filled} | self._resolved(member, channels)
        return await self._act(Kind.MODAL, member, interaction.channel, data, interaction.message, interaction.deed, interaction)

    # --- how it is done

    async def _act(
        self,
        kind: Kind,
        member: User,
        channel: Channel,
        data: Json,
        message: Message | None = None,
        deed: Deed | None = None,
        opened_by: Interaction | None = None,
    ) -> Reply:
        interaction = self._interactions.begin(kind, member, channel, data, message, deed, opened_by)
        try:
            await asyncio.wait_for(interaction.acknowledged.wait(), self._interactions.answer_within)
        except TimeoutError:
            raise NoAnswerError("The application did not respond") from None
        return Reply(interaction)

    async def _use(self, member: User, message: Message, component: Json, more: Json) -> Reply:
        if component.get("disabled"):
            raise NotAllowedError(f"{component['custom_id']!r} is disabled")
        data = {"custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"]} | more
        name = component.get("label") or component.get("placeholder") or _emoji(component) or component["custom_id"]
        deed = ("pressed" if component["type"] == BUTTON else "chose in", name)
        return await self._act(Kind.COMPONENT, member, self._world.channel(message.channel_id), data, message, deed)

    def _seen(self, member: User, target: Message | Reply) -> Message:
        """The message; LookupError if it is gone, NotAllowedError if this person may not see it."""
        message = target.message if isinstance(target, Reply) else target
        if message is None:
            raise LookupError("this reply is no message")
        self._world.message(message.id)
        if message.visible_to not in (None, member.id):
            raise NotAllowedError(f"{member.name} does not see this message")
        channel = self._world.channel(message.channel_id)
        if Permission.VIEW_CHANNEL not in self._world.permissions(channel, member.id):
            raise NotAllowedError(f"{member.name} does not see #{channel.name}")
        return message

    def _command(self, member: User, channel: Channel, name: str, *, force: bool = False) -> tuple[Json, choosing.CommandPath]:
        first, *rest = name.split()
        command = self._commands.find(first, channel.guild_id)
        here = 0 if channel.guild_id else 1
        if command["contexts"] is not None and here not in command["contexts"]:
            raise NotAllowedError(f"Discord does not show /{first} here")
        if channel.guild_id and not force and not self._may_use(member, channel, command["default_member_permissions"]):
            raise NotAllowedError(f"Discord does not show /{first} to {member.name}")
        return command, choosing.path(command, rest)

    def _may_use(self, member: User, channel: Channel, needed: str | None) -> bool:
        """Whether a member may use a command; `needed` is its default_member_permissions, "0" means administrators only."""
        granted = self._world.permissions(channel, member.id)
        if needed == "0":
            return Permission.ADMINISTRATOR in granted
        return (Permission(int(needed or 0)) | Permission.USE_APPLICATION_COMMANDS) in granted

    def _command_data(self, command: Json, options: list[Json]) -> Json:
        server = {"guild_id": command["guild_id"]} if "guild_id" in command else {}
        return {"id": command["id"], "name": command["name"], "type": command["type"], "options": options} | server

    def _resolved(self, member: User, channels: list[Channel]) -> Json:
        if not channels:
            return {}
        return {"resolved": {"channels": {str(each.id): resolved_channel(self._world, each, member) for each in channels}}}


def _find(message: Message, wanted: str, kinds: Iterable[int]) -> Json:
    candidates = [each for each in flat(numbered(message.components)) if each["type"] in kinds]
    for component in candidates:
        names = (component.get("custom_id"), component.get("label"), component.get("placeholder"), _emoji(component))
        if wanted in names:
            return component
    there = ", ".join(repr(each.get("label") or each.get("custom_id")) for each in candidates) or "nothing of the kind"
    raise LookupError(f"no {wanted!r} in this message; there is {there}")


def _emoji(component: Json) -> str | None:
    return (component.get("emoji") or {}).get("name")

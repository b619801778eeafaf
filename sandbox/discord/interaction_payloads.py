"""Interactions as Discord's JSON objects."""

from __future__ import annotations

from sandbox.discord import payloads
from sandbox.discord.exchange import Callback, Interaction
from sandbox.discord.model import Channel, Json, MessageFlag, User
from sandbox.discord.world import World

_LOCALE = "en-US"


def event(world: World, one: Interaction, data: Json) -> Json:
    """The payload of INTERACTION_CREATE; `data` says what was done."""
    payload: Json = {
        "id": str(one.id),
        "application_id": str(world.bot.id),
        "type": int(one.kind),
        "token": one.token,
        "version": 1,
        "data": data,
        "channel_id": str(one.channel.id),
        "channel": resolved_channel(world, one.channel, one.user),
        "app_permissions": str(int(world.permissions(one.channel, world.bot.id))),
        "locale": _LOCALE,
        "entitlements": [],
        "authorizing_integration_owners": _owners(one),
        "context": 0 if one.channel.guild_id else 1,
        "attachment_size_limit": 10 * 1024 * 1024,
    }
    payload |= _place(world, one, one.channel.guild_id) if one.channel.guild_id else {"user": payloads.user(one.user)}
    return payload | ({"message": payloads.message(world, one.message)} if one.message else {})


def _place(world: World, one: Interaction, guild_id: int) -> Json:
    guild = world.guilds[guild_id]
    granted = str(int(world.permissions(one.channel, one.user.id)))
    return {
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": _LOCALE, "features": []},
        "guild_locale": _LOCALE,
        "member": payloads.member(world, guild.members[one.user.id]) | {"permissions": granted},
    }


def resolved_channel(world: World, channel: Channel, user: User) -> Json:
    """A channel with what the person, and since 2026-07-16 the bot, may do there."""
    return payloads.channel(world, channel) | {
        "permissions": str(int(world.permissions(channel, user.id))),
        "app_permissions": str(int(world.permissions(channel, world.bot.id))),
    }


def metadata(one: Interaction) -> Json:
    """The `interaction_metadata` of a message that answers an interaction now: what comes after the first answer names that.

    https://docs.discord.com/developers/resources/message#message-interaction-metadata-object
    """
    shared: Json = {
        "id": str(one.id),
        "type": int(one.kind),
        "user": payloads.user(one.user),
        "authorizing_integration_owners": _owners(one),
        **({"original_response_message_id": str(one.original.id)} if one.original else {}),
    }
    if one.opened_by:
        return shared | {"triggering_interaction_metadata": metadata(one.opened_by)}
    return shared | ({"interacted_message_id": str(one.message.id)} if one.message else {})


def first_answer(world: World, one: Interaction) -> Json:
    """The answer to a callback that asked for `with_response`."""
    assert one.callback is not None
    interaction: Json = {"id": str(one.id), "type": int(one.kind), "channel_id": str(one.channel.id)}
    resource: Json = {"type": int(one.callback)}
    if one.original is not None:
        interaction |= {
            "response_message_id": str(one.original.id),
            "response_message_loading": bool(one.original.flags & MessageFlag.LOADING),
            "response_message_ephemeral": bool(one.original.flags & MessageFlag.EPHEMERAL),
        }
    if one.original is not None and one.callback in (Callback.MESSAGE, Callback.DEFERRED, Callback.UPDATE):
        resource["message"] = payloads.message(world, one.original)
    return {"interaction": interaction, "resource": resource}


def modal(sent: Json) -> Json:
    return sent | {"components": payloads.numbered(sent["components"])}


def _owners(one: Interaction) -> Json:
    """The owners of the installation: always the server."""
    return {"0": str(one.channel.guild_id or 0)}

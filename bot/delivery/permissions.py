"""May the bot post here, may this person change things? Read from Discord's objects, wherever those came from."""

from __future__ import annotations

import discord

from bot.digest import access

TARGETS = frozenset(
    {
        discord.ChannelType.text,
        discord.ChannelType.news,
        discord.ChannelType.public_thread,
        discord.ChannelType.news_thread,
    }
)
MANAGERS_ONLY = "Only people with the permission Manage Server can change what is posted here. Ask whoever manages this server."

Room = discord.abc.GuildChannel | discord.Thread


def may_manage(permissions: discord.Permissions) -> bool:
    """Checked at every press too: a command's default permission is a hint that a server may override."""
    return permissions.manage_guild or permissions.administrator


def unsuitable(kind: discord.ChannelType) -> str | None:
    """Why papers cannot go to such a channel; None when they can."""
    return None if kind in TARGETS else access.unsuitable(kind.name)


def objection(room: Room, parent: Room | None, me: discord.Member) -> str | None:
    """Why the bot may not post there, with the remedy; None when it may.

    `parent` is the channel of a thread, which gives it its permissions, else the room itself
    (https://docs.discord.com/developers/topics/threads#permissions).
    """
    if (reason := unsuitable(room.type)) is not None:
        return reason
    if not isinstance(parent, discord.abc.GuildChannel):
        return access.unseen_parent(room.name)
    held = parent.permissions_for(me)
    # Iterating would give read_messages for what people and the documentation call view_channel.
    granted = frozenset(name for name in discord.Permissions.VALID_FLAGS if getattr(held, name))
    if isinstance(room, discord.Thread):
        return access.objection(access.Standing(room.name, granted, thread=True, locked=room.locked))
    return access.objection(access.Standing(room.name, granted))


def out_of_sight(channel_id: int) -> str:
    """The sentence for a channel that Discord does not show to the bot."""
    return f"the bot cannot see <#{channel_id}>; name a channel that it can see"

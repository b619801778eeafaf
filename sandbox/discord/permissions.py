"""Who may do what where, computed as Discord documents it: https://docs.discord.com/developers/topics/permissions"""

from __future__ import annotations

from datetime import datetime
from enum import IntFlag

from sandbox.discord.model import THREAD_KINDS, Channel, Guild, Overwrite


class Permission(IntFlag):
    """Discord's permissions that have a meaning in text channels."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CHANGE_NICKNAME = 1 << 26
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    SEND_MESSAGES_IN_THREADS = 1 << 38
    PIN_MESSAGES = 1 << 51


NONE = Permission(0)
ALL = ~NONE

# What a new server gives everyone.
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)

# What the bot's invite link asks for: 274877991936.
INVITED_BOT = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.READ_MESSAGE_HISTORY
    | Permission.SEND_MESSAGES_IN_THREADS
)

# Gone without the permission to send.
_SENDING_ONLY = Permission.SEND_TTS_MESSAGES | Permission.MENTION_EVERYONE | Permission.EMBED_LINKS | Permission.ATTACH_FILES

# All that a timeout leaves: https://docs.discord.com/developers/topics/permissions#permissions-for-timed-out-members
_IN_A_TIMEOUT = Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY

# Between the bot and a person in a direct message.
IN_DIRECT_MESSAGES = INVITED_BOT | Permission.ATTACH_FILES | Permission.ADD_REACTIONS | Permission.PIN_MESSAGES


def permission(name: str | int | Permission) -> Permission:
    """The permission of a bit or of Discord's name, in any case; ValueError when there is none."""
    if isinstance(name, int):
        return Permission(name)
    try:
        return Permission[name.upper()]
    except KeyError:
        raise ValueError(f"{name!r} is no permission the sandbox knows; it knows {', '.join(Permission.__members__)}") from None


def in_guild(guild: Guild, user_id: int, now: datetime) -> Permission:
    """What a member may do in a server: owner and administrators everything, others what their roles grant together."""
    granted = _by_roles(guild, user_id)
    return granted & _IN_A_TIMEOUT if _timed_out(guild, user_id, granted, now) else granted


def in_channel(guild: Guild, channel: Channel, parent: Channel | None, user_id: int, now: datetime) -> Permission:
    """What a member may do in a channel; `parent` is a thread's channel, whose overwrites hold for the thread."""
    granted = _by_roles(guild, user_id)
    if Permission.ADMINISTRATOR in granted or granted == NONE:
        return granted
    timed_out = _timed_out(guild, user_id, granted, now)
    granted = _overwritten(granted, guild, parent or channel, user_id)
    if Permission.VIEW_CHANNEL not in granted:
        return NONE
    if timed_out:
        return granted & _IN_A_TIMEOUT
    sending = Permission.SEND_MESSAGES_IN_THREADS if channel.kind in THREAD_KINDS else Permission.SEND_MESSAGES
    return granted if sending in granted else _changed(granted, deny=_SENDING_ONLY)


def _by_roles(guild: Guild, user_id: int) -> Permission:
    member = guild.members.get(user_id)
    if member is None:
        return NONE
    granted = Permission(guild.roles[guild.id].permissions)
    for role_id in member.role_ids:
        granted |= guild.roles[role_id].permissions
    return ALL if guild.owner_id == user_id or Permission.ADMINISTRATOR in granted else granted


def _timed_out(guild: Guild, user_id: int, granted: Permission, now: datetime) -> bool:
    """Owner and administrators are exempt."""
    member = guild.members.get(user_id)
    until = member.communication_disabled_until if member else None
    return until is not None and now < until and Permission.ADMINISTRATOR not in granted


def _overwritten(granted: Permission, guild: Guild, channel: Channel, user_id: int) -> Permission:
    """Apply @everyone's overwrite, then those of the member's roles together, then the member's own."""
    overwrites = channel.overwrites
    roles = [overwrites[role_id] for role_id in guild.members[user_id].role_ids if role_id in overwrites]
    denied = allowed = 0
    for overwrite in roles:
        denied |= overwrite.deny
        allowed |= overwrite.allow
    for step in (overwrites.get(guild.id), Overwrite(0, 0, allowed, denied), overwrites.get(user_id)):
        if step is not None:
            granted = _changed(granted, step.deny, step.allow)
    return granted


def _changed(granted: Permission, deny: int, allow: int = 0) -> Permission:
    # In integers: ~ on a Permission would also drop the bits that have no name here.
    return Permission(int(granted) & ~int(deny) | int(allow))

"""The world as Discord's JSON objects, version 10."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count

from sandbox.discord import attachments, permissions
from sandbox.discord.components import SELECTS, given_ids
from sandbox.discord.layouts import CONTAINER, FILE, SEPARATOR, THUMBNAIL
from sandbox.discord.model import (
    THREAD_KINDS,
    THREADS_ONLY,
    Channel,
    ChannelKind,
    Guild,
    Json,
    Member,
    Message,
    MessageFlag,
    MessageKind,
    Role,
    User,
)
from sandbox.discord.sessions import Intent
from sandbox.discord.world import World


def user(who: User) -> Json:
    return {
        "id": str(who.id),
        "username": who.name,
        "global_name": None,
        "discriminator": "0",
        "avatar": None,
        "bot": who.bot,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }


def own_user(who: User) -> Json:
    return user(who) | {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}


def application(world: World) -> Json:
    flags = sum(flag for intent, flag in _INTENT_FLAGS.items() if world.privileged & intent)
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "description": "",
        "icon": None,
        "type": None,
        "bot": user(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(world.owner),
        "team": None,
        "approximate_guild_count": len(world.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
    }


def role(one: Role) -> Json:
    payload: Json = {
        "id": str(one.id),
        "name": one.name,
        "permissions": str(int(one.permissions)),
        "position": one.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": one.bot_id is not None,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return payload | ({"tags": {"bot_id": str(one.bot_id)}} if one.bot_id else {})


def member(world: World, one: Member) -> Json:
    return {
        "user": user(world.users[one.user_id]),
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(role_id) for role_id in one.role_ids],
        "joined_at": _time(one.joined_at),
        "premium_since": None,
        "communication_disabled_until": _time(until) if (until := one.communication_disabled_until) else None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def guild(one: Guild, *, counts: bool = False) -> Json:
    """The guild object; `counts` adds the approximate counts."""
    return _PLAIN_GUILD | {
        "id": str(one.id),
        "name": one.name,
        "owner_id": str(one.owner_id),
        "roles": [role(each) for each in one.roles.values()],
        **(_size(one) if counts else {}),
    }


def own_guild(world: World, one: Guild, *, counts: bool = False) -> Json:
    """The partial guild of a list; `counts` adds the approximate counts."""
    return {
        "id": str(one.id),
        "name": one.name,
        "icon": None,
        "banner": None,
        "owner": one.owner_id == world.bot.id,
        "permissions": str(int(permissions.in_guild(one, world.bot.id, world.clock.now()))),
        "features": [],
        **(_size(one) if counts else {}),
    }


def _size(one: Guild) -> Json:
    return {"approximate_member_count": len(one.members), "approximate_presence_count": 1}


def channel(world: World, one: Channel) -> Json:
    base = {
        "id": str(one.id),
        "type": int(one.kind),
        "flags": one.flags,
        "last_message_id": str(last) if (last := _last_message_id(world, one)) else None,
    }
    if one.last_pin_at:
        base["last_pin_timestamp"] = _time(one.last_pin_at)
    if one.kind == ChannelKind.DM:
        return base | {"recipients": [user(world.users[one.owner_id])] if one.owner_id else []}
    base |= {"guild_id": str(one.guild_id), "name": one.name, "parent_id": str(one.parent_id) if one.parent_id else None}
    return base | (_thread_part(world, one) if one.kind in THREAD_KINDS else _guild_channel_part(one))


def _last_message_id(world: World, one: Channel) -> int | None:
    """Of a forum, the id of its youngest thread: https://docs.discord.com/developers/topics/threads#forum-and-media-channel-fields"""
    if one.kind in THREADS_ONLY:
        return max((each.id for each in world.channels.values() if each.parent_id == one.id), default=None)
    return max(one.messages, default=None)


def thread_member(thread: Channel, user_id: int) -> Json:
    return {
        "id": str(thread.id),
        "user_id": str(user_id),
        "join_timestamp": _time(thread.members[user_id]),
        "flags": 0,
    }


def _thread_part(world: World, one: Channel) -> Json:
    """Discord does not count the message that a thread starts with."""
    written = sum(each.kind != MessageKind.THREAD_STARTER and each.id != one.id for each in one.messages.values())
    tagged = one.parent_id in world.channels and world.channels[one.parent_id].kind in THREADS_ONLY
    return {
        "owner_id": str(one.owner_id),
        "message_count": written,
        "total_message_sent": written,
        "member_count": min(len(one.members), 50),
        "rate_limit_per_user": one.rate_limit_per_user,
        "thread_metadata": {
            "archived": one.archived,
            "locked": one.locked,
            "auto_archive_duration": one.auto_archive_duration,
            "archive_timestamp": _time(one.archive_changed_at) if one.archive_changed_at else None,
            "create_timestamp": _time(one.created_at) if one.created_at else None,
        },
        **({"applied_tags": [str(each) for each in one.applied_tags]} if tagged else {}),
        **({"member": thread_member(one, world.bot.id)} if world.bot.id in one.members else {}),
    }


def _guild_channel_part(one: Channel) -> Json:
    shared = {
        "position": one.position,
        "nsfw": one.nsfw,
        "topic": one.topic,
        "rate_limit_per_user": one.rate_limit_per_user,
        "permission_overwrites": [
            {"id": str(each.id), "type": each.kind, "allow": str(int(each.allow)), "deny": str(int(each.deny))}
            for each in one.overwrites.values()
        ],
    }
    return shared | _OF_KIND.get(one.kind, {}) | (_forum_part(one) if one.kind in THREADS_ONLY else {})


def _forum_part(one: Channel) -> Json:
    return {
        "available_tags": one.available_tags,
        "default_thread_rate_limit_per_user": one.default_thread_rate_limit_per_user,
        "default_reaction_emoji": None,
        "default_sort_order": None,
        "default_forum_layout": 0,
    }


def message(world: World, one: Message, *, nonce: bool = False, referenced: bool = True) -> Json:
    """The message object; `nonce` is for the answer to the POST that made it, `referenced` shows what a reply answers."""
    embeds = [] if one.flags & MessageFlag.SUPPRESS_EMBEDS else one.embeds
    payload: Json = {
        "id": str(one.id),
        "channel_id": str(one.channel_id),
        "type": one.kind,
        "author": user(_author(world, one)) | (one.webhook_author or {}),
        "content": one.content,
        "timestamp": _time(one.timestamp),
        "edited_timestamp": _time(one.edited_timestamp) if one.edited_timestamp else None,
        "tts": one.tts,
        "flags": int(one.flags),
        "pinned": one.pinned_at is not None,
        "mention_everyone": one.mention_everyone,
        "mentions": [user(world.users[user_id]) for user_id in one.mentions],
        "mention_roles": [str(role_id) for role_id in one.mention_roles],
        "attachments": attachments.payloads(world, one),
        "embeds": [attachments.resolved(world, one, _embed(each)) for each in embeds],
        "components": attachments.shown(world, one, numbered(one.components)),
    }
    if one.interaction:
        application_id = str(world.bot.id)
        payload |= {"application_id": application_id, "webhook_id": application_id, "interaction_metadata": one.interaction}
    if one.webhook:
        payload["webhook_id"] = str(one.webhook.id)
        payload |= {"application_id": str(world.bot.id)} if one.webhook.creator_id == world.bot.id else {}
    if one.reactions:
        payload["reactions"] = [_reaction(emoji, users, world.bot.id) for emoji, users in one.reactions.items()]
    if one.reference:
        payload["message_reference"] = one.reference
    if one.kind in (MessageKind.REPLY, MessageKind.THREAD_STARTER) and one.reference and referenced:
        original = world.channel(int(one.reference["channel_id"])).messages.get(int(one.reference["message_id"]))
        payload["referenced_message"] = message(world, original, referenced=False) if original else None
    if one.flags & MessageFlag.HAS_THREAD and one.id in world.channels:
        payload["thread"] = channel(world, world.channels[one.id])
    return payload | ({"nonce": one.nonce} if nonce and one.nonce is not None else {})


def _author(world: World, one: Message) -> User:
    """A webhook's is no user that anybody could look up: https://docs.discord.com/developers/resources/message#message-object"""
    return User(one.webhook.id, one.webhook.name, bot=True) if one.webhook else world.users[one.author_id]


def _reaction(emoji: str, users: list[int], own_id: int) -> Json:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(users),
        "count_details": {"normal": len(users), "burst": 0},
        "me": own_id in users,
        "me_burst": False,
        "burst_colors": [],
    }


def full_message(world: World, one: Message) -> Json:
    """The message object with what Discord keeps to itself, for the control routes."""
    hidden = {"allowed_mentions": one.allowed_mentions, "silent": one.silent, "deed": one.deed}
    return message(world, one, nonce=True) | hidden | ({"visible_to": str(one.visible_to)} if one.visible_to else {})


def _embed(sent: Json) -> Json:
    """What Discord shows of it: nothing of a blank title or description, or of a footer without text."""
    shown = {name: value for name, value in _present(sent).items() if value != ""} | {"type": "rich"}
    if not shown.get("footer", {}).get("text"):
        shown.pop("footer", None)
    if "fields" in shown:
        shown["fields"] = [{"inline": False} | _present(each) for each in shown["fields"]]
    return shown


def numbered(components: list[Json]) -> list[Json]:
    """The components with the ids that Discord gives where the sender gave none, or 0, and none that the sender gave.

    https://docs.discord.com/developers/components/reference#anatomy-of-a-component
    """
    taken = given_ids(components)
    return _numbered(components, (number for number in count(1) if number not in taken))


def _numbered(components: list[Json], numbers: Iterator[int]) -> list[Json]:
    shown = []
    for sent in components:
        one: Json = _COMPONENT_DEFAULTS.get(sent["type"], {}) | _present(sent)
        one["id"] = one.get("id") or next(numbers)
        if one["type"] in SELECTS:
            one = {"min_values": 1, "max_values": 1} | one
        if "emoji" in one:
            one["emoji"] = _present(one["emoji"])
        if "components" in one:
            one["components"] = _numbered(one["components"], numbers)
        for alone in ("component", "accessory"):
            if alone in one:
                [one[alone]] = _numbered([one[alone]], numbers)
        shown.append(one)
    return shown


def _present(sent: Json) -> Json:
    return {name: value for name, value in sent.items() if value is not None}


def _time(moment: datetime) -> str:
    return moment.isoformat()


_COMPONENT_DEFAULTS: dict[int, Json] = {
    THUMBNAIL: {"description": None, "spoiler": False},
    FILE: {"spoiler": False},
    SEPARATOR: {"divider": True, "spacing": 1},
    CONTAINER: {"accent_color": None, "spoiler": False},
}

# https://docs.discord.com/developers/resources/application#application-object-application-flags, of a bot in few servers
_INTENT_FLAGS = {Intent.GUILD_PRESENCES: 1 << 13, Intent.GUILD_MEMBERS: 1 << 15, Intent.MESSAGE_CONTENT: 1 << 19}

_PLAIN_GUILD: Json = {
    "icon": None,
    "description": None,
    "home_header": None,
    "splash": None,
    "discovery_splash": None,
    "features": [],
    "banner": None,
    "application_id": None,
    "region": "deprecated",
    "afk_channel_id": None,
    "afk_timeout": 300,
    "system_channel_id": None,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "widget_channel_id": None,
    "verification_level": 0,
    "default_message_notifications": 0,
    "mfa_level": 0,
    "explicit_content_filter": 0,
    "max_presences": None,
    "max_members": 500000,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "vanity_url_code": None,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "preferred_locale": "en-US",
    "rules_channel_id": None,
    "safety_alerts_channel_id": None,
    "public_updates_channel_id": None,
    "premium_progress_bar_enabled": False,
    "nsfw": False,
    "nsfw_level": 0,
    "emojis": [],
    "stickers": [],
    "incidents_data": None,
}

_OF_KIND: dict[ChannelKind, Json] = {
    ChannelKind.VOICE: {"bitrate": 64000, "user_limit": 0, "rtc_region": None},
}

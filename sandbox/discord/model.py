"""The data of a small Discord: users, servers, channels, messages. Embeds and components stay JSON, as they were sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import Any

Json = dict[str, Any]
Deed = tuple[str, str]
"""A person's action and its object, shown with the reply: ("used", "/latest"), ("pressed", "Save")."""


class ChannelKind(IntEnum):
    """Discord's channel types, under Discord's numbers."""

    TEXT = 0
    DM = 1
    VOICE = 2
    CATEGORY = 4
    ANNOUNCEMENT = 5
    ANNOUNCEMENT_THREAD = 10
    PUBLIC_THREAD = 11
    FORUM = 15
    MEDIA = 16


THREAD_KINDS = frozenset({ChannelKind.ANNOUNCEMENT_THREAD, ChannelKind.PUBLIC_THREAD})
THREADS_ONLY = frozenset({ChannelKind.FORUM, ChannelKind.MEDIA})
WITHOUT_MESSAGES = THREADS_ONLY | {ChannelKind.CATEGORY}


class MessageKind(IntEnum):
    """Discord's message types that are not plain ones, as far as the sandbox makes them."""

    MEMBER_ADDED = 1
    MEMBER_REMOVED = 2
    NAME_CHANGED = 4
    PINNED = 6
    THREAD_CREATED = 18
    REPLY = 19
    COMMAND_REPLY = 20
    THREAD_STARTER = 21


class MessageFlag(IntFlag):
    """Discord's message flags, as far as the sandbox knows them."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    """A reply that was deferred: shown as "is thinking" until it is edited."""
    SUPPRESS_NOTIFICATIONS = 1 << 12
    IS_COMPONENTS_V2 = 1 << 15


@dataclass(slots=True)
class User:
    id: int
    name: str
    bot: bool = False


@dataclass(slots=True)
class Role:
    id: int
    name: str
    permissions: int
    position: int = 0
    bot_id: int | None = None
    """The bot that this role was made for."""


@dataclass(slots=True)
class Member:
    user_id: int
    joined_at: datetime
    role_ids: list[int] = field(default_factory=list)
    communication_disabled_until: datetime | None = None
    """The end of a timeout that a moderator gave; once it is past, it stays here and means nothing."""


@dataclass(slots=True)
class Guild:
    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    """The role with the guild's own id is @everyone."""
    members: dict[int, Member] = field(default_factory=dict)
    unavailable: bool = False
    """Whether Discord itself has an outage here."""


@dataclass(slots=True)
class Overwrite:
    """Permissions of one role (`kind` 0) or member (1) in one channel."""

    id: int
    kind: int
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Webhook:
    """An incoming webhook: with its token anybody can post in its channel."""

    id: int
    channel_id: int
    name: str
    creator_id: int
    token: str


@dataclass(slots=True)
class Attachment:
    """A file that was sent along with a message."""

    id: int
    filename: str
    content: bytes
    title: str | None = None
    description: str | None = None
    spoiler: bool = False


@dataclass(slots=True)
class Message:
    id: int
    channel_id: int
    author_id: int
    timestamp: datetime
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    tts: bool = False
    nonce: str | int | None = None
    """Shown only in the answer to the POST that made the message."""
    allowed_mentions: Json | None = None
    mentions: list[int] = field(default_factory=list)
    """The users whom the content pings; the next two fields are the roles, and everyone."""
    mention_roles: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    edited_timestamp: datetime | None = None
    kind: int = 0
    """Discord's message type: 0 for a plain one, else a MessageKind."""
    interaction: Json | None = None
    """For a reply: Discord's interaction metadata."""
    deed: Deed | None = None
    """For a reply: what it answers."""
    reference: Json | None = None
    """For a reply, or a message about a thread or a pin: where it points to."""
    webhook: Webhook | None = None
    """The author, if that is a webhook; the next field is what its user shows then."""
    webhook_author: Json | None = None
    pinned_at: datetime | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    """The users who reacted, by emoji."""
    visible_to: int | None = None
    """For an ephemeral reply: the id of the person who sees it."""

    @property
    def silent(self) -> bool:
        return bool(self.flags & MessageFlag.SUPPRESS_NOTIFICATIONS)


@dataclass(slots=True)
class Channel:
    id: int
    kind: ChannelKind
    name: str
    guild_id: int | None = None
    """None for a direct message."""
    parent_id: int | None = None
    owner_id: int | None = None
    """For a thread: who opened it. For a direct message: the person."""
    position: int = 0
    flags: int = 0
    topic: str | None = None
    nsfw: bool = False
    rate_limit_per_user: int = 0
    """Seconds between two messages of a person; bots are exempt."""
    default_thread_rate_limit_per_user: int = 0
    """For a forum, as is the next field: what its new threads begin with."""
    available_tags: list[Json] = field(default_factory=list)
    applied_tags: list[int] = field(default_factory=list)
    """For a thread in a forum: the ids of its tags."""
    last_pin_at: datetime | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    auto_archive_duration: int = 10080
    """Minutes until a silent thread is archived, which the sandbox leaves to `archive_thread`."""
    members: dict[int, datetime] = field(default_factory=dict)
    """For a thread, as are the next two fields: who joined it, and when."""
    created_at: datetime | None = None
    archive_changed_at: datetime | None = None
    """When it was last opened or archived."""
    messages: dict[int, Message] = field(default_factory=dict)
    """By id, oldest first."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction that came or went; without `user_id` those of everyone, and without `emoji` all."""

    message: Message
    emoji: str | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Joining:
    """That somebody joined a thread, or left it."""

    thread: Channel
    user_id: int


Subject = Guild | Channel | Role | Member | Message | Reaction | Joining


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the world: the gateway's name for the event, and what was changed."""

    event: str
    subject: Subject
    guild_id: int | None
    """None in direct messages."""
    newly: bool = False
    """Whether the subject was made just now, not only come into the bot's sight."""

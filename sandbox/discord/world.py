"""The state of a small Discord, and every method that changes it."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from sandbox.control.clock import SandboxClock
from sandbox.discord import permissions
from sandbox.discord.components import texts
from sandbox.discord.mentions import pings
from sandbox.discord.model import (
    THREAD_KINDS,
    Attachment,
    Change,
    Channel,
    ChannelKind,
    Deed,
    Guild,
    Joining,
    Json,
    Member,
    Message,
    MessageFlag,
    MessageKind,
    Overwrite,
    Reaction,
    Role,
    Subject,
    User,
    Webhook,
)
from sandbox.discord.permissions import Permission

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)

# "The past few minutes" is all Discord says: https://docs.discord.com/developers/resources/message#create-message
NONCE_WINDOW = timedelta(seconds=300)

# https://docs.discord.com/developers/resources/guild#modify-guild-member
LONGEST_TIMEOUT = timedelta(days=28)


class World:
    """All users, servers, channels and messages; LookupError for unknown ids.

    It starts with one bot and the server "Materials Lab", which has #papers and #general.

    `listener` is told of every change after it is made.
    """

    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.listener: Callable[[Change], None] = lambda change: None
        self.url = ""
        """Where the sandbox serves the files of messages."""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.whispers: dict[int, Message] = {}
        """Ephemeral messages, by id: no channel holds them."""
        self.nonce_window = NONCE_WINDOW
        """How long Discord remembers a nonce, on the sandbox's clock; zero forgets it at once."""
        self.privileged = 0
        """The privileged gateway intents that are switched on for the bot."""
        self._last_id = 0
        self._nonces: dict[tuple[int, str], Message] = {}
        self.bot = self.add_user("arXiv Daily", bot=True)
        self.token = f"{b64encode(str(self.bot.id).encode()).decode()}.sandbox.token"
        self.owner = self.add_user("ada")
        self.manager = self.add_user("grace")
        self.member = self.add_user("emmy")
        self.lab = self.add_guild("Materials Lab")
        self.papers = self.add_channel(self.lab, "papers")
        self.general = self.add_channel(self.lab, "general")

    # --- people and servers

    def add_user(self, name: str, *, bot: bool = False) -> User:
        user = User(self.new_id(), name, bot)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, invited: bool = True) -> Guild:
        """A server of the same people: the owner, a manager, a plain member, and the bot if it is invited."""
        guild = Guild(self.new_id(), name, self.owner.id)
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYONE)
        self.guilds[guild.id] = guild
        managers = self.add_role(guild, "Managers", Permission.MANAGE_GUILD)
        for user, roles in ((self.owner, []), (self.manager, [managers.id]), (self.member, [])):
            self.add_member(guild, user, roles)
        if invited:
            self.invite_bot(guild)
        return guild

    def invite_bot(self, guild: Guild) -> None:
        """Let the bot in, with the role it asks for."""
        role = self.add_role(guild, self.bot.name, permissions.INVITED_BOT, bot_id=self.bot.id)
        self.add_member(guild, self.bot, [role.id])

    def add_member(self, guild: Guild, user: User, role_ids: Sequence[int] = ()) -> Member:
        member = guild.members[user.id] = Member(user.id, self.clock.now(), list(role_ids))
        if user is self.bot:
            self._tell("GUILD_CREATE", guild, guild.id)
        else:
            self._tell("GUILD_MEMBER_ADD", member, guild.id)
        return member

    def remove_member(self, guild: Guild, user_id: int) -> None:
        """Kick someone; the bot too, whose own role goes with it."""
        member = guild.members.pop(user_id)
        if user_id != self.bot.id:
            self._tell("GUILD_MEMBER_REMOVE", member, guild.id)
            return
        self._tell("GUILD_DELETE", guild, guild.id)
        for role_id in [role.id for role in guild.roles.values() if role.bot_id == user_id]:
            self.remove_role(guild, role_id)

    def set_roles(self, guild: Guild, user_id: int, role_ids: Sequence[int]) -> None:
        """Replace the roles of a member; @everyone is not among them."""
        member = guild.members[user_id]
        member.role_ids = list(role_ids)
        self._tell("GUILD_MEMBER_UPDATE", member, guild.id)

    def time_out(self, guild: Guild, user_id: int, until: datetime | None) -> None:
        """Let a member only read until this moment; None ends it. ValueError beyond Discord's 28 days."""
        if until is not None and until - self.clock.now() > LONGEST_TIMEOUT:
            raise ValueError(f"a timeout lasts at most {LONGEST_TIMEOUT.days} days")
        member = guild.members[user_id]
        member.communication_disabled_until = until
        self._tell("GUILD_MEMBER_UPDATE", member, guild.id)

    def add_role(self, guild: Guild, name: str, granted: int, *, bot_id: int | None = None) -> Role:
        role = Role(self.new_id(), name, granted, position=len(guild.roles), bot_id=bot_id)
        guild.roles[role.id] = role
        self._tell("GUILD_ROLE_CREATE", role, guild.id)
        return role

    def set_role(self, guild: Guild, role_id: int, granted: int) -> None:
        role = guild.roles[role_id]
        role.permissions = granted
        self._tell("GUILD_ROLE_UPDATE", role, guild.id)

    def remove_role(self, guild: Guild, role_id: int) -> None:
        """Delete a role, from its members and from channel overwrites too."""
        role = guild.roles.pop(role_id)
        for channel in self.channels_of(guild):
            if channel.overwrites.pop(role_id, None):
                self._tell("CHANNEL_UPDATE", channel, guild.id)
        self._tell("GUILD_ROLE_DELETE", role, guild.id)
        for member in guild.members.values():
            if role_id in member.role_ids:
                self.set_roles(guild, member.user_id, [held for held in member.role_ids if held != role_id])

    def set_unavailable(self, guild: Guild, unavailable: bool = True) -> None:
        """Begin or end an outage, in which Discord itself cannot serve this server."""
        guild.unavailable = unavailable
        self._tell("GUILD_DELETE" if unavailable else "GUILD_CREATE", guild, guild.id)

    # --- channels

    def add_channel(self, guild: Guild, name: str, kind: int = 0, parent: Channel | None = None) -> Channel:
        """A thread needs the channel it hangs under as `parent`."""
        if kind in THREAD_KINDS:
            if parent is None:
                raise ValueError("a thread needs a parent channel")
            return self.open_thread(parent, name, self.member)
        channel = Channel(self.new_id(), ChannelKind(kind), name, guild.id, position=len(self.channels))
        channel.parent_id = parent.id if parent else None
        self.channels[channel.id] = channel
        self._tell("CHANNEL_CREATE", channel, guild.id)
        return channel

    def open_thread(
        self, parent: Channel, name: str, owner: User, message: Message | None = None, settings: Json | None = None
    ) -> Channel:
        """Open a thread; under a message it has the message's id. `settings`: further fields, under Discord's names."""
        kind = ChannelKind.ANNOUNCEMENT_THREAD if parent.kind == ChannelKind.ANNOUNCEMENT else ChannelKind.PUBLIC_THREAD
        thread = Channel(message.id if message else self.new_id(), kind, name, parent.guild_id, parent.id, owner.id)
        thread.created_at = thread.archive_changed_at = self.clock.now()
        thread.members[owner.id] = thread.created_at
        for name, value in (settings or {}).items():
            setattr(thread, name, value)
        self.channels[thread.id] = thread
        self._tell("THREAD_CREATE", thread, thread.guild_id, newly=True)
        if message:
            message.flags |= MessageFlag.HAS_THREAD
            self._tell("MESSAGE_UPDATE", message, thread.guild_id)
        self._announce_thread(thread, parent, owner, message)
        return thread

    def open_post(self, forum: Channel, name: str, owner: User, settings: Json, fields: Json) -> tuple[Channel, Message]:
        """Open a thread in a forum, with its first message, which has the thread's id; `fields` are those of `post`."""
        slowness = {"rate_limit_per_user": forum.default_thread_rate_limit_per_user}
        thread = self.open_thread(forum, name, owner, settings=slowness | settings)
        return thread, self.post(thread.id, author=owner, message_id=thread.id, **fields)

    def _announce_thread(self, thread: Channel, parent: Channel, owner: User, message: Message | None) -> None:
        """Post what Discord itself writes of a new thread: https://docs.discord.com/developers/topics/threads#new-message-types"""
        there = {"type": 0, "channel_id": str(parent.id), "guild_id": str(thread.guild_id)}
        if message:
            start = there | {"message_id": str(message.id)}
            self.post(thread.id, author=owner, kind=MessageKind.THREAD_STARTER, reference=start)
        # Under a message the parent is told only if that is older than "a very small value", which Discord does not publish:
        # here, than this very moment. That it is told of threads without a message is in pages/resources/message.mdx of
        # https://github.com/discord-userdoccers/discord-userdoccers
        if parent.kind == ChannelKind.TEXT and (message is None or message.timestamp < self.clock.now()):
            opened = there | {"channel_id": str(thread.id)}
            self.post(parent.id, thread.name, author=owner, kind=MessageKind.THREAD_CREATED, reference=opened)

    def join_thread(self, thread: Channel, user: User, by: User | None = None) -> None:
        """Add someone to a thread; it is told when that is done `by` somebody else."""
        if user.id in thread.members:
            return
        thread.members[user.id] = self.clock.now()
        self._tell("THREAD_MEMBERS_UPDATE", Joining(thread, user.id), thread.guild_id)
        if user is self.bot:
            self._tell("THREAD_CREATE", thread, thread.guild_id)
        if by not in (None, user):
            self.post(thread.id, author=by, kind=MessageKind.MEMBER_ADDED, mentioned=user)

    def leave_thread(self, thread: Channel, user: User, by: User | None = None) -> None:
        """Remove someone from a thread; it is told when that is done `by` somebody else."""
        if thread.members.pop(user.id, None) is None:
            return
        self._tell("THREAD_MEMBERS_UPDATE", Joining(thread, user.id), thread.guild_id)
        if by not in (None, user):
            self.post(thread.id, author=by, kind=MessageKind.MEMBER_REMOVED, mentioned=user)

    def add_direct_message(self, user: User) -> Channel:
        """The bot's direct messages with a person."""
        channel = Channel(self.new_id(), ChannelKind.DM, user.name, owner_id=user.id)
        self.channels[channel.id] = channel
        return channel

    def rename_channel(self, channel_id: int, name: str) -> None:
        channel = self.channel(channel_id)
        channel.name = name
        self._tell_updated(channel)

    def edit_channel(self, channel: Channel, changes: Json, editor: User) -> None:
        """Replace fields of a channel or thread; `changes` has them under Discord's names. A thread is told of its new name:
        https://docs.discord.com/developers/topics/threads#new-message-types"""
        before = channel.name
        if changes.get("archived", channel.archived) != channel.archived or "auto_archive_duration" in changes:
            channel.archive_changed_at = self.clock.now()
        for name, value in changes.items():
            setattr(channel, name, value)
        self._tell_updated(channel)
        if channel.name != before and channel.kind in THREAD_KINDS and not channel.archived:
            self.post(channel.id, channel.name, author=editor, kind=MessageKind.NAME_CHANGED)

    def delete_channel(self, channel_id: int) -> None:
        """Delete a channel and its threads."""
        channel = self.channel(channel_id)
        threads = [each for each in self.channels.values() if each.parent_id == channel_id and each.kind in THREAD_KINDS]
        for webhook in [each for each in self.webhooks.values() if each.channel_id == channel_id]:
            del self.webhooks[webhook.id]
        for gone in [*threads, channel]:
            del self.channels[gone.id]
            self._tell("THREAD_DELETE" if gone.kind in THREAD_KINDS else "CHANNEL_DELETE", gone, gone.guild_id)

    def deny(self, channel_id: int, *names: str | int, target_id: int | None = None) -> None:
        """Take permissions, by name or bit, from the bot in a channel, or from the role or member `target_id`."""
        self._overwrite(channel_id, target_id, names, denying=True)

    def allow(self, channel_id: int, *names: str | int, target_id: int | None = None) -> None:
        """Give permissions; the arguments are those of `deny`."""
        self._overwrite(channel_id, target_id, names, denying=False)

    def _overwrite(self, channel_id: int, target_id: int | None, names: tuple[str | int, ...], *, denying: bool) -> None:
        target, channel = target_id or self.bot.id, self.channel(channel_id)
        overwrite = channel.overwrites.setdefault(target, Overwrite(target, int(target in self.users)))
        for bit in (int(permissions.permission(name)) for name in names):
            overwrite.deny = overwrite.deny | bit if denying else overwrite.deny & ~bit
            overwrite.allow = overwrite.allow & ~bit if denying else overwrite.allow | bit
        self._tell_updated(channel)

    def archive_thread(self, channel_id: int) -> None:
        """Archive a thread, as Discord does after some silence; the next message opens it again."""
        self._archive(self.channel(channel_id), True)

    def lock_thread(self, channel_id: int) -> None:
        """Archive it so that only moderators can open it again."""
        thread = self.channel(channel_id)
        thread.locked = True
        self._archive(thread, True)

    def _archive(self, thread: Channel, archived: bool) -> None:
        thread.archived, thread.archive_changed_at = archived, self.clock.now()
        self._tell_updated(thread)

    # --- webhooks

    def add_webhook(self, channel: Channel, name: str, creator: User) -> Webhook:
        webhook = Webhook(self.new_id(), channel.id, name, creator.id, secrets.token_urlsafe(51))
        self.webhooks[webhook.id] = webhook
        self._tell("WEBHOOKS_UPDATE", channel, channel.guild_id)
        return webhook

    def rename_webhook(self, webhook: Webhook, name: str) -> None:
        webhook.name = name
        self._tell_webhooks(webhook)

    def move_webhook(self, webhook: Webhook, channel: Channel) -> None:
        self._tell_webhooks(webhook)
        webhook.channel_id = channel.id

    def delete_webhook(self, webhook: Webhook) -> None:
        del self.webhooks[webhook.id]
        self._tell_webhooks(webhook)

    def _tell_webhooks(self, webhook: Webhook) -> None:
        channel = self.channel(webhook.channel_id)
        self._tell("WEBHOOKS_UPDATE", channel, channel.guild_id)

    # --- messages

    def post(
        self,
        channel_id: int,
        content: str = "",
        *,
        author: User | None = None,
        embeds: list[Json] | None = None,
        components: list[Json] | None = None,
        attachments: list[Attachment] | None = None,
        flags: int = 0,
        tts: bool = False,
        nonce: str | int | None = None,
        allowed_mentions: Json | None = None,
        kind: int = 0,
        interaction: Json | None = None,
        deed: Deed | None = None,
        reference: Json | None = None,
        mentioned: User | None = None,
        message_id: int | None = None,
        webhook: Webhook | None = None,
        webhook_author: Json | None = None,
        visible_to: int | None = None,
    ) -> Message:
        """Put a message into a channel, by default the bot's; `visible_to` makes it ephemeral, `mentioned` is its subject."""
        channel = self.channel(channel_id)
        author_id = webhook.id if webhook else (author or self.bot).id
        own_id = message_id or self.new_id()
        message = Message(own_id, channel.id, author_id, self.clock.now(), content, embeds or [], components or [])
        message.webhook, message.webhook_author = webhook, webhook_author
        message.attachments = attachments or []
        message.flags, message.tts, message.nonce, message.allowed_mentions = flags, tts, nonce, allowed_mentions
        message.kind, message.interaction, message.deed, message.visible_to = kind, interaction, deed, visible_to
        message.reference = reference
        self._ping(message, channel)
        message.mentions += [mentioned.id] if mentioned else []
        self._siblings(message)[message.id] = message
        if channel.archived:
            self._archive(channel, False)
        if nonce is not None:
            self._nonces[author_id, str(nonce)] = message
        self._tell("MESSAGE_CREATE", message, channel.guild_id)
        return message

    def edit(self, message: Message, changes: Json) -> None:
        """Replace fields of a message; `changes` has them under Discord's names."""
        for name, value in changes.items():
            setattr(message, name, value)
        message.edited_timestamp = self.clock.now()
        channel = self.channel(message.channel_id)
        self._ping(message, channel)
        self._tell("MESSAGE_UPDATE", message, channel.guild_id)

    def delete_message(self, channel_id: int, message_id: int) -> None:
        """Delete a message, or dismiss an ephemeral one."""
        channel = self.channel(channel_id)
        kept = self.whispers if message_id in self.whispers else channel.messages
        self._tell("MESSAGE_DELETE", kept.pop(message_id), channel.guild_id)

    def pin(self, message: Message, user: User) -> None:
        """Pin a message; the channel is told who did."""
        channel = self.channel(message.channel_id)
        message.pinned_at = channel.last_pin_at = self.clock.now()
        self._tell("MESSAGE_UPDATE", message, channel.guild_id)
        self._tell("CHANNEL_PINS_UPDATE", channel, channel.guild_id)
        pinned = {"type": 0, "message_id": str(message.id), "channel_id": str(channel.id)}
        pinned |= {"guild_id": str(channel.guild_id)} if channel.guild_id else {}
        self.post(channel.id, author=user, kind=MessageKind.PINNED, reference=pinned)

    def unpin(self, message: Message) -> None:
        channel = self.channel(message.channel_id)
        message.pinned_at = None
        channel.last_pin_at = max((each.pinned_at for each in channel.messages.values() if each.pinned_at), default=None)
        self._tell("MESSAGE_UPDATE", message, channel.guild_id)
        self._tell("CHANNEL_PINS_UPDATE", channel, channel.guild_id)

    def react(self, message: Message, emoji: str, user: User) -> None:
        users = message.reactions.setdefault(emoji, [])
        if user.id not in users:
            users.append(user.id)
            self._tell_reaction("MESSAGE_REACTION_ADD", Reaction(message, emoji, user.id))

    def unreact(self, message: Message, emoji: str, user_id: int) -> None:
        """Take back a reaction, if there is one."""
        users = message.reactions.get(emoji, [])
        if user_id in users:
            users.remove(user_id)
            message.reactions = {each: reacted for each, reacted in message.reactions.items() if reacted}
            self._tell_reaction("MESSAGE_REACTION_REMOVE", Reaction(message, emoji, user_id))

    def clear_reactions(self, message: Message, emoji: str | None = None) -> None:
        """Take away the reactions of everyone, by one emoji or by all."""
        if emoji is None:
            message.reactions.clear()
            self._tell_reaction("MESSAGE_REACTION_REMOVE_ALL", Reaction(message))
        elif message.reactions.pop(emoji, None):
            self._tell_reaction("MESSAGE_REACTION_REMOVE_EMOJI", Reaction(message, emoji))

    def _tell_reaction(self, event: str, reaction: Reaction) -> None:
        self._tell(event, reaction, self.channel(reaction.message.channel_id).guild_id)

    def _siblings(self, message: Message) -> dict[int, Message]:
        return self.channel(message.channel_id).messages if message.visible_to is None else self.whispers

    def _ping(self, message: Message, channel: Channel) -> None:
        mass = Permission.MENTION_EVERYONE in self.permissions(channel, message.author_id)
        guild = self.guilds[channel.guild_id] if channel.guild_id else None
        said = "\n".join([message.content, *texts(message.components)])
        found = pings(said, message.allowed_mentions, guild, mass=mass)
        message.mentions, message.mention_roles, message.mention_everyone = found.users, found.roles, found.everyone
        original = self._replied_to(message, channel)
        if original and original.webhook is None and original.author_id not in found.users:
            message.mentions.append(original.author_id)

    def _replied_to(self, message: Message, channel: Channel) -> Message | None:
        """The message whose author a reply pings: https://docs.discord.com/developers/resources/message#allowed-mentions-object"""
        pinging = message.allowed_mentions is None or message.allowed_mentions.get("replied_user")
        if message.kind != MessageKind.REPLY or message.reference is None or not pinging:
            return None
        return channel.messages.get(int(message.reference["message_id"]))

    # --- asking

    def channel(self, channel_id: int) -> Channel:
        return self.channels[channel_id]

    def messages(self, channel_id: int) -> list[Message]:
        """The messages of a channel, oldest first."""
        return list(self.channels[channel_id].messages.values())

    def message(self, message_id: int) -> Message:
        """The message with this id, in whatever channel; ephemeral ones too."""
        places = (self.whispers, *(channel.messages for channel in self.channels.values()))
        for messages in places:
            if message_id in messages:
                return messages[message_id]
        raise KeyError(message_id)

    def channels_of(self, guild: Guild) -> list[Channel]:
        """The channels of a server, threads among them."""
        return [channel for channel in self.channels.values() if channel.guild_id == guild.id]

    def with_nonce(self, author_id: int, nonce: str | int) -> Message | None:
        """The message, standing or deleted, that the author sent under this nonce within the window."""
        message = self._nonces.get((author_id, str(nonce)))
        if message is None or not self.nonce_window or self.clock.now() - message.timestamp > self.nonce_window:
            return None
        return message

    def permissions(self, channel: Channel, user_id: int) -> Permission:
        if channel.guild_id is None:
            return permissions.IN_DIRECT_MESSAGES
        parent = self.channels[channel.parent_id] if channel.kind in THREAD_KINDS and channel.parent_id else None
        return permissions.in_channel(self.guilds[channel.guild_id], channel, parent, user_id, self.clock.now())

    def new_id(self) -> int:
        """A snowflake of the sandbox's time, always larger than the last one, even when that time stands still or goes back."""
        milliseconds = (self.clock.now() - _EPOCH) // timedelta(milliseconds=1)
        self._last_id = max(milliseconds << 22, self._last_id + 1)
        return self._last_id

    def _tell_updated(self, channel: Channel) -> None:
        self._tell("THREAD_UPDATE" if channel.kind in THREAD_KINDS else "CHANNEL_UPDATE", channel, channel.guild_id)

    def _tell(self, event: str, subject: Subject, guild_id: int | None, *, newly: bool = False) -> None:
        self.listener(Change(event, subject, guild_id, newly))

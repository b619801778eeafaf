"""The state of a small Discord, and every verb that changes it."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

from sandbox.clock import SandboxClock
from sandbox.discord import permissions
from sandbox.discord.mentions import pings
from sandbox.discord.model import (
    THREAD_KINDS,
    Channel,
    ChannelKind,
    Guild,
    Json,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from sandbox.discord.permissions import Permission

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)

# "The past few minutes" is all Discord says: https://docs.discord.com/developers/resources/message#create-message
NONCE_WINDOW = timedelta(seconds=300)


class World:
    """Starts with one bot and the server "Materials Lab" with #papers and #general; LookupError for unknown ids."""

    def __init__(self, clock: SandboxClock) -> None:
        self.clock = clock
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
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
        user = User(self._next_id(), name, bot)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str) -> Guild:
        """A server of the same four: the owner, the bot with the role it was invited with, a manager, a plain member."""
        guild = Guild(self._next_id(), name, self.owner.id)
        self.guilds[guild.id] = guild
        guild.roles[guild.id] = Role(guild.id, "@everyone", permissions.EVERYONE)
        bot_role = self.add_role(guild, self.bot.name, permissions.INVITED_BOT, bot_id=self.bot.id)
        managers = self.add_role(guild, "Managers", Permission.MANAGE_GUILD)
        for user, roles in ((self.owner, []), (self.bot, [bot_role]), (self.manager, [managers]), (self.member, [])):
            guild.members[user.id] = Member(user.id, self.clock.now(), [role.id for role in roles])
        return guild

    def add_role(self, guild: Guild, name: str, granted: int, *, bot_id: int | None = None) -> Role:
        role = Role(self._next_id(), name, granted, position=len(guild.roles), bot_id=bot_id)
        guild.roles[role.id] = role
        return role

    def set_role(self, guild: Guild, role_id: int, granted: int) -> None:
        guild.roles[role_id].permissions = granted

    def remove_role(self, guild: Guild, role_id: int) -> None:
        """Delete a role, from its members and from channel overwrites too."""
        del guild.roles[role_id]
        for member in guild.members.values():
            member.role_ids = [held for held in member.role_ids if held != role_id]
        for channel in self.channels_of(guild):
            channel.overwrites.pop(role_id, None)

    def remove_member(self, guild: Guild, user_id: int) -> None:
        """Kick someone; the bot too."""
        del guild.members[user_id]

    # --- channels

    def add_channel(self, guild: Guild, name: str, kind: int = 0, parent: Channel | None = None) -> Channel:
        """A thread needs the channel it hangs under as `parent`."""
        if kind in THREAD_KINDS and parent is None:
            raise ValueError("a thread needs a parent channel")
        channel = Channel(self._next_id(), ChannelKind(kind), name, guild.id, position=len(self.channels))
        channel.parent_id = parent.id if parent else None
        channel.owner_id = self.member.id if kind in THREAD_KINDS else None
        self.channels[channel.id] = channel
        return channel

    def add_direct_message(self, user: User) -> Channel:
        """The bot's direct messages with a person."""
        channel = Channel(self._next_id(), ChannelKind.DM, user.name, owner_id=user.id)
        self.channels[channel.id] = channel
        return channel

    def delete_channel(self, channel_id: int) -> None:
        """With its threads."""
        del self.channels[channel_id]
        for thread in [channel for channel in self.channels.values() if channel.parent_id == channel_id]:
            del self.channels[thread.id]

    def deny(self, channel_id: int, *names: str | int, target_id: int | None = None) -> None:
        """Take permissions, by name or bit, from the bot in a channel, or from the role or member `target_id`."""
        self._overwrite(channel_id, target_id, names, denying=True)

    def allow(self, channel_id: int, *names: str | int, target_id: int | None = None) -> None:
        """The other way round."""
        self._overwrite(channel_id, target_id, names, denying=False)

    def _overwrite(self, channel_id: int, target_id: int | None, names: tuple[str | int, ...], *, denying: bool) -> None:
        target = target_id or self.bot.id
        overwrite = self.channel(channel_id).overwrites.setdefault(target, Overwrite(target, int(target in self.users)))
        for bit in (int(permissions.permission(name)) for name in names):
            overwrite.deny = overwrite.deny | bit if denying else overwrite.deny & ~bit
            overwrite.allow = overwrite.allow & ~bit if denying else overwrite.allow | bit

    def archive_thread(self, channel_id: int) -> None:
        """As Discord does after some silence; the next message opens it again."""
        self.channel(channel_id).archived = True

    def lock_thread(self, channel_id: int) -> None:
        """Archive it so that only moderators can open it again."""
        thread = self.channel(channel_id)
        thread.archived = thread.locked = True

    # --- messages

    def post(
        self,
        channel_id: int,
        content: str = "",
        *,
        author: User | None = None,
        embeds: list[Json] | None = None,
        components: list[Json] | None = None,
        flags: int = 0,
        tts: bool = False,
        nonce: str | int | None = None,
        allowed_mentions: Json | None = None,
    ) -> Message:
        """Put a message into a channel, by default the bot's."""
        channel = self.channel(channel_id)
        author = author or self.bot
        message = Message(self._next_id(), channel.id, author.id, self.clock.now(), content, embeds or [], components or [])
        message.flags, message.tts, message.nonce, message.allowed_mentions = flags, tts, nonce, allowed_mentions
        self._ping(message, channel)
        channel.messages[message.id] = message
        channel.archived = False
        if nonce is not None:
            self._nonces[author.id, str(nonce)] = message
        return message

    def edit(self, message: Message, changes: Json) -> None:
        """`changes` holds the fields to replace, under Discord's names."""
        for name, value in changes.items():
            setattr(message, name, value)
        message.edited_timestamp = self.clock.now()
        self._ping(message, self.channel(message.channel_id))

    def delete_message(self, channel_id: int, message_id: int) -> None:
        del self.channel(channel_id).messages[message_id]

    def _ping(self, message: Message, channel: Channel) -> None:
        mass = Permission.MENTION_EVERYONE in self.permissions(channel, message.author_id)
        guild = self.guilds[channel.guild_id] if channel.guild_id else None
        found = pings(message.content, message.allowed_mentions, guild, mass=mass)
        message.mentions, message.mention_roles, message.mention_everyone = found.users, found.roles, found.everyone

    # --- asking

    def channel(self, channel_id: int) -> Channel:
        return self.channels[channel_id]

    def messages(self, channel_id: int) -> list[Message]:
        """Oldest first."""
        return list(self.channels[channel_id].messages.values())

    def channels_of(self, guild: Guild) -> list[Channel]:
        """Threads too."""
        return [channel for channel in self.channels.values() if channel.guild_id == guild.id]

    def with_nonce(self, author_id: int, nonce: str | int) -> Message | None:
        """The message, standing or deleted, that the author sent under this nonce within the window."""
        message = self._nonces.get((author_id, str(nonce)))
        if message is None or self.clock.now() - message.timestamp > NONCE_WINDOW:
            return None
        return message

    def permissions(self, channel: Channel, user_id: int) -> Permission:
        if channel.guild_id is None:
            return permissions.IN_DIRECT_MESSAGES
        parent = self.channels[channel.parent_id] if channel.kind in THREAD_KINDS and channel.parent_id else None
        return permissions.in_channel(self.guilds[channel.guild_id], channel, parent, user_id)

    def _next_id(self) -> int:
        """A snowflake of the sandbox's time; still larger than the last one when that time stands still or goes back."""
        milliseconds = (self.clock.now() - _EPOCH) // timedelta(milliseconds=1)
        self._last_id = max(milliseconds << 22, self._last_id + 1)
        return self._last_id

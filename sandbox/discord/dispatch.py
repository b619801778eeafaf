"""Sends each change of the world to the gateway sessions that asked for such events and may know of it."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.discord import payloads
from sandbox.discord.model import THREAD_KINDS, Change, Channel, Guild, Joining, Json, Member, Message, Reaction, Role
from sandbox.discord.permissions import Permission
from sandbox.discord.sessions import Intent, Session, Sessions
from sandbox.discord.world import World

Witness = Callable[[str, Json], None]
_LEFT_OF_A_THREAD = frozenset({"id", "guild_id", "parent_id", "type"})
"""https://docs.discord.com/developers/events/gateway-events#thread-delete"""


class Dispatch:
    """Sends changes to sessions, and to `witnesses`, who see everything: whole messages, ephemeral ones, all servers."""

    def __init__(self, world: World, sessions: Sessions) -> None:
        self._world = world
        self._sessions = sessions
        self._away: set[int] = set()
        """Servers in an outage: when they come back it is no joining."""
        self.witnesses: set[Witness] = set()
        world.listener = self.notice

    def notice(self, change: Change) -> None:
        told = [session for session in self._sessions.serving(change.guild_id) if self._wanted(change, session)]
        if told or self.witnesses:
            self._tell(change, told)
        if isinstance(change.subject, Guild):
            (self._away.add if change.subject.unavailable else self._away.discard)(change.subject.id)

    def _tell(self, change: Change, told: list[Session]) -> None:
        payload = self._payload(change)
        for session in told:
            session.dispatch(change.event, self._readable(change, payload, session))
        for witness in list(self.witnesses):
            witness(change.event, payload | self._hidden(change))

    def interaction(self, payload: Json, guild_id: int | None) -> None:
        """Send an interaction, which needs no intent."""
        for session in self._sessions.serving(guild_id):
            session.dispatch("INTERACTION_CREATE", payload)

    def guild(self, guild: Guild, intents: int = 0) -> Json:
        """The payload of GUILD_CREATE; a bot without the members intent sees itself as the only member."""
        world, me = self._world, guild.members[self._world.bot.id]
        members = guild.members.values() if intents & Intent.GUILD_MEMBERS else [me]
        channels = world.channels_of(guild)
        threads = [each for each in channels if each.kind in THREAD_KINDS and not each.archived and self._visible(each)]
        return payloads.guild(guild) | {
            "joined_at": me.joined_at.isoformat(),
            "large": False,
            "member_count": len(guild.members),
            "members": [payloads.member(world, each) for each in members],
            "channels": [payloads.channel(world, each) for each in channels if each.kind not in THREAD_KINDS],
            "threads": [_listed(payloads.channel(world, each)) for each in threads],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    # --- who is told

    def _wanted(self, change: Change, session: Session) -> bool:
        subject = change.subject
        if isinstance(subject, Guild):
            return bool(session.intents & Intent.GUILDS)
        if not self._among(change.guild_id):
            return False
        if isinstance(subject, Member):
            return subject.user_id == self._world.bot.id or bool(session.intents & Intent.GUILD_MEMBERS)
        if isinstance(subject, Message):
            asked = session.intents & (Intent.GUILD_MESSAGES if change.guild_id else Intent.DIRECT_MESSAGES)
            return bool(asked) and subject.visible_to is None and self._visible(self._world.channel(subject.channel_id))
        if isinstance(subject, Reaction):
            asked = session.intents & (Intent.GUILD_MESSAGE_REACTIONS if change.guild_id else Intent.DIRECT_MESSAGE_REACTIONS)
            return bool(asked) and self._visible(self._world.channel(subject.message.channel_id))
        if change.event == "WEBHOOKS_UPDATE":
            return bool(session.intents & Intent.GUILD_WEBHOOKS)
        if isinstance(subject, Joining):
            asked = Intent.GUILDS | Intent.GUILD_MEMBERS if subject.user_id == self._world.bot.id else Intent.GUILD_MEMBERS
            return bool(session.intents & asked) and self._visible(subject.thread)
        seen = not isinstance(subject, Channel) or subject.kind not in THREAD_KINDS or self._visible(subject)
        return seen and bool(session.intents & (Intent.GUILDS if change.guild_id else Intent.DIRECT_MESSAGES))

    def _among(self, guild_id: int | None) -> bool:
        """Whether the bot is in the server, and Discord able to tell it so."""
        if guild_id is None:
            return True
        guild = self._world.guilds[guild_id]
        return self._world.bot.id in guild.members and not guild.unavailable

    def _visible(self, channel: Channel) -> bool:
        return Permission.VIEW_CHANNEL in self._world.permissions(channel, self._world.bot.id)

    # --- what is told

    def _payload(self, change: Change) -> Json:
        world, subject, server = self._world, change.subject, str(change.guild_id)
        if isinstance(subject, Guild):
            return self._guild_payload(subject, change.event)
        if isinstance(subject, Role):
            gone = change.event == "GUILD_ROLE_DELETE"
            return {"guild_id": server} | ({"role_id": str(subject.id)} if gone else {"role": payloads.role(subject)})
        if isinstance(subject, Member):
            return payloads.member(world, subject) | {"guild_id": server}
        if isinstance(subject, Channel):
            return self._channel_payload(subject, change)
        if isinstance(subject, Reaction):
            return self._reaction_payload(subject, change)
        if isinstance(subject, Joining):
            return self._joining_payload(subject)
        return self._message_payload(subject, change)

    def _guild_payload(self, guild: Guild, event: str) -> Json:
        if guild.unavailable:
            return {"id": str(guild.id), "unavailable": True}
        if event == "GUILD_DELETE":
            return {"id": str(guild.id)}
        return self.guild(guild) | ({"unavailable": False} if guild.id in self._away else {})

    def _channel_payload(self, channel: Channel, change: Change) -> Json:
        place = {"channel_id": str(channel.id)} | ({"guild_id": str(change.guild_id)} if change.guild_id else {})
        if change.event == "WEBHOOKS_UPDATE":
            return place
        if change.event == "CHANNEL_PINS_UPDATE":
            return place | {"last_pin_timestamp": channel.last_pin_at.isoformat() if channel.last_pin_at else None}
        shown = payloads.channel(self._world, channel)
        if change.event == "THREAD_DELETE":
            return {name: value for name, value in shown.items() if name in _LEFT_OF_A_THREAD}
        return shown | ({"newly_created": True} if change.newly else {})

    def _message_payload(self, message: Message, change: Change) -> Json:
        where = {"guild_id": str(change.guild_id)} if change.guild_id else {}
        if change.event == "MESSAGE_DELETE":
            return where | {"id": str(message.id), "channel_id": str(message.channel_id)}
        # https://docs.discord.com/developers/events/gateway-events#message-update
        read_out = {"tts": False} if change.event == "MESSAGE_UPDATE" else {}
        return payloads.message(self._world, message) | where | read_out

    def _joining_payload(self, one: Joining) -> Json:
        """https://docs.discord.com/developers/events/gateway-events#thread-members-update"""
        thread = one.thread
        guild = self._world.guilds[thread.guild_id or 0]
        payload: Json = {"id": str(thread.id), "guild_id": str(guild.id), "member_count": min(len(thread.members), 50)}
        if one.user_id not in thread.members:
            return payload | {"removed_member_ids": [str(one.user_id)]}
        member = payloads.member(self._world, guild.members[one.user_id])
        return payload | {"added_members": [payloads.thread_member(thread, one.user_id) | {"member": member, "presence": None}]}

    def _reaction_payload(self, one: Reaction, change: Change) -> Json:
        """https://docs.discord.com/developers/events/gateway-events#message-reaction-add, and those that follow there"""
        world, message = self._world, one.message
        payload: Json = {"channel_id": str(message.channel_id), "message_id": str(message.id)}
        payload |= {"guild_id": str(change.guild_id)} if change.guild_id else {}
        payload |= {"emoji": {"id": None, "name": one.emoji}} if one.emoji else {}
        payload |= {"user_id": str(one.user_id), "burst": False, "type": 0} if one.user_id else {}
        if change.event != "MESSAGE_REACTION_ADD":
            return payload
        members = world.guilds[change.guild_id].members if change.guild_id else {}
        reacted = {"member": payloads.member(world, members[one.user_id])} if one.user_id in members else {}
        return payload | reacted | {"message_author_id": str(message.author_id), "burst_colors": []}

    def _readable(self, change: Change, payload: Json, session: Session) -> Json:
        """The payload for one session; without the content intent only the author and those mentioned see a message's content."""
        subject, me = change.subject, self._world.bot.id
        if isinstance(subject, Guild) and "members" in payload:
            return payload | {"members": self.guild(subject, session.intents)["members"]}
        if not isinstance(subject, Message) or change.event == "MESSAGE_DELETE" or change.guild_id is None:
            return payload
        if session.intents & Intent.MESSAGE_CONTENT or me in (subject.author_id, *subject.mentions):
            return payload
        return payload | {"content": "", "embeds": [], "attachments": [], "components": []}

    def _hidden(self, change: Change) -> Json:
        """The part of a message that only witnesses see."""
        if not isinstance(change.subject, Message) or change.event == "MESSAGE_DELETE":
            return {}
        return payloads.full_message(self._world, change.subject)


def _listed(thread: Json) -> Json:
    """A thread as GUILD_CREATE has it: https://docs.discord.com/developers/resources/channel#thread-member-object"""
    if "member" not in thread:
        return thread
    return thread | {"member": {name: value for name, value in thread["member"].items() if name not in ("id", "user_id")}}

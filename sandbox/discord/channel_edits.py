"""Editing channels and threads: https://docs.discord.com/developers/resources/channel#modify-channel"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.discord import answers, forums, payloads
from sandbox.discord.answers import answer
from sandbox.discord.bodies import BODY
from sandbox.discord.forms import Bool, OneOf, Problems, Record, Rule, Snowflake, Text, Whole
from sandbox.discord.forums import ChannelFlag
from sandbox.discord.handlers import Handlers
from sandbox.discord.model import THREAD_KINDS, THREADS_ONLY, Channel, ChannelKind, Json
from sandbox.discord.permissions import Permission

_SHARED: dict[str, Rule] = {"name": Text(100, 1), "rate_limit_per_user": Whole(0, 21600)}
THREAD = Record(_SHARED | {"archived": Bool(), "locked": Bool(), "auto_archive_duration": OneOf((60, 1440, 4320, 10080))})
_PLACED: dict[str, Rule] = {"position": Whole(0, 1 << 31), "parent_id": Snowflake(), "nsfw": Bool()}
CHANNEL = Record(_SHARED | _PLACED | {"topic": Text(1024)})
FORUM = Record(_SHARED | _PLACED | forums.FIELDS | {"topic": Text(4096)})
POST = Record({**THREAD.fields, "applied_tags": forums.APPLIED_TAGS, "flags": forums.Flags(ChannelFlag.PINNED)})
"""The form of a thread in a forum."""
_EMPTY: Json = {"topic": None, "parent_id": None, "rate_limit_per_user": 0, "nsfw": False}
"""What null means for a field; others it leaves as they are."""


class ChannelEdits(Handlers):
    """The handler of PATCH for channels."""

    def routes(self) -> list[web.RouteDef]:
        return [web.patch("/channels/{channel_id}", self._edit)]

    async def _edit(self, request: web.Request) -> web.Response:
        channel = self._visible(request)
        if channel.guild_id is None:
            raise answers.wrong_channel_type()
        changes = _changes(self._form(channel), request[BODY].fields)
        if channel.kind in THREAD_KINDS:
            self._check_thread(channel, changes)
            self._check_post(channel, changes)
        else:
            self._require(channel, Permission.MANAGE_CHANNELS)
            self._check_parent(changes)
            if "available_tags" in changes:
                changes["available_tags"] = forums.tags(self._world, channel, changes["available_tags"])
        self._world.edit_channel(channel, changes, self._world.bot)
        return answer(payloads.channel(self._world, channel))

    def _check_thread(self, thread: Channel, changes: Json) -> None:
        """Discord's pages differ on who opens a locked thread; here only who may manage threads, as two of the three say:
        https://docs.discord.com/developers/topics/threads#editing-deleting-threads"""
        granted = self._granted(thread)
        if Permission.MANAGE_THREADS not in granted:
            if thread.locked:
                raise answers.thread_locked()
            opens = changes == {"archived": False} and Permission.SEND_MESSAGES_IN_THREADS in granted
            owns = thread.owner_id == self._world.bot.id and not changes.keys() & {"flags", "locked", "rate_limit_per_user"}
            if not (opens or owns):
                raise answers.missing_permissions()
        if thread.archived and changes.get("archived", True):
            raise answers.thread_archived()

    def _check_post(self, thread: Channel, changes: Json) -> None:
        """Tags, and the one thread that may stand on top of its forum, until it is archived."""
        forum = self._world.channel(thread.parent_id or 0)
        if "applied_tags" in changes:
            tags = changes["applied_tags"]
            changes["applied_tags"] = forums.applied(forum, tags, thread.applied_tags, self._granted(thread))
        if changes.get("archived"):
            changes["flags"] = thread.flags & ~ChannelFlag.PINNED
        elif changes.get("flags"):
            others = [each for each in self._world.channels.values() if each.parent_id == forum.id and each is not thread]
            if any(each.flags & ChannelFlag.PINNED for each in others):
                raise answers.too_many_pinned_threads()

    def _check_parent(self, changes: Json) -> None:
        if changes.get("parent_id") is None:
            return
        parent = self._world.channels.get(changes["parent_id"])
        if parent is None or parent.kind != ChannelKind.CATEGORY:
            problems = Problems()
            problems.add(("parent_id",), "CHANNEL_PARENT_INVALID", "Category does not exist")
            problems.raise_any()

    def _form(self, channel: Channel) -> Record:
        if channel.kind in THREAD_KINDS:
            return POST if self._world.channel(channel.parent_id or 0).kind in THREADS_ONLY else THREAD
        return FORUM if channel.kind in THREADS_ONLY else CHANNEL


def _changes(form: Record, body: Any) -> Json:
    """The fields to replace, as the world keeps them."""
    problems = Problems()
    form.check(body, (), problems)
    problems.raise_any()
    changes = {name: _EMPTY.get(name) if value is None else value for name, value in body.items()}
    for name, value in changes.items():
        if name in ("name", "topic") and value is not None:
            changes[name] = value.strip()
        elif name == "parent_id" and value is not None:
            changes[name] = int(value)
    return {name: value for name, value in changes.items() if value is not None or name in _EMPTY}

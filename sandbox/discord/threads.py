"""Threads: opening them, who is in them, and which are active.

https://docs.discord.com/developers/topics/threads and https://docs.discord.com/developers/resources/channel#join-thread
"""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from sandbox.discord import answers, forums, payloads, validation
from sandbox.discord.answers import NotImitatedError, answer
from sandbox.discord.bodies import BODY
from sandbox.discord.handlers import identifier, limit, message_of, moment, page, wanted
from sandbox.discord.model import THREAD_KINDS, THREADS_ONLY, Channel, ChannelKind, Member
from sandbox.discord.permissions import Permission
from sandbox.discord.sessions import Intent
from sandbox.discord.writing import Writing


class Threads(Writing):
    """The handlers of threads and of their members."""

    def routes(self) -> list[web.RouteDef]:
        members = "/channels/{channel_id}/thread-members"
        return [
            web.post("/channels/{channel_id}/messages/{message_id}/threads", self._open),
            web.post("/channels/{channel_id}/threads", self._open),
            web.get("/guilds/{guild_id}/threads/active", self._active),
            web.get("/channels/{channel_id}/threads/archived/public", self._archived),
            web.put(f"{members}/@me", self._join),
            web.delete(f"{members}/@me", self._leave),
            # Not documented, and what discord.js asks: ThreadMemberManager#fetchMe.
            web.get(f"{members}/@me", self._member),
            web.put(f"{members}/{{user_id}}", self._add),
            web.delete(f"{members}/{{user_id}}", self._remove),
            web.get(f"{members}/{{user_id}}", self._member),
            web.get(members, self._members),
        ]

    async def _open(self, request: web.Request) -> web.Response:
        """Open a thread, under a message or without one."""
        parent = self._visible(request)
        message = message_of(request, parent) if "message_id" in request.match_info else None
        if parent.kind in THREADS_ONLY and message is None:
            return self._post(request, parent)
        body = request[BODY].fields
        validation.check_thread(body, validation.THREAD_UNDER_MESSAGE if message else validation.THREAD)
        if message is None and body.get("type") != ChannelKind.PUBLIC_THREAD:
            raise NotImitatedError("private threads")
        if parent.kind not in (ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT):
            raise answers.wrong_channel_type()
        self._require(parent, Permission.CREATE_PUBLIC_THREADS)
        if message and message.id in self._world.channels:
            raise answers.thread_exists()
        settings = validation.thread_settings(body)
        thread = self._world.open_thread(parent, body["name"].strip(), self._world.bot, message, settings)
        return answer(payloads.channel(self._world, thread), 201)

    def _post(self, request: web.Request, forum: Channel) -> web.Response:
        """Open a thread in a forum, for which Discord asks only for the permission to send messages."""
        body = request[BODY].fields
        validation.check_thread(body, validation.FORUM_POST)
        self._require(forum, Permission.SEND_MESSAGES)
        message_body = replace(request[BODY], fields=body["message"])
        fields = self._written(forum, validation.EDITED_MESSAGE, message_body, ("message",))
        settings = validation.thread_settings(body)
        settings["applied_tags"] = forums.applied(forum, body.get("applied_tags") or [], (), self._granted(forum))
        thread, message = self._world.open_post(forum, body["name"].strip(), self._world.bot, settings, fields)
        shown = payloads.channel(self._world, thread) | {"message": payloads.message(self._world, message)}
        return answer(shown, 201)

    async def _active(self, request: web.Request) -> web.Response:
        """Those that the bot sees, the youngest first."""
        channels = self._world.channels_of(self._guild_of(request))
        threads = [each for each in channels if each.kind in THREAD_KINDS and not each.archived]
        seen = [each for each in threads if Permission.VIEW_CHANNEL in self._granted(each)]
        return self._listed(sorted(seen, key=lambda thread: thread.id, reverse=True))

    async def _archived(self, request: web.Request) -> web.Response:
        """Those of a channel, the one archived last first."""
        parent, size, before = self._visible(request), limit(request, most=100, usual=50), moment(request, "before")
        self._require(parent, Permission.READ_MESSAGE_HISTORY)
        threads = [each for each in self._world.channels.values() if each.parent_id == parent.id and each.archived]
        dated = [(each.archive_changed_at, each) for each in threads if each.archive_changed_at]
        dated = [(when, each) for when, each in dated if before is None or when < before]
        dated.sort(key=lambda each: (each[0], each[1].id), reverse=True)
        return self._listed([each for _, each in dated[:size]], more=len(dated) > size)

    def _listed(self, threads: list[Channel], *, more: bool = False) -> web.Response:
        """The threads, and the bot as a member of those that it has joined."""
        own = [payloads.thread_member(each, self._world.bot.id) for each in threads if self._world.bot.id in each.members]
        shown = [payloads.channel(self._world, each) for each in threads]
        # Of active threads the last field stands in Discord's OpenAPI description alone.
        return answer({"threads": shown, "members": own, "has_more": more})

    # --- members

    async def _join(self, request: web.Request) -> web.Response:
        self._world.join_thread(self._open_thread(request), self._world.bot)
        return web.Response(status=204)

    async def _leave(self, request: web.Request) -> web.Response:
        self._world.leave_thread(self._open_thread(request), self._world.bot)
        return web.Response(status=204)

    async def _add(self, request: web.Request) -> web.Response:
        thread, user_id = self._open_thread(request), identifier(request, "user_id")
        self._require(thread, Permission.SEND_MESSAGES_IN_THREADS)
        self._member_of(thread, user_id)
        self._world.join_thread(thread, self._world.users[user_id], by=self._world.bot)
        return web.Response(status=204)

    async def _remove(self, request: web.Request) -> web.Response:
        thread, user_id = self._open_thread(request), identifier(request, "user_id")
        self._require(thread, Permission.MANAGE_THREADS)
        self._member_of(thread, user_id)
        self._world.leave_thread(thread, self._world.users[user_id], by=self._world.bot)
        return web.Response(status=204)

    async def _member(self, request: web.Request) -> web.Response:
        thread = self._thread(request)
        user_id = identifier(request, "user_id") if "user_id" in request.match_info else self._world.bot.id
        if user_id not in thread.members:
            raise answers.unknown_member()
        member = self._member_of(thread, user_id) if wanted(request, "with_member") else None
        return answer(payloads.thread_member(thread, user_id) | self._described(member))

    async def _members(self, request: web.Request) -> web.Response:
        """All of them; in pages with `with_member`."""
        thread = self._thread(request)
        if not self._world.privileged & Intent.GUILD_MEMBERS:
            raise answers.missing_access()
        shown = sorted(thread.members)
        if not wanted(request, "with_member"):
            return answer([payloads.thread_member(thread, user_id) for user_id in shown])
        shown = page(request, shown, most=100, usual=100, newest=False)
        members = [(user_id, self._member_of(thread, user_id)) for user_id in shown]
        return answer([payloads.thread_member(thread, user_id) | self._described(member) for user_id, member in members])

    def _described(self, member: Member | None) -> dict[str, object]:
        return {"member": payloads.member(self._world, member)} if member else {}

    def _member_of(self, thread: Channel, user_id: int) -> Member:
        member = self._world.guilds[thread.guild_id or 0].members.get(user_id)
        if member is None:
            raise answers.unknown_member()
        return member

    def _thread(self, request: web.Request) -> Channel:
        channel = self._visible(request)
        if channel.kind not in THREAD_KINDS:
            raise answers.wrong_channel_type()
        return channel

    def _open_thread(self, request: web.Request) -> Channel:
        thread = self._thread(request)
        if thread.archived:
            raise answers.thread_archived()
        return thread

"""Discord's REST routes for servers, channels and messages."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from sandbox.discord import answers, payloads, replies, validation
from sandbox.discord.answers import answer
from sandbox.discord.bodies import BODY
from sandbox.discord.handlers import message_of, page, wanted
from sandbox.discord.limits import RateLimits
from sandbox.discord.model import THREAD_KINDS, WITHOUT_MESSAGES, Channel, Json, Message
from sandbox.discord.permissions import Permission
from sandbox.discord.world import World
from sandbox.discord.writing import Writing

_OLD = timedelta(hours=1)
"""What is older may be edited only now and then."""


class Rest(Writing):
    """The handlers: each reads the request, checks the bot's permissions, and calls one method of the world."""

    def __init__(self, world: World, limits: RateLimits) -> None:
        super().__init__(world)
        self._limits = limits

    def routes(self) -> list[web.RouteDef]:
        message = "/channels/{channel_id}/messages/{message_id}"
        return [
            web.get("/users/@me", self._own_user),
            web.get("/users/@me/guilds", self._own_guilds),
            web.get("/applications/@me", self._application),
            web.get("/oauth2/applications/@me", self._application),
            web.get("/gateway", self._gateway),
            web.get("/gateway/bot", self._gateway_bot),
            web.get("/guilds/{guild_id}", self._guild),
            web.get("/guilds/{guild_id}/roles", self._roles),
            web.get("/guilds/{guild_id}/channels", self._channels),
            web.get("/channels/{channel_id}", self._channel),
            web.get("/channels/{channel_id}/messages", self._history),
            web.post("/channels/{channel_id}/messages", self._create_message),
            web.get(message, self._message),
            web.patch(message, self._edit_message),
            web.delete(message, self._delete_message),
        ]

    # --- the bot and its servers

    async def _own_user(self, request: web.Request) -> web.Response:
        return answer(payloads.own_user(self._world.bot))

    async def _own_guilds(self, request: web.Request) -> web.Response:
        guilds = [guild for guild in self._world.guilds.values() if self._world.bot.id in guild.members]
        shown = page(request, [guild.id for guild in guilds], most=200, usual=200, newest=False)
        counts = wanted(request, "with_counts")
        return answer([payloads.own_guild(self._world, self._world.guilds[guild_id], counts=counts) for guild_id in shown])

    async def _application(self, request: web.Request) -> web.Response:
        return answer(payloads.application(self._world))

    async def _gateway(self, request: web.Request) -> web.Response:
        return answer({"url": f"ws://{request.host}/gateway"})

    async def _gateway_bot(self, request: web.Request) -> web.Response:
        starts = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return answer({"url": f"ws://{request.host}/gateway", "shards": 1, "session_start_limit": starts})

    async def _guild(self, request: web.Request) -> web.Response:
        return answer(payloads.guild(self._guild_of(request), counts=wanted(request, "with_counts")))

    async def _roles(self, request: web.Request) -> web.Response:
        return answer([payloads.role(role) for role in self._guild_of(request).roles.values()])

    async def _channels(self, request: web.Request) -> web.Response:
        channels = self._world.channels_of(self._guild_of(request))
        return answer([payloads.channel(self._world, each) for each in channels if each.kind not in THREAD_KINDS])

    # --- channels and messages

    async def _channel(self, request: web.Request) -> web.Response:
        return answer(payloads.channel(self._world, self._visible(request)))

    async def _history(self, request: web.Request) -> web.Response:
        """List messages, newest first; without Read Message History the list is empty, not an error."""
        channel = self._visible(request)
        if channel.kind in WITHOUT_MESSAGES:
            raise answers.wrong_channel_type()
        shown = page(request, list(channel.messages), most=100, usual=50, newest=True)
        if Permission.READ_MESSAGE_HISTORY not in self._granted(channel):
            return answer([])
        return answer([payloads.message(self._world, channel.messages[message_id]) for message_id in reversed(shown)])

    async def _message(self, request: web.Request) -> web.Response:
        channel = self._visible(request)
        if Permission.READ_MESSAGE_HISTORY not in self._granted(channel):
            raise answers.missing_permissions()
        return answer(payloads.message(self._world, message_of(request, channel)))

    async def _create_message(self, request: web.Request) -> web.Response:
        channel = self._visible(request)
        self._check_sending(channel)
        body = request[BODY].fields
        sent = self._written(channel, validation.NEW_MESSAGE, request[BODY])
        message = self._earlier(body)
        if message is None:
            sent |= replies.reference(channel, self._granted(channel), body.get("message_reference"))
            message = self._world.post(channel.id, **sent, nonce=body.get("nonce"))
        return answer(payloads.message(self._world, message, nonce=True))

    async def _edit_message(self, request: web.Request) -> web.Response:
        """Edit a message: fields that are not sent stay as they are, null empties them."""
        channel = self._visible(request)
        message = message_of(request, channel)
        if message.author_id != self._world.bot.id:
            raise answers.not_your_message()
        self._check_unlocked(channel)
        if channel.archived:
            raise answers.thread_archived()
        changes = self._rewritten(channel, validation.EDITED_MESSAGE, request[BODY], message)
        clock = self._world.clock
        if clock.now() - message.timestamp > _OLD and (wait := self._limits.admit_old_edit(channel.id, clock.elapsed())):
            raise answers.too_many_old_edits(wait)
        self._world.edit(message, changes)
        return answer(payloads.message(self._world, message))

    async def _delete_message(self, request: web.Request) -> web.Response:
        channel = self._visible(request)
        message = message_of(request, channel)
        if message.author_id != self._world.bot.id and Permission.MANAGE_MESSAGES not in self._granted(channel):
            raise answers.missing_permissions()
        self._world.delete_message(channel.id, message.id)
        return web.Response(status=204)

    # --- what a request may see and do

    def _check_sending(self, channel: Channel) -> None:
        thread = channel.kind in THREAD_KINDS
        if channel.kind in WITHOUT_MESSAGES:
            raise answers.wrong_channel_type()
        self._check_unlocked(channel)
        if (Permission.SEND_MESSAGES_IN_THREADS if thread else Permission.SEND_MESSAGES) not in self._granted(channel):
            raise answers.missing_permissions()

    def _check_unlocked(self, channel: Channel) -> None:
        """https://docs.discord.com/developers/topics/threads#locked-threads"""
        if channel.locked and Permission.MANAGE_THREADS not in self._granted(channel):
            raise answers.thread_locked()

    def _earlier(self, body: Json) -> Message | None:
        """The message with the same nonce, if the sender asks for that check; ApiError 10008 if it has been deleted."""
        nonce = body.get("nonce")
        message = self._world.with_nonce(self._world.bot.id, nonce) if nonce is not None and body.get("enforce_nonce") else None
        if message is None:
            return None
        channel = self._world.channels.get(message.channel_id)
        if channel is None or message.id not in channel.messages:
            raise answers.unknown_message()
        return message

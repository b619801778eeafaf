"""Pinned messages, by Discord's routes of today and its deprecated ones.

https://docs.discord.com/developers/resources/message#get-channel-pins
"""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from sandbox.discord import answers, payloads
from sandbox.discord.answers import answer
from sandbox.discord.handlers import Handlers, identifier, limit, message_of, moment
from sandbox.discord.model import Channel, Message
from sandbox.discord.permissions import Permission

MOST = 250
"""Pinned messages in one channel."""
_PAGE = 50


class Pins(Handlers):
    """The handlers of a channel's pins."""

    def routes(self) -> list[web.RouteDef]:
        pins, deprecated = "/channels/{channel_id}/messages/pins", "/channels/{channel_id}/pins"
        return [
            web.get(pins, self._list),
            web.put(f"{pins}/{{message_id}}", self._pin),
            web.delete(f"{pins}/{{message_id}}", self._unpin),
            web.get(deprecated, self._list_first),
            web.put(f"{deprecated}/{{message_id}}", self._pin),
            web.delete(f"{deprecated}/{{message_id}}", self._unpin),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        """Those pinned last come first; without Read Message History there are none."""
        size, before = limit(request, most=_PAGE, usual=_PAGE), moment(request, "before")
        found = [(one, when) for one, when in self._pinned(self._visible(request)) if before is None or when < before]
        items = [{"pinned_at": when.isoformat(), "message": payloads.message(self._world, one)} for one, when in found[:size]]
        return answer({"items": items, "has_more": len(found) > size})

    async def _list_first(self, request: web.Request) -> web.Response:
        found = self._pinned(self._visible(request))[:_PAGE]
        return answer([payloads.message(self._world, one) for one, _ in found])

    async def _pin(self, request: web.Request) -> web.Response:
        channel = self._changeable(request)
        message_id = identifier(request, "message_id")
        if any(message_id in each.messages for each in self._world.channels.values() if each is not channel):
            raise answers.pinned_elsewhere()
        message = message_of(request, channel)
        if message.pinned_at is None:
            if sum(each.pinned_at is not None for each in channel.messages.values()) >= MOST:
                raise answers.too_many_pins()
            self._world.pin(message, self._world.bot)
        return web.Response(status=204)

    async def _unpin(self, request: web.Request) -> web.Response:
        message = message_of(request, self._changeable(request))
        if message.pinned_at is not None:
            self._world.unpin(message)
        return web.Response(status=204)

    def _changeable(self, request: web.Request) -> Channel:
        channel = self._visible(request)
        self._require(channel, Permission.PIN_MESSAGES)
        if channel.archived:
            raise answers.thread_archived()
        return channel

    def _pinned(self, channel: Channel) -> list[tuple[Message, datetime]]:
        if Permission.READ_MESSAGE_HISTORY not in self._granted(channel):
            return []
        pinned = [(one, one.pinned_at) for one in channel.messages.values() if one.pinned_at]
        return sorted(pinned, key=lambda each: (each[1], each[0].id), reverse=True)

"""Reactions: https://docs.discord.com/developers/resources/message#create-reaction"""

from __future__ import annotations

import re
import unicodedata

from aiohttp import web

from sandbox.discord import answers, payloads
from sandbox.discord.answers import NotImitatedError, answer
from sandbox.discord.handlers import Handlers, identifier, message_of, page
from sandbox.discord.model import Channel, Message
from sandbox.discord.permissions import Permission

MOST = 20
"""Different emojis on one message."""
_PARTS = frozenset({"So", "Sm", "Sk", "Po", "Cn", "Cf", "Mn", "Me"})
"""The Unicode categories that parts of emojis are in; Cn has those that this Python does not know yet."""
_KEYCAP = re.compile("[0-9#*]\N{VARIATION SELECTOR-16}?\N{COMBINING ENCLOSING KEYCAP}")


class Reactions(Handlers):
    """The handlers of a message's reactions."""

    def routes(self) -> list[web.RouteDef]:
        reactions = "/channels/{channel_id}/messages/{message_id}/reactions"
        return [
            web.put(f"{reactions}/{{emoji}}/@me", self._add),
            web.delete(f"{reactions}/{{emoji}}/@me", self._remove_own),
            web.delete(f"{reactions}/{{emoji}}/{{user_id}}", self._remove),
            web.get(f"{reactions}/{{emoji}}", self._users),
            web.delete(f"{reactions}/{{emoji}}", self._remove_emoji),
            web.delete(reactions, self._remove_all),
        ]

    async def _add(self, request: web.Request) -> web.Response:
        channel, message = self._place(request)
        emoji = _emoji(request)
        self._require(channel, Permission.READ_MESSAGE_HISTORY)
        if emoji not in message.reactions:
            self._require(channel, Permission.ADD_REACTIONS)
            if len(message.reactions) >= MOST:
                raise answers.too_many_reactions()
        self._world.react(message, emoji, self._world.bot)
        return web.Response(status=204)

    async def _remove_own(self, request: web.Request) -> web.Response:
        _, message = self._place(request)
        self._world.unreact(message, _emoji(request), self._world.bot.id)
        return web.Response(status=204)

    async def _remove(self, request: web.Request) -> web.Response:
        channel, message = self._place(request)
        emoji, user_id = _emoji(request), identifier(request, "user_id")
        self._require(channel, Permission.MANAGE_MESSAGES)
        self._world.unreact(message, emoji, user_id)
        return web.Response(status=204)

    async def _users(self, request: web.Request) -> web.Response:
        channel = self._visible(request)
        users = sorted(message_of(request, channel).reactions.get(_emoji(request), []))
        if request.query.get("type", "0") != "0":
            raise NotImitatedError("super reactions")
        self._require(channel, Permission.READ_MESSAGE_HISTORY)
        shown = page(request, users, most=100, usual=25, newest=False)
        return answer([payloads.user(self._world.users[user_id]) for user_id in shown])

    async def _remove_emoji(self, request: web.Request) -> web.Response:
        channel, message = self._place(request)
        emoji = _emoji(request)
        self._require(channel, Permission.MANAGE_MESSAGES)
        self._world.clear_reactions(message, emoji)
        return web.Response(status=204)

    async def _remove_all(self, request: web.Request) -> web.Response:
        channel, message = self._place(request)
        self._require(channel, Permission.MANAGE_MESSAGES)
        self._world.clear_reactions(message)
        return web.Response(status=204)

    def _place(self, request: web.Request) -> tuple[Channel, Message]:
        """Where reactions shall change; in an archived thread they cannot:
        https://docs.discord.com/developers/topics/threads#active-archived-threads"""
        channel = self._visible(request)
        if channel.archived:
            raise answers.thread_archived()
        return channel, message_of(request, channel)


def _emoji(request: web.Request) -> str:
    """One emoji of Unicode, as the page's address has it; aiohttp has decoded that."""
    emoji = request.match_info["emoji"]
    if re.fullmatch(r"\w+:\d+", emoji):
        raise NotImitatedError("emojis of a server's own")
    parts = {unicodedata.category(each) for each in emoji}
    if not _KEYCAP.fullmatch(emoji) and (emoji.isascii() or not parts <= _PARTS):
        raise answers.unknown_emoji()
    return emoji

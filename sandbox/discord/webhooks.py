"""Incoming webhooks: https://docs.discord.com/developers/resources/webhook"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from aiohttp import web

from sandbox.discord import answers, forums, payloads, permissions, validation
from sandbox.discord.answers import answer
from sandbox.discord.bodies import BODY, Body
from sandbox.discord.forms import Path, Problems, Record, Snowflake, Text, Unused, Url
from sandbox.discord.handlers import Handlers, identifier, message_of, queried, wanted
from sandbox.discord.model import THREADS_ONLY, Channel, ChannelKind, Json, Message, Webhook
from sandbox.discord.permissions import Permission
from sandbox.discord.writing import rewritten, written

MOST = 15
"""Webhooks of one channel."""
_PLACES = THREADS_ONLY | {ChannelKind.TEXT, ChannelKind.ANNOUNCEMENT, ChannelKind.VOICE}


class _Name:
    """A name of 1 to 80 characters that does not look like Discord's own."""

    def check(self, value: Any, path: Path, problems: Problems) -> None:
        Text(80, 1).check(value, path, problems)
        for word in ("clyde", "discord"):
            if word in str(value).lower():
                problems.add(path, "USERNAME_INVALID_CONTAINS", f'Username cannot contain "{word}"')


_NEW = Record({"name": _Name(), "avatar": Unused()}, frozenset({"name"}))
_CHANGED = Record({"name": _Name(), "avatar": Unused(), "channel_id": Snowflake()})
_CHANGED_BY_TOKEN = Record({"name": _Name(), "avatar": Unused()})
_MESSAGE = Record(
    {
        **validation.WEBHOOK_MESSAGE.fields,
        "username": _Name(),
        "avatar_url": Url(),
        "thread_name": Text(100, 1),
        "applied_tags": forums.APPLIED_TAGS,
    }
)


class Webhooks(Handlers):
    """The handlers of webhooks; those whose address has the token ask for no other."""

    def routes(self) -> list[web.RouteDef]:
        # As long as Discord's, and so told apart from the tokens of interactions.
        by_token = r"/webhooks/{webhook_id}/{webhook_token:[\w-]{68}}"
        message = f"{by_token}/messages/{{message_id}}"
        return [
            web.post("/channels/{channel_id}/webhooks", self._create),
            web.get("/channels/{channel_id}/webhooks", self._of_channel),
            web.get("/guilds/{guild_id}/webhooks", self._of_guild),
            web.get("/webhooks/{webhook_id}", self._get),
            web.patch("/webhooks/{webhook_id}", self._change),
            web.delete("/webhooks/{webhook_id}", self._delete),
            web.get(by_token, self._get_by_token),
            web.patch(by_token, self._change_by_token),
            web.delete(by_token, self._delete_by_token),
            web.post(by_token, self._execute),
            web.get(message, self._message),
            web.patch(message, self._edit_message),
            web.delete(message, self._delete_message),
        ]

    # --- webhooks

    async def _create(self, request: web.Request) -> web.Response:
        channel = self._visible(request)
        body = _checked(_NEW, request[BODY].fields)
        if channel.kind not in _PLACES:
            raise answers.wrong_channel_type()
        self._require(channel, Permission.MANAGE_WEBHOOKS)
        if len(self._standing(channel)) >= MOST:
            raise answers.too_many_webhooks()
        return answer(self._shown(self._world.add_webhook(channel, body["name"].strip(), self._world.bot)))

    async def _of_channel(self, request: web.Request) -> web.Response:
        channel = self._visible(request)
        self._require(channel, Permission.MANAGE_WEBHOOKS)
        return answer([self._shown(each) for each in self._standing(channel)])

    async def _of_guild(self, request: web.Request) -> web.Response:
        guild = self._guild_of(request)
        if Permission.MANAGE_WEBHOOKS not in permissions.in_guild(guild, self._world.bot.id, self._world.clock.now()):
            raise answers.missing_permissions()
        channels = self._world.channels_of(guild)
        return answer([self._shown(each) for channel in channels for each in self._standing(channel)])

    async def _get(self, request: web.Request) -> web.Response:
        """The application's own, or any with the permission."""
        webhook = self._webhook(request)
        if webhook.creator_id != self._world.bot.id:
            self._require(self._world.channel(webhook.channel_id), Permission.MANAGE_WEBHOOKS)
        return answer(self._shown(webhook))

    async def _change(self, request: web.Request) -> web.Response:
        webhook = self._managed(request)
        body = _checked(_CHANGED, request[BODY].fields)
        if body.get("channel_id"):
            channel = self._world.channels.get(int(body["channel_id"]))
            if channel is None:
                raise answers.unknown_channel()
            self._require(channel, Permission.MANAGE_WEBHOOKS)
            self._world.move_webhook(webhook, channel)
        return answer(self._shown(self._renamed(webhook, body)))

    async def _delete(self, request: web.Request) -> web.Response:
        self._world.delete_webhook(self._managed(request))
        return web.Response(status=204)

    async def _get_by_token(self, request: web.Request) -> web.Response:
        return answer(self._shown(self._opened(request), user=False))

    async def _change_by_token(self, request: web.Request) -> web.Response:
        webhook = self._opened(request)
        return answer(self._shown(self._renamed(webhook, _checked(_CHANGED_BY_TOKEN, request[BODY].fields)), user=False))

    async def _delete_by_token(self, request: web.Request) -> web.Response:
        self._world.delete_webhook(self._opened(request))
        return web.Response(status=204)

    # --- its messages

    async def _execute(self, request: web.Request) -> web.Response:
        """Post a message; the answer has it only for who waits."""
        webhook = self._opened(request)
        body = self._respected(request, webhook)
        fields = written(self._world, _MESSAGE, body)
        if fields["allowed_mentions"] is None:
            # https://docs.discord.com/developers/resources/message#allowed-mentions-object
            fields["allowed_mentions"] = {"parse": ["users"]}
        author = {"username": body.fields.get("username") or webhook.name}
        message = self._posted(webhook, self._place(request, webhook, body.fields), body.fields, fields, author)
        return answer(payloads.message(self._world, message)) if wanted(request, "wait") else web.Response(status=204)

    async def _message(self, request: web.Request) -> web.Response:
        return answer(payloads.message(self._world, self._own(request, self._opened(request))))

    async def _edit_message(self, request: web.Request) -> web.Response:
        webhook = self._opened(request)
        message = self._own(request, webhook)
        body = self._respected(request, webhook)
        self._world.edit(message, rewritten(self._world, validation.EDITED_MESSAGE, body, message))
        return answer(payloads.message(self._world, message))

    async def _delete_message(self, request: web.Request) -> web.Response:
        message = self._own(request, self._opened(request))
        self._world.delete_message(message.channel_id, message.id)
        return web.Response(status=204)

    def _place(self, request: web.Request, webhook: Webhook, body: Json) -> Channel:
        """Where to post: the webhook's channel, or a thread of it."""
        channel = self._world.channel(webhook.channel_id)
        thread = self._thread(request, channel)
        named = body.get("thread_name") is not None
        if channel.kind in THREADS_ONLY and named == bool(thread):
            raise answers.thread_named_twice() if named else answers.thread_wanted()
        if named and channel.kind not in THREADS_ONLY:
            raise answers.thread_only_in_forums()
        return thread or channel

    def _posted(self, webhook: Webhook, place: Channel, body: Json, fields: Json, author: Json) -> Message:
        fields |= {"webhook": webhook, "webhook_author": author}
        if place.kind not in THREADS_ONLY:
            return self._world.post(place.id, **fields)
        tags = forums.applied(place, body.get("applied_tags") or [], (), permissions.ALL)
        _, message = self._world.open_post(place, body["thread_name"].strip(), self._world.bot, {"applied_tags": tags}, fields)
        return message

    def _respected(self, request: web.Request, webhook: Webhook) -> Body:
        """The body, without the components of who is no application and does not ask for them."""
        body = request[BODY]
        ignored = webhook.creator_id != self._world.bot.id and not wanted(request, "with_components")
        if not ignored or not isinstance(body.fields, dict):
            return body
        return replace(body, fields={name: value for name, value in body.fields.items() if name != "components"})

    def _own(self, request: web.Request, webhook: Webhook) -> Message:
        channel = self._world.channel(webhook.channel_id)
        message = message_of(request, self._thread(request, channel) or channel)
        if message.author_id != webhook.id:
            raise answers.unknown_message()
        return message

    def _thread(self, request: web.Request, channel: Channel) -> Channel | None:
        thread_id = queried(request, "thread_id")
        if thread_id is None:
            return None
        thread = self._world.channels.get(thread_id)
        if thread is None or thread.parent_id != channel.id:
            raise answers.unknown_channel()
        return thread

    # --- which webhook

    def _webhook(self, request: web.Request) -> Webhook:
        webhook = self._world.webhooks.get(identifier(request, "webhook_id"))
        if webhook is None:
            raise answers.unknown_webhook()
        return webhook

    def _managed(self, request: web.Request) -> Webhook:
        webhook = self._webhook(request)
        self._require(self._world.channel(webhook.channel_id), Permission.MANAGE_WEBHOOKS)
        return webhook

    def _opened(self, request: web.Request) -> Webhook:
        webhook = self._webhook(request)
        if not secrets.compare_digest(request.match_info["webhook_token"], webhook.token):
            raise answers.invalid_webhook_token()
        return webhook

    def _standing(self, channel: Channel) -> list[Webhook]:
        return [each for each in self._world.webhooks.values() if each.channel_id == channel.id]

    def _renamed(self, webhook: Webhook, body: Json) -> Webhook:
        self._world.rename_webhook(webhook, (body.get("name") or webhook.name).strip())
        return webhook

    def _shown(self, webhook: Webhook, *, user: bool = True) -> Json:
        creator = {"user": payloads.user(self._world.users[webhook.creator_id])} if user else {}
        return creator | {
            "id": str(webhook.id),
            "type": 1,
            "guild_id": str(self._world.channel(webhook.channel_id).guild_id),
            "channel_id": str(webhook.channel_id),
            "name": webhook.name,
            "avatar": None,
            "token": webhook.token,
            "application_id": str(webhook.creator_id) if webhook.creator_id == self._world.bot.id else None,
        }


def _checked(form: Record, body: Any) -> Json:
    problems = Problems()
    form.check(body, (), problems)
    problems.raise_any()
    checked: Json = body
    return checked

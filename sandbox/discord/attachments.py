"""The files of messages: what may be sent along, where they are served, and how `attachment://` in embeds finds them.

https://docs.discord.com/developers/reference#uploading-files
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

from aiohttp import web

from sandbox.discord import pictures
from sandbox.discord.answers import too_many_attachments, upload_not_found
from sandbox.discord.bodies import Upload
from sandbox.discord.components import media, placed
from sandbox.discord.forms import Bool, Record, Snowflake, Text, Url, Whole
from sandbox.discord.model import Attachment, Json, Message
from sandbox.discord.world import World

MOST = 10
SERVED_FOR = timedelta(days=14)
"""How long an address is good. Discord names no time; those of its example are 14 days apart:
https://docs.discord.com/developers/reference#signed-attachment-cdn-urls"""
_SCHEME = "attachment://"
_IS_SPOILER = 1 << 3
_EMBEDDABLE = (".jpg", ".jpeg", ".png", ".webp", ".gif")

REQUEST = Record(
    {
        "id": Snowflake(),
        "filename": Text(1024),
        "title": Text(1024),
        "description": Text(1024),
        "is_spoiler": Bool(),
        # discord.py sends back all that it was given; Discord looks at none of it.
        "url": Url(),
        "proxy_url": Url(),
        "content_type": Text(1024),
        "size": Whole(0, 1 << 31),
        "width": Whole(0, 1 << 31),
        "height": Whole(0, 1 << 31),
        "spoiler": Bool(),
    },
    frozenset({"id"}),
)
"""The form of one entry of a message's `attachments`."""


def after(world: World, fields: Json, uploads: Mapping[str, Upload], own: Iterable[Attachment] = ()) -> list[Attachment]:
    """What a message that has its `own` has once it was made, or edited, so; ApiError for a file that is not there, or too many.

    A list of attachments names all that stay and all that come; without it everything stays, and everything comes.
    """
    there = {str(one.id): one for one in own}
    listed: list[Json] = [{"id": name} for name in (*there, *uploads)]
    if "attachments" in fields:
        listed = fields["attachments"] or []
    if len(listed) > MOST:
        raise too_many_attachments()
    return [_described(_found(world, str(each["id"]), there, uploads), each) for each in listed]


def _found(world: World, name: str, own: Mapping[str, Attachment], uploads: Mapping[str, Upload]) -> Attachment:
    if name in own:
        return own[name]
    if name not in uploads:
        raise upload_not_found()
    upload = uploads[name]
    # Spaces make an address that `attachment://` does not find: https://github.com/bwmarrin/discordgo/issues/810
    filename = upload.filename.replace(" ", "_")
    return Attachment(world.new_id(), filename, upload.content, spoiler=filename.startswith("SPOILER_"))


def _described(one: Attachment, given: Json) -> Attachment:
    spoiler = one.spoiler if given.get("is_spoiler") is None else given["is_spoiler"]
    return replace(
        one, title=given.get("title", one.title), description=given.get("description", one.description), spoiler=spoiler
    )


# --- as Discord shows them


def payloads(world: World, message: Message) -> list[Json]:
    """The attachments that neither an embed nor a component shows: https://github.com/discord/discord-api-docs/pull/8279"""
    shown = {place[key] for embed in message.embeds for place, key in _pictures(embed)}
    shown |= {item["url"] for _, component in placed(message.components, ()) for _, item in media(component)}
    return [_payload(world, message, one) for one in message.attachments if _SCHEME + one.filename not in shown]


def _payload(world: World, message: Message, one: Attachment) -> Json:
    given = {"title": one.title, "description": one.description, "content_type": mimetypes.guess_type(one.filename)[0]}
    measured = pictures.size(one.content)
    return {
        "id": str(one.id),
        "filename": one.filename,
        "size": len(one.content),
        "url": _address(world, message, one, "cdn"),
        "proxy_url": _address(world, message, one, "media"),
        "flags": _IS_SPOILER if one.spoiler else 0,
        **{name: value for name, value in given.items() if value is not None},
        **(dict(zip(("width", "height"), measured, strict=True)) if measured else {}),
        **({"ephemeral": True} if message.visible_to else {}),
    }


def resolved(world: World, message: Message, embed: Json) -> Json:
    """The embed with the addresses of the pictures that it names by `attachment://`."""
    files = {_SCHEME + one.filename: one for one in message.attachments if one.filename.lower().endswith(_EMBEDDABLE)}
    shown = {name: dict(value) if isinstance(value, dict) else value for name, value in embed.items()}
    for place, key in _pictures(shown):
        if place[key] in files:
            payload = _payload(world, message, files[place[key]])
            place |= {key: payload["url"], f"proxy_{key}": payload["proxy_url"]}
            if key == "url":
                place |= {name: payload[name] for name in ("width", "height", "content_type") if name in payload}
    return shown


def shown(world: World, message: Message, components: list[Json]) -> list[Json]:
    """The components with what Discord tells of the media in them.

    https://docs.discord.com/developers/components/reference#unfurled-media-item
    """
    files = {_SCHEME + one.filename: one for one in message.attachments}
    components = deepcopy(components)
    for _, component in placed(components, ()):
        for _, item in media(component):
            one = files.get(item["url"])
            if one is None:
                item |= {"id": str(message.id), "proxy_url": item["url"]}
                continue
            payload = _payload(world, message, one)
            told = ("url", "proxy_url", "width", "height", "content_type")
            item |= {name: payload[name] for name in told if name in payload} | {"id": str(one.id), "attachment_id": str(one.id)}
            if "file" in component:
                component |= {"name": one.filename, "size": len(one.content)}
        for item in component.get("items") or []:
            item |= {"description": item.get("description"), "spoiler": bool(item.get("spoiler"))}
    return components


def _pictures(embed: Json) -> Iterator[tuple[Json, str]]:
    """Each part of an embed that has a picture, and the key of its address."""
    for name, key in (("image", "url"), ("thumbnail", "url"), ("author", "icon_url"), ("footer", "icon_url")):
        part = embed.get(name) or {}
        if part.get(key):
            yield part, key


# --- where they are served


def _address(world: World, message: Message, one: Attachment, host: str) -> str:
    path = f"/{host}/attachments/{message.channel_id}/{one.id}/{quote(one.filename)}"
    issued = world.clock.now()
    until = int((issued + SERVED_FOR).timestamp())
    return f"{world.url}{path}?ex={until:x}&is={int(issued.timestamp()):x}&hm={_signature(world, one.id, until)}&"


def _signature(world: World, attachment_id: int, until: int) -> str:
    return hashlib.sha256(f"{world.token} {attachment_id} {until}".encode()).hexdigest()


class Files:
    """The routes where attachments are read, without a token, for as long as their signature is good."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/{host:cdn|media}/attachments/{channel_id}/{attachment_id}/{filename}", self._read)]

    async def _read(self, request: web.Request) -> web.Response:
        query, info = request.query, request.match_info
        until = int(query.get("ex", "0"), 16)
        for message in self._messages(int(info["channel_id"])):
            for one in message.attachments:
                signed = query.get("hm") == _signature(self._world, one.id, until)
                if str(one.id) == info["attachment_id"] and signed and self._world.clock.now().timestamp() < until:
                    kind = mimetypes.guess_type(one.filename)[0] or "application/octet-stream"
                    return web.Response(body=one.content, content_type=kind)
        return web.Response(status=404, text="This content is no longer available.")

    def _messages(self, channel_id: int) -> list[Message]:
        whispers = [each for each in self._world.whispers.values() if each.channel_id == channel_id]
        return [*(self._world.messages(channel_id) if channel_id in self._world.channels else []), *whispers]

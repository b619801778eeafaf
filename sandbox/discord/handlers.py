"""What the handlers of all routes need: whom and what a request names, and whether the bot may see it."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from sandbox.discord import answers
from sandbox.discord.forms import Moment, Path, Problems, Snowflake, Whole
from sandbox.discord.model import Channel, Guild, Message
from sandbox.discord.permissions import Permission
from sandbox.discord.world import World


class Handlers:
    """The base of the classes that hold the handlers of a noun."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _guild_of(self, request: web.Request) -> Guild:
        guild = self._world.guilds.get(identifier(request, "guild_id"))
        if guild is None:
            raise answers.unknown_guild()
        if self._world.bot.id not in guild.members:
            raise answers.missing_access()
        return guild

    def _visible(self, request: web.Request) -> Channel:
        channel = self._world.channels.get(identifier(request, "channel_id"))
        if channel is None:
            raise answers.unknown_channel()
        if Permission.VIEW_CHANNEL not in self._granted(channel):
            raise answers.missing_access()
        return channel

    def _granted(self, channel: Channel) -> Permission:
        return self._world.permissions(channel, self._world.bot.id)

    def _require(self, channel: Channel, permission: Permission) -> None:
        if permission not in self._granted(channel):
            raise answers.missing_permissions()


def message_of(request: web.Request, channel: Channel) -> Message:
    message = channel.messages.get(identifier(request, "message_id"))
    if message is None:
        raise answers.unknown_message()
    return message


def wanted(request: web.Request, name: str) -> bool:
    """A boolean of the query string: https://docs.discord.com/developers/reference#boolean-query-strings"""
    return request.query.get(name, "").lower() in ("1", "true")


def identifier(request: web.Request, name: str) -> int:
    """A snowflake of the path."""
    return _snowflake(request.match_info[name], (name,))


def queried(request: web.Request, name: str) -> int | None:
    """A snowflake of the query string, if it is there."""
    return _snowflake(request.query[name], (name,)) if name in request.query else None


def moment(request: web.Request, name: str) -> datetime | None:
    """A time of the query string, if it is there; without a zone it is UTC."""
    text = request.query.get(name)
    if text is None:
        return None
    problems = Problems()
    Moment().check(text, (name,), problems)
    problems.raise_any()
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def page(request: web.Request, ids: list[int], *, most: int, usual: int, newest: bool) -> list[int]:
    """The page of ids that was asked for, ascending: next to the marker, else at the newest (or oldest) end. `ids` ascend."""
    size = limit(request, most=most, usual=usual)
    given = {name: marker for name in ("around", "before", "after") if (marker := queried(request, name)) is not None}
    if "around" in given:
        older = [each for each in ids if each < given["around"]][-(size // 2) :] if size > 1 else []
        younger = [each for each in ids if each >= given["around"]]
        return older + younger[: size - len(older)]
    chosen = [each for each in ids if given.get("after", -1) < each < given.get("before", 1 << 64)]
    from_start = "after" in given or ("before" not in given and not newest)
    return chosen[:size] if from_start else chosen[-size:]


def limit(request: web.Request, *, most: int, usual: int) -> int:
    """The `limit` of the query string."""
    text = request.query.get("limit", str(usual))
    problems = Problems()
    Whole(1, most).check(int(text) if text.isdecimal() else text, ("limit",), problems)
    problems.raise_any()
    return int(text)


def _snowflake(text: str, path: Path) -> int:
    problems = Problems()
    Snowflake().check(text, path, problems)
    problems.raise_any()
    return int(text)

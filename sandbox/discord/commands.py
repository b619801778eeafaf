"""The slash commands an application has registered, and the routes that do it."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from sandbox.discord import answers, command_forms
from sandbox.discord.answers import ApiError, answer
from sandbox.discord.bodies import BODY
from sandbox.discord.forms import Problems
from sandbox.discord.model import Json
from sandbox.discord.world import World

MOST_COMMANDS = 100
_KEPT: Json = {
    "description": "",
    "type": 1,
    "nsfw": False,
    "dm_permission": True,
    "contexts": None,
    "integration_types": [0],
    "default_member_permissions": None,
    "name_localizations": None,
    "description_localizations": None,
}


class Commands:
    """Kept by id, for every server or for one, in the order of registration."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[int, Json] = {}
        self._changed = asyncio.Event()

    async def wait_for(self, name: str, seconds: float = 10) -> Json:
        """The command, once it is registered; TimeoutError when that takes longer. In real seconds."""
        async with asyncio.timeout(seconds):
            while not (found := [each for each in self._known.values() if each["name"] == name]):
                self._changed.clear()
                await self._changed.wait()
        return found[0]

    def find(self, name: str, guild_id: int | None) -> Json:
        """What a member of the server gets under this name. LookupError if there is none."""
        for command in self.available(guild_id):
            if command["name"] == name:
                return command
        raise LookupError(f"there is no command /{name}")

    def available(self, guild_id: int | None) -> list[Json]:
        """To the members of a server, as long as the bot is in it, or in direct messages; the server's own first."""
        if guild_id and self._world.bot.id not in self._world.guilds[guild_id].members:
            return []
        return [*(self._of(guild_id) if guild_id else []), *self._of(None)]

    # --- routes

    def routes(self) -> list[web.RouteDef]:
        everywhere, one_server = (
            "/applications/{application_id}/commands",
            "/applications/{application_id}/guilds/{guild_id}/commands",
        )
        table = []
        for base in (everywhere, one_server):
            table += [
                web.get(base, self._list),
                web.put(base, self._replace_all),
                web.post(base, self._create),
                web.get(f"{base}/{{command_id}}", self._get),
                web.patch(f"{base}/{{command_id}}", self._edit),
                web.delete(f"{base}/{{command_id}}", self._delete),
            ]
        return table

    async def _list(self, request: web.Request) -> web.Response:
        return answer(self._of(self._scope(request)))

    async def _replace_all(self, request: web.Request) -> web.Response:
        """Commands of the same name keep their ids; those not named are gone."""
        scope, body = self._scope(request), request[BODY].fields
        problems = Problems()
        if not isinstance(body, list):
            problems.add((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        problems.raise_any()
        command_forms.check_commands(body, problems)
        problems.raise_any()
        _check_count(len(body))
        earlier = {command["name"]: command for command in self._of(scope)}
        for command in earlier.values():
            del self._known[int(command["id"])]
        return answer([self._keep(scope, command, earlier.get(command["name"])) for command in body])

    async def _create(self, request: web.Request) -> web.Response:
        """Or replace the one of the same name."""
        scope, body = self._scope(request), request[BODY].fields
        _check_one(body)
        earlier = next((command for command in self._of(scope) if command["name"] == body["name"]), None)
        _check_count(len(self._of(scope)) + (earlier is None))
        return answer(self._keep(scope, body, earlier), 200 if earlier else 201)

    async def _get(self, request: web.Request) -> web.Response:
        return answer(self._one(request))

    async def _edit(self, request: web.Request) -> web.Response:
        command = self._one(request)
        changed = {name: value for name, value in command.items() if name in (*_KEPT, "name", "options")} | request[BODY].fields
        _check_one(changed)
        problems = Problems()
        others = [each for each in self._of(self._scope(request)) if each is not command]
        command_forms.check_unique([*others, changed], problems)
        problems.raise_any()
        return answer(self._keep(self._scope(request), changed, command))

    async def _delete(self, request: web.Request) -> web.Response:
        del self._known[int(self._one(request)["id"])]
        return web.Response(status=204)

    # --- keeping

    def _of(self, guild_id: int | None) -> list[Json]:
        scope = str(guild_id) if guild_id else None
        return [command for command in self._known.values() if command.get("guild_id") == scope]

    def _keep(self, guild_id: int | None, body: Json, earlier: Json | None) -> Json:
        """The version changes with the command."""
        given = {name: value for name, value in body.items() if name not in ("id", "default_permission")}
        command = _KEPT | {name: value for name, value in given.items() if value is not None}
        if command["default_member_permissions"] is not None:
            command["default_member_permissions"] = str(command["default_member_permissions"])
        command |= {"application_id": str(self._world.bot.id)} | ({"guild_id": str(guild_id)} if guild_id else {})
        numbers = {name: earlier[name] for name in ("id", "version")} if earlier else {"id": str(self._world.new_id())}
        if earlier is None or command != {name: value for name, value in earlier.items() if name not in numbers}:
            numbers["version"] = str(self._world.new_id())
        command |= numbers
        self._known[int(command["id"])] = command
        self._changed.set()
        return command

    def _scope(self, request: web.Request) -> int | None:
        """The server of the route, if any. The bot has to be in it."""
        if request.match_info["application_id"] != str(self._world.bot.id):
            raise answers.not_your_application()
        if "guild_id" not in request.match_info:
            return None
        for guild in self._world.guilds.values():
            if str(guild.id) == request.match_info["guild_id"] and self._world.bot.id in guild.members:
                return guild.id
        raise answers.missing_access()

    def _one(self, request: web.Request) -> Json:
        for command in self._of(self._scope(request)):
            if command["id"] == request.match_info["command_id"]:
                return command
        raise answers.unknown_command()


def _check_one(body: Any) -> None:
    problems = Problems()
    command_forms.check_command(body, (), problems)
    problems.raise_any()


def _check_count(count: int) -> None:
    if count > MOST_COMMANDS:
        raise ApiError(400, 30032, f"Maximum number of application commands reached ({MOST_COMMANDS})")

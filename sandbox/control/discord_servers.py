"""HTTP routes that change the Discord servers (guilds), their roles and members, and disturb the gateway."""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from sandbox.control.handler import Handler, body_of, forgiving, moment, required
from sandbox.discord import payloads
from sandbox.discord.gateway import Gateway
from sandbox.discord.model import Guild
from sandbox.discord.permissions import permission
from sandbox.discord.sessions import PRIVILEGED, Intent
from sandbox.discord.world import World


class DiscordServers:
    """The routes `/_sandbox/servers` and `/_sandbox/gateway`."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> list[web.RouteDef]:
        server = "/_sandbox/servers/{server_id}"
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/_sandbox/servers", self._add),
            ("POST", f"{server}/invite", self._invite),
            ("POST", f"{server}/kick", self._kick),
            ("POST", f"{server}/outage", self._outage),
            ("POST", f"{server}/roles", self._add_role),
            ("PATCH", f"{server}/roles/{{role_id}}", self._set_role),
            ("DELETE", f"{server}/roles/{{role_id}}", self._remove_role),
            ("PUT", f"{server}/members/{{user_id}}/roles", self._set_roles),
            ("POST", f"{server}/members/{{user_id}}/timeout", self._time_out),
            ("GET", "/_sandbox/gateway", self._connected),
            ("POST", "/_sandbox/gateway/drop", self._drop),
            ("POST", "/_sandbox/gateway/invalidate", self._invalidate),
            ("POST", "/_sandbox/gateway/reconnect", self._reconnect),
            ("POST", "/_sandbox/gateway/refuse", self._refuse),
            ("POST", "/_sandbox/gateway/intents", self._grant),
        ]
        return [web.route(method, path, forgiving(handler)) for method, path, handler in table]

    # --- servers

    async def _add(self, request: web.Request) -> web.Response:
        """Make a server. Body: {"name", "invited": true}; `invited` says whether the bot is in it from the start."""
        body = await body_of(request)
        guild = self._world.add_guild(str(required(body, "name")), invited=bool(body.get("invited", True)))
        return web.json_response({"id": str(guild.id), "name": guild.name}, status=201)

    async def _invite(self, request: web.Request) -> web.Response:
        """Let the bot in."""
        self._world.invite_bot(self._guild(request))
        return web.Response(status=204)

    async def _kick(self, request: web.Request) -> web.Response:
        """Remove a member. Body: {"user_id": the bot's}."""
        user_id = int((await body_of(request)).get("user_id", self._world.bot.id))
        self._world.remove_member(self._guild(request), user_id)
        return web.Response(status=204)

    async def _outage(self, request: web.Request) -> web.Response:
        """Begin or end an outage of Discord for this server. Body: {"unavailable": true}."""
        body = await body_of(request)
        self._world.set_unavailable(self._guild(request), bool(body.get("unavailable", True)))
        return web.Response(status=204)

    # --- roles

    async def _add_role(self, request: web.Request) -> web.Response:
        """Make a role. Body: {"name", "permissions": [names or bits]}."""
        body = await body_of(request)
        role = self._world.add_role(self._guild(request), str(required(body, "name")), _bits(body.get("permissions", [])))
        return web.json_response(payloads.role(role), status=201)

    async def _set_role(self, request: web.Request) -> web.Response:
        """Replace what a role grants. Body: {"permissions": [names or bits]}."""
        granted = _bits(required(await body_of(request), "permissions"))
        self._world.set_role(self._guild(request), int(request.match_info["role_id"]), granted)
        return web.Response(status=204)

    async def _remove_role(self, request: web.Request) -> web.Response:
        """Delete a role, from its members too."""
        self._world.remove_role(self._guild(request), int(request.match_info["role_id"]))
        return web.Response(status=204)

    async def _set_roles(self, request: web.Request) -> web.Response:
        """Replace the roles of a member. Body: {"role_ids": [...]}."""
        role_ids = [int(role_id) for role_id in required(await body_of(request), "role_ids")]
        self._world.set_roles(self._guild(request), int(request.match_info["user_id"]), role_ids)
        return web.Response(status=204)

    async def _time_out(self, request: web.Request) -> web.Response:
        """Let a member, such as the bot, only read. Body: {"seconds": how long} or {"until": ISO 8601, null to end it}."""
        body = await body_of(request)
        if "seconds" in body:
            until: datetime | None = self._world.clock.now() + timedelta(seconds=float(body["seconds"]))
        else:
            until = None if required(body, "until") is None else moment(body["until"])
        self._world.time_out(self._guild(request), int(request.match_info["user_id"]), until)
        return web.Response(status=204)

    # --- the gateway

    async def _connected(self, request: web.Request) -> web.Response:
        """Say whether a bot is connected now."""
        return web.json_response({"connected": self._gateway.connected.is_set()})

    async def _drop(self, request: web.Request) -> web.Response:
        """Cut every connection; sessions can be resumed."""
        self._gateway.drop()
        return web.Response(status=204)

    async def _invalidate(self, request: web.Request) -> web.Response:
        """End every session; clients must identify again."""
        self._gateway.invalidate()
        return web.Response(status=204)

    async def _reconnect(self, request: web.Request) -> web.Response:
        """Ask every client to reconnect and resume."""
        self._gateway.ask_to_reconnect()
        return web.Response(status=204)

    async def _refuse(self, request: web.Request) -> web.Response:
        """Refuse new connections with 503, or accept them again. Body: {"refusing": true}."""
        self._gateway.refusing = bool((await body_of(request)).get("refusing", True))
        return web.Response(status=204)

    async def _grant(self, request: web.Request) -> web.Response:
        """Switch on the bot's privileged intents, and off all others. Body: {"privileged": ["GUILD_MEMBERS"]}."""
        named = required(await body_of(request), "privileged")
        unknown = [name for name in named if name not in Intent.__members__ or not Intent[name] & PRIVILEGED]
        if unknown:
            raise ValueError(f"no privileged intent is called {', '.join(map(str, unknown))}")
        self._world.privileged = sum(Intent[name] for name in set(named))
        return web.Response(status=204)

    def _guild(self, request: web.Request) -> Guild:
        return self._world.guilds[int(request.match_info["server_id"])]


def _bits(names: list[str | int]) -> int:
    return sum({int(permission(name)) for name in names})

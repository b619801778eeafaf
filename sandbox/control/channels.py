"""Steering the sandbox over HTTP: what the demo, a script or a test may look at and change."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields
from datetime import datetime

from aiohttp import web

from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault, Faults
from sandbox.control.handler import Handler, body_of, forgiving, required
from sandbox.discord import payloads
from sandbox.discord.front import Front
from sandbox.discord.model import Channel, Json
from sandbox.discord.world import World


class Channels:
    """Routes under `/_sandbox/`. A mistake in what is sent is a 400 with a sentence, an unknown id a 404."""

    def __init__(self, world: World, clock: SandboxClock, faults: Faults, front: Front) -> None:
        self._world = world
        self._clock = clock
        self._faults = faults
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        channel = "/_sandbox/channels/{channel_id}"
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/_sandbox/state", self._state),
            ("GET", "/_sandbox/clock", self._read_clock),
            ("POST", "/_sandbox/clock", self._set_clock),
            ("GET", "/_sandbox/faults", self._read_faults),
            ("POST", "/_sandbox/faults", self._add_fault),
            ("DELETE", "/_sandbox/faults", self._clear_faults),
            ("GET", "/_sandbox/refusals", self._refusals),
            ("GET", "/_sandbox/requests", self._requests),
            ("POST", "/_sandbox/channels", self._add_channel),
            ("DELETE", channel, self._delete_channel),
            ("POST", f"{channel}/permissions", self._set_permissions),
            ("POST", f"{channel}/lock", self._lock_thread),
            ("GET", f"{channel}/messages", self._messages),
            ("DELETE", f"{channel}/messages/{{message_id}}", self._delete_message),
        ]
        return [web.route(method, path, forgiving(handler)) for method, path, handler in table]

    # --- the whole

    async def _state(self, request: web.Request) -> web.Response:
        world = self._world
        servers = [
            {"id": str(guild.id), "name": guild.name, "channels": [self._shown(each) for each in world.channels_of(guild)]}
            for guild in world.guilds.values()
        ]
        now = self._clock.now().isoformat()
        return web.json_response({"now": now, "bot": payloads.user(world.bot), "servers": servers})

    async def _refusals(self, request: web.Request) -> web.Response:
        return web.json_response(self._front.refusals)

    async def _requests(self, request: web.Request) -> web.Response:
        """How many requests the Discord API got, in all and by route."""
        seen = self._front.requests
        return web.json_response({"count": len(seen), "by_route": Counter(each.route for each in seen)})

    # --- time and trouble

    async def _read_clock(self, request: web.Request) -> web.Response:
        """The sandbox's time as bare ISO 8601 text: what the bot's CLOCK_URL expects."""
        return web.Response(text=self._clock.now().isoformat())

    async def _set_clock(self, request: web.Request) -> web.Response:
        """{"now": ISO 8601 with its zone} or {"advance": seconds}."""
        body = await body_of(request)
        if "now" in body:
            now = datetime.fromisoformat(body["now"])
            if now.tzinfo is None:
                raise ValueError("now needs a zone, such as 2025-12-09T06:00:00Z")
            self._clock.set(now)
        else:
            self._clock.advance(seconds=float(required(body, "advance")))
        return await self._read_clock(request)

    async def _add_fault(self, request: web.Request) -> web.Response:
        """A Fault, its fields as JSON; `route` is needed."""
        body = await body_of(request)
        unknown = body.keys() - {field.name for field in fields(Fault)}
        if unknown:
            raise ValueError(f"a fault has no field {', '.join(sorted(unknown))}")
        required(body, "route")
        self._faults.add(Fault(**body))
        return web.Response(status=204)

    async def _read_faults(self, request: web.Request) -> web.Response:
        """Those that will still strike, each with what is left of it."""
        return web.json_response([asdict(fault) for fault in self._faults.waiting])

    async def _clear_faults(self, request: web.Request) -> web.Response:
        """Whoever waits for an answer because of one gets it now."""
        self._faults.clear()
        return web.Response(status=204)

    # --- channels

    async def _add_channel(self, request: web.Request) -> web.Response:
        """{"name", "kind": 0, "server_id": the first server, "parent_id": none}."""
        body = await body_of(request)
        guild = self._world.guilds[int(body["server_id"])] if "server_id" in body else self._world.lab
        parent = self._world.channel(int(body["parent_id"])) if body.get("parent_id") else None
        channel = self._world.add_channel(guild, str(required(body, "name")), int(body.get("kind", 0)), parent)
        return web.json_response(self._shown(channel), status=201)

    async def _delete_channel(self, request: web.Request) -> web.Response:
        self._world.delete_channel(int(request.match_info["channel_id"]))
        return web.Response(status=204)

    async def _set_permissions(self, request: web.Request) -> web.Response:
        """{"deny": [names or bits], "allow": [names or bits]} for the bot in this channel."""
        channel = self._channel(request)
        body = await body_of(request)
        self._world.deny(channel.id, *body.get("deny", []))
        self._world.allow(channel.id, *body.get("allow", []))
        return web.json_response(self._shown(channel))

    async def _lock_thread(self, request: web.Request) -> web.Response:
        self._world.lock_thread(self._channel(request).id)
        return web.Response(status=204)

    async def _messages(self, request: web.Request) -> web.Response:
        """Oldest first, with the nonces and allowed mentions that Discord keeps to itself."""
        return web.json_response(self._shown(self._channel(request))["messages"])

    async def _delete_message(self, request: web.Request) -> web.Response:
        self._world.delete_message(self._channel(request).id, int(request.match_info["message_id"]))
        return web.Response(status=204)

    def _channel(self, request: web.Request) -> Channel:
        return self._world.channel(int(request.match_info["channel_id"]))

    def _shown(self, channel: Channel) -> Json:
        messages = [payloads.full_message(self._world, each) for each in self._world.messages(channel.id)]
        return payloads.channel(self._world, channel) | {"messages": messages}

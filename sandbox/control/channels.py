"""HTTP routes that show and change the channels and messages of the sandbox's Discord."""

from __future__ import annotations

from aiohttp import web

from sandbox.control.clock import SandboxClock
from sandbox.control.handler import Handler, body_of, forgiving, required
from sandbox.discord import payloads
from sandbox.discord.model import Channel, Json
from sandbox.discord.world import World


class Channels:
    """The routes `/_sandbox/state` and `/_sandbox/channels`."""

    def __init__(self, world: World, clock: SandboxClock) -> None:
        self._world = world
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        channel = "/_sandbox/channels/{channel_id}"
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/_sandbox/state", self._state),
            ("POST", "/_sandbox/channels", self._add_channel),
            ("DELETE", channel, self._delete_channel),
            ("POST", f"{channel}/permissions", self._set_permissions),
            ("POST", f"{channel}/lock", self._lock_thread),
            ("GET", f"{channel}/messages", self._messages),
            ("DELETE", f"{channel}/messages/{{message_id}}", self._delete_message),
        ]
        return [web.route(method, path, forgiving(handler)) for method, path, handler in table]

    async def _state(self, request: web.Request) -> web.Response:
        """Answer the time, the bot's user, and every server with its channels and their messages."""
        world = self._world
        servers = [
            {"id": str(guild.id), "name": guild.name, "channels": [self._shown(each) for each in world.channels_of(guild)]}
            for guild in world.guilds.values()
        ]
        now = self._clock.now().isoformat()
        return web.json_response({"now": now, "bot": payloads.user(world.bot), "servers": servers})

    async def _add_channel(self, request: web.Request) -> web.Response:
        """Body: {"name", "kind": 0, "server_id": the first server, "parent_id": none}; `kind` is Discord's channel type."""
        body = await body_of(request)
        guild = self._world.guilds[int(body["server_id"])] if "server_id" in body else self._world.lab
        parent = self._world.channel(int(body["parent_id"])) if body.get("parent_id") else None
        channel = self._world.add_channel(guild, str(required(body, "name")), int(body.get("kind", 0)), parent)
        return web.json_response(self._shown(channel), status=201)

    async def _delete_channel(self, request: web.Request) -> web.Response:
        """Delete a channel and its threads."""
        self._world.delete_channel(int(request.match_info["channel_id"]))
        return web.Response(status=204)

    async def _set_permissions(self, request: web.Request) -> web.Response:
        """Body: {"deny": [names or bits], "allow": [names or bits]}, for the bot in this channel."""
        channel = self._channel(request)
        body = await body_of(request)
        self._world.deny(channel.id, *body.get("deny", []))
        self._world.allow(channel.id, *body.get("allow", []))
        return web.json_response(self._shown(channel))

    async def _lock_thread(self, request: web.Request) -> web.Response:
        """Archive a thread and lock it, so that only moderators can open it again."""
        self._world.lock_thread(self._channel(request).id)
        return web.Response(status=204)

    async def _messages(self, request: web.Request) -> web.Response:
        """List the messages, oldest first, with the nonces and allowed mentions that Discord itself does not show."""
        return web.json_response(self._shown(self._channel(request))["messages"])

    async def _delete_message(self, request: web.Request) -> web.Response:
        """Delete a message, as a moderator would."""
        self._world.delete_message(self._channel(request).id, int(request.match_info["message_id"]))
        return web.Response(status=204)

    def _channel(self, request: web.Request) -> Channel:
        return self._world.channel(int(request.match_info["channel_id"]))

    def _shown(self, channel: Channel) -> Json:
        messages = [payloads.full_message(self._world, each) for each in self._world.messages(channel.id)]
        return payloads.channel(self._world, channel) | {"messages": messages}

"""HTTP routes that act as a person in the sandbox's Discord, and a stream of what happens there."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from sandbox.control.handler import Handler, body_of, forgiving, required
from sandbox.discord import payloads
from sandbox.discord.commands import Commands
from sandbox.discord.dispatch import Dispatch
from sandbox.discord.interactions import Interactions
from sandbox.discord.model import Json, User
from sandbox.discord.reply import Reply
from sandbox.discord.visitor import Visitor
from sandbox.discord.world import World


class Visits:
    """The routes about people and what they do; `who` is a person's name or id, a 403 is what Discord would not let them do."""

    def __init__(
        self, world: World, visitor: Visitor, commands: Commands, interactions: Interactions, dispatch: Dispatch
    ) -> None:
        self._world = world
        self._visitor = visitor
        self._commands = commands
        self._interactions = interactions
        self._dispatch = dispatch

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/_sandbox/members", self._members),
            ("POST", "/_sandbox/members", self._add_member),
            ("GET", "/_sandbox/commands", self._registered),
            ("POST", "/_sandbox/invoke", self._invoke),
            ("POST", "/_sandbox/autocomplete", self._autocomplete),
            ("POST", "/_sandbox/press", self._press),
            ("POST", "/_sandbox/choose", self._choose),
            ("POST", "/_sandbox/submit", self._submit),
            ("GET", "/_sandbox/replies/{interaction_id}", self._reply),
        ]
        routes = [web.route(method, path, forgiving(handler)) for method, path, handler in table]
        return [*routes, web.get("/_sandbox/events", self._events)]

    # --- people

    async def _members(self, request: web.Request) -> web.Response:
        """List the members of every server, each with `server_id` and `role_names`."""
        shown = [
            payloads.member(self._world, member)
            | {"server_id": str(guild.id), "role_names": [guild.roles[role_id].name for role_id in member.role_ids]}
            for guild in self._world.guilds.values()
            for member in guild.members.values()
        ]
        return web.json_response(shown)

    async def _add_member(self, request: web.Request) -> web.Response:
        """Add a person to a server. Body: {"name", "server_id": the first server, "role_ids": []}."""
        body = await body_of(request)
        guild = self._world.guilds[int(body["server_id"])] if "server_id" in body else self._world.lab
        user = self._world.add_user(str(required(body, "name")))
        member = self._world.add_member(guild, user, [int(role_id) for role_id in body.get("role_ids", [])])
        return web.json_response(payloads.member(self._world, member), status=201)

    # --- what they do

    async def _registered(self, request: web.Request) -> web.Response:
        """List the slash commands of the first server, or of `?server_id=`."""
        server_id = int(request.query.get("server_id", self._world.lab.id))
        return web.json_response(self._commands.available(server_id))

    async def _invoke(self, request: web.Request) -> web.Response:
        """Use a slash command. Body: {"who", "name", "channel_id": #papers, "options": {}, "force": false}."""
        body = await body_of(request)
        who, channel_id, name = self._who(body), self._channel_id(body), str(required(body, "name"))
        return self._shown(
            await self._visitor.command(who, channel_id, name, force=bool(body.get("force")), **body.get("options", {}))
        )

    async def _autocomplete(self, request: web.Request) -> web.Response:
        """List suggestions. Body: {"who", "name", "focused", "value", "channel_id": #papers, "options": {}}."""
        body = await body_of(request)
        given = (str(required(body, field)) for field in ("name", "focused", "value"))
        who, channel_id = self._who(body), self._channel_id(body)
        return web.json_response(await self._visitor.autocomplete(who, channel_id, *given, **body.get("options", {})))

    async def _press(self, request: web.Request) -> web.Response:
        """Press a button. Body: {"who", "message_id", "button": custom_id, label or emoji}."""
        body = await body_of(request)
        message = self._world.message(int(required(body, "message_id")))
        return self._shown(await self._visitor.press(self._who(body), message, str(required(body, "button"))))

    async def _choose(self, request: web.Request) -> web.Response:
        """Choose in a select. Body: {"who", "message_id", "select": custom_id or placeholder, "values": [value or id]}."""
        body = await body_of(request)
        message = self._world.message(int(required(body, "message_id")))
        who, select, values = self._who(body), str(required(body, "select")), required(body, "values")
        return self._shown(await self._visitor.choose(who, message, select, values))

    async def _submit(self, request: web.Request) -> web.Response:
        """Submit a modal. Body: {"who", "interaction_id": of the reply with the modal, "fields": {custom_id or label: value}}."""
        body = await body_of(request)
        modal = Reply(self._interactions.find(int(required(body, "interaction_id"))))
        return self._shown(await self._visitor.submit(self._who(body), modal, **body.get("fields", {})))

    async def _reply(self, request: web.Request) -> web.Response:
        """Answer a reply as it is now, or with `?settled=SECONDS` once it is settled, after that many seconds at most."""
        reply = Reply(self._interactions.find(int(request.match_info["interaction_id"])))
        if "settled" in request.query:
            await asyncio.wait([asyncio.ensure_future(reply.interaction.settled.wait())], timeout=float(request.query["settled"]))
        return self._shown(reply)

    # --- watching

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Stream every change as a server-sent event, named as the gateway names it."""
        told: asyncio.Queue[bytes] = asyncio.Queue()

        def witness(event: str, payload: Json) -> None:
            told.put_nowait(f"event: {event}\ndata: {json.dumps(payload)}\n\n".encode())

        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        self._dispatch.witnesses.add(witness)
        try:
            await response.prepare(request)
            while True:
                await response.write(await told.get())
        except ConnectionError:
            return response
        finally:
            self._dispatch.witnesses.discard(witness)

    def _who(self, body: Json) -> User:
        wanted = str(required(body, "who"))
        for user in self._world.users.values():
            if wanted in (user.name, str(user.id)):
                return user
        raise KeyError(wanted)

    def _channel_id(self, body: Json) -> int:
        return int(body.get("channel_id", self._world.papers.id))

    def _shown(self, reply: Reply) -> web.Response:
        message = payloads.full_message(self._world, reply.message) if reply.message else None
        shown = {
            "interaction_id": str(reply.interaction.id),
            "kind": reply.kind,
            "settled": reply.interaction.settled.is_set(),
            "acknowledged_after": reply.acknowledged_after,
            "ephemeral": reply.ephemeral,
            "message": message,
            "followups": [payloads.full_message(self._world, each) for each in reply.followups],
            "modal": reply.modal,
            "choices": reply.choices,
        }
        return web.json_response(shown)

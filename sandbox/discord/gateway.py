"""Discord's gateway over WebSocket: https://docs.discord.com/developers/events/gateway"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

from sandbox.discord import payloads
from sandbox.discord.connection import Connection
from sandbox.discord.dispatch import Dispatch
from sandbox.discord.limits import RateLimits
from sandbox.discord.model import Json
from sandbox.discord.sessions import PRIVILEGED, Intent, Session, Sessions
from sandbox.discord.streams import encoder
from sandbox.discord.world import World

PATH = "/gateway"
_HEARTBEAT, _IDENTIFY, _PRESENCE, _RESUME, _RECONNECT, _INVALID_SESSION, _HELLO, _ACK = 1, 2, 3, 6, 7, 9, 10, 11
_NOT_IMITATED = {4: "voice", 8: "requests for members", 31: "soundboard sounds"}
_TOLERANCE = 1.5
"""So many intervals may pass between two heartbeats. Discord's own tolerance is not published:
https://docs.discord.com/developers/events/gateway#heartbeat-interval"""
_JOURNEY = 0.02
"""Seconds to a heartbeat's answer, which Discord never gives at once: discord.py 2.7.1 notes the time of a heartbeat only after
it was sent, and takes an answer that is quicker for one to the heartbeat before."""
_LONGEST_PAYLOAD = 4096
"""Bytes a client may send at once."""
_CLIENT_IS_DONE = frozenset({1000, 1001})
"""Closing with one of these ends the session too."""


class CloseError(Exception):
    """Raised to end a connection with one of the gateway's close codes."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Gateway:
    """The WebSocket route; `refusing` answers 503 to new clients, `closing` is the code that
    whoever identifies is refused with, `omitted` holds servers that READY does not name although
    the bot is in them, `connected` is set while a client is identified. Whoever does not send its
    heartbeats every `heartbeat_interval` real seconds is cut off, and may resume."""

    def __init__(
        self, world: World, sessions: Sessions, dispatch: Dispatch, limits: RateLimits, refuse: Callable[[str], None]
    ) -> None:
        self._world = world
        self._limits = limits
        self._sessions = sessions
        self._dispatch = dispatch
        self._refuse = refuse
        self._connections: set[Connection] = set()
        self._handlers: dict[int, Callable[[Connection, Any], None]] = {
            _HEARTBEAT: self._heartbeat,
            _IDENTIFY: self._identify,
            _PRESENCE: self._presence,
            _RESUME: self._resume,
        }
        self._url = ""
        self.refusing = False
        self.closing: int | None = None
        self.heartbeat_interval = 41.25
        self.omitted: set[int] = set()
        self.connected = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._attend), web.get(f"{PATH}/", self._attend)]

    # --- trouble

    def drop(self) -> None:
        """Cut every connection; sessions can be resumed."""
        for connection in list(self._connections):
            connection.cut()
        self._count()

    def invalidate(self) -> None:
        """End every session, and tell those who are connected."""
        self._sessions.clear()
        for connection in self._connections:
            connection.detach()
            connection.say(_INVALID_SESSION, False)
        self._count()

    def ask_to_reconnect(self) -> None:
        for connection in self._connections:
            connection.say(_RECONNECT)

    # --- a connection

    async def _attend(self, request: web.Request) -> web.StreamResponse:
        encode = encoder(request.query.get("compress"))
        if self.refusing:
            return web.Response(status=503)
        if encode is None or request.query.get("encoding", "json") != "json":
            self._refuse(f"the gateway's encoding in {request.query_string}")
            return web.Response(status=501)
        self._url = f"ws://{request.host}{PATH}"
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        connection = Connection(socket, request, encode)
        self._connections.add(connection)
        writer = asyncio.create_task(connection.write())
        try:
            await self._converse(connection, socket)
        except TimeoutError:
            connection.cut()
        finally:
            writer.cancel()
            self._connections.discard(connection)
            if connection.session and socket.close_code in _CLIENT_IS_DONE:
                self._sessions.end(connection.session)
            connection.detach()
            self._count()
        return socket

    async def _converse(self, connection: Connection, socket: web.WebSocketResponse) -> None:
        """Until either side ends it; TimeoutError when the client has fallen silent."""
        interval = self.heartbeat_interval
        connection.say(_HELLO, {"heartbeat_interval": round(interval * 1000)})
        async with asyncio.timeout(_TOLERANCE * interval) as silence:
            async for message in socket:
                try:
                    op = self._hear(connection, message)
                except CloseError as error:
                    connection.detach()  # whatever code the client answers the closing with, it did not end the session
                    await socket.close(code=error.code, message=str(error).encode())
                    return
                if op == _HEARTBEAT:
                    silence.reschedule(asyncio.get_running_loop().time() + _TOLERANCE * interval)

    def _hear(self, connection: Connection, message: WSMessage) -> int:
        """Do what the client says; its opcode."""
        if not self._limits.admit_event(connection.events, self._world.clock.elapsed()):
            raise CloseError(4008, "Rate limited.")
        op, data = _decoded(message)
        if op in _NOT_IMITATED:
            self._refuse(f"gateway: the sandbox does not imitate {_NOT_IMITATED[op]}")
        elif op not in self._handlers:
            raise CloseError(4001, "Unknown opcode.")
        else:
            self._handlers[op](connection, data)
        return op

    def _identify(self, connection: Connection, data: Any) -> None:
        if connection.session:
            raise CloseError(4005, "Already authenticated.")
        self._check_token(data)
        if self.closing is not None:
            raise CloseError(self.closing, "Refused.")
        if not self._limits.admit_identify(self._world.clock.elapsed()):
            connection.say(_INVALID_SESSION, False)
            return
        session = self._sessions.open(_intents(data, self._world.privileged), _shard(data))
        connection.attach(session)
        self._count()
        guilds = [guild for guild in self._world.guilds.values() if self._world.bot.id in guild.members]
        served = [guild for guild in guilds if session.serves(guild.id) and guild.id not in self.omitted]
        session.dispatch("READY", self._ready(session, [guild.id for guild in served]))
        for guild in served if session.intents & Intent.GUILDS else []:
            if not guild.unavailable:
                session.dispatch("GUILD_CREATE", self._dispatch.guild(guild, session.intents) | {"unavailable": False})

    def _resume(self, connection: Connection, data: Any) -> None:
        self._check_token(data)
        session = self._sessions.find(str(data.get("session_id")))
        sequence = data.get("seq")
        if session is None or not isinstance(sequence, int):
            connection.say(_INVALID_SESSION, False)
            return
        if not 0 <= sequence <= session.sequence:
            raise CloseError(4007, "Invalid seq.")
        missed = session.since(sequence)
        if missed is None:
            self._sessions.end(session)
            connection.say(_INVALID_SESSION, False)
            return
        for text in missed:
            connection.send(text)
        connection.attach(session)
        self._count()
        session.dispatch("RESUMED", {})

    def _heartbeat(self, connection: Connection, data: Any) -> None:
        asyncio.get_running_loop().call_later(_JOURNEY, connection.say, _ACK)

    def _presence(self, connection: Connection, data: Any) -> None:
        """Accepted; nobody in the sandbox looks at it."""
        if connection.session is None:
            raise CloseError(4003, "Not authenticated.")

    def _check_token(self, data: Any) -> None:
        if not isinstance(data, dict):
            raise CloseError(4002, "Error while decoding payload.")
        if str(data.get("token")).removeprefix("Bot ") != self._world.token:
            raise CloseError(4004, "Authentication failed.")

    def _ready(self, session: Session, guild_ids: list[int]) -> Json:
        return {
            "v": 10,
            "user": payloads.own_user(self._world.bot),
            "guilds": [{"id": str(guild_id), "unavailable": True} for guild_id in guild_ids],
            "session_id": session.id,
            "resume_gateway_url": self._url,
            "shard": list(session.shard),
            "application": {"id": str(self._world.bot.id), "flags": 0},
            "private_channels": [],
        }

    def _count(self) -> None:
        if any(connection.session for connection in self._connections):
            self.connected.set()
        else:
            self.connected.clear()


def _decoded(message: WSMessage) -> tuple[int, Any]:
    """The payload of a text frame or, as hikari sends it, of a binary one."""
    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY) or len(message.data) > _LONGEST_PAYLOAD:
        raise CloseError(4002, "Error while decoding payload.")
    try:
        payload = json.loads(message.data)
        return int(payload["op"]), payload.get("d")
    except (ValueError, TypeError, KeyError):
        raise CloseError(4002, "Error while decoding payload.") from None


def _intents(data: Json, granted: int) -> int:
    """`granted`: the privileged ones that are switched on for the bot."""
    intents = data.get("intents")
    if not isinstance(intents, int) or intents < 0:
        raise CloseError(4013, "Invalid intent(s).")
    if intents & PRIVILEGED & ~granted:
        raise CloseError(4014, "Disallowed intent(s).")
    return intents


def _shard(data: Json) -> tuple[int, int]:
    number, count = data.get("shard") or (0, 1)
    if not 0 <= number < count:
        raise CloseError(4010, "Invalid shard.")
    return number, count

"""One client's WebSocket to the gateway."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.discord.limits import Window
from sandbox.discord.sessions import Session
from sandbox.discord.streams import Encode


class Connection:
    """What is sent waits in a queue, so that the world never waits for a client."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request, encode: Encode) -> None:
        self.session: Session | None = None
        self.events = Window()
        """Of what the client sends."""
        self._socket = socket
        self._transport = request.transport
        self._encode = encode
        self._queue: asyncio.Queue[str] = asyncio.Queue()

    def send(self, text: str) -> None:
        self._queue.put_nowait(text)

    def say(self, op: int, data: Any = None) -> None:
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def write(self) -> None:
        """Until cancelled."""
        while True:
            data = self._encode(await self._queue.get())
            try:
                await (self._socket.send_str(data) if isinstance(data, str) else self._socket.send_bytes(data))
            except ConnectionError:
                return

    def attach(self, session: Session) -> None:
        self.session = session
        session.send = self.send

    def detach(self) -> None:
        """The session, if any, goes on without a connection."""
        if self.session and self.session.send == self.send:
            self.session.send = None
        self.session = None

    def cut(self) -> None:
        """Without a closing handshake: the client sees code 1006."""
        self.detach()
        if self._transport is not None:
            self._transport.abort()

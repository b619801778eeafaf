"""Serves the web page that shows the sandbox to a person, and restarts the bot for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from sandbox.control.handler import forgiving

_STATIC = Path(__file__).parent / "static"


class Site:
    """The routes `/`, `/page/` and `/_sandbox/bot`.

    `restart` is set by whoever runs the bot, and kills it and starts another; None hides the button. `invents` is False
    when the papers are real ones, so that their links lead to the real arXiv.
    """

    def __init__(self) -> None:
        self.restart: Callable[[], Awaitable[None]] | None = None
        self.invents = True

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/", self._index),
            web.static("/page", _STATIC),
            web.get("/_sandbox/bot", self._bot),
            web.post("/_sandbox/bot/restart", forgiving(self._restart)),
        ]

    async def _index(self, request: web.Request) -> web.FileResponse:
        return web.FileResponse(_STATIC / "index.html")

    async def _bot(self, request: web.Request) -> web.Response:
        return web.json_response({"restartable": self.restart is not None, "invents": self.invents})

    async def _restart(self, request: web.Request) -> web.Response:
        """Kill the bot and start another; 404 when the bot was not started by the sandbox."""
        if self.restart is None:
            raise LookupError("the bot was not started from here; restart it where it runs")
        await self.restart()
        return web.Response(status=204)

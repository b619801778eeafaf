"""Soundboards, as far as clients read them at start: https://docs.discord.com/developers/resources/soundboard"""

from __future__ import annotations

from aiohttp import web

from sandbox.discord.answers import answer
from sandbox.discord.handlers import Handlers
from sandbox.discord.model import Json

# The example on the page above; Discord has a few more.
_DEFAULT: Json = {
    "name": "quack",
    "sound_id": "1",
    "volume": 1.0,
    "emoji_id": None,
    "emoji_name": "🦆",
    "available": True,
}


class Soundboard(Handlers):
    """The handlers of the sounds that everybody has, and of a server's own, of which there are none."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/soundboard-default-sounds", self._defaults),
            web.get("/guilds/{guild_id}/soundboard-sounds", self._of_guild),
        ]

    async def _defaults(self, request: web.Request) -> web.Response:
        return answer([_DEFAULT])

    async def _of_guild(self, request: web.Request) -> web.Response:
        self._guild_of(request)
        return answer({"items": []})

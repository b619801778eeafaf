"""The members of a server: https://docs.discord.com/developers/resources/guild#list-guild-members"""

from __future__ import annotations

from aiohttp import web

from sandbox.discord import answers, payloads
from sandbox.discord.answers import answer
from sandbox.discord.handlers import Handlers, identifier, page
from sandbox.discord.sessions import Intent


class Members(Handlers):
    """The handlers of a server's members."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/guilds/{guild_id}/members", self._list), web.get("/guilds/{guild_id}/members/{user_id}", self._one)]

    async def _list(self, request: web.Request) -> web.Response:
        """A page by user id, of one member unless more are asked for."""
        members = self._guild_of(request).members
        if not self._world.privileged & Intent.GUILD_MEMBERS:
            raise answers.missing_access()
        shown = page(request, sorted(members), most=1000, usual=1, newest=False)
        return answer([payloads.member(self._world, members[user_id]) for user_id in shown])

    async def _one(self, request: web.Request) -> web.Response:
        member = self._guild_of(request).members.get(identifier(request, "user_id"))
        if member is None:
            raise answers.unknown_member()
        return answer(payloads.member(self._world, member))

"""The middleware that every request to the Discord API passes: record, faults, rate limits, token, errors."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.control.faults import Fault, Faults
from sandbox.discord import bodies
from sandbox.discord.answers import ApiError, NotImitatedError, answer, unauthorized, usual_body
from sandbox.discord.bodies import BODY
from sandbox.discord.cloudflare import Cloudflare
from sandbox.discord.limits import CALLBACK, RateLimits, is_about_interactions
from sandbox.discord.world import World

PREFIX = "/api/v10"

# Present on all that Discord answers; a 429 without it comes from Cloudflare, and discord.py tells them apart by it.
_VIA = {"Via": "1.1 google"}
_WEBHOOK = "/webhooks/{application_id}/{interaction_token}"
_INCOMING = "/webhooks/{webhook_id}/{webhook_token}"
_KNOWN_QUERY = {
    CALLBACK: frozenset({"with_response"}),
    f"POST {_WEBHOOK}": frozenset({"wait", "with_components"}),
    f"PATCH {_WEBHOOK}/messages/@original": frozenset({"with_components"}),
    f"PATCH {_WEBHOOK}/messages/{{message_id}}": frozenset({"with_components"}),
    f"POST {_INCOMING}": frozenset({"wait", "thread_id", "with_components"}),
    f"GET {_INCOMING}/messages/{{message_id}}": frozenset({"thread_id"}),
    f"PATCH {_INCOMING}/messages/{{message_id}}": frozenset({"thread_id", "with_components"}),
    f"DELETE {_INCOMING}/messages/{{message_id}}": frozenset({"thread_id"}),
    "GET /applications/{application_id}/commands": frozenset({"with_localizations"}),
    "GET /applications/{application_id}/guilds/{guild_id}/commands": frozenset({"with_localizations"}),
    "GET /channels/{channel_id}/messages": frozenset({"limit", "before", "after", "around"}),
    "GET /channels/{channel_id}/messages/pins": frozenset({"limit", "before"}),
    "GET /channels/{channel_id}/messages/{message_id}/reactions/{emoji}": frozenset({"limit", "after", "type"}),
    "GET /channels/{channel_id}/thread-members": frozenset({"limit", "after", "with_member"}),
    "GET /channels/{channel_id}/thread-members/@me": frozenset({"with_member"}),
    "GET /channels/{channel_id}/thread-members/{user_id}": frozenset({"with_member"}),
    "GET /channels/{channel_id}/threads/archived/public": frozenset({"limit", "before"}),
    # discord.py asks so for the form with `message`, which the documentation has alone.
    "POST /channels/{channel_id}/threads": frozenset({"use_nested_fields"}),
    "GET /guilds/{guild_id}": frozenset({"with_counts"}),
    "GET /guilds/{guild_id}/members": frozenset({"limit", "after"}),
    "GET /users/@me/guilds": frozenset({"limit", "before", "after", "with_counts"}),
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Work = Callable[[], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Request:
    """One request to the Discord API, as it came in."""

    method: str
    path: str
    """The path below `/api/v10`, with its query string."""
    route: str
    """Method and template: `POST /channels/{channel_id}/messages`; method and path where no route fits."""
    body: Any
    """Parsed JSON, a form's fields likewise, or None."""
    at: datetime
    """On the sandbox's clock."""
    loop_time: float
    """Real seconds, on the event loop's clock."""
    status: int | None = None
    """The status answered; None until there is one, or when the connection was reset."""


class Front:
    """The middleware, with the record of all `requests` and of the `refusals`, what was asked and is not imitated."""

    def __init__(self, world: World, faults: Faults, limits: RateLimits) -> None:
        self._world = world
        self._faults = faults
        self.limits = limits
        self._cloudflare = Cloudflare(limits, world.clock)
        self.requests: list[Request] = []
        self.refusals: list[str] = []

    @web.middleware
    async def attend(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        record = await self._record(request)
        await asyncio.sleep(self.limits.latency)

        response: web.StreamResponse | None = self._cloudflare.turn_away()
        if response is None:
            response = await self._answer(request, record, handler)
            self._cloudflare.count(response)
        if response is not _SILENCE:
            record.status = response.status
        return response

    async def _answer(self, request: web.Request, record: Request, handler: Handler) -> web.StreamResponse:
        async def work() -> web.StreamResponse:
            return await self._work(request, record, handler)

        fault = self._faults.take(record.route, json.dumps(record.body))
        return await (self._strike(fault, request, work) if fault else work())

    async def _strike(self, fault: Fault, request: web.Request, work: Work) -> web.StreamResponse:
        done = await work() if fault.stored else None
        await self._faults.hold(fault)
        if fault.reset:
            return _hang_up(request)
        if fault.status is not None:
            return _failure(fault, fault.status)
        response = done or await work()
        return response if fault.keep is None else _cut(response, fault.keep)

    async def _record(self, request: web.Request) -> Request:
        resource = request.match_info.route.resource
        template = (resource.canonical if resource else request.path).removeprefix(PREFIX)
        body = request[BODY] = await bodies.read(request)
        path = request.path_qs.removeprefix(PREFIX)
        now = self._world.clock.now()
        loop_time = asyncio.get_running_loop().time()
        record = Request(request.method, path, f"{request.method} {template}", body.fields, now, loop_time)
        self.requests.append(record)
        return record

    async def _work(self, request: web.Request, record: Request, handler: Handler) -> web.StreamResponse:
        verdict = self.limits.admit(record.route, _major(request), self._world.clock.elapsed())
        headers = _VIA | verdict.headers
        if verdict.refusal is not None:
            return answer(verdict.refusal, 429, headers)
        try:
            self._check(request, record.route)
            response = await handler(request)
        except ApiError as error:
            return answer(error.body, error.status, headers | error.headers)
        except NotImitatedError as missing:
            return self._refuse(f"{record.route}: the sandbox does not imitate {missing}", headers)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            return self._refuse(f"{record.route}: the sandbox does not know this route", headers)
        response.headers.update(headers)
        return response

    def _check(self, request: web.Request, route: str) -> None:
        if not _is_open(route) and request.headers.get("Authorization") != f"Bot {self._world.token}":
            raise unauthorized()
        unknown = request.query.keys() - _KNOWN_QUERY.get(route, frozenset())
        if unknown:
            raise NotImitatedError(f"the query parameter {', '.join(sorted(unknown))}")
        if (problem := request[BODY].problem) is not None:
            raise problem

    def _refuse(self, reason: str, headers: dict[str, str]) -> web.Response:
        """Answer 501, which of the clients tried discord.js alone asks again, and note the reason for tests to find."""
        self.refusals.append(reason)
        return answer({"message": reason, "code": 0}, 501, headers)


_SILENCE = web.Response()


def _is_open(route: str) -> bool:
    """Whether the route needs no bot token."""
    return route == "GET /gateway" or is_about_interactions(route) or _INCOMING in route


def _major(request: web.Request) -> str:
    """https://docs.discord.com/developers/topics/rate-limits#rate-limits"""
    parts = (request.match_info.get(name) for name in ("channel_id", "guild_id", "interaction_token", "webhook_id"))
    return next((part for part in parts if part), "")


def _failure(fault: Fault, status: int) -> web.Response:
    body = usual_body(status, fault.headers) if fault.body is None else fault.body
    kind = "application/json" if body.startswith("{") else "text/html"
    headers = {"Content-Type": kind} | _VIA | dict(fault.headers)
    kept = {name: value for name, value in headers.items() if value}
    return web.Response(body=body.encode(), status=status, headers=kept)


def _cut(response: web.StreamResponse, share: float) -> web.Response:
    body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
    return web.Response(body=body[: int(len(body) * share)], headers=_VIA, content_type="application/json")


def _hang_up(request: web.Request) -> web.Response:
    """Reset the TCP connection: lingering for zero seconds makes the kernel send RST instead of an orderly end."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return _SILENCE

"""HTTP routes that change the conditions a client works under (clock, faults, nonces) and show what it has asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields
from datetime import timedelta

from aiohttp import web

from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault, Faults
from sandbox.control.handler import Handler, body_of, forgiving, moment, required
from sandbox.discord.front import Front
from sandbox.discord.world import World


class Conditions:
    """The routes `/_sandbox/clock`, `faults`, `nonces`, `requests` and `refusals`."""

    def __init__(self, world: World, clock: SandboxClock, faults: Faults, front: Front) -> None:
        self._world = world
        self._clock = clock
        self._faults = faults
        self._front = front

    def routes(self) -> list[web.RouteDef]:
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/_sandbox/clock", self._read_clock),
            ("POST", "/_sandbox/clock", self._set_clock),
            ("GET", "/_sandbox/faults", self._read_faults),
            ("POST", "/_sandbox/faults", self._add_fault),
            ("DELETE", "/_sandbox/faults", self._clear_faults),
            ("GET", "/_sandbox/nonces", self._read_nonces),
            ("POST", "/_sandbox/nonces", self._set_nonces),
            ("GET", "/_sandbox/refusals", self._refusals),
            ("GET", "/_sandbox/requests", self._requests),
        ]
        return [web.route(method, path, forgiving(handler)) for method, path, handler in table]

    # --- the clock

    async def _read_clock(self, request: web.Request) -> web.Response:
        """Answer the sandbox's time as bare ISO 8601 text, which is what the bot's CLOCK_URL expects."""
        return web.Response(text=self._clock.now().isoformat())

    async def _set_clock(self, request: web.Request) -> web.Response:
        """Body: {"now": ISO 8601 with its zone} stops the clock there; {"advance": seconds} moves it."""
        body = await body_of(request)
        if "now" in body:
            self._clock.set(moment(body["now"]))
        else:
            self._clock.advance(seconds=float(required(body, "advance")))
        return await self._read_clock(request)

    # --- faults

    async def _add_fault(self, request: web.Request) -> web.Response:
        """Body: the fields of a Fault; only `route` is required."""
        body = await body_of(request)
        unknown = body.keys() - {field.name for field in fields(Fault)}
        if unknown:
            raise ValueError(f"a fault has no field {', '.join(sorted(unknown))}")
        required(body, "route")
        self._faults.add(Fault(**body))
        return web.Response(status=204)

    async def _read_faults(self, request: web.Request) -> web.Response:
        """List the faults that will still strike, each with the `after` and `times` it has left."""
        return web.json_response([asdict(fault) for fault in self._faults.waiting])

    async def _clear_faults(self, request: web.Request) -> web.Response:
        """Remove all faults; requests that one of them is stalling are answered at once."""
        self._faults.clear()
        return web.Response(status=204)

    # --- nonces

    async def _read_nonces(self, request: web.Request) -> web.Response:
        """Answer {"window": seconds that Discord remembers a nonce}, on the sandbox's clock."""
        return web.json_response({"window": self._world.nonce_window.total_seconds()})

    async def _set_nonces(self, request: web.Request) -> web.Response:
        """Body: {"window": seconds}; 0 forgets each nonce at once, so that its repeat makes a second message."""
        seconds = float(required(await body_of(request), "window"))
        if seconds < 0:
            raise ValueError("window is a number of seconds, 0 or more")
        self._world.nonce_window = timedelta(seconds=seconds)
        return await self._read_nonces(request)

    # --- what the client asked for

    async def _refusals(self, request: web.Request) -> web.Response:
        """List what was asked of the Discord API and is not imitated, one sentence each."""
        return web.json_response(self._front.refusals)

    async def _requests(self, request: web.Request) -> web.Response:
        """Count the requests to the Discord API, in all and by route."""
        seen = self._front.requests
        return web.json_response({"count": len(seen), "by_route": Counter(each.route for each in seen)})

"""The network in front of Discord, which shuts out who makes too many invalid requests.

https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
"""

from __future__ import annotations

import math

from aiohttp import web

from sandbox.control.clock import SandboxClock
from sandbox.discord.limits import RateLimits, Window

_COUNTED_FOR = 600.0
_SHUT_OUT_FOR = 3600.0
"""Discord does not publish it (https://github.com/discord/discord-api-docs/pull/1680). Clients were told an hour:
https://github.com/discord/discord-api-docs/issues/5385"""
_INVALID = frozenset({401, 403, 429})
_PAGE = """\
<!DOCTYPE html>
<html lang="en-US">
<head><title>Access denied | discord.com used Cloudflare to restrict access</title></head>
<body><h1><span>Error</span> <span>1015</span></h1><h2>You are being rate limited</h2></body>
</html>
"""


class Cloudflare:
    """All clients of the sandbox count as one, for they come from one address."""

    def __init__(self, limits: RateLimits, clock: SandboxClock) -> None:
        self._limits = limits
        self._clock = clock
        self._window = Window()
        self._shut_out_until = -math.inf

    def turn_away(self) -> web.Response | None:
        """The answer to a client that is shut out: a page, without the `Via` of all that Discord says; None while it is not."""
        left = self._shut_out_until - self._clock.elapsed()
        if left <= 0:
            return None
        return web.Response(text=_PAGE, status=429, content_type="text/html", headers={"Retry-After": str(math.ceil(left))})

    def count(self, response: web.StreamResponse) -> None:
        """Look at what Discord answered; a limit that is shared with others is not held against the client."""
        if response.status not in _INVALID or response.headers.get("X-RateLimit-Scope") == "shared":
            return
        now, most = self._clock.elapsed(), self._limits.invalid
        self._window.take(now, most, _COUNTED_FOR)
        if most is not None and not self._window.left(most):
            self._shut_out_until = now + _SHUT_OUT_FOR

"""Discord's rate limits, in real seconds: they measure the client's speed, whatever the sandbox's clock says."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass, field

from sandbox.discord.answers import rate_limited
from sandbox.discord.model import Json

# Routes that share the limit measured on messages: 5 in 5 seconds a channel. Discord documents no numbers; it sends them.
_MESSAGE_ROUTES = frozenset({"POST /channels/{channel_id}/messages", "PATCH /channels/{channel_id}/messages/{message_id}"})
_GENEROUS = 10_000

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
"""A route without limit and without rate-limit headers, which hikari does not accept here."""


def is_about_interactions(route: str) -> bool:
    """Whether the route is outside the bot's global limit: https://docs.discord.com/developers/topics/rate-limits#global-rate-limit"""
    return "/{interaction_token}" in route


@dataclass(slots=True)
class _Window:
    """A fixed window, opened by its first request, in which a number of requests may be made."""

    _ends: float = 0.0
    _used: int = 0

    def take(self, now: float, most: int, seconds: float) -> bool:
        """Use up one request, and say whether there was room; a refusal uses nothing up."""
        if now >= self._ends:
            self._ends, self._used = now + seconds, 0
        if self._used >= most:
            return False
        self._used += 1
        return True

    def left(self, most: int) -> int:
        return max(most - self._used, 0)

    def resets_in(self, now: float) -> float:
        return max(self._ends - now, 0.001)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the limits say to a request: `headers` for its answer, and `refusal`, the body of a 429 or None."""

    headers: dict[str, str]
    refusal: Json | None = None


@dataclass(slots=True)
class RateLimits:
    """The limits and their counters; None means no limit. Headers are always sent: discord.py queues on routes without them."""

    per_channel: int | None = 5
    """Messages made (and, apart, edited) in one channel per `channel_window` seconds."""
    channel_window: float = 5.0
    per_second: int | None = 50
    """Requests of the bot in all."""
    latency: float = 0.0
    """Seconds each answer takes longer."""
    global_refusals: int = 0
    """How many 429s for the global limit were answered; the next field counts those of a channel's limit."""
    bucket_refusals: int = 0
    _global: _Window = field(default_factory=_Window, init=False)
    _buckets: dict[tuple[str, str], _Window] = field(default_factory=dict, init=False)

    @classmethod
    def off(cls) -> RateLimits:
        return cls(per_channel=None, per_second=None)

    def admit(self, route: str, major: str) -> Verdict:
        """Count a request; `major` is the channel or server that the route's bucket belongs to."""
        if route == CALLBACK:
            return Verdict({})
        now = asyncio.get_running_loop().time()
        counted = not is_about_interactions(route)
        if counted and self.per_second is not None and not self._global.take(now, self.per_second, 1.0):
            self.global_refusals += 1
            body, headers = rate_limited(self._global.resets_in(now), everywhere=True)
            return Verdict(headers, body)
        most, seconds = self._limit(route)
        bucket = self._buckets.setdefault((route, major), _Window())
        admitted = bucket.take(now, most, seconds)
        headers = _bucket_headers(route, most, bucket.left(most), bucket.resets_in(now))
        if admitted:
            return Verdict(headers)
        self.bucket_refusals += 1
        body, refused = rate_limited(bucket.resets_in(now), everywhere=False)
        return Verdict(headers | refused, body)

    def _limit(self, route: str) -> tuple[int, float]:
        if self.per_channel is not None and route in _MESSAGE_ROUTES:
            return self.per_channel, self.channel_window
        return _GENEROUS, 1.0


def _bucket_headers(route: str, most: int, left: int, resets_in: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(most),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{time.time() + resets_in:.3f}",
        "X-RateLimit-Reset-After": f"{resets_in:.3f}",
        "X-RateLimit-Bucket": hashlib.sha256(route.encode()).hexdigest()[:32],
    }

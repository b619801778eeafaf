"""Discord's rate limits, on the seconds of SandboxClock.elapsed: they measure the client's speed."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
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
class Window:
    """A fixed window, opened by the first that is counted in it, with room for a number."""

    _ends: float = 0.0
    _used: int = 0

    def take(self, now: float, most: int | None, seconds: float) -> bool:
        """Use up one, and say whether there was room; a refusal uses nothing up. None: there always is."""
        if now >= self._ends:
            self._ends, self._used = now + seconds, 0
        if most is not None and self._used >= most:
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
    """The limits, and how often each was exceeded; None means no limit.

    Headers are always sent: discord.py queues on routes without them.
    """

    per_channel: int | None = 5
    """Messages made (and, apart, edited) in one channel per `channel_window` seconds."""
    channel_window: float = 5.0
    per_second: int | None = 50
    """Requests of the bot in all."""
    old_edits: int | None = 3
    """Edits of messages older than an hour, in one channel per `old_edit_window` seconds: pages/resources/message.mdx of
    https://github.com/discord-userdoccers/discord-userdoccers. Discord itself documents the code 30046 alone."""
    old_edit_window: float = 6.0
    invalid: int | None = 10_000
    """Requests answered with 401, 403 or 429 in ten minutes, after which Cloudflare shuts the client out."""
    events: int | None = 120
    """What a client sends over one connection to the gateway per minute."""
    identifies: int | None = 1
    """Sessions begun at the gateway per `identify_window` seconds."""
    identify_window: float = 5.0
    latency: float = 0.0
    """Seconds each answer takes longer."""
    exceeded: Counter[str] = field(default_factory=Counter)
    """By the name of the field: `exceeded["per_second"]`."""
    _global: Window = field(default_factory=Window, init=False)
    _buckets: dict[tuple[str, str], Window] = field(default_factory=lambda: defaultdict(Window), init=False)
    _old_edits: dict[int, Window] = field(default_factory=lambda: defaultdict(Window), init=False)
    _identifies: Window = field(default_factory=Window, init=False)

    @classmethod
    def off(cls) -> RateLimits:
        return cls(per_channel=None, per_second=None, old_edits=None, invalid=None, events=None, identifies=None)

    @classmethod
    def paced(cls, pace: float) -> RateLimits:
        """Discord's counts, but a well-behaved client sits its waits out so many times faster: Discord's own are for no test.

        What no such client runs into, by its own speed, keeps its seconds.
        """
        usual = cls()
        return cls(
            channel_window=usual.channel_window / pace,
            old_edit_window=usual.old_edit_window / pace,
            identify_window=usual.identify_window / pace,
        )

    def admit(self, route: str, major: str, now: float) -> Verdict:
        """Count a request; `major` is the channel or server that the route's bucket belongs to."""
        if route == CALLBACK:
            return Verdict({})
        if not is_about_interactions(route) and not self._global.take(now, self.per_second, 1.0):
            self.exceeded["per_second"] += 1
            body, headers = rate_limited(self._global.resets_in(now), everywhere=True)
            return Verdict(headers, body)
        most, seconds = self._limit(route)
        bucket = self._buckets[route, major]
        admitted = bucket.take(now, most, seconds)
        headers = _bucket_headers(route, most, bucket.left(most), bucket.resets_in(now))
        if admitted:
            return Verdict(headers)
        self.exceeded["per_channel"] += 1
        body, refused = rate_limited(bucket.resets_in(now), everywhere=False)
        return Verdict(headers | refused, body)

    def admit_old_edit(self, channel_id: int, now: float) -> float:
        """Count an edit of an old message; 0, or how many seconds too early it comes."""
        window = self._old_edits[channel_id]
        if window.take(now, self.old_edits, self.old_edit_window):
            return 0.0
        self.exceeded["old_edits"] += 1
        return window.resets_in(now)

    def admit_event(self, connection: Window, now: float) -> bool:
        """Count what a client sends to the gateway over one connection."""
        if connection.take(now, self.events, 60.0):
            return True
        self.exceeded["events"] += 1
        return False

    def admit_identify(self, now: float) -> bool:
        """Count a session, of whatever shard."""
        if self._identifies.take(now, self.identifies, self.identify_window):
            return True
        self.exceeded["identifies"] += 1
        return False

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

"""Rate limits: off, and as Discord's headers tell them."""

from __future__ import annotations

import asyncio

from sandbox.discord.limits import RateLimits
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http


async def test_every_route_has_headers_with_room_while_limits_are_off(http: Http, sandbox: Sandbox) -> None:
    replies = [await http.post({"content": str(number)}) for number in range(8)]
    assert {reply.status for reply in replies} == {200}
    for reply in (*replies, await http("GET", "/users/@me")):
        assert int(reply.headers["X-RateLimit-Remaining"]) > 100
        assert {"X-RateLimit-Limit", "X-RateLimit-Reset", "X-RateLimit-Reset-After", "X-RateLimit-Bucket"} <= set(reply.headers)
        assert reply.headers["Content-Type"] == "application/json"


async def test_the_sixth_message_in_a_channel_waits(http: Http, sandbox: Sandbox) -> None:
    sandbox.limits.per_channel = 5
    replies = [await http.post({"content": str(number)}) for number in range(6)]
    assert [reply.status for reply in replies] == [200] * 5 + [429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies[:5]] == ["4", "3", "2", "1", "0"]
    refused = replies[5]
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.headers["Via"]
    assert refused.json["global"] is False
    assert 0 < refused.json["retry_after"] <= 5
    assert int(refused.headers["Retry-After"]) >= refused.json["retry_after"]
    assert sandbox.limits.bucket_refusals == 1
    assert (await http.post({"content": "elsewhere"}, sandbox.world.general.id)).status == 200
    assert len(sandbox.world.messages(sandbox.world.papers.id)) == 5


async def test_the_fifty_first_request_in_a_second_is_refused_everywhere(http: Http, sandbox: Sandbox) -> None:
    sandbox.limits.per_second = 50
    replies = await asyncio.gather(*(http("GET", "/users/@me") for _ in range(60)))
    refused = [reply for reply in replies if reply.status == 429]
    assert len(refused) == sandbox.limits.global_refusals > 0
    assert all(reply.json["global"] and reply.headers["X-RateLimit-Global"] == "true" for reply in refused)
    assert 0 < refused[0].json["retry_after"] <= 1


def test_the_numbers_measured_at_discord() -> None:
    limits = RateLimits()
    assert (limits.per_channel, limits.channel_window, limits.per_second) == (5, 5.0, 50)

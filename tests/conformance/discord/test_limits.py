"""Rate limits, as Discord documents them or tells them in headers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.control.clock import SandboxClock
from sandbox.control.faults import Fault
from sandbox.discord.limits import RateLimits
from sandbox.discord.model import Channel, Message
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import NOW, Http, Reply
from tests.conformance.discord.test_gateway import Caller
from tests.conformance.discord.test_gateway import caller as caller


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """With its limits, and a clock that a test moves instead of waiting."""
    async with Sandbox(SandboxClock(NOW)) as running:
        yield running


def test_the_numbers_measured_at_discord() -> None:
    limits = Sandbox().limits
    assert (limits.per_channel, limits.channel_window, limits.per_second) == (5, 5.0, 50)
    assert (limits.old_edits, limits.old_edit_window, limits.invalid) == (3, 6.0, 10_000)
    assert (limits.events, limits.identifies, limits.identify_window) == (120, 1, 5.0)


def test_a_pace_shortens_what_a_good_client_waits_for_and_no_count() -> None:
    paced = RateLimits.paced(20)
    assert (paced.channel_window, paced.old_edit_window, paced.identify_window) == (0.25, 0.3, 0.25)
    paced.channel_window, paced.old_edit_window, paced.identify_window = 5.0, 6.0, 5.0
    assert paced == RateLimits()


# --- requests


async def test_every_route_has_headers_with_room_while_limits_are_off(http: Http, sandbox: Sandbox) -> None:
    sandbox.limits.per_channel = None
    replies = [await http.post({"content": str(number)}) for number in range(8)]
    assert {reply.status for reply in replies} == {200}
    for reply in (*replies, await http("GET", "/users/@me")):
        assert int(reply.headers["X-RateLimit-Remaining"]) > 100
        assert {"X-RateLimit-Limit", "X-RateLimit-Reset", "X-RateLimit-Reset-After", "X-RateLimit-Bucket"} <= set(reply.headers)
        assert reply.headers["Content-Type"] == "application/json"


async def test_the_sixth_message_in_a_channel_waits(http: Http, sandbox: Sandbox) -> None:
    replies = [await http.post({"content": str(number)}) for number in range(6)]
    assert [reply.status for reply in replies] == [200] * 5 + [429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies[:5]] == ["4", "3", "2", "1", "0"]
    refused = replies[5]
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.headers["Via"]
    assert refused.json["global"] is False
    assert 0 < refused.json["retry_after"] <= 5
    assert int(refused.headers["Retry-After"]) >= refused.json["retry_after"]
    assert sandbox.limits.exceeded == {"per_channel": 1}
    assert (await http.post({"content": "elsewhere"}, sandbox.world.general.id)).status == 200
    assert len(sandbox.world.messages(sandbox.world.papers.id)) == 5
    sandbox.clock.advance(seconds=refused.json["retry_after"])
    assert (await http.post({"content": "patience"})).status == 200


async def test_the_fifty_first_request_in_a_second_is_refused_everywhere(http: Http, sandbox: Sandbox) -> None:
    replies = await asyncio.gather(*(http("GET", "/users/@me") for _ in range(60)))
    refused = [reply for reply in replies if reply.status == 429]
    assert len(refused) == sandbox.limits.exceeded["per_second"] > 0
    assert all(reply.json["global"] and reply.headers["X-RateLimit-Global"] == "true" for reply in refused)
    assert 0 < refused[0].json["retry_after"] <= 1


# --- edits of old messages


async def edit(http: Http, channel: Channel, message: Message) -> Reply:
    return await http("PATCH", f"/channels/{channel.id}/messages/{message.id}", {"content": "edited"})


async def test_the_fourth_edit_of_messages_older_than_an_hour_waits(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    old = [world.post(world.papers.id, str(number)) for number in range(4)]
    elsewhere = world.post(world.general.id, "old too")
    sandbox.clock.advance(hours=1, seconds=1)
    young = world.post(world.papers.id, "young")
    assert [(await edit(http, world.papers, message)).status for message in old[:3]] == [200] * 3

    refused = await edit(http, world.papers, old[3])

    assert (refused.status, refused.json["code"], refused.json["global"]) == (429, 30046, False)
    assert refused.json["message"] == "Maximum number of edits to messages older than 1 hour reached. Try again later"
    assert refused.headers["Via"]
    assert int(refused.headers["X-RateLimit-Remaining"]) > 0
    assert 0 < refused.json["retry_after"] <= 6
    assert (old[3].content, old[3].edited_timestamp) == ("3", None)
    assert (await edit(http, world.papers, young)).status == 200
    assert (await edit(http, world.general, elsewhere)).status == 200
    sandbox.clock.advance(seconds=refused.json["retry_after"])
    assert (await edit(http, world.papers, old[3])).status == 200


# --- invalid requests


async def test_too_many_invalid_requests_shut_the_client_out(http: Http, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans"""
    sandbox.limits.invalid = 3
    sandbox.world.deny(sandbox.world.papers.id, "SEND_MESSAGES")
    sandbox.faults.add(Fault("GET /gateway", status=429))
    invalid = [
        await http("GET", "/users/@me", token="no.such.token"),
        await http.post({"content": "forbidden"}),
        await http("GET", "/gateway"),
    ]
    assert [reply.status for reply in invalid] == [401, 403, 429]

    shut_out = await http("GET", "/users/@me")

    assert (shut_out.status, shut_out.headers["Retry-After"]) == (429, "3600")
    assert "Via" not in shut_out.headers
    assert shut_out.headers["Content-Type"].startswith("text/html")
    assert "<title>Access denied | discord.com used Cloudflare to restrict access</title>" in shut_out.text
    sandbox.clock.advance(minutes=59)
    assert (await http("GET", "/users/@me")).status == 429
    sandbox.clock.advance(minutes=1)
    assert (await http("GET", "/users/@me")).status == 200


async def test_what_is_no_fault_of_the_clients_does_not_count(http: Http, sandbox: Sandbox) -> None:
    sandbox.limits.invalid = 1
    sandbox.faults.add(Fault("GET /gateway", status=429, headers={"X-RateLimit-Scope": "shared"}))
    sandbox.faults.add(Fault("GET /gateway", status=503))
    statuses = [(await http("GET", path)).status for path in ("/gateway", "/gateway", "/channels/1", "/gateway")]
    assert statuses == [429, 503, 404, 200]


async def test_invalid_requests_are_forgotten_after_ten_minutes(http: Http, sandbox: Sandbox) -> None:
    sandbox.limits.invalid = 2
    for _ in range(3):
        assert (await http("GET", "/users/@me", token="no.such.token")).status == 401
        sandbox.clock.advance(minutes=10)
    assert (await http("GET", "/users/@me")).status == 200


# --- the gateway

IDLE: dict[str, Any] = {"status": "idle", "activities": [], "since": None, "afk": False}


async def test_the_hundred_and_twenty_first_event_in_a_minute_ends_the_connection(caller: Caller) -> None:
    """https://docs.discord.com/developers/events/gateway#rate-limiting"""
    line, ready = await caller.identify()
    for _ in range(118):
        await line.say(3, IDLE)
    await line.say(1, None)
    assert await line.hear() == (11, None, None)
    await line.say(3, IDLE)
    assert await line.close_code() == 4008
    again = await caller.resume(ready, line.sequence)
    assert (await again.hear_event())[0] == "RESUMED"


async def test_another_minute_has_room_for_other_events(caller: Caller, sandbox: Sandbox) -> None:
    line, _ = await caller.identify()
    for _ in range(2):
        for _ in range(100):
            await line.say(3, IDLE)
        await line.say(1, None)
        assert await line.hear() == (11, None, None)
        sandbox.clock.advance(minutes=1)


async def test_a_second_session_within_five_seconds_is_invalid(caller: Caller, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/events/gateway#session-start-limit-object"""
    first, _ = await caller.identify(shard=[0, 2])
    second = await caller.connect()
    await second.say(2, caller.identity(shard=[1, 2]))
    assert await second.hear() == (9, None, False)
    sandbox.clock.advance(seconds=5)
    await second.say(2, caller.identity(shard=[1, 2]))
    assert (await second.hear_event())[0] == "READY"
    assert not first.socket.closed


async def test_a_silent_client_is_cut_off_and_may_resume(caller: Caller, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/events/gateway#heartbeat-interval"""
    line, ready = await caller.identify()
    sequence = line.sequence
    sandbox.gateway.drop()
    sandbox.gateway.heartbeat_interval = 0.1
    silent = await caller.resume(ready, sequence, heartbeat=100)
    assert (await silent.hear_event())[0] == "RESUMED"
    assert await silent.close_code() == 1006
    assert not sandbox.gateway.connected.is_set()
    beating = await caller.resume(ready, silent.sequence, heartbeat=100)
    assert (await beating.hear_event())[0] == "RESUMED"
    for _ in range(15):  # an answer takes 20 ms, so that these take three intervals
        await beating.say(1, beating.sequence)
        assert await beating.hear() == (11, None, None)
    assert sandbox.gateway.connected.is_set()

"""The gateway's protocol, spoken by hand."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.discord.sessions import Intent
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http


class Line:
    """One connection; `hear` gives (op, event, data)."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sequence: int | None = None

    async def say(self, op: int, data: Any = None) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def hear(self) -> tuple[int, str | None, Any]:
        payload = json.loads(await self.socket.receive_str(timeout=5))
        self.sequence = payload["s"] or self.sequence
        return payload["op"], payload["t"], payload["d"]

    async def hear_event(self) -> tuple[str | None, Any]:
        op, event, data = await self.hear()
        assert op == 0
        return event, data

    async def close_code(self) -> int | None:
        message = await self.socket.receive(timeout=5)
        assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        return self.socket.close_code


class Caller:
    def __init__(self, session: aiohttp.ClientSession, sandbox: Sandbox) -> None:
        self._session = session
        self._sandbox = sandbox

    async def connect(self, heartbeat: int = 41250) -> Line:
        """Past HELLO, which names the milliseconds between two heartbeats."""
        line = Line(await self._session.ws_connect(self._sandbox.gateway_url + "?v=10&encoding=json"))
        assert await line.hear() == (10, None, {"heartbeat_interval": heartbeat})
        return line

    def identity(self, intents: int = Intent.GUILDS, **more: Any) -> dict[str, Any]:
        return {"token": self._sandbox.world.token, "intents": int(intents), "properties": {}} | more

    async def identify(self, intents: int = Intent.GUILDS, **more: Any) -> tuple[Line, Any]:
        """Past READY and, with the intent for it, the first server."""
        line = await self.connect()
        await line.say(2, self.identity(intents, **more))
        event, ready = await line.hear_event()
        assert event == "READY"
        if intents & Intent.GUILDS:
            assert (await line.hear_event())[0] == "GUILD_CREATE"
        return line, ready

    async def resume(self, ready: Any, sequence: int | None, heartbeat: int = 41250) -> Line:
        line = await self.connect(heartbeat)
        await line.say(6, {"token": self._sandbox.world.token, "session_id": ready["session_id"], "seq": sequence})
        return line


@pytest.fixture
async def caller(sandbox: Sandbox) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, sandbox)


async def test_rest_names_the_gateway(http: Http, sandbox: Sandbox) -> None:
    bot = (await http("GET", "/gateway/bot")).json
    assert (await http("GET", "/gateway")).json == {"url": sandbox.gateway_url}
    assert (bot["url"], bot["shards"], bot["session_start_limit"]["max_concurrency"]) == (sandbox.gateway_url, 1, 1)


async def test_ready_and_the_first_server(caller: Caller, sandbox: Sandbox) -> None:
    world = sandbox.world
    thread = world.add_channel(world.lab, "talk", 11, world.papers)
    line = await caller.connect()
    await line.say(1, None)
    assert await line.hear() == (11, None, None)
    await line.say(2, caller.identity())
    event, ready = await line.hear_event()
    assert (event, ready["v"], ready["resume_gateway_url"]) == ("READY", 10, sandbox.gateway_url)
    assert ready["guilds"] == [{"id": str(world.lab.id), "unavailable": True}]
    assert ready["application"]["id"] == ready["user"]["id"] == str(world.bot.id)
    event, guild = await line.hear_event()
    assert (event, guild["unavailable"], guild["member_count"]) == ("GUILD_CREATE", False, 4)
    assert [channel["name"] for channel in guild["channels"]] == ["papers", "general"]
    assert [each["id"] for each in guild["threads"]] == [str(thread.id)]
    assert [member["user"]["id"] for member in guild["members"]] == [str(world.bot.id)]
    assert sandbox.gateway.connected.is_set()


async def test_compressed_in_one_stream(sandbox: Sandbox) -> None:
    query = "?v=10&encoding=json&compress=zlib-stream"
    async with aiohttp.ClientSession() as session, session.ws_connect(sandbox.gateway_url + query) as socket:
        inflate = zlib.decompressobj()
        await socket.send_json({"op": 1, "d": None})
        frames = [await socket.receive_bytes(timeout=5) for _ in range(2)]
        assert all(frame.endswith(b"\x00\x00\xff\xff") for frame in frames)
        assert [json.loads(inflate.decompress(frame))["op"] for frame in frames] == [10, 11]


@pytest.mark.parametrize(
    ("op", "change", "code"),
    [
        (2, {"token": "not.the.token"}, 4004),
        (2, {"intents": None}, 4013),
        (2, {"intents": Intent.GUILDS | Intent.GUILD_MEMBERS}, 4014),
        (2, {"intents": Intent.MESSAGE_CONTENT}, 4014),
        (2, {"shard": [1, 1]}, 4010),
        (2, {"properties": {"os": "x" * 4096}}, 4002),
        (3, {}, 4003),
        (99, {}, 4001),
        ("two", {}, 4002),
    ],
)
async def test_mistakes_close_the_line(caller: Caller, op: Any, change: Any, code: int) -> None:
    line = await caller.connect()
    await line.say(op, caller.identity() | change)
    assert await line.close_code() == code


async def test_identifying_twice(caller: Caller) -> None:
    line, _ = await caller.identify()
    await line.say(2, caller.identity())
    assert await line.close_code() == 4005


async def test_only_what_was_asked_for_is_told(caller: Caller, sandbox: Sandbox) -> None:
    world = sandbox.world
    for_guilds, _ = await caller.identify(Intent.GUILDS)
    for_messages, _ = await caller.identify(Intent.GUILD_MESSAGES)
    world.post(world.papers.id, "by the bot")
    world.post(world.papers.id, "by somebody", author=world.member)
    world.post(world.papers.id, f"to <@{world.bot.id}>", author=world.member)
    world.add_channel(world.lab, "more")
    assert (await for_guilds.hear_event())[0] == "CHANNEL_CREATE"
    told = [await for_messages.hear_event() for _ in range(3)]
    assert [event for event, _ in told] == ["MESSAGE_CREATE"] * 3
    assert [data["content"] for _, data in told] == ["by the bot", "", f"to <@{world.bot.id}>"]


async def test_hidden_channels_stay_hidden(caller: Caller, sandbox: Sandbox) -> None:
    world = sandbox.world
    line, _ = await caller.identify(Intent.GUILDS | Intent.GUILD_MESSAGES)
    world.deny(world.papers.id, "VIEW_CHANNEL")
    world.post(world.papers.id, "unseen")
    world.add_channel(world.lab, "unseen", 11, world.papers)
    sent = world.post(world.general.id, "seen", tts=True)
    world.edit(sent, {"content": "changed"})
    world.delete_message(world.general.id, sent.id)
    told = [await line.hear_event() for _ in range(4)]
    assert [event for event, _ in told] == ["CHANNEL_UPDATE", "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"]
    # https://docs.discord.com/developers/events/gateway-events#message-update
    assert [(data["content"], data["tts"]) for _, data in told[1:3]] == [("seen", True), ("changed", False)]
    assert told[3][1] == {"id": str(sent.id), "channel_id": str(world.general.id), "guild_id": str(world.lab.id)}


async def test_a_dropped_line_is_resumed_with_what_was_missed(caller: Caller, sandbox: Sandbox) -> None:
    line, ready = await caller.identify()
    sandbox.gateway.drop()
    assert await line.close_code() == 1006
    assert not sandbox.gateway.connected.is_set()
    channels = [sandbox.world.add_channel(sandbox.world.lab, name) for name in ("one", "two")]
    again = await caller.resume(ready, line.sequence)
    told = [await again.hear_event() for _ in range(3)]
    assert [event for event, _ in told] == ["CHANNEL_CREATE", "CHANNEL_CREATE", "RESUMED"]
    assert [data["id"] for _, data in told[:2]] == [str(channel.id) for channel in channels]
    sandbox.world.delete_channel(channels[0].id)
    assert (await again.hear_event())[0] == "CHANNEL_DELETE"


async def test_sessions_that_cannot_be_resumed(caller: Caller, sandbox: Sandbox) -> None:
    line, ready = await caller.identify()
    too_far = await caller.resume(ready, 99)
    assert await too_far.close_code() == 4007
    sandbox.gateway.invalidate()
    assert await line.hear() == (9, None, False)
    again = await caller.resume(ready, line.sequence)
    assert await again.hear() == (9, None, False)
    await again.say(2, caller.identity())
    assert (await again.hear_event())[0] == "READY"


async def test_what_is_long_past_is_forgotten(caller: Caller, sandbox: Sandbox) -> None:
    line, ready = await caller.identify()
    sandbox.gateway.drop()
    for number in range(1001):
        sandbox.world.rename_channel(sandbox.world.papers.id, f"papers-{number}")
    again = await caller.resume(ready, line.sequence)
    assert await again.hear() == (9, None, False)


async def test_closing_for_good_ends_the_session(caller: Caller, sandbox: Sandbox) -> None:
    line, ready = await caller.identify()
    await line.socket.close(code=1000)
    again = await caller.resume(ready, line.sequence)
    assert await again.hear() == (9, None, False)


async def test_asked_to_reconnect(caller: Caller, sandbox: Sandbox) -> None:
    line, ready = await caller.identify()
    sandbox.gateway.ask_to_reconnect()
    assert await line.hear() == (7, None, None)
    await line.socket.close(code=4000)
    again = await caller.resume(ready, line.sequence)
    assert (await again.hear_event())[0] == "RESUMED"


async def test_refused_at_the_door(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.gateway.refusing = True
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await caller.connect()
    assert caught.value.status == 503
    sandbox.gateway.refusing = False
    await caller.identify()


async def test_shards_share_the_servers(caller: Caller, sandbox: Sandbox) -> None:
    servers = {str(sandbox.world.lab.id)}
    for number in range(5):
        sandbox.clock.advance(milliseconds=1)
        servers.add(str(sandbox.world.add_guild(f"Lab {number}").id))
    seen: list[str] = []
    for number in range(2):
        line = await caller.connect()
        await line.say(2, caller.identity(shard=[number, 2]))
        _, ready = await line.hear_event()
        assert all((int(guild["id"]) >> 22) % 2 == number for guild in ready["guilds"])
        seen += [guild["id"] for guild in ready["guilds"]]
    assert sorted(seen) == sorted(servers)


async def test_what_the_gateway_does_not_imitate_is_said(caller: Caller, sandbox: Sandbox) -> None:
    line, _ = await caller.identify()
    await line.say(3, {"status": "idle", "activities": [], "since": None, "afk": False})
    await line.say(8, {"guild_id": str(sandbox.world.lab.id), "query": "", "limit": 0})
    await line.say(1, None)
    assert await line.hear() == (11, None, None)
    assert sandbox.refusals == ["gateway: the sandbox does not imitate requests for members"]

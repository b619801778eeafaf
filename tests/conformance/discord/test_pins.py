"""Pins: https://docs.discord.com/developers/resources/message#get-channel-pins"""

from __future__ import annotations

from urllib.parse import quote

import discord
import pytest

from sandbox.discord.model import Message
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import NOW, Http
from tests.conformance.discord.labbot import LabBot

ROUTES = ["messages/pins", "pins"]
"""Today's, and the deprecated one."""


@pytest.fixture
def message(sandbox: Sandbox) -> Message:
    sandbox.world.allow(sandbox.world.papers.id, "PIN_MESSAGES")
    return sandbox.world.post(sandbox.world.papers.id, "A paper", author=sandbox.world.member)


@pytest.mark.parametrize("route", ROUTES)
async def test_pinned_and_unpinned(http: Http, sandbox: Sandbox, message: Message, route: str) -> None:
    """The channel is told, once."""
    pins = f"/channels/{message.channel_id}/{route}"
    for _ in range(2):
        assert (await http("PUT", f"{pins}/{message.id}")).status == 204
    [_, told] = sandbox.world.messages(message.channel_id)
    place = {"channel_id": str(message.channel_id), "guild_id": str(sandbox.world.lab.id)}
    assert (told.kind, told.reference) == (6, place | {"type": 0, "message_id": str(message.id)})
    read = (await http("GET", f"/channels/{message.channel_id}/messages/{message.id}")).json
    assert read["pinned"] is True
    channel = (await http("GET", f"/channels/{message.channel_id}")).json
    assert channel["last_pin_timestamp"] == NOW.isoformat()
    for _ in range(2):
        assert (await http("DELETE", f"{pins}/{message.id}")).status == 204
    assert (await http("GET", f"/channels/{message.channel_id}/pins")).json == []


async def test_the_list_begins_with_the_last_one_pinned(http: Http, sandbox: Sandbox, message: Message) -> None:
    second = sandbox.world.post(message.channel_id, "Another")
    for each in (second, message):
        sandbox.world.pin(each, sandbox.world.member)
        sandbox.clock.advance(hours=1)
    pins = f"/channels/{message.channel_id}/messages/pins"
    listed = (await http("GET", pins)).json
    assert [item["message"]["id"] for item in listed["items"]] == [str(message.id), str(second.id)]
    assert listed["has_more"] is False
    first = (await http("GET", f"{pins}?limit=1")).json
    assert ([item["message"]["content"] for item in first["items"]], first["has_more"]) == (["A paper"], True)
    rest = (await http("GET", f"{pins}?before={quote(first['items'][0]['pinned_at'])}")).json
    assert ([item["message"]["content"] for item in rest["items"]], rest["has_more"]) == (["Another"], False)
    assert (await http("GET", f"{pins}?before=yesterday")).faults("before") == ["DATE_TIME_TYPE_PARSE"]
    assert (await http("GET", f"{pins}?limit=51")).faults("limit") == ["NUMBER_TYPE_MAX"]


async def test_without_read_message_history_there_are_none(http: Http, sandbox: Sandbox, message: Message) -> None:
    sandbox.world.pin(message, sandbox.world.member)
    sandbox.world.deny(message.channel_id, "READ_MESSAGE_HISTORY")
    assert (await http("GET", f"/channels/{message.channel_id}/messages/pins")).json == {"items": [], "has_more": False}
    assert (await http("GET", f"/channels/{message.channel_id}/pins")).json == []


async def test_what_is_refused(http: Http, sandbox: Sandbox, message: Message) -> None:
    """Manage Messages is not enough since 2026-02-23: https://docs.discord.com/developers/change-log"""
    world = sandbox.world
    pins = f"/channels/{message.channel_id}/messages/pins"
    elsewhere = world.post(world.general.id, "Elsewhere")
    assert (await http("PUT", f"{pins}/{elsewhere.id}")).json["code"] == 50019
    assert (await http("PUT", f"{pins}/1")).json["code"] == 10008
    world.deny(message.channel_id, "PIN_MESSAGES")
    world.allow(message.channel_id, "MANAGE_MESSAGES")
    for method in ("PUT", "DELETE"):
        refused = await http(method, f"{pins}/{message.id}")
        assert (refused.status, refused.json["code"]) == (403, 50013)
    thread = world.add_channel(world.lab, "talk", 11, world.general)
    world.allow(world.general.id, "PIN_MESSAGES")
    inside = world.post(thread.id, "c")
    world.archive_thread(thread.id)
    assert (await http("PUT", f"/channels/{thread.id}/pins/{inside.id}")).json["code"] == 50083


async def test_250_are_the_most(http: Http, sandbox: Sandbox, message: Message) -> None:
    for _ in range(250):
        sandbox.world.post(message.channel_id, "c").pinned_at = NOW
    refused = await http("PUT", f"/channels/{message.channel_id}/messages/pins/{message.id}")
    assert (refused.status, refused.json["code"]) == (400, 30003)


async def test_a_direct_message_is_pinned_without_permission(http: Http, sandbox: Sandbox) -> None:
    direct = sandbox.world.add_direct_message(sandbox.world.member)
    message = sandbox.world.post(direct.id, "psst")
    assert (await http("PUT", f"/channels/{direct.id}/messages/pins/{message.id}")).status == 204
    assert message.pinned_at == NOW


async def test_discord_py_pins(bot: LabBot, sandbox: Sandbox, message: Message) -> None:
    channel = bot.get_channel(message.channel_id)
    assert isinstance(channel, discord.TextChannel)
    seen = await channel.fetch_message(message.id)
    await seen.pin()
    _, pinned_at = await bot.seen("guild_channel_pins_update")
    assert pinned_at == NOW
    [pinned] = [each async for each in channel.pins()]
    assert (pinned.id, pinned.pinned, pinned.pinned_at) == (message.id, True, NOW)
    await seen.unpin()
    _, pinned_at = await bot.seen("guild_channel_pins_update", times=2)
    assert pinned_at is None

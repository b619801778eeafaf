"""Replies: https://docs.discord.com/developers/resources/message#message-reference-content-attribution-replies"""

from __future__ import annotations

from typing import Any

import discord
import pytest

from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.test_discord_py import papers


async def reply(http: Http, message_id: int | str, **parts: Any) -> Any:
    return await http.post({"content": "Indeed", "message_reference": {"message_id": str(message_id)} | parts})


async def test_a_reply_names_what_it_answers(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    asked = world.post(world.papers.id, "Is it?", author=world.member)
    first = (await reply(http, asked.id)).json
    place = {"channel_id": str(world.papers.id), "guild_id": str(world.lab.id)}
    assert (first["type"], first["message_reference"]) == (19, place | {"type": 0, "message_id": str(asked.id)})
    assert first["referenced_message"]["content"] == "Is it?"
    assert [user["username"] for user in first["mentions"]] == ["emmy"]
    second = (await reply(http, first["id"])).json
    assert second["referenced_message"]["id"] == first["id"]
    assert "referenced_message" not in second["referenced_message"]
    world.delete_message(world.papers.id, asked.id)
    read = (await http("GET", f"/channels/{world.papers.id}/messages/{first['id']}")).json
    assert (read["referenced_message"], read["message_reference"]["message_id"]) == (None, str(asked.id))


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [(None, ["emmy"]), ({"parse": ["users"]}, []), ({"parse": [], "replied_user": True}, ["emmy"]), ({}, [])],
)
async def test_whether_the_author_is_pinged(http: Http, sandbox: Sandbox, allowed: Any, pinged: list[str]) -> None:
    """https://docs.discord.com/developers/resources/message#allowed-mentions-object"""
    asked = sandbox.world.post(sandbox.world.papers.id, "Is it?", author=sandbox.world.member)
    body = {"content": "c", "message_reference": {"message_id": str(asked.id)}, "allowed_mentions": allowed}
    assert [user["username"] for user in (await http.post(body)).json["mentions"]] == pinged


async def test_what_does_not_exist(http: Http, sandbox: Sandbox) -> None:
    """In another channel it does not exist either."""
    elsewhere = sandbox.world.post(sandbox.world.general.id, "Is it?")
    for message_id in (1, elsewhere.id):
        assert (await reply(http, message_id)).faults("message_reference") == ["MESSAGE_REFERENCE_UNKNOWN_MESSAGE"]
    plain = (await reply(http, 1, fail_if_not_exists=False)).json
    assert (plain["type"], plain["content"], "message_reference" in plain) == (0, "Indeed", False)


async def test_what_cannot_be_replied_to(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    world.add_channel(world.lab, "talk", 11, world.papers)
    [told] = world.messages(world.papers.id)
    assert (await reply(http, told.id)).faults("message_reference") == ["REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"]
    asked = world.post(world.papers.id, "Is it?")
    world.deny(world.papers.id, "READ_MESSAGE_HISTORY")
    refused = await reply(http, asked.id)
    assert (refused.status, refused.json["code"]) == (403, 160002)


async def test_its_form(http: Http) -> None:
    missing = await http.post({"content": "c", "message_reference": {}})
    assert missing.faults("message_reference.message_id") == ["BASE_TYPE_REQUIRED"]
    assert (await reply(http, 1, fail_if_not_exists="no")).faults("message_reference.fail_if_not_exists")


async def test_discord_py_replies(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    asked = sandbox.world.post(channel.id, "Is it?", author=sandbox.world.member)
    message = await channel.fetch_message(asked.id)
    answer = await message.reply("Indeed", mention_author=True)
    assert answer.reference is not None
    assert isinstance(answer.reference.resolved, discord.Message)
    assert (answer.type, answer.reference.resolved.content) == (discord.MessageType.reply, "Is it?")
    assert [user.name for user in answer.mentions] == ["emmy"]
    sandbox.world.delete_message(channel.id, asked.id)
    with pytest.raises(discord.HTTPException) as caught:
        await message.reply("Indeed")
    assert caught.value.code == 50035
    assert (await channel.send("c", reference=message.to_reference(fail_if_not_exists=False))).reference is None

"""Acting as a person, and turning the world over, through HTTP alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.labbot import LabBot


async def test_a_command_a_button_and_the_reply(http: Http, bot: LabBot, sandbox: Sandbox) -> None:
    shown = (await http("POST", "/_sandbox/invoke", {"who": "emmy", "name": "page"})).json
    assert (shown["kind"], shown["ephemeral"], shown["settled"]) == ("message", True, True)
    assert shown["message"]["visible_to"] == str(sandbox.world.member.id)
    assert shown["message"]["deed"] == ["used", "/page"]
    wanted = {"who": "emmy", "message_id": shown["message"]["id"], "button": "0 so far"}
    assert (await http("POST", "/_sandbox/press", wanted)).json["kind"] == "update"
    again = (await http("GET", f"/_sandbox/replies/{shown['interaction_id']}")).json
    assert again["message"]["content"] == "Pressed by emmy"


async def test_a_deferred_reply_is_waited_for(http: Http, bot: LabBot, sandbox: Sandbox) -> None:
    channel_id = str(sandbox.world.general.id)
    body = {"who": "grace", "name": "ask", "channel_id": channel_id, "options": {"question": "why?"}}
    asked = (await http("POST", "/_sandbox/invoke", body)).json
    assert asked["kind"] == "deferred"
    settled = (await http("GET", f"/_sandbox/replies/{asked['interaction_id']}?settled=5")).json
    assert (settled["settled"], settled["message"]["content"]) == (True, "You asked: why?")


async def test_choosing_submitting_and_completing(http: Http, bot: LabBot) -> None:
    menus = (await http("POST", "/_sandbox/invoke", {"who": "emmy", "name": "menus"})).json
    body: dict[str, Any] = {"who": "emmy", "message_id": menus["message"]["id"], "select": "Colours", "values": ["blue"]}
    assert (await http("POST", "/_sandbox/choose", body)).json["message"]["content"] == "blue"
    form = (await http("POST", "/_sandbox/invoke", {"who": "emmy", "name": "form"})).json
    assert form["modal"]["title"] == "A form"
    body = {"who": "emmy", "interaction_id": form["interaction_id"], "fields": {"Words": "gold", "Colour": "red"}}
    submitted = (await http("POST", "/_sandbox/submit", body)).json["message"]
    assert (submitted["content"], submitted["deed"]) == ("gold ['red'] ''", ["used", "/form"])
    body = {"who": "emmy", "name": "note", "focused": "topic", "value": "x"}
    assert [each["name"] for each in (await http("POST", "/_sandbox/autocomplete", body)).json] == ["x0", "x1"]


async def test_people_and_commands_are_listed(http: Http, bot: LabBot, sandbox: Sandbox) -> None:
    made = await http("POST", "/_sandbox/members", {"name": "max"})
    assert made.status == 201
    listed = (await http("GET", "/_sandbox/members")).json
    assert [each["user"]["username"] for each in listed] == ["ada", "grace", "emmy", "arXiv Daily", "max"]
    assert listed[1]["role_names"] == ["Managers"]
    assert "echo" in [each["name"] for each in (await http("GET", "/_sandbox/commands")).json]
    shown = await http("POST", "/_sandbox/invoke", {"who": "max", "name": "where"})
    assert shown.json["message"]["content"].startswith("max Materials Lab")


@pytest.mark.parametrize(
    ("path", "body", "status", "problem"),
    [
        ("invoke", {"who": "emmy", "name": "setup"}, 403, "Discord does not show /setup to emmy"),
        ("invoke", {"who": "emmy", "name": "nothing"}, 404, "there is no command /nothing"),
        ("invoke", {"who": "nobody", "name": "page"}, 404, "there is nothing with the id nobody"),
        ("invoke", {"name": "page"}, 400, "who is missing"),
        ("press", {"who": "emmy", "message_id": "1", "button": "b"}, 404, "there is nothing with the id 1"),
        ("invoke", {"who": "emmy", "name": "late"}, 504, "The application did not respond"),
    ],
)
async def test_mistakes_are_explained(
    http: Http, bot: LabBot, sandbox: Sandbox, path: str, body: dict[str, Any], status: int, problem: str
) -> None:
    sandbox.interactions.answer_within = 0 if status == 504 else 3
    reply = await http("POST", f"/_sandbox/{path}", body)
    assert (reply.status, reply.json) == (status, {"problem": problem})


async def test_servers_and_roles(http: Http, bot: LabBot, sandbox: Sandbox) -> None:
    lab = f"/_sandbox/servers/{sandbox.world.lab.id}"
    assert (await http("POST", f"{lab}/kick")).status == 204
    await bot.seen("guild_remove")
    assert (await http("POST", f"{lab}/invite")).status == 204
    await bot.seen("guild_join")
    await http("POST", f"{lab}/outage")
    await bot.seen("guild_unavailable")
    await http("POST", f"{lab}/outage", {"unavailable": False})
    await bot.seen("guild_available", times=2)
    other = (await http("POST", "/_sandbox/servers", {"name": "Physics Lab"})).json
    [guild] = await bot.seen("guild_join", times=2)
    assert (str(guild.id), guild.name) == (other["id"], "Physics Lab")


async def test_roles_are_made_changed_given_and_deleted(http: Http, bot: LabBot, sandbox: Sandbox) -> None:
    lab = f"/_sandbox/servers/{sandbox.world.lab.id}"
    made = (await http("POST", f"{lab}/roles", {"name": "Helpers", "permissions": ["manage_messages"]})).json
    await http("PUT", f"{lab}/members/{sandbox.world.bot.id}/roles", {"role_ids": [made["id"]]})
    await bot.seen("member_update")
    assert bot.guilds[0].me.guild_permissions.manage_messages
    await http("PATCH", f"{lab}/roles/{made['id']}", {"permissions": []})
    await bot.seen("guild_role_update")
    assert not bot.guilds[0].me.guild_permissions.manage_messages
    assert (await http("DELETE", f"{lab}/roles/{made['id']}")).status == 204
    await bot.seen("guild_role_delete")


async def test_trouble_on_the_gateway(http: Http, bot: LabBot, sandbox: Sandbox) -> None:
    assert (await http("GET", "/_sandbox/gateway")).json == {"connected": True}
    await http("POST", "/_sandbox/gateway/drop")
    await bot.seen("resumed")
    await http("POST", "/_sandbox/gateway/reconnect")
    await bot.seen("resumed", times=2)
    await http("POST", "/_sandbox/gateway/invalidate")
    await bot.seen("ready", times=2)
    await http("POST", "/_sandbox/gateway/refuse")
    assert sandbox.gateway.refusing
    await http("POST", "/_sandbox/gateway/refuse", {"refusing": False})
    assert not sandbox.gateway.refusing


@asynccontextmanager
async def listening(sandbox: Sandbox) -> AsyncIterator[aiohttp.StreamReader]:
    async with aiohttp.ClientSession() as session, session.get(f"{sandbox.url}/_sandbox/events") as answer:
        assert answer.content_type == "text/event-stream"
        yield answer.content


async def event(stream: aiohttp.StreamReader) -> tuple[str, Any]:
    lines = [(await stream.readline()).decode().rstrip("\n") for _ in range(3)]
    assert lines[2] == ""
    return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


async def test_every_change_is_told_as_it_happens(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    async with listening(sandbox) as stream:
        world.post(world.papers.id, "hello", author=world.member, nonce="n")
        name, message = await event(stream)
        assert (name, message["content"], message["nonce"]) == ("MESSAGE_CREATE", "hello", "n")
        await sandbox.visitor.command(world.member, world.papers.id, "page")
        name, message = await event(stream)
        assert (name, message["content"], message["visible_to"]) == ("MESSAGE_CREATE", "Page", str(world.member.id))
        world.remove_member(world.lab, world.bot.id)
        assert (await event(stream))[0] == "GUILD_DELETE"
        world.add_channel(world.lab, "unheard by the bot")
        names = [(await event(stream))[0] for _ in range(2)]
        assert names == ["GUILD_ROLE_DELETE", "CHANNEL_CREATE"]

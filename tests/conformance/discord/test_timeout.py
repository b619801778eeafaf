"""A moderator times a member out, the bot too.

https://docs.discord.com/developers/topics/permissions#permissions-for-timed-out-members and
https://docs.discord.com/developers/resources/guild#guild-member-object
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.permissions import Permission
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import NOW, Http
from tests.conformance.discord.labbot import LabBot

UNTIL = NOW + timedelta(minutes=10)


async def time_out(http: Http, sandbox: Sandbox, body: object, user_id: int | None = None) -> int:
    path = f"/_sandbox/servers/{sandbox.world.lab.id}/members/{user_id or sandbox.world.bot.id}/timeout"
    return (await http("POST", path, body)).status


async def own_member(http: Http, sandbox: Sandbox) -> object:
    path = f"/guilds/{sandbox.world.lab.id}/members/{sandbox.world.bot.id}"
    return (await http("GET", path)).json["communication_disabled_until"]


async def test_only_reading_is_left_until_it_is_over(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    standing = (await http.post({"content": "before"})).json["id"]
    assert await time_out(http, sandbox, {"seconds": 600}) == 204
    assert await own_member(http, sandbox) == UNTIL.isoformat()
    refused = await http.post({"content": "a"})
    assert (refused.status, refused.json["code"]) == (403, 50013)
    assert world.permissions(world.papers, world.bot.id) == Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
    [guild] = (await http("GET", "/users/@me/guilds")).json
    assert int(guild["permissions"]) == Permission.VIEW_CHANNEL | Permission.READ_MESSAGE_HISTORY
    history = (await http("GET", f"/channels/{world.papers.id}/messages")).json
    assert [message["id"] for message in history] == [standing]
    sandbox.clock.set(UNTIL)
    assert (await http.post({"content": "b"})).status == 200
    assert await own_member(http, sandbox) == UNTIL.isoformat()


async def test_an_overwrite_of_the_channel_gives_nothing_back(http: Http, sandbox: Sandbox) -> None:
    sandbox.world.allow(sandbox.world.papers.id, "SEND_MESSAGES")
    await time_out(http, sandbox, {"until": UNTIL.isoformat()})
    assert (await http.post({"content": "a"})).json["code"] == 50013


async def test_it_is_ended_early(http: Http, sandbox: Sandbox) -> None:
    await time_out(http, sandbox, {"until": UNTIL.isoformat()})
    assert await time_out(http, sandbox, {"until": None}) == 204
    assert await own_member(http, sandbox) is None
    assert (await http.post({"content": "a"})).status == 200


async def test_the_bot_is_told(http: Http, bot: LabBot, sandbox: Sandbox) -> None:
    await time_out(http, sandbox, {"seconds": 600})
    await bot.seen("member_update")
    assert bot.guilds[0].me.timed_out_until == UNTIL
    await time_out(http, sandbox, {"until": None})
    await bot.seen("member_update", times=2)
    assert bot.guilds[0].me.timed_out_until is None


async def test_owner_and_administrators_are_exempt(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    administrators = world.add_role(world.lab, "Administrators", Permission.ADMINISTRATOR)
    world.set_roles(world.lab, world.bot.id, [administrators.id])
    await time_out(http, sandbox, {"seconds": 600})
    assert (await http.post({"content": "a"})).status == 200
    [guild] = (await http("GET", "/users/@me/guilds")).json
    assert int(guild["permissions"]) & Permission.SEND_MESSAGES
    await time_out(http, sandbox, {"seconds": 600}, world.owner.id)
    assert Permission.SEND_MESSAGES in world.permissions(world.papers, world.owner.id)


@pytest.mark.usefixtures("bot")
async def test_a_member_in_a_timeout_uses_no_commands(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    await sandbox.commands.wait_for("page")
    await time_out(http, sandbox, {"seconds": 600}, world.member.id)
    with pytest.raises(NotAllowedError):
        await sandbox.visitor.command(world.member, world.papers.id, "page")


@pytest.mark.parametrize("body", [{}, {"until": "2026-03-02T06:00:00"}, {"until": "soon"}, {"seconds": 29 * 86400}])
async def test_mistakes(http: Http, sandbox: Sandbox, body: object) -> None:
    assert await time_out(http, sandbox, body) == 400
    assert await own_member(http, sandbox) is None

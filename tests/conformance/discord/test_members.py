"""The members of a server, which want a privileged intent.

https://docs.discord.com/developers/resources/guild#list-guild-members
"""

from __future__ import annotations

import discord
import pytest

from sandbox.discord.sessions import Intent
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.labbot import LabBot, joined, point_discord_py_at


async def test_without_the_intent_there_is_no_list(http: Http, sandbox: Sandbox) -> None:
    refused = await http("GET", f"/guilds/{sandbox.world.lab.id}/members?limit=1000")
    assert (refused.status, refused.json["code"]) == (403, 50001)
    assert (await http("GET", "/applications/@me")).json["flags"] == 0


async def test_pages_by_user_id(http: Http, sandbox: Sandbox) -> None:
    path = f"/guilds/{sandbox.world.lab.id}/members"
    assert (await http("POST", "/_sandbox/gateway/intents", {"privileged": ["GUILD_MEMBERS"]})).status == 204
    everyone = [member["user"]["username"] for member in (await http("GET", f"{path}?limit=1000")).json]
    assert everyone == ["arXiv Daily", "ada", "grace", "emmy"]
    [first] = (await http("GET", path)).json
    rest = (await http("GET", f"{path}?limit=2&after={first['user']['id']}")).json
    assert [member["user"]["username"] for member in (first, *rest)] == everyone[:3]
    assert (await http("GET", f"{path}?limit=1001")).faults("limit") == ["NUMBER_TYPE_MAX"]
    # https://docs.discord.com/developers/resources/application#application-object-application-flags
    assert (await http("GET", "/applications/@me")).json["flags"] == 1 << 15


async def test_intents_that_are_not_privileged_are_not_switched(http: Http) -> None:
    refused = await http("POST", "/_sandbox/gateway/intents", {"privileged": ["GUILD_MEMBERS", "GUILDS", "MEMBERS"]})
    assert (refused.status, refused.json) == (400, {"problem": "no privileged intent is called GUILDS, MEMBERS"})


async def test_discord_py_sees_everyone_with_the_intent(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.world.privileged = Intent.GUILD_MEMBERS
    point_discord_py_at(sandbox, monkeypatch.setattr)
    bot = LabBot(intents=discord.Intents(guilds=True, members=True), chunk_guilds_at_startup=False)
    connection = await joined(bot, sandbox)
    [guild] = bot.guilds
    everyone = {"arXiv Daily", "ada", "grace", "emmy"}
    assert {member.name for member in guild.members} == everyone
    assert {member.name async for member in guild.fetch_members()} == everyone
    newcomer = sandbox.world.add_user("marie")
    sandbox.world.add_member(sandbox.world.lab, newcomer)
    [member] = await bot.seen("member_join")
    assert member.name == "marie"
    second = sandbox.world.add_guild("Physics Lab")
    [seen] = await bot.seen("guild_join")
    assert {member.name for member in seen.members} == everyone
    assert seen.id == second.id
    await bot.close()
    await connection
    assert sandbox.refusals == []


async def test_without_the_intent_discord_py_sees_itself(bot: LabBot, sandbox: Sandbox) -> None:
    assert [member.name for member in bot.guilds[0].members] == ["arXiv Daily"]

"""Who is in a thread, and which threads are active: https://docs.discord.com/developers/topics/threads#thread-membership"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import discord
import pytest

from sandbox.discord.model import Channel
from sandbox.discord.sessions import Intent
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import NOW, Http
from tests.conformance.discord.labbot import LabBot, joined, point_discord_py_at


@pytest.fixture
def thread(sandbox: Sandbox) -> Channel:
    """Opened by a member, who is in it."""
    return sandbox.world.add_channel(sandbox.world.lab, "talk", 11, sandbox.world.papers)


def members(thread: Channel, user: str | int = "") -> str:
    return f"/channels/{thread.id}/thread-members/{user}".rstrip("/")


async def code(http: Http, method: str, path: str) -> Any:
    reply = await http(method, path)
    return reply.status, reply.json["code"]


async def test_the_bot_joins_and_leaves(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    assert await code(http, "GET", members(thread, "@me")) == (404, 10007)
    for _ in range(2):
        assert (await http("PUT", members(thread, "@me"))).status == 204
    shown = (await http("GET", f"/channels/{thread.id}")).json
    own = {"id": str(thread.id), "user_id": str(sandbox.world.bot.id), "join_timestamp": NOW.isoformat(), "flags": 0}
    assert (shown["member_count"], shown["member"]) == (2, own)
    assert (await http("GET", members(thread, "@me"))).json == own
    for _ in range(2):
        assert (await http("DELETE", members(thread, "@me"))).status == 204
    assert "member" not in (await http("GET", f"/channels/{thread.id}")).json
    assert sandbox.world.messages(thread.id) == []


async def test_others_are_added_and_removed(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    """The thread is told: https://docs.discord.com/developers/topics/threads#new-message-types"""
    world = sandbox.world
    grace = members(thread, world.manager.id)
    for _ in range(2):
        assert (await http("PUT", grace)).status == 204
    assert await code(http, "DELETE", grace) == (403, 50013)
    world.allow(world.papers.id, "MANAGE_THREADS")
    assert (await http("DELETE", grace)).status == 204
    told = [(each.kind, each.author_id, each.mentions) for each in world.messages(thread.id)]
    assert told == [(1, world.bot.id, [world.manager.id]), (2, world.bot.id, [world.manager.id])]
    assert list(thread.members) == [world.member.id]
    assert await code(http, "PUT", members(thread, 1)) == (404, 10007)
    world.deny(world.papers.id, "SEND_MESSAGES_IN_THREADS")
    assert await code(http, "PUT", grace) == (403, 50013)


async def test_only_while_it_is_open(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    sandbox.world.archive_thread(thread.id)
    for method, user in (("PUT", "@me"), ("DELETE", "@me"), ("PUT", sandbox.world.owner.id), ("DELETE", sandbox.world.owner.id)):
        assert await code(http, method, members(thread, user)) == (400, 50083)
    assert await code(http, "PUT", members(sandbox.world.papers, "@me")) == (400, 50024)


async def test_the_list_needs_the_privileged_intent(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    world = sandbox.world
    assert await code(http, "GET", members(thread)) == (403, 50001)
    world.privileged = Intent.GUILD_MEMBERS
    world.join_thread(thread, world.owner)
    plain = (await http("GET", members(thread))).json
    assert [(each["user_id"], "member" in each) for each in plain] == [
        (str(world.owner.id), False),
        (str(world.member.id), False),
    ]
    [second] = (await http("GET", members(thread) + f"?with_member=true&limit=1&after={world.owner.id}")).json
    assert second["member"]["user"]["username"] == "emmy"
    one = (await http("GET", members(thread, world.member.id) + "?with_member=true")).json
    assert one["member"] == second["member"]


async def test_the_active_threads_of_a_server(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    """The youngest first, those only that the bot sees."""
    world = sandbox.world
    own = world.open_thread(world.general, "mine", world.bot)
    for name, parent in (("old", world.papers), ("hidden", world.add_channel(world.lab, "secret"))):
        other = world.add_channel(world.lab, name, 11, parent)
        if parent is world.papers:
            world.archive_thread(other.id)
        else:
            world.deny(parent.id, "VIEW_CHANNEL")
    active = (await http("GET", f"/guilds/{world.lab.id}/threads/active")).json
    assert [each["id"] for each in active["threads"]] == [str(own.id), str(thread.id)]
    assert [each["id"] for each in active["members"]] == [str(own.id)]


async def test_the_archived_threads_of_a_channel(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    """The one archived last first: https://docs.discord.com/developers/resources/channel#list-public-archived-threads"""
    world = sandbox.world
    own = world.open_thread(world.papers, "mine", world.bot)
    for each in (own, thread):
        world.archive_thread(each.id)
        sandbox.clock.advance(hours=1)
    world.add_channel(world.lab, "active", 11, world.papers)
    path = f"/channels/{world.papers.id}/threads/archived/public"
    everything = (await http("GET", path)).json
    assert [each["id"] for each in everything["threads"]] == [str(thread.id), str(own.id)]
    assert ([each["id"] for each in everything["members"]], everything["has_more"]) == ([str(own.id)], False)
    first = (await http("GET", f"{path}?limit=1")).json
    assert ([each["id"] for each in first["threads"]], first["has_more"]) == ([str(thread.id)], True)
    before = quote(first["threads"][0]["thread_metadata"]["archive_timestamp"])
    assert [each["id"] for each in (await http("GET", f"{path}?before={before}")).json["threads"]] == [str(own.id)]
    world.deny(world.papers.id, "READ_MESSAGE_HISTORY")
    assert await code(http, "GET", path) == (403, 50013)


async def test_discord_py_joins_lists_and_is_told(sandbox: Sandbox, thread: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    world = sandbox.world
    world.privileged = Intent.GUILD_MEMBERS
    world.join_thread(thread, world.bot)
    point_discord_py_at(sandbox, monkeypatch.setattr)
    bot = LabBot(intents=discord.Intents(guilds=True, members=True), chunk_guilds_at_startup=False)
    connection = await joined(bot, sandbox)
    seen = bot.get_channel(thread.id)
    assert isinstance(seen, discord.Thread)
    assert (seen.me is not None, seen.member_count) == (True, 2)
    await seen.leave()
    await bot.seen("thread_remove")
    await seen.join()
    await bot.seen("thread_join")
    await seen.add_user(discord.Object(world.owner.id))
    [member] = await bot.seen("thread_member_join")
    assert member.id == world.owner.id
    world.allow(world.papers.id, "MANAGE_THREADS")
    await seen.remove_user(discord.Object(world.owner.id))
    await bot.seen("raw_thread_member_remove")
    assert {each.id for each in await seen.fetch_members()} == {world.member.id, world.bot.id}
    active = await bot.guilds[0].active_threads()
    assert [each.id for each in active] == [thread.id]
    world.delete_channel(thread.id)
    [gone] = await bot.seen("raw_thread_delete")
    assert (gone.thread_id, gone.parent_id, gone.guild_id) == (thread.id, world.papers.id, world.lab.id)
    await bot.close()
    await connection


async def test_without_the_intent_others_go_unseen(bot: LabBot, sandbox: Sandbox, thread: Channel) -> None:
    world = sandbox.world
    await bot.seen("thread_create")
    world.join_thread(thread, world.owner)
    world.join_thread(thread, world.bot)
    await bot.seen("thread_join")
    assert "thread_member_join" not in bot.events

"""Reactions: https://docs.discord.com/developers/resources/message#create-reaction"""

from __future__ import annotations

from urllib.parse import quote

import discord
import pytest

from sandbox.discord.model import Message
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.labbot import LabBot, joined, point_discord_py_at


@pytest.fixture
def message(sandbox: Sandbox) -> Message:
    return sandbox.world.post(sandbox.world.papers.id, "A paper", author=sandbox.world.member)


def path(message: Message, emoji: str | None = None, user: str | int | None = None) -> str:
    parts = ["/channels", message.channel_id, "messages", message.id, "reactions", emoji and quote(emoji), user]
    return "/".join(str(part) for part in parts if part is not None)


async def test_the_bot_reacts_and_takes_it_back(http: Http, sandbox: Sandbox, message: Message) -> None:
    sandbox.world.react(message, "🔥", sandbox.world.owner)
    for _ in range(2):
        assert (await http("PUT", path(message, "🔥", "@me"))).status == 204
    [shown] = (await http("GET", f"/channels/{message.channel_id}/messages/{message.id}")).json["reactions"]
    assert (shown["emoji"], shown["count"], shown["me"]) == ({"id": None, "name": "🔥"}, 2, True)
    assert (await http("DELETE", path(message, "🔥", "@me"))).status == 204
    assert message.reactions == {"🔥": [sandbox.world.owner.id]}
    assert (await http("DELETE", path(message, "🔥", "@me"))).status == 204


async def test_who_reacted(http: Http, sandbox: Sandbox, message: Message) -> None:
    world = sandbox.world
    for user in (world.member, world.owner, world.manager):
        world.react(message, "🔥", user)
    everyone = (await http("GET", path(message, "🔥"))).json
    assert [user["username"] for user in everyone] == ["ada", "grace", "emmy"]
    [second] = (await http("GET", path(message, "🔥") + f"?limit=1&after={world.owner.id}")).json
    assert second["username"] == "grace"
    assert (await http("GET", path(message, "🌧"))).json == []
    assert (await http("GET", path(message, "🔥") + "?limit=101")).faults("limit") == ["NUMBER_TYPE_MAX"]


@pytest.mark.parametrize("emoji", ["🔥", "👍🏽", "👩‍🔬", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "✔️", "🇸🇬", "‼️"])
async def test_what_is_an_emoji(http: Http, message: Message, emoji: str) -> None:
    assert (await http("PUT", path(message, emoji, "@me"))).status == 204
    assert list(message.reactions) == [emoji]


@pytest.mark.parametrize("emoji", ["a", "1", ":fire:", "é", "🔥a"])
async def test_what_is_none(http: Http, message: Message, emoji: str) -> None:
    refused = await http("PUT", path(message, emoji, "@me"))
    assert (refused.status, refused.json["code"]) == (400, 10014)
    assert message.reactions == {}


async def test_twenty_are_the_most(http: Http, sandbox: Sandbox, message: Message) -> None:
    for number in range(20):
        sandbox.world.react(message, chr(ord("🌀") + number), sandbox.world.member)
    refused = await http("PUT", path(message, "🔥", "@me"))
    assert (refused.status, refused.json["code"]) == (400, 30010)
    assert (await http("PUT", path(message, "🌀", "@me"))).status == 204


async def test_a_new_emoji_needs_a_permission_and_one_that_is_there_none(http: Http, sandbox: Sandbox, message: Message) -> None:
    world = sandbox.world
    world.deny(world.papers.id, "ADD_REACTIONS")
    assert (await http("PUT", path(message, "🔥", "@me"))).json["code"] == 50013
    world.react(message, "🔥", world.member)
    assert (await http("PUT", path(message, "🔥", "@me"))).status == 204
    world.deny(world.papers.id, "READ_MESSAGE_HISTORY")
    assert (await http("PUT", path(message, "🔥", "@me"))).json["code"] == 50013


async def test_those_of_others_need_a_permission(http: Http, sandbox: Sandbox, message: Message) -> None:
    world = sandbox.world
    for emoji, user in (("🔥", world.member), ("🔥", world.owner), ("🌧", world.owner), ("🌀", world.owner)):
        world.react(message, emoji, user)
    theirs = [path(message, "🔥", world.member.id), path(message, "🌧"), path(message)]
    assert [(await http("DELETE", each)).json["code"] for each in theirs] == [50013] * 3
    world.allow(world.papers.id, "MANAGE_MESSAGES")
    left = []
    for each in theirs:
        assert (await http("DELETE", each)).status == 204
        left.append(list(message.reactions))
    assert left == [["🔥", "🌧", "🌀"], ["🔥", "🌀"], []]


async def test_not_in_an_archived_thread(http: Http, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/topics/threads#active-archived-threads"""
    world = sandbox.world
    thread = world.add_channel(world.lab, "talk", 11, world.papers)
    message = world.post(thread.id, "A paper")
    world.archive_thread(thread.id)
    assert (await http("PUT", path(message, "🔥", "@me"))).json["code"] == 50083


async def test_discord_py_reacts(bot: LabBot, sandbox: Sandbox, message: Message) -> None:
    channel = bot.get_channel(sandbox.world.papers.id)
    assert isinstance(channel, discord.TextChannel)
    seen = await channel.fetch_message(message.id)
    await seen.add_reaction("🔥")
    sandbox.world.react(message, "🔥", sandbox.world.member)
    [reaction] = (await channel.fetch_message(message.id)).reactions
    assert (reaction.emoji, reaction.count, reaction.me) == ("🔥", 2, True)
    assert {user.name async for user in reaction.users()} == {"arXiv Daily", "emmy"}
    assert bot.user is not None
    await seen.remove_reaction("🔥", bot.user)
    sandbox.world.allow(channel.id, "MANAGE_MESSAGES")
    await seen.clear_reactions()
    assert message.reactions == {}


async def test_events_come_with_their_intent(sandbox: Sandbox, message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    point_discord_py_at(sandbox, monkeypatch.setattr)
    bot = LabBot(intents=discord.Intents(guilds=True, guild_reactions=True))
    connection = await joined(bot, sandbox)
    world = sandbox.world
    world.react(message, "🔥", world.member)
    [added] = await bot.seen("raw_reaction_add")
    assert (added.emoji.name, added.user_id, added.message_author_id) == ("🔥", world.member.id, world.member.id)
    assert added.member is not None
    world.unreact(message, "🔥", world.member.id)
    [removed] = await bot.seen("raw_reaction_remove")
    assert (removed.emoji.name, removed.user_id, removed.message_id) == ("🔥", world.member.id, message.id)
    world.react(message, "🔥", world.member)
    world.clear_reactions(message, "🔥")
    [cleared] = await bot.seen("raw_reaction_clear_emoji")
    assert (cleared.emoji.name, cleared.channel_id) == ("🔥", world.papers.id)
    world.clear_reactions(message)
    [all_cleared] = await bot.seen("raw_reaction_clear")
    assert (all_cleared.message_id, all_cleared.guild_id) == (message.id, world.lab.id)
    await bot.close()
    await connection


async def test_without_the_intent_there_are_no_events(bot: LabBot, sandbox: Sandbox, message: Message) -> None:
    sandbox.world.react(message, "🔥", sandbox.world.member)
    sandbox.world.rename_channel(sandbox.world.papers.id, "later")
    await bot.seen("guild_channel_update")
    assert not any("reaction" in event for event in bot.events)

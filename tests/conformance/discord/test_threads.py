"""Opening threads."""

from __future__ import annotations

import discord
import pytest

from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.labbot import LabBot


@pytest.fixture
def papers(bot: LabBot, sandbox: Sandbox) -> discord.TextChannel:
    sandbox.world.allow(sandbox.world.papers.id, "CREATE_PUBLIC_THREADS")
    channel = bot.get_channel(sandbox.world.papers.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def test_under_a_message(papers: discord.TextChannel, bot: LabBot, sandbox: Sandbox) -> None:
    message = await papers.send("A paper")
    thread = await message.create_thread(name="Discuss", auto_archive_duration=1440)
    assert (thread.id, thread.name, thread.parent_id, thread.owner_id) == (message.id, "Discuss", papers.id, sandbox.world.bot.id)
    await bot.seen("thread_create")
    await thread.send("First!")
    [_, first] = sandbox.world.messages(thread.id)
    assert first.content == "First!"
    fetched = await papers.fetch_message(message.id)
    assert fetched.flags.has_thread
    with pytest.raises(discord.HTTPException) as caught:
        await message.create_thread(name="Again")
    assert caught.value.code == 160004


async def test_without_a_message(papers: discord.TextChannel, sandbox: Sandbox) -> None:
    thread = await papers.create_thread(name="Talk", type=discord.ChannelType.public_thread)
    assert sandbox.world.channel(thread.id).parent_id == papers.id
    assert [each.type async for each in papers.history()] == [discord.MessageType.thread_created]
    assert [each async for each in thread.history()] == []


async def test_in_an_announcement_channel(bot: LabBot, sandbox: Sandbox) -> None:
    news = sandbox.world.add_channel(sandbox.world.lab, "news", 5)
    sandbox.world.allow(news.id, "CREATE_PUBLIC_THREADS")
    [channel] = await bot.seen("guild_channel_create")
    thread = await (await channel.send("News")).create_thread(name="Discuss")
    assert thread.type is discord.ChannelType.news_thread


async def test_needs_the_permission(papers: discord.TextChannel, sandbox: Sandbox) -> None:
    message = await papers.send("A paper")
    sandbox.world.deny(papers.id, "CREATE_PUBLIC_THREADS")
    with pytest.raises(discord.Forbidden) as caught:
        await message.create_thread(name="Discuss")
    assert caught.value.code == 50013
    assert sandbox.world.channels_of(sandbox.world.lab) == [sandbox.world.papers, sandbox.world.general]


async def test_it_starts_with_a_reference_to_its_message(papers: discord.TextChannel, sandbox: Sandbox) -> None:
    """THREAD_STARTER_MESSAGE in https://docs.discord.com/developers/topics/threads#new-message-types"""
    message = await papers.send("A paper")
    thread = await message.create_thread(name="Discuss")
    [start] = [each async for each in thread.history()]
    assert (start.type, start.content, start.embeds) == (discord.MessageType.thread_starter_message, "", [])
    assert start.reference is not None
    assert isinstance(start.reference.resolved, discord.Message)
    assert (start.reference.message_id, start.reference.channel_id) == (message.id, papers.id)
    assert start.reference.resolved.content == "A paper"
    assert (thread.message_count, [each.id for each in sandbox.world.messages(papers.id)]) == (0, [message.id])
    await message.delete()
    [start] = [each async for each in thread.history()]
    assert start.reference is not None
    assert isinstance(start.reference.resolved, discord.DeletedReferencedMessage)


async def test_the_channel_is_told_of_a_thread_under_an_older_message(papers: discord.TextChannel, sandbox: Sandbox) -> None:
    """THREAD_CREATED in https://docs.discord.com/developers/topics/threads#new-message-types"""
    message = await papers.send("A paper")
    sandbox.clock.advance(hours=1)
    thread = await message.create_thread(name="Discuss")
    [told, _] = [each async for each in papers.history()]
    assert (told.type, told.content) == (discord.MessageType.thread_created, "Discuss")
    assert told.reference is not None
    assert (told.reference.channel_id, told.reference.message_id) == (thread.id, None)


async def fetched(bot: LabBot, thread_id: int) -> discord.Thread:
    thread = await bot.fetch_channel(thread_id)
    assert isinstance(thread, discord.Thread)
    return thread


async def test_when_it_was_created_and_archived(bot: LabBot, papers: discord.TextChannel, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/resources/channel#thread-metadata-object"""
    message = await papers.send("A paper")
    sandbox.clock.advance(hours=1)
    created_at = sandbox.clock.now()
    thread = await message.create_thread(name="Discuss")
    sandbox.clock.advance(hours=1)
    thread = await fetched(bot, thread.id)
    assert (thread.created_at, thread.archive_timestamp) == (created_at, created_at)
    sandbox.world.archive_thread(thread.id)
    archived_at = sandbox.clock.now()
    sandbox.clock.advance(hours=1)
    thread = await fetched(bot, thread.id)
    assert (thread.created_at, thread.archive_timestamp) == (created_at, archived_at)


async def test_an_edit_does_not_open_an_archived_thread(http: Http, sandbox: Sandbox) -> None:
    """Code: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json

    Status: https://github.com/victornpb/undiscord/issues/399
    """
    world = sandbox.world
    thread = world.add_channel(world.lab, "talk", 11, world.papers)
    message = world.post(thread.id, "A paper")
    world.archive_thread(thread.id)
    refused = await http("PATCH", f"/channels/{thread.id}/messages/{message.id}", {"content": "Revised"})
    assert (refused.status, refused.json) == (400, {"code": 50083, "message": "Thread is archived"})
    assert (message.content, thread.archived) == ("A paper", True)


async def test_names_and_places(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    message = world.post(world.papers.id, "A paper")
    path = f"/channels/{world.papers.id}/messages/{message.id}/threads"
    for name in ("", "n" * 101):
        assert (await http("POST", path, {"name": name})).faults("name")
    assert (await http("POST", path.replace(str(message.id), "1"), {"name": "n"})).json["code"] == 10008
    without = f"/channels/{world.papers.id}/threads"
    assert (await http("POST", without, {"name": "n", "type": 5})).faults("type") == ["BASE_TYPE_CHOICES"]
    assert (await http("POST", without)).json["code"] == 50035
    voice = world.add_channel(world.lab, "voice", 2)
    assert (await http("POST", f"/channels/{voice.id}/threads", {"name": "n", "type": 11})).json["code"] == 50024


async def test_under_a_message_the_channel_decides_on_the_type(http: Http, sandbox: Sandbox) -> None:
    """discord.js sends one all the same."""
    news = sandbox.world.add_channel(sandbox.world.lab, "news", 5)
    sandbox.world.allow(news.id, "CREATE_PUBLIC_THREADS")
    message = sandbox.world.post(news.id, "News")
    opened = await http("POST", f"/channels/{news.id}/messages/{message.id}/threads", {"name": "Discuss", "type": 11})
    assert opened.json["type"] == 10

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
    assert [each.content for each in sandbox.world.messages(thread.id)] == ["First!"]
    fetched = await papers.fetch_message(message.id)
    assert fetched.flags.has_thread
    with pytest.raises(discord.HTTPException) as caught:
        await message.create_thread(name="Again")
    assert caught.value.code == 160004


async def test_without_a_message(papers: discord.TextChannel, sandbox: Sandbox) -> None:
    thread = await papers.create_thread(name="Talk", type=discord.ChannelType.public_thread)
    assert sandbox.world.channel(thread.id).parent_id == papers.id


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
    voice = world.add_channel(world.lab, "voice", 2)
    assert (await http("POST", f"/channels/{voice.id}/threads", {"name": "n", "type": 11})).json["code"] == 50024

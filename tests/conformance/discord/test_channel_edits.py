"""Editing channels and threads: https://docs.discord.com/developers/resources/channel#modify-channel"""

from __future__ import annotations

from typing import Any

import discord
import pytest

from sandbox.discord.model import Channel
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.labbot import LabBot


@pytest.fixture
def thread(sandbox: Sandbox) -> Channel:
    """Opened by a member."""
    return sandbox.world.add_channel(sandbox.world.lab, "talk", 11, sandbox.world.papers)


async def edited(http: Http, channel: Channel, **changes: Any) -> tuple[int, int | None]:
    """The status of the answer, and its code."""
    reply = await http("PATCH", f"/channels/{channel.id}", changes)
    return reply.status, reply.json.get("code")


async def test_a_channel_of_a_server(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    science = world.add_channel(world.lab, "science", 4)
    assert await edited(http, world.papers, topic="New") == (403, 50013)
    world.allow(world.papers.id, "MANAGE_CHANNELS")
    changes = {"name": "preprints", "topic": "New ", "nsfw": True, "position": 7, "rate_limit_per_user": 60}
    shown = (await http("PATCH", f"/channels/{world.papers.id}", changes | {"parent_id": str(science.id)})).json
    assert shown["parent_id"] == str(science.id)
    assert {name: shown[name] for name in changes} == changes | {"topic": "New"}
    again = (await http("PATCH", f"/channels/{world.papers.id}", {"topic": None, "parent_id": None, "name": None})).json
    assert (again["topic"], again["parent_id"], again["name"]) == (None, None, "preprints")


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"name": ""}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"topic": "t" * 1025}, "topic", "BASE_TYPE_MAX_LENGTH"),
        ({"rate_limit_per_user": 21601}, "rate_limit_per_user", "NUMBER_TYPE_MAX"),
        ({"parent_id": "1"}, "parent_id", "CHANNEL_PARENT_INVALID"),
    ],
)
async def test_a_channel_has_limits(http: Http, sandbox: Sandbox, changes: Any, path: str, code: str) -> None:
    papers = sandbox.world.papers
    sandbox.world.allow(papers.id, "MANAGE_CHANNELS")
    assert (await http("PATCH", f"/channels/{papers.id}", changes)).faults(path) == [code]
    assert (papers.name, papers.topic, papers.parent_id) == ("papers", None, None)


async def test_a_forum_has_longer_guidelines(http: Http, sandbox: Sandbox) -> None:
    forum = sandbox.world.add_channel(sandbox.world.lab, "forum", 15)
    sandbox.world.allow(forum.id, "MANAGE_CHANNELS")
    assert await edited(http, forum, topic="t" * 4096) == (200, None)


async def test_a_direct_message_has_nothing_to_edit(http: Http, sandbox: Sandbox) -> None:
    direct = sandbox.world.add_direct_message(sandbox.world.member)
    assert await edited(http, direct, name="n") == (400, 50024)


async def test_somebody_elses_thread_needs_the_permission(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    for change in ({"name": "n"}, {"archived": True}, {"locked": True}, {"rate_limit_per_user": 5}):
        assert await edited(http, thread, **change) == (403, 50013)
    sandbox.world.allow(sandbox.world.papers.id, "MANAGE_THREADS")
    assert await edited(http, thread, name="n", rate_limit_per_user=5, locked=True, archived=True) == (200, None)
    assert (thread.name, thread.rate_limit_per_user, thread.locked, thread.archived) == ("n", 5, True, True)


async def test_ones_own_thread_needs_it_for_less(http: Http, sandbox: Sandbox) -> None:
    own = sandbox.world.open_thread(sandbox.world.papers, "talk", sandbox.world.bot)
    for change in ({"locked": True}, {"rate_limit_per_user": 5}):
        assert await edited(http, own, **change) == (403, 50013)
    assert await edited(http, own, name="n", auto_archive_duration=60) == (200, None)
    assert await edited(http, own, archived=True) == (200, None)


async def test_an_archived_thread_is_opened_first(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    """By whoever may write there, unless it is locked."""
    world = sandbox.world
    world.archive_thread(thread.id)
    sandbox.clock.advance(hours=1)
    assert await edited(http, thread, archived=False) == (200, None)
    assert (thread.archived, thread.archive_changed_at) == (False, sandbox.clock.now())
    world.lock_thread(thread.id)
    assert await edited(http, thread, archived=False) == (403, 160005)
    world.allow(world.papers.id, "MANAGE_THREADS")
    assert await edited(http, thread, name="n") == (400, 50083)
    assert await edited(http, thread, name="n", archived=False) == (200, None)
    world.archive_thread(thread.id)
    world.deny(world.papers.id, "MANAGE_THREADS", "SEND_MESSAGES_IN_THREADS")
    thread.locked = False
    assert await edited(http, thread, archived=False) == (403, 50013)


async def test_a_locked_thread_is_only_read(http: Http, sandbox: Sandbox, thread: Channel) -> None:
    """Also while it is open: https://docs.discord.com/developers/topics/threads#locked-threads"""
    world = sandbox.world
    message = world.post(thread.id, "A paper")
    thread.locked = True
    path = f"/channels/{thread.id}/messages"
    for method, place in (("POST", path), ("PATCH", f"{path}/{message.id}")):
        refused = await http(method, place, {"content": "c"})
        assert (refused.status, refused.json["code"]) == (403, 160005)
    world.allow(world.papers.id, "MANAGE_THREADS")
    assert (await http.post({"content": "c"}, thread.id)).status == 200


async def test_a_thread_is_told_its_new_name(http: Http, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/topics/threads#new-message-types"""
    own = sandbox.world.open_thread(sandbox.world.papers, "talk", sandbox.world.bot)
    await edited(http, own, name="more talk")
    [told] = sandbox.world.messages(own.id)
    assert (told.kind, told.content, told.author_id) == (4, "more talk", sandbox.world.bot.id)
    await edited(http, own, name="more talk")
    assert sandbox.world.messages(own.id) == [told]


async def test_discord_py_edits_and_is_told(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    world.allow(world.papers.id, "MANAGE_CHANNELS", "MANAGE_THREADS", "CREATE_PUBLIC_THREADS")
    papers = bot.get_channel(world.papers.id)
    assert isinstance(papers, discord.TextChannel)
    await papers.edit(topic="New papers", slowmode_delay=5)
    await bot.seen("guild_channel_update", times=2)
    assert (papers.topic, papers.slowmode_delay) == ("New papers", 5)
    opened = await papers.create_thread(
        name="talk", type=discord.ChannelType.public_thread, auto_archive_duration=60, slowmode_delay=9
    )
    assert (opened.auto_archive_duration, opened.slowmode_delay) == (60, 9)
    await bot.seen("thread_create")
    edited = await opened.edit(name="more", archived=True, locked=True, auto_archive_duration=1440)
    assert (edited.name, edited.archived, edited.locked, edited.auto_archive_duration) == ("more", True, True, 1440)
    [event] = await bot.seen("raw_thread_update")
    assert (event.thread_id, event.data["thread_metadata"]["archived"]) == (opened.id, True)

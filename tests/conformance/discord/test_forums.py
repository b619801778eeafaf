"""Posts in forums, and their tags: https://docs.discord.com/developers/topics/threads#thread-only-channels"""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest

from sandbox.discord.model import Channel
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http, Reply
from tests.conformance.discord.labbot import LabBot
from tests.conformance.discord.test_attachments import PNG, form

REQUIRE_TAG = 1 << 4
PINNED = 1 << 1


@pytest.fixture
def forum(sandbox: Sandbox) -> Channel:
    """With a tag for everyone (1) and one for moderators (2)."""
    forum = sandbox.world.add_channel(sandbox.world.lab, "forum", 15)
    forum.available_tags = [
        {"id": "1", "name": "new", "moderated": False, "emoji_id": None, "emoji_name": None},
        {"id": "2", "name": "chosen", "moderated": True, "emoji_id": None, "emoji_name": "🔥"},
    ]
    return forum


async def post(http: Http, forum: Channel, **parts: Any) -> Reply:
    body = {"name": "A paper", "message": {"content": "Its abstract"}} | parts
    return await http("POST", f"/channels/{forum.id}/threads", body)


async def test_a_post_is_a_thread_with_its_first_message(http: Http, sandbox: Sandbox, forum: Channel) -> None:
    forum.default_thread_rate_limit_per_user = 5
    sandbox.world.deny(forum.id, "CREATE_PUBLIC_THREADS")
    embeds = [{"title": "t"}]
    made = await post(http, forum, message={"content": "c", "embeds": embeds}, applied_tags=["1"], auto_archive_duration=60)
    assert made.status == 201
    thread, message = made.json, made.json["message"]
    assert (thread["type"], thread["name"], thread["parent_id"], thread["id"]) == (11, "A paper", str(forum.id), message["id"])
    assert (thread["applied_tags"], thread["rate_limit_per_user"], thread["message_count"]) == (["1"], 5, 0)
    assert thread["thread_metadata"]["auto_archive_duration"] == 60
    assert (message["content"], message["embeds"][0]["title"], message["channel_id"]) == ("c", "t", thread["id"])
    assert (await http("GET", f"/channels/{forum.id}")).json["last_message_id"] == thread["id"]
    [kept] = sandbox.world.messages(int(thread["id"]))
    assert kept.content == "c"


async def test_with_a_file(http: Http, sandbox: Sandbox, forum: Channel) -> None:
    body = {"name": "A paper", "message": {"attachments": [{"id": 0, "description": "d"}]}}
    made = await http("POST", f"/channels/{forum.id}/threads", form=form(body, ("a.png", PNG)))
    [attachment] = made.json["message"]["attachments"]
    assert (attachment["filename"], attachment["description"], attachment["width"]) == ("a.png", "d", 640)


@pytest.mark.parametrize(
    ("parts", "path", "code"),
    [
        ({"message": None}, "message", "BASE_TYPE_REQUIRED"),
        ({"name": ""}, "name", "BASE_TYPE_BAD_LENGTH"),
        ({"message": {"content": "c" * 2001}}, "message.content", "BASE_TYPE_MAX_LENGTH"),
        ({"applied_tags": ["1"] * 6}, "applied_tags", "BASE_TYPE_MAX_LENGTH"),
    ],
)
async def test_its_form(http: Http, sandbox: Sandbox, forum: Channel, parts: Any, path: str, code: str) -> None:
    assert code in (await post(http, forum, **parts)).faults(path)
    assert forum.id not in [each.parent_id for each in sandbox.world.channels.values()]


async def test_what_is_refused(http: Http, sandbox: Sandbox, forum: Channel) -> None:
    world = sandbox.world

    async def refused(**parts: Any) -> tuple[int, int]:
        reply = await post(http, forum, **parts)
        return reply.status, reply.json["code"]

    assert await refused(message={"content": " "}) == (400, 50006)
    assert await refused(applied_tags=["3"]) == (404, 10087)
    assert await refused(applied_tags=["2"]) == (403, 50013)
    forum.flags = REQUIRE_TAG
    assert await refused() == (400, 40067)
    del forum.available_tags[0]
    assert await refused() == (403, 40066)
    world.allow(forum.id, "MANAGE_THREADS")
    assert (await post(http, forum, applied_tags=["2"])).status == 201
    world.deny(forum.id, "SEND_MESSAGES")
    assert await refused(applied_tags=["2"]) == (403, 50013)


async def test_its_tags_are_edited(http: Http, sandbox: Sandbox, forum: Channel) -> None:
    path = f"/channels/{forum.id}"
    sandbox.world.allow(forum.id, "MANAGE_CHANNELS")
    wanted = [{"id": "1", "name": "newest"}, {"name": "old", "moderated": True, "emoji_name": "🌧"}]
    edited = (await http("PATCH", path, {"available_tags": wanted, "flags": REQUIRE_TAG})).json
    first, second = edited["available_tags"]
    assert first == {"id": "1", "name": "newest", "moderated": False, "emoji_id": None, "emoji_name": None}
    assert (second["name"], second["moderated"], second["emoji_name"]) == ("old", True, "🌧")
    assert int(second["id"]) > forum.id
    assert edited["flags"] == REQUIRE_TAG
    alike = await http("PATCH", path, {"available_tags": [{"name": "a"}, {"name": "a"}]})
    assert (alike.status, alike.json["code"]) == (400, 40061)
    many = await http("PATCH", path, {"available_tags": [{"name": str(number)} for number in range(21)]})
    assert many.faults("available_tags") == ["BASE_TYPE_MAX_LENGTH"]


async def test_a_posts_tags_are_edited(http: Http, forum: Channel, sandbox: Sandbox) -> None:
    path = f"/channels/{(await post(http, forum, applied_tags=['1'])).json['id']}"
    assert (await http("PATCH", path, {"applied_tags": []})).json["applied_tags"] == []
    assert (await http("PATCH", path, {"applied_tags": ["1", "2"]})).json["code"] == 50013
    sandbox.world.allow(forum.id, "MANAGE_THREADS")
    assert (await http("PATCH", path, {"applied_tags": ["1", "2"]})).json["applied_tags"] == ["1", "2"]


async def test_one_post_stands_on_top_until_it_is_archived(http: Http, forum: Channel, sandbox: Sandbox) -> None:
    first, second = [f"/channels/{(await post(http, forum)).json['id']}" for _ in range(2)]
    assert (await http("PATCH", first, {"flags": PINNED})).json["code"] == 50013
    sandbox.world.allow(forum.id, "MANAGE_THREADS")
    assert (await http("PATCH", first, {"flags": PINNED})).json["flags"] == PINNED
    assert (await http("PATCH", second, {"flags": PINNED})).json["code"] == 30047
    assert (await http("PATCH", first, {"archived": True})).json["flags"] == 0
    assert (await http("PATCH", second, {"flags": PINNED})).json["flags"] == PINNED


async def test_discord_py_posts_in_a_forum(bot: LabBot, sandbox: Sandbox, forum: Channel) -> None:
    sandbox.world.rename_channel(forum.id, "forum-with-tags")
    await bot.seen("guild_channel_update")
    channel = bot.get_channel(forum.id)
    assert isinstance(channel, discord.ForumChannel)
    [new, _] = channel.available_tags
    picture = discord.File(io.BytesIO(PNG), "plot.png")
    thread, message = await channel.create_thread(name="A paper", content="Its abstract", file=picture, applied_tags=[new])
    assert (thread.id, thread.parent_id, [tag.name for tag in thread.applied_tags]) == (message.id, forum.id, ["new"])
    assert [each.filename for each in message.attachments] == ["plot.png"]
    await bot.seen("thread_create")
    await thread.send("A comment")
    sandbox.world.allow(forum.id, "MANAGE_CHANNELS", "MANAGE_THREADS")
    tag = await channel.create_tag(name="later")
    assert [(each["id"], each["name"]) for each in forum.available_tags][2] == (str(tag.id), "later")
    await thread.edit(applied_tags=[tag], pinned=True)
    post = sandbox.world.channel(thread.id)
    assert (post.applied_tags, post.flags) == ([tag.id], PINNED)

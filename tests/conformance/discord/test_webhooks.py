"""Incoming webhooks: https://docs.discord.com/developers/resources/webhook"""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.discord.model import Webhook
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.labbot import LabBot, joined, point_discord_py_at
from tests.conformance.discord.test_attachments import PNG, form

BUTTON = {"type": 1, "components": [{"type": 2, "style": 5, "label": "l", "url": "https://arxiv.org"}]}


@pytest.fixture
def webhook(sandbox: Sandbox) -> Webhook:
    """The bot's, in #papers."""
    sandbox.world.allow(sandbox.world.papers.id, "MANAGE_WEBHOOKS")
    return sandbox.world.add_webhook(sandbox.world.papers, "Herald", sandbox.world.bot)


def path(webhook: Webhook, token: str | None = None) -> str:
    return f"/webhooks/{webhook.id}/{token or webhook.token}"


async def refused(http: Http, method: str, place: str, body: Any = None) -> tuple[int, int]:
    reply = await http(method, place, body)
    return reply.status, reply.json["code"]


async def test_made_listed_changed_and_deleted(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    role = world.lab.members[world.bot.id].role_ids[0]
    hooks, everywhere = f"/channels/{world.papers.id}/webhooks", f"/guilds/{world.lab.id}/webhooks"
    assert await refused(http, "POST", hooks, {"name": "Herald"}) == (403, 50013)
    assert await refused(http, "GET", hooks) == await refused(http, "GET", everywhere) == (403, 50013)
    world.set_role(world.lab, role, world.lab.roles[role].permissions | 1 << 29)
    made = (await http("POST", hooks, {"name": " Herald ", "avatar": None})).json
    assert (made["type"], made["name"], made["channel_id"], len(made["token"])) == (1, "Herald", str(world.papers.id), 68)
    assert (made["user"]["id"], made["application_id"]) == (str(world.bot.id), str(world.bot.id))
    assert (await http("GET", hooks)).json == (await http("GET", everywhere)).json == [made]
    assert (await http("GET", f"/channels/{world.general.id}/webhooks")).json == []
    own = f"/webhooks/{made['id']}"
    moved = (await http("PATCH", own, {"name": "Crier", "channel_id": str(world.general.id)})).json
    assert moved == made | {"name": "Crier", "channel_id": str(world.general.id)}
    assert (await http("GET", own)).json == moved
    assert (await http("DELETE", own)).status == 204
    assert await refused(http, "GET", own) == (404, 10015)


async def test_with_its_token_no_other_is_asked_for(http: Http, sandbox: Sandbox, webhook: Webhook) -> None:
    async with aiohttp.ClientSession() as session:
        address = sandbox.discord_api_url + path(webhook)
        async with session.get(address) as shown:
            assert "user" not in await shown.json(content_type=None)
        async with session.patch(address, json={"name": "Crier"}) as renamed:
            assert (await renamed.json(content_type=None))["name"] == "Crier"
        async with session.post(address, json={"content": "Hear"}) as posted:
            assert (posted.status, await posted.text()) == (204, "")
        async with session.delete(address) as deleted:
            assert deleted.status == 204
        async with session.get(sandbox.discord_api_url + f"/webhooks/{webhook.id}") as unnamed:
            assert unnamed.status == 401
    assert [message.content for message in sandbox.world.messages(webhook.channel_id)] == ["Hear"]
    assert await refused(http, "POST", path(webhook), {"content": "c"}) == (404, 10015)


async def test_a_wrong_token(http: Http, webhook: Webhook) -> None:
    assert await refused(http, "POST", path(webhook, "x" * 68), {"content": "c"}) == (401, 50027)
    # https://docs.discord.com/developers/resources/webhook#modify-webhook-with-token
    assert (await http("PATCH", path(webhook), {"channel_id": "1"})).status == 501


@pytest.mark.parametrize("name", ["", "n" * 81, "My Discord bot", "CLYDE"])
async def test_names(http: Http, sandbox: Sandbox, webhook: Webhook, name: str) -> None:
    assert (await http("POST", f"/channels/{webhook.channel_id}/webhooks", {"name": name})).faults("name")
    assert (await http("POST", path(webhook), {"content": "c", "username": name})).faults("username")


async def test_fifteen_are_the_most_and_a_thread_has_none(http: Http, sandbox: Sandbox, webhook: Webhook) -> None:
    world = sandbox.world
    for _ in range(14):
        world.add_webhook(world.papers, "Herald", world.bot)
    assert await refused(http, "POST", f"/channels/{world.papers.id}/webhooks", {"name": "n"}) == (400, 30007)
    thread = world.add_channel(world.lab, "talk", 11, world.papers)
    assert await refused(http, "POST", f"/channels/{thread.id}/webhooks", {"name": "n"}) == (400, 50024)


async def test_its_messages(http: Http, sandbox: Sandbox, webhook: Webhook) -> None:
    """It pings users only, and asks for no permission in the channel."""
    world = sandbox.world
    world.deny(world.papers.id, "SEND_MESSAGES", "EMBED_LINKS", "ATTACH_FILES")
    body = {"content": f"<@{world.member.id}> @everyone", "username": "Crier", "embeds": [{"title": "t"}], "components": [BUTTON]}
    sent = (await http("POST", f"{path(webhook)}?wait=true", form=form(body, ("a.txt", b"a")))).json
    assert (sent["webhook_id"], sent["author"]["id"], sent["author"]["username"]) == (str(webhook.id), str(webhook.id), "Crier")
    assert ([user["username"] for user in sent["mentions"]], sent["mention_everyone"]) == (["emmy"], False)
    assert [len(sent[name]) for name in ("embeds", "components", "attachments")] == [1, 1, 1]
    own = f"{path(webhook)}/messages/{sent['id']}"
    assert (await http("GET", own)).json == sent
    edited = (await http("PATCH", own, {"content": "Hear", "attachments": []})).json
    assert (edited["content"], edited["attachments"], edited["author"]) == ("Hear", [], sent["author"])
    assert (await http("DELETE", own)).status == 204
    theirs = world.post(world.papers.id, "c")
    assert await refused(http, "GET", f"{path(webhook)}/messages/{theirs.id}") == (404, 10008)
    assert await refused(http, "POST", path(webhook), {}) == (400, 50006)


async def test_the_bot_cannot_edit_them_as_its_own(http: Http, sandbox: Sandbox, webhook: Webhook) -> None:
    sent = (await http("POST", f"{path(webhook)}?wait=1", {"content": "c"})).json
    own = f"/channels/{webhook.channel_id}/messages/{sent['id']}"
    assert await refused(http, "PATCH", own, {"content": "d"}) == (403, 50005)
    answer = await http.post({"content": "d", "message_reference": {"message_id": sent["id"]}})
    assert (answer.json["referenced_message"]["author"]["username"], answer.json["mentions"]) == ("Herald", [])


async def test_components_of_a_persons_webhook_are_ignored_unless_asked_for(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    webhook = world.add_webhook(world.papers, "Herald", world.owner)
    body = {"content": "c", "components": [BUTTON]}
    sent = (await http("POST", f"{path(webhook)}?wait=true", body)).json
    assert (sent["components"], "application_id" in sent) == ([], False)
    assert len((await http("POST", f"{path(webhook)}?wait=true&with_components=true", body)).json["components"]) == 1
    assert await refused(http, "GET", f"/webhooks/{webhook.id}") == (403, 50013)


async def test_into_a_thread(http: Http, sandbox: Sandbox, webhook: Webhook) -> None:
    world = sandbox.world
    thread = world.add_channel(world.lab, "talk", 11, world.papers)
    world.archive_thread(thread.id)
    sent = (await http("POST", f"{path(webhook)}?wait=true&thread_id={thread.id}", {"content": "c"})).json
    assert (sent["channel_id"], thread.archived) == (str(thread.id), False)
    own = f"{path(webhook)}/messages/{sent['id']}"
    assert await refused(http, "GET", own) == (404, 10008)
    assert (await http("GET", f"{own}?thread_id={thread.id}")).status == 200
    elsewhere = world.add_channel(world.lab, "other", 11, world.general)
    assert await refused(http, "POST", f"{path(webhook)}?thread_id={elsewhere.id}", {"content": "c"}) == (404, 10003)
    assert await refused(http, "POST", path(webhook), {"content": "c", "thread_name": "n"}) == (400, 220003)


async def test_into_a_forum(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    forum = world.add_channel(world.lab, "forum", 15)
    webhook = world.add_webhook(forum, "Herald", world.bot)
    assert await refused(http, "POST", path(webhook), {"content": "c"}) == (400, 220001)
    sent = (await http("POST", f"{path(webhook)}?wait=true", {"content": "c", "thread_name": "A paper"})).json
    thread = world.channel(int(sent["channel_id"]))
    assert (thread.name, thread.parent_id, str(thread.id)) == ("A paper", forum.id, sent["id"])
    there = f"{path(webhook)}?thread_id={thread.id}"
    assert await refused(http, "POST", there, {"content": "c", "thread_name": "n"}) == (400, 220002)
    assert (await http("POST", there, {"content": "d"})).status == 204


async def test_it_goes_with_its_channel(http: Http, sandbox: Sandbox, webhook: Webhook) -> None:
    sandbox.world.delete_channel(webhook.channel_id)
    assert await refused(http, "POST", path(webhook), {"content": "c"}) == (404, 10015)


async def test_discord_py_makes_and_uses_one(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    world = sandbox.world
    world.allow(world.papers.id, "MANAGE_WEBHOOKS")
    point_discord_py_at(sandbox, monkeypatch.setattr)
    bot = LabBot(intents=discord.Intents(guilds=True, webhooks=True))
    connection = await joined(bot, sandbox)
    channel = bot.get_channel(world.papers.id)
    assert isinstance(channel, discord.TextChannel)
    webhook = await channel.create_webhook(name="Herald")
    [told] = await bot.seen("webhooks_update")
    assert told.id == channel.id
    sent = await webhook.send("Hear", username="Crier", file=discord.File(io.BytesIO(PNG), "plot.png"), wait=True)
    assert (sent.author.name, sent.webhook_id, sent.attachments[0].width) == ("Crier", webhook.id, 640)
    edited = await sent.edit(content="Hear, hear", attachments=[])
    assert (edited.content, edited.attachments) == ("Hear, hear", [])
    assert [each.id for each in await channel.webhooks()] == [webhook.id]
    await sent.delete()
    await webhook.delete()
    await bot.seen("webhooks_update", times=2)
    assert (world.messages(channel.id), world.webhooks) == ([], {})
    await bot.close()
    await connection
    assert sandbox.refusals == []

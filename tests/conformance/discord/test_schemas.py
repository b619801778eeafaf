"""Every answer fits the schema that Discord publishes for it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from sandbox.discord.exchange import Kind
from sandbox.discord.sessions import Intent
from sandbox.server import Sandbox
from tests.conformance.bodies import invalid_bodies
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.labbot import LabBot
from tests.conformance.discord.test_attachments import PNG, form

TOOL = Path(__file__).parents[3] / ".." / "shared" / "tools" / "validate_discord.py"


@pytest.fixture(scope="module")
def spec() -> Any:
    if not TOOL.exists():
        pytest.skip("Discord's published description is not on this machine")
    location = importlib.util.spec_from_file_location("validate_discord", TOOL)
    assert location is not None
    assert location.loader is not None
    module = importlib.util.module_from_spec(location)
    location.loader.exec_module(module)
    return module.Spec()


MESSAGE = {
    "content": "hello <@1>",
    "nonce": "n",
    "embeds": [{"title": "t", "fields": [{"name": "n", "value": "v"}], "footer": {"text": "f"}, "author": {"name": "a"}}],
    "components": [
        {"type": 1, "components": [{"type": 2, "style": 1, "label": "l", "custom_id": "a", "emoji": {"name": "📄", "id": None}}]},
        {"type": 1, "components": [{"type": 3, "custom_id": "b", "options": [{"label": "l", "value": "v"}]}]},
    ],
}


MESSAGE_REPLY = {name: value for name, value in MESSAGE.items() if name != "nonce"}


@pytest.mark.parametrize(
    "path",
    [
        "/users/@me",
        "/users/@me/guilds",
        "/applications/@me",
        "/oauth2/applications/@me",
        "/gateway",
        "/gateway/bot",
        "/guilds/{lab}",
        "/guilds/{lab}?with_counts=true",
        "/guilds/{lab}/roles",
        "/guilds/{lab}/channels",
        "/guilds/{lab}/members/{bot}",
        "/channels/{papers}",
        "/channels/{voice}",
        "/channels/{forum}",
        "/channels/{thread}",
        "/channels/{direct}",
        "/channels/{papers}/messages",
        "/channels/{papers}/messages/{message}",
    ],
)
async def test_what_is_read(http: Http, sandbox: Sandbox, spec: Any, path: str) -> None:
    world = sandbox.world
    world.deny(world.papers.id, "MANAGE_MESSAGES")
    names = {
        "lab": world.lab.id,
        "bot": world.bot.id,
        "papers": world.papers.id,
        "voice": world.add_channel(world.lab, "voice", 2).id,
        "forum": world.add_channel(world.lab, "forum", 15).id,
        "thread": world.add_channel(world.lab, "thread", 11, world.papers).id,
        "direct": world.add_direct_message(world.member).id,
        "message": (await http.post(MESSAGE)).json["id"],
    }
    path = path.format(**names)
    reply = await http("GET", path)
    assert reply.status == 200
    assert list(spec.errors("GET", path, reply.json, 200)) == []


async def test_what_is_written(http: Http, sandbox: Sandbox, spec: Any) -> None:
    created = await http.post(MESSAGE)
    path = f"/channels/{sandbox.world.papers.id}/messages"
    assert list(spec.errors("POST", path, created.json, 200)) == []
    path += f"/{created.json['id']}"
    edited = await http("PATCH", path, {"content": "changed"})
    assert edited.json["edited_timestamp"] is not None
    assert list(spec.errors("PATCH", path, edited.json, 200)) == []
    assert (await http("DELETE", path)).status == 204


async def test_files(http: Http, sandbox: Sandbox, spec: Any) -> None:
    path = f"/channels/{sandbox.world.papers.id}/messages"
    files = [("shown.png", PNG), ("a.txt", b"a")]
    embed = {"title": "t", "image": {"url": "attachment://shown.png"}}
    sent = await http("POST", path, form=form({"embeds": [embed]}, *files))
    assert [each["filename"] for each in sent.json["attachments"]] == ["a.txt"]
    assert list(spec.errors("POST", path, sent.json, 200)) == []


async def test_what_is_laid_out_pinned_reacted_and_replied_to(http: Http, sandbox: Sandbox, spec: Any) -> None:
    world = sandbox.world
    path = f"/channels/{world.papers.id}/messages"
    shown = {"url": "attachment://a.png"}
    inside = [
        {"type": 9, "components": [{"type": 10, "content": "c"}], "accessory": {"type": 11, "media": shown}},
        {"type": 14},
        {"type": 13, "file": {"url": "attachment://b.txt"}},
    ]
    components = [{"type": 17, "components": inside}, {"type": 12, "items": [{"media": shown}]}]
    sent = await http("POST", path, form=form({"flags": 1 << 15, "components": components}, ("a.png", PNG), ("b.txt", b"b")))
    assert list(spec.errors("POST", path, sent.json, 200)) == []
    message = world.message(int(sent.json["id"]))
    world.react(message, "🔥", world.member)
    world.pin(message, world.member)
    reply = await http("POST", path, {"content": "c", "message_reference": {"message_id": sent.json["id"]}})
    assert list(spec.errors("POST", path, reply.json, 200)) == []
    for place in (f"{path}/{message.id}", f"{path}/pins", f"/channels/{world.papers.id}/pins", path):
        assert list(spec.errors("GET", place, (await http("GET", place)).json, 200)) == []
    users = f"{path}/{message.id}/reactions/🔥"
    assert list(spec.errors("GET", users, (await http("GET", users)).json, 200)) == []


async def test_posts_members_and_webhooks(http: Http, sandbox: Sandbox, spec: Any) -> None:
    world = sandbox.world
    world.privileged = Intent.GUILD_MEMBERS
    forum = world.add_channel(world.lab, "forum", 15)
    for channel in (forum, world.papers):
        world.allow(channel.id, "MANAGE_CHANNELS", "MANAGE_THREADS", "MANAGE_WEBHOOKS")
    made: dict[str, Any] = {}
    for method, path, body, status in (
        ("PATCH", f"/channels/{forum.id}", {"available_tags": [{"name": "new"}], "topic": "t"}, 200),
        ("POST", f"/channels/{forum.id}/threads", {"name": "n", "message": {"content": "c"}}, 201),
        ("PATCH", "/channels/{threads}", {"name": "m", "locked": True}, 200),
        ("GET", f"/guilds/{world.lab.id}/threads/active", None, 200),
        ("GET", f"/channels/{forum.id}/threads/archived/public", None, 200),
        ("GET", "/channels/{threads}/thread-members", None, 200),
        ("GET", f"/channels/{{threads}}/thread-members/{world.bot.id}", None, 200),
        ("GET", f"/guilds/{world.lab.id}/members", None, 200),
        ("POST", f"/channels/{world.papers.id}/webhooks", {"name": "n"}, 200),
        ("GET", f"/channels/{world.papers.id}/webhooks", None, 200),
        ("PATCH", "/webhooks/{webhooks}", {"name": "m"}, 200),
        ("GET", "/soundboard-default-sounds", None, 200),
    ):
        place = path.format(**made)
        reply = await http(method, place, body)
        assert (path, reply.status, list(spec.errors(method, place, reply.json, status))) == (path, status, [])
        if method == "POST":
            made[path.rsplit("/", 1)[1]] = reply.json["id"]
    webhook = world.webhooks[int(made["webhooks"])]
    executed = f"/webhooks/{webhook.id}/{webhook.token}"
    sent = await http("POST", f"{executed}?wait=true", {"content": "c"})
    assert list(spec.errors("POST", executed, sent.json, 200)) == []


async def test_commands(http: Http, sandbox: Sandbox, spec: Any) -> None:
    everywhere = f"/applications/{sandbox.world.bot.id}/commands"
    here = f"/applications/{sandbox.world.bot.id}/guilds/{sandbox.world.lab.id}/commands"
    option = {"type": 3, "name": "o", "description": "d", "choices": [{"name": "n", "value": "v"}]}
    for path in (everywhere, here):
        listed = await http("PUT", path, [{"name": "n", "description": "d", "options": [option]}])
        assert list(spec.errors("PUT", path, listed.json, 200)) == []
        assert list(spec.errors("GET", path, (await http("GET", path)).json, 200)) == []
        one = await http("POST", path, {"name": "m", "description": "d", "default_member_permissions": "32", "contexts": [0]})
        assert list(spec.errors("POST", path, one.json, 201)) == []


async def test_answers_to_interactions(http: Http, sandbox: Sandbox, spec: Any) -> None:
    world = sandbox.world
    interaction = sandbox.interactions.begin(Kind.COMMAND, world.member, world.papers, {})
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
    webhook = f"/webhooks/{world.bot.id}/{interaction.token}"
    answered = await http("POST", f"{callback}?with_response=1", {"type": 4, "data": MESSAGE_REPLY | {"flags": 64}})
    assert list(spec.errors("POST", callback, answered.json, 200)) == []
    more = await http("POST", f"{webhook}?wait=1", MESSAGE_REPLY)
    assert list(spec.errors("POST", webhook, more.json, 200)) == []
    original = await http("GET", f"{webhook}/messages/@original")
    assert list(spec.errors("GET", f"{webhook}/messages/@original", original.json, 200)) == []


async def test_threads(http: Http, sandbox: Sandbox, spec: Any) -> None:
    sandbox.world.allow(sandbox.world.papers.id, "CREATE_PUBLIC_THREADS")
    message = sandbox.world.post(sandbox.world.papers.id, "A paper")
    path = f"/channels/{message.channel_id}/messages/{message.id}"
    opened = await http("POST", f"{path}/threads", {"name": "Discuss"})
    assert list(spec.errors("POST", f"{path}/threads", opened.json, 201)) == []
    assert list(spec.errors("GET", path, (await http("GET", path)).json, 200)) == []


async def test_what_discord_py_sends(bot: LabBot, sandbox: Sandbox) -> None:
    """Held against the description of requests, nothing in it unknown."""
    world, visitor = sandbox.world, sandbox.visitor
    for name in ("page", "menus", "form"):
        await visitor.command(world.member, world.papers.id, name)
    await visitor.command(world.member, world.papers.id, "ask", question="why?")
    await bot.seen("app_command_completion", times=4)
    assert invalid_bodies(sandbox.requests) == []


async def test_errors(http: Http, sandbox: Sandbox, spec: Any) -> None:
    """Not for 50035: there the description wants numbers for codes, and Discord's own documentation shows words."""
    world = sandbox.world
    world.deny(world.general.id, "VIEW_CHANNEL")
    world.deny(world.papers.id, "SEND_MESSAGES")
    codes = {}
    for channel_id in (world.papers.id, world.general.id, 1):
        path = f"/channels/{channel_id}/messages"
        reply = await http("POST", path, {"content": "c"})
        codes[reply.json["code"]] = list(spec.errors("POST", path, reply.json, reply.status))
    assert codes == {50013: [], 50001: [], 10003: []}

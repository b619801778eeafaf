"""Forms and files: https://docs.discord.com/developers/reference#uploading-files"""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.discord import pictures
from sandbox.discord.exchange import Kind
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.test_discord_py import papers

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\x00\x00\x00"
PART = b"--b\r\nContent-Disposition: form-data; "
MEBIBYTE = 1024 * 1024


def form(body: Any = None, *files: tuple[str, bytes], **texts: str) -> aiohttp.FormData:
    """As many clients build it: the JSON in `payload_json`, the files as `files[n]`."""
    data = aiohttp.FormData(texts, quote_fields=False, default_to_multipart=True)
    if body is not None:
        data.add_field("payload_json", json.dumps(body), content_type="application/json")
    for number, (name, content) in enumerate(files):
        data.add_field(f"files[{number}]", io.BytesIO(content), filename=name)
    return data


async def read(address: str) -> tuple[int, str, bytes]:
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return response.status, response.content_type, await response.read()


# --- the three content types


async def test_a_form_without_json(http: Http, sandbox: Sandbox) -> None:
    """The first example of the page above: texts, and true as a word."""
    sandbox.world.allow(sandbox.world.papers.id, "SEND_TTS_MESSAGES")
    kept = await http.post(None, form=form(content="Hello, World!", tts="true"))
    assert (kept.status, kept.json["content"], kept.json["tts"]) == (200, "Hello, World!", True)
    encoded = await http.post(None, form={"content": "true", "flags": "4096"})
    assert (encoded.status, encoded.json["content"], encoded.json["flags"]) == (200, "true", 4096)
    assert sandbox.requests[-1].body == {"content": "true", "flags": 4096}
    assert (await http.post(None, form={"content": "c", "tts": "loud"})).faults("tts") == ["BOOLEAN_TYPE_CONVERT"]


async def test_json_in_an_encoded_form(http: Http) -> None:
    """py-cord answers interactions so."""
    kept = await http.post(None, form={"payload_json": json.dumps({"content": "c", "flags": 4096})})
    assert (kept.status, kept.json["content"], kept.json["flags"]) == (200, "c", 4096)


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b'{"content": "c"}', "text/plain", 50035),
        (b'{"content": "c"}', "application/xml", 50035),
        (b"content=c", "application/json", 50109),
        (b"null", "application/json", 50109),
        (b"no boundary", "multipart/form-data; boundary=b", 50035),
        (PART + b'name="payload_json"\r\n\r\n{\r\n--b--', "multipart/form-data; boundary=b", 50109),
        (PART + b'size="1"\r\n\r\nc\r\n--b--', "multipart/form-data; boundary=b", 50035),
    ],
)
async def test_bodies_that_cannot_be_read(http: Http, sandbox: Sandbox, content: bytes, kind: str, code: int) -> None:
    """https://docs.discord.com/developers/reference#content-type"""
    refused = await http.post(None, form=content, kind=kind)
    assert (refused.status, refused.json["code"]) == (400, code)
    assert (sandbox.world.messages(sandbox.world.papers.id), sandbox.refusals) == ([], [])


async def test_too_large(http: Http, sandbox: Sandbox) -> None:
    """25 MiB a request, 10 MiB a file."""
    files = [("a.bin", bytes(9 * MEBIBYTE))] * 3
    for data in (form({}, *files), form({}, ("a.bin", bytes(10 * MEBIBYTE + 1)))):
        refused = await http.post(None, form=data)
        assert (refused.status, refused.json["code"]) == (413, 40005)
    assert sandbox.world.messages(sandbox.world.papers.id) == []
    assert (await http.post(None, form=form({}, ("a.bin", bytes(10 * MEBIBYTE))))).status == 200


# --- files


async def test_a_file_is_kept_and_served(http: Http, sandbox: Sandbox) -> None:
    sent = {"attachments": [{"id": 0, "description": "Stars", "title": "Sky", "filename": "sky é.png"}]}
    [attachment] = (await http.post(None, form=form(sent, ("sky é.png", PNG)))).json["attachments"]
    told = {name: attachment[name] for name in ("filename", "description", "title", "size", "content_type", "width", "height")}
    assert told == {
        "filename": "sky_é.png",
        "description": "Stars",
        "title": "Sky",
        "size": len(PNG),
        "content_type": "image/png",
        "width": 640,
        "height": 480,
    }
    assert attachment["url"].startswith(f"{sandbox.url}/cdn/attachments/{sandbox.world.papers.id}/{attachment['id']}/")
    for address in (attachment["url"], attachment["proxy_url"]):
        assert await read(address) == (200, "image/png", PNG)


async def test_an_address_lapses_and_is_given_anew(http: Http, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/reference#signed-attachment-cdn-urls"""
    message = (await http.post(None, form=form(None, ("a.txt", b"a")))).json
    address = message["attachments"][0]["url"]
    assert (await read(address))[0] == 200
    assert (await read(address.split("?")[0]))[0] == 404
    sandbox.clock.advance(days=14)
    assert (await read(address))[0] == 404
    again = (await http("GET", f"/channels/{message['channel_id']}/messages/{message['id']}")).json
    assert (await read(again["attachments"][0]["url"]))[2] == b"a"
    await http("DELETE", f"/channels/{message['channel_id']}/messages/{message['id']}")
    assert (await read(again["attachments"][0]["url"]))[0] == 404


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (PNG, (640, 480)),
        (b"GIF89a" + struct.pack("<HH", 640, 480), (640, 480)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x0b\x08" + struct.pack(">HH", 480, 640), (640, 480)),
        (b"RIFF....WEBPVP8X" + bytes(8) + b"\x7f\x02\x00\xdf\x01\x00", (640, 480)),
        (b"RIFF....WEBPVP8L" + bytes(5) + struct.pack("<I", 479 << 14 | 639), (640, 480)),
        (b"RIFF....WEBPVP8 " + bytes(10) + struct.pack("<HH", 640, 480), (640, 480)),
        (PNG[:20], None),
        (b"\xff\xd8\xff\xe0", None),
        (b"A text", None),
    ],
)
def test_the_size_of_a_picture(content: bytes, size: tuple[int, int] | None) -> None:
    assert pictures.size(content) == size


async def test_a_picture_in_an_embed(http: Http) -> None:
    """It is no attachment of its own then: https://github.com/discord/discord-api-docs/pull/8279"""
    embed = {"title": "t", "image": {"url": "attachment://sky.png"}, "footer": {"text": "f", "icon_url": "attachment://sky.png"}}
    sent = await http.post(None, form=form({"embeds": [embed]}, ("sky.png", PNG), ("notes.txt", b"n")))
    [shown], [left] = sent.json["embeds"], sent.json["attachments"]
    assert (shown["image"]["width"], shown["image"]["height"], shown["image"]["content_type"]) == (640, 480, "image/png")
    for address in (shown["image"]["url"], shown["image"]["proxy_url"], shown["footer"]["icon_url"]):
        assert (await read(address))[2] == PNG
    assert left["filename"] == "notes.txt"


async def test_only_pictures_are_shown_in_embeds(http: Http) -> None:
    embed = {"title": "t", "url": "attachment://a.pdf"}
    assert (await http.post({"embeds": [embed]})).faults("embeds.0.url") == ["URL_TYPE_INVALID_SCHEME"]
    shown = {"title": "t", "image": {"url": "attachment://a.pdf"}}
    sent = await http.post(None, form=form({"embeds": [shown]}, ("a.pdf", b"%PDF")))
    assert sent.json["embeds"][0]["image"] == {"url": "attachment://a.pdf"}


@pytest.mark.parametrize(
    ("body", "files", "code"),
    [
        ({"content": "c", "attachments": [{"id": 1}]}, 1, 50146),
        ({"content": "c"}, 11, 30015),
        ({}, 0, 50006),
        ({"attachments": []}, 1, 50006),
    ],
)
async def test_files_that_are_refused(http: Http, sandbox: Sandbox, body: Any, files: int, code: int) -> None:
    refused = await http.post(None, form=form(body, *[("a.txt", b"a")] * files))
    assert (refused.status, refused.json["code"]) == (400, code)
    assert sandbox.world.messages(sandbox.world.papers.id) == []


async def test_what_is_said_of_a_file_has_limits(http: Http) -> None:
    too_long = form({"attachments": [{"id": 0, "description": "d" * 1025}]}, ("a.txt", b"a"))
    assert (await http.post(None, form=too_long)).faults("attachments.0.description") == ["BASE_TYPE_MAX_LENGTH"]
    assert (await http.post({"content": "c", "attachments": [{}]})).faults("attachments.0.id") == ["BASE_TYPE_REQUIRED"]


async def test_an_edit_keeps_what_it_lists(http: Http, sandbox: Sandbox) -> None:
    """Without a list, all of it: https://docs.discord.com/developers/resources/message#edit-message"""
    message = (await http.post(None, form=form({}, ("a.txt", b"a"), ("b.txt", b"b")))).json
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    first, second = message["attachments"]
    edited = (await http("PATCH", path, {"content": "c"})).json
    assert [each["id"] for each in edited["attachments"]] == [first["id"], second["id"]]
    listed = {"attachments": [{"id": second["id"], "description": "d"}, {"id": 0}]}
    edited = (await http("PATCH", path, form=form(listed, ("c.txt", b"c")))).json
    assert [(each["filename"], each.get("description")) for each in edited["attachments"]] == [("b.txt", "d"), ("c.txt", None)]
    assert (await http("PATCH", path, {"attachments": [{"id": first["id"]}]})).json["code"] == 50146
    assert (await http("PATCH", path, {"attachments": []})).json["attachments"] == []
    assert (await http("PATCH", path, {"content": ""})).json["code"] == 50006


async def test_files_need_their_permission(http: Http, sandbox: Sandbox) -> None:
    sandbox.world.deny(sandbox.world.papers.id, "ATTACH_FILES")
    refused = await http.post(None, form=form({"content": "c"}, ("a.txt", b"a")))
    assert (refused.status, refused.json["code"]) == (403, 50013)
    assert (await http.post(None, form=form({"content": "c"}))).status == 200


async def test_a_file_in_an_answer_to_an_interaction(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    interaction = sandbox.interactions.begin(Kind.COMMAND, world.member, world.papers, {})
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
    data = form({"type": 4, "data": {"flags": 64, "attachments": [{"id": 0}]}}, ("a.png", PNG))
    assert (await http("POST", callback, form=data)).status == 204
    webhook = f"/webhooks/{world.bot.id}/{interaction.token}"
    [attachment] = (await http("GET", f"{webhook}/messages/@original")).json["attachments"]
    assert attachment["ephemeral"] is True
    assert (await read(attachment["url"]))[2] == PNG
    more = await http("POST", f"{webhook}?wait=true", form=form({}, ("b.txt", b"b")))
    assert [each["filename"] for each in more.json["attachments"]] == ["b.txt"]
    edited = await http("PATCH", f"{webhook}/messages/{more.json['id']}", form=form({}, ("c.txt", b"c")))
    assert [each["filename"] for each in edited.json["attachments"]] == ["b.txt", "c.txt"]


async def test_discord_py_sends_and_reads_files(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    picture = discord.File(io.BytesIO(PNG), "plot.png", description="Stars", spoiler=True)
    embed = discord.Embed(title="t").set_image(url="attachment://shown.png")
    sent = await channel.send("day line", files=[picture, discord.File(io.BytesIO(PNG), "shown.png")], embed=embed)
    [attachment] = sent.attachments
    assert (attachment.filename, attachment.description, attachment.is_spoiler()) == ("SPOILER_plot.png", "Stars", True)
    assert (attachment.width, attachment.height, attachment.content_type) == (640, 480, "image/png")
    assert sent.embeds[0].image.width == 640
    assert await attachment.read() == PNG
    edited = await sent.edit(attachments=[attachment, discord.File(io.BytesIO(b"n"), "notes.txt")], embed=None)
    assert [each.filename for each in edited.attachments] == ["SPOILER_plot.png", "notes.txt"]
    sandbox.clock.advance(days=1)
    fetched = await channel.fetch_message(sent.id)
    assert [await each.read() for each in fetched.attachments] == [PNG, b"n"]
    assert fetched.attachments[0].url != attachment.url

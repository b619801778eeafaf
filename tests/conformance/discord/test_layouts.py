"""Components V2: https://docs.discord.com/developers/components/reference"""

from __future__ import annotations

import io
from typing import Any

import discord
import pytest

from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.exchange import Kind
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http, Reply
from tests.conformance.discord.labbot import LabBot
from tests.conformance.discord.test_attachments import PNG, form, read

V2 = 1 << 15
LEGACY = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
CHOICES = "UNION_TYPE_CHOICES"
SHOWN = {"media": {"url": "attachment://sky.png"}}


def text(content: str = "words") -> dict[str, Any]:
    return {"type": 10, "content": content}


def row(custom_id: str = "a") -> dict[str, Any]:
    return {"type": 1, "components": [{"type": 2, "style": 1, "label": "l", "custom_id": custom_id}]}


def section(*texts: dict[str, Any], **accessory: Any) -> dict[str, Any]:
    return {"type": 9, "components": list(texts), "accessory": accessory or row()["components"][0]}


def container(*inside: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": 17, "components": list(inside)} | more


def gallery(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": 12, "items": list(items)}


async def post(http: Http, *components: dict[str, Any], **more: Any) -> Reply:
    return await http.post({"flags": V2, "components": list(components)} | more)


async def test_each_kind_of_component_is_shown_with_what_was_not_said(http: Http) -> None:
    body = {
        "flags": V2,
        "components": [
            container(section(text(), type=11, **SHOWN), {"type": 14}, row(), accent_color=0xFF),
            gallery(SHOWN, {"media": {"url": "https://arxiv.org/a.png"}, "description": "d"}),
            {"type": 13, "file": {"url": "attachment://notes.txt"}},
            text("last"),
        ],
    }
    sent = await http.post(None, form=form(body, ("sky.png", PNG), ("notes.txt", b"n")))
    assert (sent.status, sent.json["flags"], sent.json["content"], sent.json["attachments"]) == (200, V2, "", [])
    box, pictures, file, last = sent.json["components"]
    part, separator, buttons = box["components"]
    assert (box["accent_color"], box["spoiler"], separator["divider"], separator["spacing"]) == (0xFF, False, True, 1)
    thumbnail = part["accessory"]
    assert (thumbnail["media"]["width"], thumbnail["media"]["content_type"]) == (640, "image/png")
    assert (await read(thumbnail["media"]["url"]))[2] == PNG
    assert thumbnail["media"]["attachment_id"] == pictures["items"][0]["media"]["attachment_id"]
    assert (pictures["items"][1]["media"]["url"], pictures["items"][1]["description"]) == ("https://arxiv.org/a.png", "d")
    assert (file["name"], file["size"], (await read(file["file"]["url"]))[2]) == ("notes.txt", 1, b"n")
    inner = [part, part["components"][0], thumbnail, separator, buttons, buttons["components"][0]]
    assert [each["id"] for each in (box, *inner, pictures, file, last)] == list(range(1, 11))


REFUSED = [
    ([text()], {"content": "c"}, "content", LEGACY),
    ([text()], {"embeds": [{"title": "t"}]}, "embeds", LEGACY),
    ([text("x" * 4001)], {}, "components.0.content", "BASE_TYPE_BAD_LENGTH"),
    ([text("x" * 2000), container(text("y" * 2001))], {}, "components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
    ([text()] * 41, {}, "components", "BASE_TYPE_MAX_LENGTH"),
    ([container(*[text()] * 20), text(), *[{"type": 14}] * 19], {}, "components", "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED"),
    ([container(container(text()))], {}, "components.0.components.0", CHOICES),
    ([row()["components"][0]], {}, "components.0", CHOICES),
    ([{"type": 11, **SHOWN}], {}, "components.0", CHOICES),
    ([section(row())], {}, "components.0.components.0", CHOICES),
    ([section(*[text()] * 4)], {}, "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    ([section(text(), type=10, content="c")], {}, "components.0.accessory", CHOICES),
    ([{"type": 9, "components": [text()]}], {}, "components.0.accessory", "BASE_TYPE_REQUIRED"),
    ([gallery()], {}, "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    ([{"type": 13, "file": {"url": "https://arxiv.org/a.pdf"}}], {}, "components.0.file.url", "URL_TYPE_INVALID_SCHEME"),
    ([{"type": 14, "spacing": 3}], {}, "components.0.spacing", "BASE_TYPE_CHOICES"),
    ([container(text(), accent_color=0x1000000)], {}, "components.0.accent_color", "NUMBER_TYPE_MAX"),
    ([container(row(), row())], {}, "components.0.components.1.components.0.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ([gallery(SHOWN)], {}, "components.0.items.0.media.url", "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"),
    ([text()], {"flags": 0}, "components.0", CHOICES),
    ([{"type": 1, "components": [text()]}], {"flags": 0, "content": "c"}, "components.0.components.0", CHOICES),
]


@pytest.mark.parametrize(("components", "more", "path", "code"), REFUSED, ids=[f"{path}-{code}" for *_, path, code in REFUSED])
async def test_what_is_refused(
    http: Http, sandbox: Sandbox, components: list[dict[str, Any]], more: dict[str, Any], path: str, code: str
) -> None:
    assert code in (await post(http, *components, **more)).faults(path)
    assert sandbox.world.messages(sandbox.world.papers.id) == []


async def test_as_much_as_fits(http: Http) -> None:
    assert (await post(http, container(*[text("x" * 100)] * 38), text("y" * 200))).status == 200


async def test_nothing_is_no_message(http: Http) -> None:
    assert (await post(http)).json["code"] == 50006


async def test_texts_ping_as_content_does(http: Http, sandbox: Sandbox) -> None:
    member = sandbox.world.member
    sent = await post(http, container(text(f"<@{member.id}>")))
    assert [user["username"] for user in sent.json["mentions"]] == ["emmy"]
    silent = await post(http, text(f"<@{member.id}>"), allowed_mentions={"parse": []})
    assert silent.json["mentions"] == []


async def test_an_edit_sets_the_flag_and_nothing_takes_it_away(http: Http, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/resources/message#edit-message"""
    message = (await http.post({"content": "c", "embeds": [{"title": "t"}]})).json
    path = f"/channels/{message['channel_id']}/messages/{message['id']}"
    laid_out = {"flags": V2, "components": [text()]}
    refused = await http("PATCH", path, laid_out)
    assert refused.faults("content") == refused.faults("embeds") == [LEGACY]
    edited = await http("PATCH", path, laid_out | {"content": None, "embeds": []})
    assert (edited.status, edited.json["flags"], edited.json["content"]) == (200, V2, "")
    again = await http("PATCH", path, {"flags": 0, "components": [text("more")]})
    assert (again.json["flags"], again.json["components"][0]["content"]) == (V2, "more")
    assert (await http("PATCH", path, {"content": "c"})).faults("content") == [LEGACY]


async def test_in_answers_to_interactions(http: Http, sandbox: Sandbox) -> None:
    world = sandbox.world
    interaction = sandbox.interactions.begin(Kind.COMMAND, world.member, world.papers, {})
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
    assert (await http("POST", callback, {"type": 5})).status == 204
    original = f"/webhooks/{world.bot.id}/{interaction.token}/messages/@original"
    edited = (await http("PATCH", original, {"flags": V2, "components": [text()]})).json
    assert (edited["flags"], edited["components"][0]["content"]) == (V2, "words")


class Card(discord.ui.LayoutView):
    box: discord.ui.Container[Card] = discord.ui.Container(accent_colour=0x123456)

    def __init__(self) -> None:
        super().__init__(timeout=None)
        picture = discord.ui.Thumbnail[Card]("attachment://plot.png", description="A plot")
        self.box.add_item(discord.ui.Section(discord.ui.TextDisplay("# A title"), accessory=picture))
        self.box.add_item(discord.ui.Separator())
        self.box.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://plot.png")))
        self.add_item(discord.ui.File("attachment://notes.txt"))
        self.add_item(discord.ui.ActionRow(discord.ui.Button(label="arXiv", url="https://arxiv.org")))


async def test_discord_py_lays_out_a_message(bot: LabBot, sandbox: Sandbox) -> None:
    channel = bot.get_channel(sandbox.world.papers.id)
    assert isinstance(channel, discord.TextChannel)
    files = [discord.File(io.BytesIO(PNG), "plot.png"), discord.File(io.BytesIO(b"n"), "notes.txt")]
    sent = await channel.send(view=Card(), files=files)
    box, file, _ = sent.components
    assert isinstance(box, discord.Container)
    assert isinstance(file, discord.FileComponent)
    assert (sent.flags.components_v2, box.accent_colour, file.name, file.size) == (True, discord.Colour(0x123456), "notes.txt", 1)
    part = box.children[0]
    assert isinstance(part, discord.SectionComponent)
    assert isinstance(part.accessory, discord.ThumbnailComponent)
    assert (part.accessory.media.width, part.accessory.description) == (640, "A plot")


async def test_a_person_finds_the_button_beside_a_text(http: Http, sandbox: Sandbox) -> None:
    button = {"type": 2, "style": 1, "label": "Later", "custom_id": "later", "disabled": True}
    sent = (await post(http, container(section(text(), **button)))).json
    message = sandbox.world.message(int(sent["id"]))
    with pytest.raises(NotAllowedError, match="'later' is disabled"):
        await sandbox.visitor.press(sandbox.world.member, message, "Later")

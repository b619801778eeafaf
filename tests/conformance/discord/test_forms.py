"""What Discord refuses, and where in the body it says the fault is."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http

TOO_LONG = "BASE_TYPE_MAX_LENGTH"
BAD_LENGTH = "BASE_TYPE_BAD_LENGTH"
REQUIRED = "BASE_TYPE_REQUIRED"
TOO_WIDE = "COMPONENT_LAYOUT_WIDTH_EXCEEDED"
BOTH = "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE"
EXCLUSIVE = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
GENERAL = {"id": "1", "type": "channel"}


def embed(**parts: Any) -> dict[str, Any]:
    return {"embeds": [{"title": "t"} | parts]}


def field(name: str = "n", value: str = "v") -> dict[str, Any]:
    return {"name": name, "value": value}


def buttons(*given: dict[str, Any]) -> dict[str, Any]:
    return {"content": "c", "components": [{"type": 1, "components": list(given)}]}


def button(**parts: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "l", "custom_id": "a"} | parts


def link(**parts: Any) -> dict[str, Any]:
    return {"type": 2, "style": 5, "label": "l", "url": "https://arxiv.org"} | parts


def select(options: int = 1, default: bool = False, **parts: Any) -> dict[str, Any]:
    offered = [{"label": "l", "value": str(number), "default": default} for number in range(options)]
    return {"type": 3, "custom_id": "s", "options": offered} | parts


def channels(**parts: Any) -> dict[str, Any]:
    return {"type": 8, "custom_id": "c"} | parts


def many(count: int) -> list[dict[str, Any]]:
    return [button(custom_id=str(number)) for number in range(count)]


ROW = "components.0.components.0"

REFUSED = [
    ({"content": "x" * 2001}, "content", TOO_LONG),
    ({"content": 5}, "content", "STRING_TYPE_CONVERT"),
    ({"content": "c", "nonce": "n" * 26}, "nonce", "NONCE_TYPE_TOO_LONG"),
    ({"content": "c", "nonce": ["n"]}, "nonce", "NONCE_TYPE_INVALID_TYPE"),
    ({"content": "c", "tts": "yes"}, "tts", "BOOLEAN_TYPE_CONVERT"),
    ({"content": "c", "allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0", "BASE_TYPE_CHOICES"),
    ({"embeds": [{"title": "t"}] * 11}, "embeds", TOO_LONG),
    ({"embeds": ["t"]}, "embeds.0", "MODEL_TYPE_CONVERT"),
    ({"embeds": {"title": "t"}}, "embeds", "LIST_TYPE_CONVERT"),
    ({"embeds": [{"color": 1}]}, "embeds.0.description", REQUIRED),
    (embed(title="x" * 257), "embeds.0.title", TOO_LONG),
    (embed(description="x" * 4097), "embeds.0.description", TOO_LONG),
    (embed(fields=[field()] * 26), "embeds.0.fields", TOO_LONG),
    (embed(fields=[field(name="x" * 257)]), "embeds.0.fields.0.name", TOO_LONG),
    (embed(fields=[field(), field(value="x" * 1025)]), "embeds.0.fields.1.value", TOO_LONG),
    (embed(fields=[field(value=" ")]), "embeds.0.fields.0.value", REQUIRED),
    (embed(fields=[field(name="")]), "embeds.0.fields.0.name", REQUIRED),
    (embed(footer={"text": "x" * 2049}), "embeds.0.footer.text", TOO_LONG),
    (embed(author={"name": "x" * 257}), "embeds.0.author.name", TOO_LONG),
    (embed(url="https:arxiv org"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(url="arxiv.org"), "embeds.0.url", "URL_TYPE_INVALID_URL"),
    (embed(url="arxiv.org"), "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(url="ftp://arxiv.org"), "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(url=""), "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(color=0x1000000), "embeds.0.color", "NUMBER_TYPE_MAX"),
    (embed(color="red"), "embeds.0.color", "NUMBER_TYPE_COERCE"),
    (embed(timestamp="yesterday"), "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
    ({"embeds": [{"description": "x" * 3000}, {"description": "y" * 3001}]}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    (buttons(*many(6)), "components.0.components", BAD_LENGTH),
    (buttons(), "components.0.components", BAD_LENGTH),
    ({"content": "c", "components": [{"type": 1, "components": [each]} for each in many(6)]}, "components", TOO_LONG),
    (buttons(button(label="x" * 81)), f"{ROW}.label", TOO_LONG),
    (buttons(button(label=None)), f"{ROW}.label", "BUTTON_COMPONENT_LABEL_REQUIRED"),
    (buttons(button(custom_id="x" * 101)), f"{ROW}.custom_id", BAD_LENGTH),
    (buttons(button(custom_id=None)), f"{ROW}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"),
    (buttons(button(style=9)), f"{ROW}.style", "BASE_TYPE_CHOICES"),
    (buttons(button(), button()), "components.0.components.1.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    (buttons(link(url=None)), f"{ROW}.url", "BUTTON_COMPONENT_URL_REQUIRED"),
    (buttons(link(url="https://arxiv.org/" + "x" * 500)), f"{ROW}.url", TOO_LONG),
    (buttons(link(url="ftp://arxiv.org")), f"{ROW}.url", "URL_TYPE_INVALID_SCHEME"),
    (buttons(link(custom_id="a")), f"{ROW}.custom_id", BOTH),
    (buttons(link(custom_id="a")), f"{ROW}.url", BOTH),
    (buttons(button(url="https://arxiv.org")), f"{ROW}.url", BOTH),
    (buttons(select(0)), f"{ROW}.options", BAD_LENGTH),
    (buttons(select(placeholder="x" * 151)), f"{ROW}.placeholder", TOO_LONG),
    (buttons(select(max_values=26)), f"{ROW}.max_values", "NUMBER_TYPE_MAX"),
    # https://docs.discord.com/developers/components/reference#action-row: five buttons or a single select
    (buttons(select(), button()), "components.0.components.1", TOO_WIDE),
    (buttons(button(), select()), "components.0.components.1", TOO_WIDE),
    (buttons(select(), channels()), "components.0.components.1", TOO_WIDE),
    # https://docs.discord.com/developers/components/reference#string-select: max_values is 1 unless given
    (buttons(select(min_values=2)), f"{ROW}.min_values", "NUMBER_TYPE_MAX"),
    (buttons(select(2, min_values=2, max_values=1)), f"{ROW}.min_values", "NUMBER_TYPE_MAX"),
    (buttons(select(2, max_values=3)), f"{ROW}.options", "BASE_TYPE_MIN_LENGTH"),
    (buttons(select(2, default=True)), f"{ROW}.options", "COMPONENT_TOO_MANY_DEFAULT_VALUES"),
    # https://docs.discord.com/developers/components/reference#channel-select: as many defaults as may be chosen
    (buttons(channels(default_values=[GENERAL, GENERAL | {"id": "2"}])), f"{ROW}.default_values", BAD_LENGTH),
    (buttons(channels(min_values=2, max_values=2, default_values=[GENERAL])), f"{ROW}.default_values", BAD_LENGTH),
    # https://docs.discord.com/developers/components/reference#anatomy-of-a-component: an id is unique in its message
    (buttons(button(id=7), link(id=7)), "components.0.components.1.id", "COMPONENT_ID_DUPLICATED"),
    ({"content": "c", "components": [{"type": 1, "id": 7, "components": [link(id=7)]}]}, f"{ROW}.id", "COMPONENT_ID_DUPLICATED"),
    # https://docs.discord.com/developers/resources/message#allowed-mentions-object: the example of what is invalid
    ({"content": "c", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions", EXCLUSIVE),
    ({"content": "c", "allowed_mentions": {"parse": ["roles"], "roles": ["1"]}}, "allowed_mentions", EXCLUSIVE),
    # https://docs.discord.com/developers/resources/message#embed-object-embed-limits: white space at the ends is trimmed
    ({"embeds": [{"title": " "}]}, "embeds.0.description", REQUIRED),
    ({"embeds": [{"footer": {"text": " "}}]}, "embeds.0.description", REQUIRED),
]


@pytest.mark.parametrize(("body", "path", "code"), REFUSED, ids=[f"{path}-{code}" for _, path, code in REFUSED])
async def test_refused_with_the_path_of_the_fault(
    http: Http, sandbox: Sandbox, body: dict[str, Any], path: str, code: str
) -> None:
    reply = await http.post(body)
    assert (reply.status, reply.json["code"], reply.json["message"]) == (400, 50035, "Invalid Form Body")
    node = reply.json["errors"]
    for step in path.split("."):
        node = node[step]
    assert code in [error["code"] for error in node["_errors"]]
    assert sandbox.world.messages(sandbox.world.papers.id) == []


ACCEPTED = [
    {"content": "x" * 2000},
    {"content": "𝛼" * 2000},
    {"content": " " * 500 + "x" * 2000},
    {"content": "c", "nonce": "n" * 25},
    embed(title="x" * 256, url="https://arxiv.org/abs/2603.00001"),
    {"embeds": [{"description": "x" * 3000}, {"description": "y" * 3000}]},
    embed(description="x" * 4096),
    {"embeds": [{"title": "t"}] * 10},
    embed(fields=[field("x" * 100, "x" * 100)] * 25),
    buttons(*many(5)),
    buttons(link(), link(), button(label=None, emoji={"name": "📄", "id": None})),
    buttons(select(25, placeholder="x" * 150)),
    buttons(select(2, min_values=2, max_values=2, default=True)),
    buttons(select(min_values=0)),
    buttons(channels(default_values=[GENERAL])),
    buttons(button(id=0), link(id=0)),
    {"content": "c", "allowed_mentions": {"parse": ["users", "roles"], "users": []}},
    {"content": "c", "allowed_mentions": {"parse": ["everyone"], "users": ["1"]}},
    {"embeds": [{"title": " ", "description": "d", "footer": {}}]},
    # https://docs.discord.com/developers/resources/message#embed-object-embed-author-structure: not https alone
    embed(url="http://arxiv.org", author={"name": "a", "url": "http://arxiv.org"}),
    buttons(link(url="http://arxiv.org")),
    # https://github.com/discord/discord-api-docs/discussions/3347
    buttons(link(url="discord://-/settings/advanced")),
]


@pytest.mark.parametrize("body", ACCEPTED)
async def test_accepted_up_to_the_limit(http: Http, sandbox: Sandbox, body: dict[str, Any]) -> None:
    reply = await http.post(body)
    assert reply.status == 200, reply.text
    assert len(sandbox.world.messages(sandbox.world.papers.id)) == 1


async def test_every_fault_is_told_at_once(http: Http) -> None:
    reply = await http.post({"content": "x" * 2001, "embeds": [{"title": "x" * 257}]})
    assert reply.json["errors"] == {
        "content": {"_errors": [{"code": TOO_LONG, "message": "Must be 2000 or fewer in length."}]},
        "embeds": {"0": {"title": {"_errors": [{"code": TOO_LONG, "message": "Must be 256 or fewer in length."}]}}},
    }


@pytest.mark.parametrize("body", [{}, {"content": "   "}, {"content": None, "embeds": []}])
async def test_an_empty_message(http: Http, body: dict[str, Any]) -> None:
    reply = await http.post(body)
    assert (reply.status, reply.json["code"]) == (400, 50006)


async def test_what_is_blank_in_an_embed_is_not_shown(http: Http) -> None:
    """A footer has text wherever Discord shows one: https://github.com/discord/discord-api-docs/pull/3610

    Sent without, it is accepted: https://github.com/discohook/site/issues/8, https://github.com/spacebarchat/server/issues/1578
    """
    sent = [{"title": " ", "description": "d", "footer": {}}, {"title": "t", "description": "", "footer": {"text": " "}}]
    reply = await http.post({"embeds": sent})
    assert reply.json["embeds"] == [{"type": "rich", "description": "d"}, {"type": "rich", "title": "t"}]


async def test_embeds_that_are_suppressed_are_kept_and_not_shown(http: Http) -> None:
    """https://docs.discord.com/developers/resources/message#message-object-message-flags"""
    hidden = (await http.post(embed() | {"flags": 4})).json
    assert hidden["embeds"] == []
    shown = await http("PATCH", f"/channels/{hidden['channel_id']}/messages/{hidden['id']}", {"flags": 0})
    assert [each["title"] for each in shown.json["embeds"]] == ["t"]


@pytest.mark.parametrize("beside", [{}, {"content": " "}, {"components": buttons(link())["components"]}])
async def test_embeds_alone_need_embed_links(http: Http, sandbox: Sandbox, beside: dict[str, Any]) -> None:
    """https://github.com/discord/discord-api-docs/issues/2601"""
    sandbox.world.deny(sandbox.world.papers.id, "EMBED_LINKS")
    reply = await http.post(embed() | beside)
    assert (reply.status, reply.json) == (403, {"message": "Missing Permissions", "code": 50013})
    assert sandbox.world.messages(sandbox.world.papers.id) == []


async def test_beside_content_embeds_are_dropped_without_embed_links(http: Http, sandbox: Sandbox) -> None:
    sandbox.world.deny(sandbox.world.papers.id, "EMBED_LINKS")
    reply = await http.post(embed() | {"content": "c"})
    assert (reply.status, reply.json["content"], reply.json["embeds"]) == (200, "c", [])


async def test_an_edit_without_embed_links_ignores_embeds(http: Http, sandbox: Sandbox) -> None:
    """https://github.com/discord/discord-api-docs/issues/5648"""
    world = sandbox.world
    world.deny(world.papers.id, "EMBED_LINKS")
    message = world.post(world.papers.id, "words")
    path = f"/channels/{message.channel_id}/messages/{message.id}"
    emptied = await http("PATCH", path, embed() | {"content": None})
    assert (emptied.status, emptied.json) == (400, {"message": "Cannot send an empty message", "code": 50006})
    edited = await http("PATCH", path, embed() | {"content": "other words"})
    assert (edited.status, edited.json["content"], edited.json["embeds"]) == (200, "other words", [])
    pressed = await http("PATCH", path, embed() | {"content": None} | {"components": buttons(link())["components"]})
    assert (pressed.status, pressed.json["content"], pressed.json["embeds"]) == (200, "", [])


async def test_components_are_numbered_around_the_ids_they_came_with(http: Http) -> None:
    """https://docs.discord.com/developers/components/reference#anatomy-of-a-component"""
    [row] = (await http.post(buttons(button(id=2), link(id=0), link()))).json["components"]
    assert (row["id"], [child["id"] for child in row["components"]]) == (1, [2, 3, 4])


async def test_an_edit_may_not_empty_a_message(http: Http, sandbox: Sandbox) -> None:
    message = sandbox.world.post(sandbox.world.papers.id, "words")
    path = f"/channels/{message.channel_id}/messages/{message.id}"
    assert (await http("PATCH", path, {"content": None})).json["code"] == 50006
    assert (await http("PATCH", path, {"content": None, "embeds": [{"title": "t"}]})).json["content"] == ""
    assert (await http("PATCH", path, {"content": "x" * 2001})).json["code"] == 50035
    assert message.content == ""


async def test_white_space_at_the_ends_is_dropped(http: Http) -> None:
    reply = await http.post({"content": " words \n", "embeds": [{"title": " t ", "fields": [field(" n ", " v ")]}]})
    assert reply.json["content"] == "words"
    assert reply.json["embeds"][0]["title"] == "t"
    assert reply.json["embeds"][0]["fields"] == [{"name": "n", "value": "v", "inline": False}]


NOT_IMITATED = [
    ("POST", "/channels/{papers}/messages", {"contents": "a typo"}),
    ("POST", "/channels/{papers}/messages", {"embeds": [{"titel": "a typo"}]}),
    ("POST", "/channels/{papers}/messages", {"content": "c", "flags": 1 << 13}),
    ("POST", "/channels/{papers}/messages", {"content": "c", "poll": {"question": {"text": "?"}}}),
    ("POST", "/channels/{papers}/messages", {"content": "c", "components": [{"type": 1, "components": [{"type": 5}]}]}),
    ("POST", "/channels/{papers}/threads", {"name": "a thread"}),
    ("PUT", "/channels/{papers}", {}),
    ("GET", "/channels/{papers}?with=more", None),
    ("GET", "/no/such/route", None),
]


@pytest.mark.parametrize(("method", "path", "body"), NOT_IMITATED)
async def test_what_is_not_imitated_is_said_and_remembered(
    http: Http, sandbox: Sandbox, method: str, path: str, body: dict[str, Any] | None
) -> None:
    reply = await http(method, path.format(papers=sandbox.world.papers.id), body)
    assert reply.status == 501
    [refusal] = sandbox.refusals
    assert reply.json["message"] == refusal
    assert (await http("GET", "/_sandbox/refusals")).json == [refusal]


async def test_broken_json_and_broken_ids(http: Http, sandbox: Sandbox) -> None:
    reply = await http("GET", "/channels/papers")
    assert (reply.status, reply.json["code"]) == (400, 50035)
    assert reply.json["errors"]["channel_id"]["_errors"][0]["message"] == 'Value "papers" is not snowflake.'
    reply = await http.post("not an object")
    assert (reply.status, reply.json["code"]) == (400, 50035)


async def test_unknown_things(http: Http, sandbox: Sandbox) -> None:
    lab, papers = sandbox.world.lab.id, sandbox.world.papers.id
    expected = {
        "/channels/1": 10003,
        "/guilds/1": 10004,
        f"/guilds/{lab}/members/1": 10007,
        f"/channels/{papers}/messages/1": 10008,
    }
    for path, code in expected.items():
        reply = await http("GET", path)
        assert (reply.status, reply.json["code"]) == (404, code), path


async def test_another_token(http: Http, sandbox: Sandbox) -> None:
    reply = await http("GET", "/users/@me", token="another")
    assert (reply.status, reply.json) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_pages_of_history(http: Http, sandbox: Sandbox) -> None:
    ids = [sandbox.world.post(sandbox.world.papers.id, str(number)).id for number in range(5)]

    async def page(query: str) -> list[str]:
        reply = await http("GET", f"/channels/{sandbox.world.papers.id}/messages?{query}")
        return [message["content"] for message in reply.json]

    assert await page("limit=2") == ["4", "3"]
    assert await page(f"limit=2&before={ids[3]}") == ["2", "1"]
    assert await page(f"limit=2&after={ids[0]}") == ["2", "1"]
    assert await page(f"limit=3&around={ids[2]}") == ["3", "2", "1"]
    refused = await http("GET", f"/channels/{sandbox.world.papers.id}/messages?limit=101")
    assert refused.json["errors"]["limit"]["_errors"][0]["code"] == "NUMBER_TYPE_MAX"


@pytest.mark.parametrize(
    ("allowed", "everyone", "people"),
    [(None, True, ["emmy"]), ({"parse": []}, False, []), ({"parse": ["users"]}, False, ["emmy"])],
)
async def test_mentions_obey_allowed_mentions(
    http: Http, sandbox: Sandbox, allowed: dict[str, Any] | None, everyone: bool, people: list[str]
) -> None:
    sandbox.world.allow(sandbox.world.papers.id, "MENTION_EVERYONE")
    reply = await http.post({"content": f"@everyone <@{sandbox.world.member.id}>", "allowed_mentions": allowed})
    assert reply.json["mention_everyone"] is everyone
    assert [user["username"] for user in reply.json["mentions"]] == people

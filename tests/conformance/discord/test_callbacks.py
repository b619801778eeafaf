"""Answering interactions over bare HTTP: what is refused, and what becomes of what is accepted."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord.exchange import Interaction, Kind
from sandbox.discord.model import Message
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http, Reply

EPHEMERAL = 64
LOADING = 128


class Answering:
    """Speaks as the bot about one interaction; no token but the interaction's own is sent along."""

    def __init__(self, http: Http, sandbox: Sandbox) -> None:
        self._http = http
        self._sandbox = sandbox

    def begin(self, kind: Kind = Kind.COMMAND, message: Message | None = None) -> Interaction:
        world = self._sandbox.world
        return self._sandbox.interactions.begin(kind, world.member, world.papers, {}, message)

    async def answer(self, interaction: Interaction, kind: int, data: Any = None, query: str = "") -> Reply:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback{query}"
        return await self._http("POST", path, {"type": kind} | ({"data": data} if data is not None else {}), token="none")

    async def webhook(self, method: str, interaction: Interaction, rest: str = "", body: Any = None) -> Reply:
        path = f"/webhooks/{self._sandbox.world.bot.id}/{interaction.token}{rest}"
        return await self._http(method, path, body, token="none")


@pytest.fixture
def bot(http: Http, sandbox: Sandbox) -> Answering:
    return Answering(http, sandbox)


async def test_the_answer_comes_back_when_asked_for(bot: Answering) -> None:
    assert (await bot.answer(bot.begin(), 4, {"content": "hi"})).status == 204
    interaction = bot.begin()
    reply = await bot.answer(interaction, 4, {"content": "hi", "flags": EPHEMERAL}, "?with_response=true")
    message = reply.json["resource"]["message"]
    assert reply.json["interaction"] == {
        "id": str(interaction.id),
        "type": 2,
        "channel_id": message["channel_id"],
        "response_message_id": message["id"],
        "response_message_loading": False,
        "response_message_ephemeral": True,
    }
    assert (message["content"], message["flags"], message["type"]) == ("hi", EPHEMERAL, 20)
    assert message["interaction_metadata"]["id"] == str(interaction.id)


async def test_a_reply_has_embeds_also_where_the_bot_lacks_embed_links(bot: Answering, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/change-log#changes-to-bot-permissions-for-interactions-and-webhooks"""
    sandbox.world.deny(sandbox.world.papers.id, "EMBED_LINKS")
    interaction = bot.begin()
    await bot.answer(interaction, 4, {"embeds": [{"title": "first"}]})
    await bot.webhook("PATCH", interaction, "/messages/@original", {"embeds": [{"title": "changed"}]})
    await bot.webhook("POST", interaction, "", {"embeds": [{"title": "more"}]})
    shown = [message.embeds for message in sandbox.world.messages(sandbox.world.papers.id)]
    assert shown == [[{"title": "changed"}], [{"title": "more"}]]


async def test_the_reply_to_a_modal_names_what_opened_it(bot: Answering, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/resources/message#message-interaction-metadata-object"""
    world = sandbox.world
    message = world.post(world.papers.id, "A form")
    pressed = bot.begin(Kind.COMPONENT, message)
    submitted = sandbox.interactions.begin(Kind.MODAL, world.member, world.papers, {}, message, None, pressed)
    reply = await bot.answer(submitted, 4, {"content": "hi"}, "?with_response=true")
    metadata = reply.json["resource"]["message"]["interaction_metadata"]
    opened_by = metadata["triggering_interaction_metadata"]
    assert (metadata["id"], metadata["type"], "interacted_message_id" in metadata) == (str(submitted.id), 5, False)
    assert (opened_by["id"], opened_by["type"], opened_by["interacted_message_id"]) == (str(pressed.id), 3, str(message.id))


async def test_answering_twice_late_or_out_of_the_blue(bot: Answering, http: Http, sandbox: Sandbox) -> None:
    answered = bot.begin()
    await bot.answer(answered, 5)
    assert (await bot.answer(answered, 4, {"content": "again"})).json["code"] == 40060
    assert (await http("POST", f"/interactions/{answered.id}/token/callback", {"type": 5})).json["code"] == 10062
    assert (await http("POST", f"/interactions/1/{answered.token}/callback", {"type": 5})).json["code"] == 10062
    sandbox.interactions.answer_within = 0
    late = await bot.answer(bot.begin(), 4, {"content": "late"})
    assert (late.status, late.json) == (404, {"message": "Unknown interaction", "code": 10062})


async def test_a_refused_answer_leaves_room_for_another(bot: Answering, sandbox: Sandbox) -> None:
    interaction = bot.begin()
    assert (await bot.answer(interaction, 4, {"content": "x" * 2001})).faults("data.content") == ["BASE_TYPE_MAX_LENGTH"]
    assert (await bot.answer(interaction, 4, {})).json["code"] == 50006
    assert (await bot.answer(interaction, 4, {"content": "shorter"})).status == 204
    assert [message.content for message in sandbox.world.messages(sandbox.world.papers.id)] == ["shorter"]


@pytest.mark.parametrize(
    ("kind", "allowed"),
    [(Kind.COMMAND, {4, 5, 9}), (Kind.COMPONENT, {4, 5, 6, 7, 9}), (Kind.AUTOCOMPLETE, {8}), (Kind.MODAL, {4, 5, 6, 7})],
)
async def test_not_every_answer_fits_every_interaction(bot: Answering, sandbox: Sandbox, kind: Kind, allowed: set[int]) -> None:
    message = sandbox.world.post(sandbox.world.papers.id, "with buttons")
    modal = {"title": "t", "custom_id": "c", "components": [label()]}
    data: dict[int, Any] = {4: {"content": "c"}, 7: {"content": "c"}, 8: {"choices": []}, 9: modal}
    taken = set()
    for callback in (1, 4, 5, 6, 7, 8, 9):
        reply = await bot.answer(bot.begin(kind, message), callback, data.get(callback))
        if reply.status == 204:
            taken.add(callback)
        else:
            assert reply.faults("type") == ["BASE_TYPE_CHOICES"]
    assert taken == allowed


async def test_a_modal_that_a_command_opened_can_be_closed_and_has_no_message_to_update(bot: Answering) -> None:
    """https://github.com/discord/discord-api-docs/pull/8612, https://github.com/discord/discord-api-docs/issues/7774"""
    submitted = bot.begin(Kind.MODAL)
    assert (await bot.answer(submitted, 7, {"content": "c"})).json == {"message": "Unknown Message", "code": 10008}
    assert (await bot.answer(submitted, 6)).status == 204
    assert (await bot.webhook("PATCH", submitted, "/messages/@original", {"content": "c"})).json["code"] == 10008
    assert (await bot.webhook("POST", submitted, "?wait=1", {"content": "more"})).json["content"] == "more"


async def test_a_follow_up_names_the_first_answer(bot: Answering) -> None:
    """https://docs.discord.com/developers/resources/message#message-interaction-metadata-object"""
    interaction = bot.begin()
    first = (await bot.answer(interaction, 4, {"content": "first"}, "?with_response=1")).json["resource"]["message"]
    more = (await bot.webhook("POST", interaction, "?wait=1", {"content": "more"})).json
    assert "original_response_message_id" not in first["interaction_metadata"]
    assert more["interaction_metadata"]["original_response_message_id"] == first["id"]
    assert more["interaction_metadata"]["id"] == first["interaction_metadata"]["id"]


async def test_a_deferred_answer_thinks_until_it_is_edited(bot: Answering, sandbox: Sandbox) -> None:
    interaction = bot.begin()
    await bot.answer(interaction, 5, {"flags": EPHEMERAL})
    assert (await bot.webhook("GET", interaction, "/messages/@original")).json["flags"] == EPHEMERAL | LOADING
    assert not interaction.settled.is_set()
    edited = await bot.webhook("PATCH", interaction, "/messages/@original", {"content": "done"})
    assert (edited.json["content"], edited.json["flags"]) == ("done", EPHEMERAL)
    assert interaction.settled.is_set()


async def test_the_first_follow_up_takes_the_place_of_the_promise(bot: Answering, sandbox: Sandbox) -> None:
    interaction = bot.begin()
    await bot.answer(interaction, 5)
    first = await bot.webhook("POST", interaction, "?wait=1", {"content": "first", "flags": EPHEMERAL})
    second = await bot.webhook("POST", interaction, "?wait=1", {"content": "second", "flags": EPHEMERAL})
    assert (first.json["flags"], second.json["flags"]) == (0, EPHEMERAL)
    assert interaction.original is not None
    assert first.json["id"] == str(interaction.original.id)
    assert [message.content for message in sandbox.world.messages(sandbox.world.papers.id)] == ["first"]


async def test_follow_ups_are_read_edited_and_deleted(bot: Answering, sandbox: Sandbox) -> None:
    interaction, other = bot.begin(), bot.begin()
    for each in (interaction, other):
        await bot.answer(each, 4, {"content": "answer"})
    added = (await bot.webhook("POST", interaction, "?wait=true", {"content": "more", "tts": False})).json
    path = f"/messages/{added['id']}"
    assert (await bot.webhook("POST", interaction, "", {"content": "unasked"})).json["content"] == "unasked"
    assert (await bot.webhook("PATCH", interaction, path, {"content": "less"})).json["content"] == "less"
    assert (await bot.webhook("GET", interaction, path)).json["content"] == "less"
    assert (await bot.webhook("GET", other, path)).json["code"] == 10008
    assert (await bot.webhook("DELETE", interaction, path)).status == 204
    assert (await bot.webhook("GET", interaction, path)).json["code"] == 10008
    assert (await bot.webhook("DELETE", interaction, "/messages/@original")).status == 204
    assert (await bot.webhook("GET", interaction, "/messages/@original")).json["code"] == 10008
    assert [message.content for message in sandbox.world.messages(sandbox.world.papers.id)] == ["answer", "unasked"]


async def test_a_token_lasts_fifteen_minutes(bot: Answering, http: Http, sandbox: Sandbox) -> None:
    interaction = bot.begin()
    early = await bot.webhook("POST", interaction, "", {"content": "before the answer"})
    assert (early.status, early.json["code"]) == (404, 10015)
    await bot.answer(interaction, 5)
    sandbox.clock.advance(minutes=15)
    assert (await bot.webhook("PATCH", interaction, "/messages/@original", {"content": "in time"})).status == 200
    sandbox.clock.advance(seconds=1)
    late = await bot.webhook("PATCH", interaction, "/messages/@original", {"content": "too late"})
    assert (late.status, late.json) == (401, {"message": "Invalid Webhook Token", "code": 50027})
    assert (await http("POST", f"/webhooks/1/{interaction.token}", {"content": "c"})).json["code"] == 10015


async def test_updates_change_the_message_that_was_pressed_on(bot: Answering, sandbox: Sandbox) -> None:
    world = sandbox.world
    message = world.post(world.papers.id, "before", components=[{"type": 1, "components": [button()]}])
    updated = bot.begin(Kind.COMPONENT, message)
    await bot.answer(updated, 7, {"content": "after"})
    assert (message.content, len(message.components)) == ("after", 1)
    assert (await bot.answer(bot.begin(Kind.COMPONENT, message), 7, {"content": None, "components": []})).json["code"] == 50006
    deferred = bot.begin(Kind.COMPONENT, message)
    await bot.answer(deferred, 6)
    await bot.webhook("PATCH", deferred, "/messages/@original", {"components": []})
    assert (message.content, message.components) == ("after", [])
    world.delete_message(world.papers.id, message.id)
    assert (await bot.answer(bot.begin(Kind.COMPONENT, message), 7, {"content": "late"})).json["code"] == 10008


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ([{"name": "n", "value": "v"}] * 26, "data.choices"),
        ([{"name": "n" * 101, "value": "v"}], "data.choices.0.name"),
        ([{"name": "n", "value": "v" * 101}], "data.choices.0.value"),
    ],
)
async def test_limits_of_autocomplete(bot: Answering, choices: Any, path: str) -> None:
    interaction = bot.begin(Kind.AUTOCOMPLETE)
    assert (await bot.answer(interaction, 8, {"choices": choices})).faults(path)
    fits = [{"name": "n" * 100, "value": "v" * 100}] * 25
    assert (await bot.answer(interaction, 8, {"choices": fits})).status == 204


def button(**parts: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "l", "custom_id": "b"} | parts


def text(**parts: Any) -> dict[str, Any]:
    return {"type": 4, "style": 1, "custom_id": "a"} | parts


def select(**parts: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "s", "options": [{"label": "l", "value": "v"}], "required": False} | parts


def label(component: Any = None, **parts: Any) -> dict[str, Any]:
    return {"type": 18, "label": "l", "component": component or text()} | parts


def row(component: Any) -> dict[str, Any]:
    return {"type": 1, "components": [component]}


def modal(*components: Any, **parts: Any) -> dict[str, Any]:
    return {"title": "t", "custom_id": "c", "components": list(components) or [label()]} | parts


@pytest.mark.parametrize(
    "accepted",
    [
        modal(title="t" * 45, custom_id="c" * 100),
        modal(label(text(value="v" * 4000, placeholder="p" * 100, max_length=4000), label="l" * 45, description="d" * 100)),
        modal(row(text(label="legacy"))),
        modal(
            label(select(), label="words"),
            label({"type": 8, "custom_id": "ch", "channel_types": [0]}),
            {"type": 10, "content": "read"},
        ),
        modal(*(label(text(custom_id=str(number))) for number in range(5))),
    ],
)
async def test_accepted_modals(bot: Answering, accepted: dict[str, Any]) -> None:
    reply = await bot.answer(bot.begin(), 9, accepted)
    assert reply.status == 204, reply.text


@pytest.mark.parametrize(
    ("refused", "path"),
    [
        (modal(title="t" * 46), "data.title"),
        (modal(custom_id="c" * 101), "data.custom_id"),
        (modal(components=[]), "data.components"),
        (modal(*(label(text(custom_id=str(number))) for number in range(6))), "data.components"),
        (modal(label(label="l" * 46)), "data.components.0.label"),
        (modal(label(description="d" * 101)), "data.components.0.description"),
        (modal(label(text(style=3))), "data.components.0.component.style"),
        (modal(label(text(max_length=4001))), "data.components.0.component.max_length"),
        (modal(label(text(value="v" * 4001))), "data.components.0.component.value"),
        (modal(label(text(placeholder="p" * 101))), "data.components.0.component.placeholder"),
        (modal(row(text())), "data.components.0.components.0.label"),
        (modal(label(), label()), "data.components.1.component.custom_id"),
        (modal(label(select(options=[{"label": "l", "value": "v"}] * 2))), "data.components.0.component.options.1.value"),
    ],
)
async def test_refused_modals(bot: Answering, refused: dict[str, Any], path: str) -> None:
    assert (await bot.answer(bot.begin(), 9, refused)).faults(path)


async def test_what_is_not_imitated(bot: Answering, sandbox: Sandbox) -> None:
    interaction = bot.begin()
    for data in ({"content": "c", "contents": "typo"}, {"content": "c", "flags": 1 << 13}, {"content": "c", "poll": {"a": 1}}):
        assert (await bot.answer(interaction, 4, data)).status == 501
    assert (await bot.answer(interaction, 9, modal(label(button())))).status == 501
    assert len(sandbox.refusals) == 4

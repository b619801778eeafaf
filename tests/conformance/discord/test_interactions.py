"""discord.py's commands, buttons, selects and modals, used by people of the sandbox."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from sandbox.control.faults import Fault
from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.visitor import NoAnswerError
from sandbox.server import Sandbox
from tests.conformance.discord.labbot import LabBot

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"


def contents(sandbox: Sandbox) -> list[str]:
    return [message.content for message in sandbox.world.messages(sandbox.world.papers.id)]


async def test_options_of_every_kind_arrive(bot: LabBot, sandbox: Sandbox) -> None:
    world, visitor = sandbox.world, sandbox.visitor
    given: dict[str, Any] = {"count": 2, "channel": world.general, "style": "loud"}
    reply = await visitor.command(world.member, world.papers.id, "echo", text="hello", **given)
    assert (reply.kind, reply.content, reply.ephemeral) == ("message", f"HELLO x2 in <#{world.general.id}>", True)
    assert reply.embeds[0]["title"] == "hello"
    assert reply.acknowledged_after < 3
    assert contents(sandbox) == []


async def test_what_discord_would_not_let_one_type(bot: LabBot, sandbox: Sandbox) -> None:
    world, visitor = sandbox.world, sandbox.visitor
    voice = world.add_channel(world.lab, "voice", 2)
    wrong: tuple[dict[str, Any], ...] = (
        {},
        {"text": 5},
        {"text": "t", "count": 4},
        {"text": "t", "style": "odd"},
        {"text": "t", "channel": voice},
    )
    for options in wrong:
        with pytest.raises(NotAllowedError):
            await visitor.command(world.member, world.papers.id, "echo", **options)
    with pytest.raises(LookupError, match="no option tekst"):
        await visitor.command(world.member, world.papers.id, "echo", tekst="t")
    with pytest.raises(LookupError, match="no command /eco"):
        await visitor.command(world.member, world.papers.id, "eco")


async def test_a_deferred_answer_settles_and_is_followed_up(bot: LabBot, sandbox: Sandbox) -> None:
    reply = await sandbox.visitor.command(sandbox.world.member, sandbox.world.papers.id, "ask", question="why?")
    assert (reply.kind, reply.ephemeral) == ("deferred", False)
    assert (await reply.settled()).content == "You asked: why?"
    await bot.seen("app_command_completion")
    assert [message.content for message in reply.followups] == ["And more.", "Right."]
    assert [message.visible_to for message in reply.followups] == [sandbox.world.member.id, None]
    assert contents(sandbox) == ["You asked: why?", "Right."]


async def test_the_bot_learns_who_asks_where(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    world.deny(world.general.id, "SEND_MESSAGES")
    by_manager = await sandbox.visitor.command(world.manager, world.general.id, "where")
    assert by_manager.content == "grace Materials Lab #general manages=True sends=False"
    by_member = await sandbox.visitor.command(world.member, world.papers.id, "where")
    assert by_member.content == "emmy Materials Lab #papers manages=False sends=True"


async def test_a_command_for_managers_is_hidden_from_others(bot: LabBot, sandbox: Sandbox) -> None:
    world, visitor = sandbox.world, sandbox.visitor
    assert (await visitor.command(world.manager, world.papers.id, "setup")).content == "Done."
    with pytest.raises(NotAllowedError, match="does not show /setup to emmy"):
        await visitor.command(world.member, world.papers.id, "setup")
    assert (await visitor.command(world.member, world.papers.id, "setup", force=True)).content == "Done."


async def test_autocomplete(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    choices = await sandbox.visitor.autocomplete(world.member, world.papers.id, "note", "topic", "gra")
    assert choices == [{"name": "gra0", "value": "v0"}, {"name": "gra1", "value": "v1"}]


@pytest.mark.parametrize("public", [False, True])
async def test_a_dynamic_button_edits_its_message(bot: LabBot, sandbox: Sandbox, public: bool) -> None:
    world, visitor = sandbox.world, sandbox.visitor
    shown = await visitor.command(world.member, world.papers.id, "page", public=public)
    assert list(shown.buttons) == ["0 so far", "Off", "arXiv"]
    pressed = await visitor.press(world.member, shown, "0 so far")
    assert pressed.kind == "update"
    assert shown.content == "Pressed by emmy"
    await visitor.press(world.member, shown, "count:1")
    assert next(iter(shown.buttons)) == "2 so far"
    assert contents(sandbox) == (["Pressed by emmy"] if public else [])


async def test_buttons_that_cannot_be_pressed(bot: LabBot, sandbox: Sandbox) -> None:
    world, visitor = sandbox.world, sandbox.visitor
    shown = await visitor.command(world.member, world.papers.id, "page")
    with pytest.raises(NotAllowedError, match="disabled"):
        await visitor.press(world.member, shown, "Off")
    with pytest.raises(NotAllowedError, match="leads to"):
        await visitor.press(world.member, shown, "arXiv")
    with pytest.raises(NotAllowedError, match="grace does not see"):
        await visitor.press(world.manager, shown, "0 so far")
    with pytest.raises(LookupError, match="no 'On' in this message; there is '0 so far', 'Off', 'arXiv'"):
        await visitor.press(world.member, shown, "On")


async def test_selects_of_words_and_of_channels(bot: LabBot, sandbox: Sandbox) -> None:
    world, visitor = sandbox.world, sandbox.visitor
    shown = await visitor.command(world.member, world.papers.id, "menus")
    chosen = await visitor.choose(world.member, shown, "Colours", ["red", "green"])
    assert chosen.content == "red and green"
    with pytest.raises(NotAllowedError, match="between 1 and 2"):
        await visitor.choose(world.member, shown, "colours", [])
    await bot.seen("app_command_completion")
    [channels] = shown.followups
    answer = await visitor.choose(world.member, channels, "channels", [world.papers, world.general])
    assert answer.kind == "deferred update"
    assert (await answer.settled()).content == "papers general"
    assert (channels.content, channels.components) == ("papers general", [])


async def test_a_modal_with_labels(bot: LabBot, sandbox: Sandbox) -> None:
    world, visitor = sandbox.world, sandbox.visitor
    opened = await visitor.command(world.member, world.papers.id, "form")
    assert opened.kind == "modal"
    assert opened.modal is not None
    assert opened.modal["title"] == "A form"
    with pytest.raises(NotAllowedError, match="between 1 and 1"):
        await visitor.submit(world.member, opened)
    with pytest.raises(NotAllowedError, match="between 0 and 20"):
        await visitor.submit(world.member, opened, words="w" * 21, colour="red")
    with pytest.raises(LookupError, match="no field color"):
        await visitor.submit(world.member, opened, color="red")
    submitted = await visitor.submit(world.member, opened, Colour="blue", notes="n")
    assert (submitted.content, submitted.ephemeral) == ("graphene ['blue'] 'n'", True)
    assert submitted.message is not None
    assert submitted.message.interaction is not None
    assert submitted.message.interaction["triggering_interaction_metadata"]["id"] == str(opened.interaction.id)


async def test_nobody_answers(bot: LabBot, sandbox: Sandbox) -> None:
    sandbox.interactions.answer_within = 0
    with pytest.raises(NoAnswerError):
        await sandbox.visitor.command(sandbox.world.member, sandbox.world.papers.id, "late")
    error = await asyncio.wait_for(bot.late, 5)
    assert isinstance(error, discord.NotFound)
    assert error.code == 10062


async def test_a_second_answer_is_refused(bot: LabBot, sandbox: Sandbox) -> None:
    await sandbox.visitor.command(sandbox.world.member, sandbox.world.papers.id, "twice")
    error = await asyncio.wait_for(bot.late, 5)
    assert isinstance(error, discord.HTTPException)
    assert error.code == 40060
    assert contents(sandbox) == ["first"]


async def test_faults_strike_callbacks(bot: LabBot, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault(CALLBACK, status=400))
    sandbox.interactions.answer_within = 0.5
    with pytest.raises(NoAnswerError):
        await sandbox.visitor.command(sandbox.world.member, sandbox.world.papers.id, "late")
    error = await asyncio.wait_for(bot.late, 5)
    assert isinstance(error, discord.HTTPException)
    assert error.code == 50035


async def test_interactions_do_not_count_for_the_global_limit(bot: LabBot, sandbox: Sandbox) -> None:
    sandbox.limits.per_second = 0
    reply = await sandbox.visitor.command(sandbox.world.member, sandbox.world.papers.id, "ask", question="why?")
    assert (await reply.settled()).content == "You asked: why?"
    assert not sandbox.limits.exceeded

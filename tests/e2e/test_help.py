"""`/help` names the commands that are there, to anyone who asks."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from sandbox.control.faults import Fault
from sandbox.discord.visitor import NoAnswerError
from tests.e2e.lab import Lab
from tests.e2e.room import Room

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"


@pytest.fixture
async def room(lab: Lab) -> AsyncIterator[Room]:
    async with Room(lab) as room:
        yield room


async def test_every_registered_command_and_no_other(lab: Lab, room: Room) -> None:
    reply = await room.member.command("help")
    (embed,) = reply.embeds
    named = set(re.findall(r"/([a-z]+)", embed["description"]))
    registered = lab.sandbox.commands.available(lab.sandbox.world.lab.id)
    assert named == {command["name"] for command in registered}
    assert all(command["description"] in embed["description"] for command in registered)


async def test_for_the_asker_alone_on_two_screens_of_a_phone(room: Room) -> None:
    reply = await room.member.command("help")
    assert reply.ephemeral
    # A phone shows about 25 lines of 40 characters.
    lines = sum(1 + len(line) // 40 for line in reply.embeds[0]["description"].splitlines())
    assert lines <= 50


async def test_who_does_not_see_setquery_is_told_what_to_do(room: Room) -> None:
    reply = await room.member.command("help")
    last = reply.embeds[0]["description"].splitlines()[-1]
    assert "Don't see /setquery?" in last
    assert "Integrations" in last


async def test_discord_fails_at_that_moment(lab: Lab, room: Room) -> None:
    lab.sandbox.faults.add(Fault(CALLBACK, status=500))
    assert (await room.member.command("help")).embeds
    lab.sandbox.faults.add(Fault(CALLBACK, status=404, times=-1))
    lab.sandbox.interactions.answer_within = 0.5
    with pytest.raises(NoAnswerError):
        await room.member.command("help")
    lab.sandbox.faults.clear()
    lab.sandbox.interactions.answer_within = 3
    assert (await room.member.command("help")).embeds

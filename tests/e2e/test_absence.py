"""The bot is not in a server for a while, or Discord's gateway says so: what commands made there goes on."""

from __future__ import annotations

import pytest

from sandbox.control.faults import Fault
from sandbox.discord.model import Message
from tests.e2e.lab import Lab
from tests.e2e.panel import MOSS, follow, publish
from tests.e2e.room import Room, until

SERVER = "GET /guilds/{guild_id}"


@pytest.fixture
async def away(lab: Lab) -> Lab:
    """#papers followed ti:moss by a command and was given a paper; the bot is stopped."""
    lab.configure(query=None, channels=[])
    async with Room(lab) as room:
        await follow(room, MOSS)
        publish(lab)
        lab.days(1)
        await room.tick()
    return lab


def greetings(lab: Lab) -> list[Message]:
    """One came when the bot was let in first."""
    channels = (lab.channel, lab.sandbox.world.general.id)
    return [message for channel in channels for message in lab.messages(channel) if message.content.startswith("Hi ")]


async def test_a_ready_without_the_server_ends_nothing(away: Lab) -> None:
    gateway, server = away.sandbox.gateway, away.sandbox.world.lab
    gateway.omitted = {server.id}
    new = [publish(away) for _ in range(2)]
    away.days(1)
    async with Room(away) as room:
        assert (await room.tick()).complete
    assert away.posted()[1:] == new

    gateway.omitted = set()
    new.append(publish(away))
    away.days(1)
    async with Room(away) as room:
        await room.tick()
    assert away.posted()[1:] == new


async def test_an_answer_that_is_not_discords_ends_nothing(away: Lab) -> None:
    server = away.sandbox.world.lab
    away.sandbox.gateway.omitted = {server.id}
    away.sandbox.faults.add(Fault(SERVER, status=403, body="<html>Who are you?</html>"))
    async with Room(away) as room:
        assert await room.bot.app.storage.servers.known() == {server.id}


async def test_let_in_again_it_goes_on_where_it_stopped_and_does_not_introduce_itself(away: Lab) -> None:
    world = away.sandbox.world
    world.remove_member(world.lab, world.bot.id)
    new = []
    async with Room(away) as room:
        for _ in range(5):
            new.append(publish(away))
            away.days(1)
            asked = len(away.sandbox.arxiv.requests)
            assert (await room.tick()).channels == {}
            assert len(away.sandbox.arxiv.requests) == asked
        world.invite_bot(world.lab)
        await until(room.bot.app.storage.servers.known)
        assert (await room.tick()).complete
        reply = await room.manager.command("status")

    assert away.posted()[1:] == new
    assert len(greetings(away)) == 1
    assert MOSS in str(reply.embeds)


async def test_let_in_again_after_more_than_thirty_days_it_begins_anew(away: Lab) -> None:
    world = away.sandbox.world
    world.remove_member(world.lab, world.bot.id)
    async with Room(away):
        pass
    publish(away)
    away.days(31)
    world.invite_bot(world.lab)
    async with Room(away) as room:
        await room.tick()

    assert len(away.posted()) == 1
    assert len(greetings(away)) == 2

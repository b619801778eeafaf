"""The bot lives in the server: who is greeted, what a tick brings, how it stops."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import discord
import pytest

from bot.digest.report import Report
from bot.errors import NotAllowedHere
from sandbox.control.faults import Fault
from sandbox.discord.model import Channel, Guild
from tests.databases import empty_database
from tests.e2e.lab import Lab, is_intro
from tests.e2e.room import Room, at_message, running, until

POST = "POST /channels/{channel_id}/messages"
REGISTER = "PUT /applications/{application_id}/commands"
COMMANDS = "GET /applications/{application_id}/commands"


def another_server(lab: Lab) -> tuple[Guild, Channel]:
    """One that the bot is not in, and its channel."""
    guild = lab.sandbox.world.add_guild("Glass Group", invited=False)
    return guild, lab.sandbox.world.add_channel(guild, "hall")


async def seeded(room: Room, papers: int = 3) -> None:
    """Some papers are there already; a day passes."""
    for _ in range(papers):
        room.lab.sandbox.corpus.publish(room.lab.sandbox.clock.now())
    assert (await room.tick()).complete
    room.lab.days(1)


def published(lab: Lab, count: int) -> list[str]:
    return [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(count)]


# --- coming and going -------------------------------------------------------------------------


async def test_it_says_in_how_many_servers_it_is(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with Room(lab):
        await until(lambda: "ready in" in caplog.text)
    assert "ready in 1 server as " in caplog.text

    lab.sandbox.world.add_guild("Second")
    async with Room(lab):
        await until(lambda: "ready in 2 servers as " in caplog.text)


async def test_a_server_that_lets_the_bot_in_is_greeted_once(lab: Lab) -> None:
    world, (guild, hall) = lab.sandbox.world, another_server(lab)
    async with Room(lab):
        world.invite_bot(guild)
        await until(lambda: lab.messages(hall.id))
    async with Room(lab) as room:
        world.set_unavailable(guild)
        world.set_unavailable(guild, False)
        await until(lambda: not room.bot.get_guild(guild.id).unavailable)  # type: ignore[union-attr]
        await room.member.command("help")

    [greeting] = lab.messages(hall.id)
    assert "Hi Glass Group!" in greeting.content
    assert "`/setquery query: " in greeting.content
    assert "Until then I post nothing" in greeting.content


async def test_let_in_while_away_it_greets_when_it_is_back(lab: Lab) -> None:
    guild, hall = another_server(lab)
    async with Room(lab):
        pass
    lab.sandbox.world.invite_bot(guild)

    async with Room(lab):
        assert len(lab.messages(hall.id)) == 1


async def test_a_lost_database_is_no_reason_to_greet_again(lab: Lab) -> None:
    guild, hall = another_server(lab)
    lab.sandbox.world.invite_bot(guild)
    async with Room(lab):
        assert len(lab.messages(hall.id)) == 1
    lab.days(4)
    await empty_database(lab.folder)

    async with Room(lab):
        assert len(lab.messages(hall.id)) == 1


async def test_thrown_out_and_let_in_again_it_greets_again(lab: Lab) -> None:
    world, (guild, hall) = lab.sandbox.world, another_server(lab)
    world.invite_bot(guild)
    async with Room(lab) as room:
        world.remove_member(guild, world.bot.id)
        await until(lambda: _unknown(room, guild))
        world.invite_bot(guild)
        await until(lambda: len(lab.messages(hall.id)) == 2)


async def test_it_greets_in_the_first_channel_that_allows_it_or_not_at_all(lab: Lab) -> None:
    world, (guild, hall), (closed, locked) = lab.sandbox.world, another_server(lab), another_server(lab)
    kitchen = world.add_channel(guild, "kitchen")
    for channel in (hall, locked):
        world.deny(channel.id, "SEND_MESSAGES", target_id=world.bot.id)
    async with Room(lab) as room:
        world.invite_bot(closed)
        await until(lambda: room.bot.get_guild(closed.id))
        world.invite_bot(guild)
        await until(lambda: lab.messages(kitchen.id))

    assert lab.messages(hall.id) == lab.messages(locked.id) == []
    assert [request.status for request in lab.sandbox.requests if request.route == POST] == [200]


async def test_a_server_that_the_file_feeds_is_not_greeted(lab: Lab) -> None:
    async with Room(lab) as room:
        await room.tick()

    assert [is_intro(message) for message in lab.messages()] == [True]
    assert lab.messages(lab.sandbox.world.general.id) == []


async def test_thrown_out_while_away_it_forgets_the_server_but_not_its_ledger(lab: Lab) -> None:
    world = lab.sandbox.world
    async with Room(lab) as room:
        await seeded(room)
    world.remove_member(world.lab, world.bot.id)
    new = published(lab, 2)

    async with Room(lab) as room:
        assert await room.bot.app.storage.servers.known() == frozenset()
        assert "waits" in (await room.tick()).failures[0]
        world.invite_bot(world.lab)
        await until(lambda: _known(room, world.lab))
        await room.tick()

    assert lab.posted() == new


async def test_a_server_in_an_outage_is_not_left(lab: Lab) -> None:
    world = lab.sandbox.world
    world.set_unavailable(world.lab)
    async with Room(lab) as room:
        assert not await room.bot.app.storage.servers.known()
        world.set_unavailable(world.lab, False)
        await until(lambda: _known(room, world.lab))
        world.set_unavailable(world.lab)
        await until(lambda: room.bot.get_guild(world.lab.id).unavailable)  # type: ignore[union-attr]
        assert await _known(room, world.lab)


async def _known(room: Room, guild: Guild) -> bool:
    return guild.id in await room.bot.app.storage.servers.known()


async def _unknown(room: Room, guild: Guild) -> bool:
    return not await _known(room, guild)


async def test_in_no_server_it_says_how_to_invite_it(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    world = lab.sandbox.world
    world.remove_member(world.lab, world.bot.id)
    async with Room(lab):
        await until(lambda: "oauth2" in caplog.text)

    assert f"client_id={world.bot.id}&scope=bot+applications.commands&permissions=274877991936" in caplog.text


# --- ticks ------------------------------------------------------------------------------------


async def test_a_tick_posts_what_is_due_and_asks_the_gateway_for_permissions(lab: Lab) -> None:
    async with Room(lab) as room:
        await seeded(room)
        new = published(lab, 3)
        before = len(lab.sandbox.requests)
        assert (await room.tick()).complete
        assert (await room.tick()).channels == {}

    assert lab.posted() == new
    assert {request.route for request in lab.sandbox.requests[before:]} == {POST}


async def test_what_came_due_while_it_was_down_comes_at_the_first_tick(lab: Lab) -> None:
    async with Room(lab) as room:
        await seeded(room)
    first = published(lab, 1)
    lab.days(1)
    second = published(lab, 1)

    async with Room(lab) as room:
        await room.tick()

    assert lab.posted() == first + second


async def test_a_digest_wished_for_in_the_middle_of_another_waits_its_turn(lab: Lab) -> None:
    async with Room(lab) as room:
        await seeded(room)
        new, before = published(lab, 5), len(lab.sandbox.requests)
        wished: list[asyncio.Task[Report]] = []

        def wish() -> None:
            digest = room.bot.app.run_digest(room.bot.outbox, force=True, guild_id=lab.sandbox.world.lab.id)
            wished.append(asyncio.create_task(digest))

        at_message(lab, 2, wish)
        assert (await room.tick()).complete
        assert (await wished[0]).complete

    assert lab.posted() == new
    assert [request.route for request in lab.sandbox.requests[before:]] == [POST] * 5


async def test_commands_are_registered_only_when_they_changed(lab: Lab) -> None:
    async with Room(lab):
        pass
    async with Room(lab) as room:
        assert [request.route for request in lab.sandbox.requests].count(REGISTER) == 1
        assert {command.name for command in await room.bot.tree.fetch_commands()} == {
            command.name for command in room.bot.tree.get_commands()
        }


REFUSED = {
    "the day's commands are used up": Fault(
        REGISTER, status=400, body='{"message": "Max number of application command creates reached (200)", "code": 30034}'
    ),
    "the list is forbidden": Fault(COMMANDS, status=403, body='{"message": "Missing Access", "code": 50001}'),
    "a page instead of the list": Fault(COMMANDS, status=200, body="<html>Who are you?</html>"),
    "a page that refuses": Fault(COMMANDS, status=403, body="<html>Blocked</html>"),
}
SAID = {
    "the day's commands are used up": "creates reached (200)' (HTTP 400, code 30034)",
    "the list is forbidden": "'Missing Access' (HTTP 403, code 50001)",
    "a page instead of the list": "could not be read",
    "a page that refuses": "Discord answered 403",
}


@pytest.mark.parametrize("how", REFUSED)
async def test_commands_that_discord_refuses_hold_up_no_digest(lab: Lab, caplog: pytest.LogCaptureFixture, how: str) -> None:
    lab.sandbox.faults.add(replace(REFUSED[how]))
    async with Room(lab) as room:
        await seeded(room)
        new = published(lab, 2)
        await room.tick()
    [error] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    async with Room(lab) as room:
        reply = await room.member.command("help")

    assert lab.posted() == new
    assert error.startswith("The slash commands were not registered: Discord")
    assert SAID[how] in error
    assert "<" not in error
    assert reply.ephemeral


async def test_digests_do_not_wait_for_a_gateway_that_does_not_come(lab: Lab) -> None:
    lab.sandbox.gateway.refusing = True
    async with running(lab) as child:
        await until(lambda: lab.sandbox.requests)
        lab.move(minutes=2)
        await until(lab.messages)
        lab.sandbox.gateway.refusing = False
        await until(lab.sandbox.gateway.connected.is_set)
        child.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(child.wait(), 10) == 0

    log = (lab.folder / "run.log").read_text()
    assert "has not become ready for a minute; digests begin without it" in log


# --- errors -----------------------------------------------------------------------------------


async def exploding(room: Room, error: Exception, *, deferred: bool) -> None:
    """A command of its own that fails."""

    @room.bot.tree.command(name="explode", description="Fails")
    async def explode(interaction: discord.Interaction[Any]) -> None:
        if deferred:
            await interaction.response.defer(ephemeral=True)
        raise error

    await room.bot.tree.sync()


@pytest.mark.parametrize("deferred", [False, True])
async def test_an_error_in_a_command_is_a_private_sentence_with_an_id(
    lab: Lab, caplog: pytest.LogCaptureFixture, deferred: bool
) -> None:
    async with Room(lab) as room:
        await exploding(room, RuntimeError("the pump is dry"), deferred=deferred)
        reply = await room.member.command("explode")
        said = reply.followups[0].content if reply.followups else reply.content

    found = re.search(r"Something went wrong \(id ([0-9a-f]{6})\)", said)
    assert found is not None
    assert reply.ephemeral
    assert "pump" not in said
    assert f"{found[1]}: explode failed" in caplog.text
    assert "the pump is dry" in caplog.text


async def test_an_error_of_our_own_says_what_it_says(lab: Lab) -> None:
    async with Room(lab) as room:
        await exploding(room, NotAllowedHere("Not in this channel."), deferred=False)
        reply = await room.member.command("explode")

    assert (reply.content, reply.ephemeral) == ("Not in this channel.", True)


# --- beginning and end ------------------------------------------------------------------------


async def test_a_wrong_token_ends_it_with_2_and_a_sentence(lab: Lab) -> None:
    lab.environment |= {"DISCORD_TOKEN": "MTIz.wrong.token", "DISCORD_GATEWAY_URL": lab.sandbox.gateway_url}

    finished = await lab.bot("run")

    assert finished.status == 2
    assert "set DISCORD_TOKEN to the bot's current one" in finished.err
    assert "Traceback" not in finished.err


async def test_refused_intents_end_it_with_2_and_a_sentence(lab: Lab) -> None:
    lab.environment |= {"DISCORD_GATEWAY_URL": lab.sandbox.gateway_url}
    lab.sandbox.gateway.closing = 4014

    finished = await lab.bot("run")

    assert finished.status == 2
    assert "close code 4014" in finished.err
    assert "Traceback" not in finished.err


async def test_without_discord_it_ends_with_1(lab: Lab) -> None:
    lab.environment |= {"DISCORD_API_URL": "http://127.0.0.1:9/api/v10"}

    finished = await lab.bot("run")

    assert finished.status == 1
    assert "Discord does not answer" in finished.err
    assert "Traceback" not in finished.err


async def test_a_second_process_ends_with_2(lab: Lab) -> None:
    async with Room(lab):
        finished = await lab.bot("run")

    assert finished.status == 2
    assert "Another process" in finished.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_a_signal_stops_it_with_0_and_closes_the_gateway(lab: Lab, number: signal.Signals) -> None:
    async with running(lab) as child:
        await until(lab.messages)
        assert lab.sandbox.gateway.connected.is_set()
        child.send_signal(number)
        assert await asyncio.wait_for(child.wait(), 10) == 0

    assert not lab.sandbox.gateway.connected.is_set()
    assert "Traceback" not in (lab.folder / "run.log").read_text()


STALLS: dict[str, Callable[[Lab], Fault]] = {
    "Discord stalls": lambda lab: Fault(POST, stall=30),
    "arXiv stalls": lambda lab: Fault("GET /arxiv", stall=30),
}


@pytest.mark.parametrize("stall", STALLS.values(), ids=STALLS.keys())
async def test_stopped_while_somebody_stalls_it_ends_within_ten_seconds_and_loses_nothing(
    lab: Lab, stall: Callable[[Lab], Fault]
) -> None:
    async with running(lab) as child:
        await until(lab.messages)
        new = published(lab, 3)
        lab.sandbox.faults.add(fault := stall(lab))
        lab.days(1)
        await until(lambda: fault.times == 0)
        child.terminate()
        assert await asyncio.wait_for(child.wait(), 10) == 0
    async with running(lab):
        await until(lambda: len(lab.posted()) >= len(new))
        lab.days(1)
        published(lab, 1)
        await until(lambda: len(lab.posted()) > len(new))

    assert lab.posted()[: len(new)] == new
    assert len(lab.posted()) == len(new) + 1

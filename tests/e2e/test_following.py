"""What one server or channel meets stays there: bad rows, Post now, a channel stopped or moved and followed again."""

from __future__ import annotations

import discord
import pytest
from sqlalchemy import insert

from bot.digest.model import State
from bot.storage import schema
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from sandbox.discord.model import Channel
from tests.e2e.lab import Lab
from tests.e2e.panel import FERN, MOSS, MOVE, follow, one, panel, publish, text
from tests.e2e.panel import room as room
from tests.e2e.room import Room, until
from tests.e2e.test_outage import words
from tests.storage.lab import Deciding, claim, paper


async def elsewhere(room: Room) -> Channel:
    """A channel of another server, which follows ti:moss and is not seeded yet."""
    lab, world = room.lab, room.lab.sandbox.world
    guild = world.add_guild("Second")
    channel = world.add_channel(guild, "moss")
    await room.bot.app.storage.subscriptions.follow(channel.id, guild.id, MOSS, lab.sandbox.clock.now())
    await until(lambda: room.bot.get_channel(channel.id) is not None)
    return channel


async def permit(room: Room, channel_id: int, *, embeds: bool) -> None:
    """And wait until the bot knows."""
    world, channel = room.lab.sandbox.world, room.bot.get_channel(channel_id)
    assert isinstance(channel, discord.TextChannel)
    (world.allow if embeds else world.deny)(channel_id, "EMBED_LINKS")
    await until(lambda: channel.permissions_for(channel.guild.me).embed_links is embeds)


async def spoil(room: Room, channel_id: int) -> None:
    """A paper waits for the channel, and its body is gone."""
    row = {"channel_id": channel_id, "paper_id": "arxiv:2601.00001", "version": 1, "state": State.WAITING}
    async with room.bot.app.storage.database.begin() as connection:
        await connection.execute(insert(schema.claims), {**row, "first_seen_at": room.lab.sandbox.clock.now()})


class TestOneServersBadRow:
    async def test_the_others_are_served_and_it_is_told(self, lab: Lab, room: Room, caplog: pytest.LogCaptureFixture) -> None:
        other, guild_id = await elsewhere(room), lab.sandbox.world.lab.id
        await room.tick()
        await spoil(room, lab.channel)
        new = publish(lab)
        lab.days()
        report = await room.tick()
        assert lab.posted(other.id) == [new]
        (failure,) = report.failures
        assert failure.startswith(f"server {guild_id}: ")
        assert [record for record in caplog.records if str(guild_id) in record.getMessage() and record.exc_info]

    async def test_arxiv_is_not_asked_for_it_at_every_tick(self, lab: Lab, room: Room) -> None:
        await spoil(room, lab.channel)
        lab.days()
        await room.tick()
        asked = len(lab.sandbox.arxiv.requests)
        lab.move(minutes=1)
        assert (await room.tick()).slots == 0
        assert len(lab.sandbox.arxiv.requests) == asked

    async def test_what_waits_for_another_blocked_channel_is_released(self, lab: Lab, room: Room) -> None:
        other, guild_id = await elsewhere(room), lab.sandbox.world.lab.id
        await room.tick()
        new = publish(lab)
        for channel_id in (lab.channel, other.id):
            await permit(room, channel_id, embeds=False)
        lab.days()
        await room.tick()
        await spoil(room, lab.channel)
        for channel_id in (lab.channel, other.id):
            await permit(room, channel_id, embeds=True)
        report = await room.tick()
        assert lab.posted(other.id) == [new]
        assert [failure.startswith(f"server {guild_id}: ") for failure in report.failures] == [True]


class TestPostNow:
    async def test_another_server_is_neither_seeded_nor_served(self, lab: Lab, room: Room) -> None:
        other = await elsewhere(room)
        await room.manager.press(await panel(room), "Post now")
        assert [each.channel_id for each in await room.bot.app.storage.subscriptions.unsettled()] == [other.id]
        assert lab.messages(other.id) == []

    async def test_what_another_server_is_owed_waits_for_the_next_tick(self, lab: Lab, room: Room) -> None:
        other = await elsewhere(room)
        await room.tick()
        subscription = await room.bot.app.storage.subscriptions.get(other.id)
        assert subscription is not None
        (owed,) = await claim(room.bot.app.storage, subscription, [paper(1)], lab.sandbox.clock.now(), Deciding())
        await room.manager.press(await panel(room), "Post now")
        assert lab.posted(other.id) == []
        await room.tick()
        assert lab.posted(other.id) == [str(showing.paper.id) for showing in owed.message.showings]

    async def test_a_channel_blocked_in_another_server_is_left_alone(self, lab: Lab, room: Room) -> None:
        other = await elsewhere(room)
        await room.tick()
        publish(lab)
        await permit(room, other.id, embeds=False)
        lab.days()
        await room.tick()
        await permit(room, other.id, embeds=True)
        await room.manager.press(await panel(room), "Post now")
        assert lab.posted(other.id) == []


async def test_a_channel_followed_anew_gets_nothing_of_what_it_was_owed(lab: Lab, room: Room) -> None:
    publish(lab)
    await permit(room, lab.channel, embeds=False)
    lab.days()
    await room.tick()
    await room.manager.press(await one(room), "Stop")
    await permit(room, lab.channel, embeds=True)
    await follow(room, FERN)
    lab.days()
    await room.tick()
    assert lab.posted() == []


async def test_a_paper_does_not_come_twice_where_a_channel_moves_to_one_that_had_it(lab: Lab, room: Room) -> None:
    general = lab.sandbox.world.general
    await follow(room, MOSS, channel=general)
    new = publish(lab)
    await permit(room, lab.channel, embeds=False)
    lab.days()
    await room.tick()
    assert (lab.posted(), lab.posted(general.id)) == ([], [new])
    await room.manager.press(await one(room, general.id), "Stop")
    await room.manager.choose(await one(room), MOVE, general)
    lab.days()
    await room.tick()
    assert lab.posted(general.id) == [new]


async def test_an_outage_while_a_channel_moves_is_told_and_ended_where_it_is_now(lab: Lab, room: Room) -> None:
    general = lab.sandbox.world.general
    lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
    await six_hourly(room, 12)
    assert "no usable answer" in words(lab.messages()[-1])
    await room.manager.choose(await one(room), MOVE, general)
    await six_hourly(room, 4)
    assert "papers stopped coming" in words(lab.messages()[-1])
    (notice,) = lab.messages(general.id)
    assert "no usable answer" in words(notice)
    lab.sandbox.faults.clear()
    await six_hourly(room, 8)
    (notice,) = lab.messages(general.id)
    assert "answers again" in words(notice)
    assert "no usable answer" not in text(await room.manager.command("status"))


async def test_a_channel_left_during_an_outage_does_not_wait_for_its_end(lab: Lab, room: Room) -> None:
    lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
    await six_hourly(room, 12)
    told = words(lab.messages()[-1])
    since = told.split("<t:")[1].split(":")[0]
    assert f"<t:{since}:F>" in told
    await room.manager.press(await one(room), "Stop")
    stopped = int(lab.sandbox.clock.now().timestamp())
    await room.tick()
    assert f" from <t:{since}:F> to <t:{stopped}:F>, " in (said := words(lab.messages()[-1]))
    assert "papers stopped coming" in said
    assert (await room.tick()).lines() == []


async def test_nor_does_one_that_cannot_be_told_so_any_more(lab: Lab, room: Room) -> None:
    lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
    await six_hourly(room, 12)
    reply = await one(room)
    await permit(room, lab.channel, embeds=False)
    await room.manager.press(reply, "Stop")
    await room.tick()
    assert "no usable answer" in words(lab.messages()[-1])
    assert (await room.tick()).lines() == []


async def six_hourly(room: Room, count: int) -> None:
    for _ in range(count):
        room.lab.move(hours=6)
        await room.tick()

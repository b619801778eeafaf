"""A channel that gets papers is deleted in Discord: whoever asks is told, and `/setquery` elsewhere takes its place."""

from __future__ import annotations

import re

import pytest

from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from sandbox.discord.reply import Reply
from tests.e2e.lab import Lab, is_intro
from tests.e2e.panel import CHANNELS, FERN, MOSS, follow, followed, publish, text
from tests.e2e.panel import room as room
from tests.e2e.room import Person, Room, until

LICHEN = "ti:lichen"
DELETED = "channel was deleted"


def elsewhere(room: Room) -> Person:
    """The manager, in #general."""
    return room.manager.at(room.lab.sandbox.world.general.id)


async def status(room: Room) -> str:
    return text(await elsewhere(room).command("status"))


def remedy(said: str) -> str:
    """What stands behind it in the line that says that the channel was deleted."""
    (line,) = [each for each in said.splitlines() if DELETED in each]
    return line.partition(DELETED)[2]


async def noticed(room: Room) -> None:
    """That a channel was deleted; Discord tells it in its own time."""

    async def told() -> bool:
        return DELETED in await status(room)

    await until(told)


async def deleted(room: Room) -> None:
    """#papers, while the bot is there."""
    room.lab.sandbox.world.delete_channel(room.lab.channel)
    await noticed(room)


async def saved(person: Person, query: str) -> Reply:
    reply = await person.press(await person.command("setquery", query=query), "Save")
    assert reply.content.startswith("Saved."), reply.content
    return reply


def intros(lab: Lab, channel: int) -> int:
    return sum(map(is_intro, lab.messages(channel)))


class TestStatus:
    async def test_it_says_so_and_what_to_do(self, room: Room) -> None:
        await deleted(room)
        said = await status(room)
        assert f"<#{room.lab.channel}>" in said
        assert "`/settings`" in remedy(said)
        assert "I cannot post there" not in said

    async def test_papers_that_wait_are_counted(self, lab: Lab, room: Room) -> None:
        await deleted(room)
        publish(lab)
        lab.days()
        await room.tick()
        assert "1 paper waits" in (said := remedy(await status(room)))
        assert "`/settings`" in said

    async def test_deleted_while_the_bot_was_away(self, lab: Lab, room: Room) -> None:
        await room.__aexit__(None, None, None)
        lab.sandbox.world.delete_channel(lab.channel)
        async with Room(lab) as back:
            await noticed(back)

    @pytest.mark.parametrize("alone", [True, False], ids=["alone", "with its channel"])
    async def test_a_thread(self, lab: Lab, room: Room, alone: bool) -> None:
        world = lab.sandbox.world
        attic = world.add_channel(world.lab, "attic")
        thread = world.open_thread(attic, "reading group", world.manager)
        await until(lambda: room.bot.get_channel(attic.id))
        await follow(room, FERN, channel=thread)
        world.delete_channel(thread.id if alone else attic.id)
        await noticed(room)
        assert (await status(room)).count(DELETED) == 1

    async def test_a_channel_nobody_followed(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        attic = world.add_channel(world.lab, "attic")
        await until(lambda: room.bot.get_channel(attic.id))
        world.delete_channel(attic.id)
        await until(lambda: room.bot.get_channel(attic.id) is None)
        assert DELETED not in await status(room)


class TestSetquery:
    @pytest.mark.parametrize("named", [False, True], ids=["typed there", "typed there and named"])
    async def test_another_channel_takes_its_place(self, lab: Lab, room: Room, named: bool) -> None:
        general = lab.sandbox.world.general
        await deleted(room)
        there = elsewhere(room)
        reply = await (there.command("setquery", query=FERN, channel=general) if named else there.command("setquery", query=FERN))
        assert f"It is for <#{general.id}>, in place of the channel that was deleted." in text(reply)
        await elsewhere(room).press(reply, "Save")
        assert reply.content.startswith(f"Saved. <#{general.id}> now follows:")
        assert "⚠️" not in reply.content
        assert await followed(room) == {general.id: FERN}
        assert intros(lab, general.id) == 1
        assert str(lab.channel) not in await status(room) + text(await elsewhere(room).command("settings"))

    async def test_later_it_is_the_servers_query_wherever_it_is_typed(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        hall = world.add_channel(world.lab, "hall")
        await deleted(room)
        await saved(elsewhere(room), FERN)
        reply = await room.manager.at(hall.id).command("setquery", query=LICHEN)
        assert f" server's query, for <#{world.general.id}>." in text(reply)

    async def test_papers_that_waited_come_to_the_new_channel(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general.id
        await deleted(room)
        waiting = publish(lab)
        lab.days()
        await room.tick()
        await saved(elsewhere(room), FERN)
        due = publish(lab, "Fern")
        lab.days()
        await room.tick()
        assert sorted(lab.posted(general)) == sorted([waiting, due])

    async def test_what_the_old_query_owed_is_not_lost(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general.id
        lab.move(hours=1)
        owed = publish(lab, "Moss and fern")
        await deleted(room)
        await saved(elsewhere(room), FERN)
        lab.days()
        await room.tick()
        assert lab.posted(general) == [owed]

    async def test_where_arxiv_does_not_answer_for_the_old_query_nothing_changes(self, lab: Lab, room: Room) -> None:
        await deleted(room)
        reply = await elsewhere(room).command("setquery", query=FERN)
        lab.sandbox.faults.add(Fault(ROUTE, status=500, after=1, times=-1))
        await elsewhere(room).press(reply, "Save")
        assert "nothing was changed" in reply.content
        assert await followed(room) == {lab.channel: MOSS}

    async def test_where_others_still_get_papers_it_is_about_them(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        await room.bot.app.storage.subscriptions.follow(world.general.id, world.lab.id, None, lab.sandbox.clock.now())
        await deleted(room)
        reply = await elsewhere(room).command("setquery", query=FERN)
        assert f" server's query, for <#{world.general.id}>." in text(reply)

    async def test_one_that_config_json_lists_is_left_to_who_runs_the_bot(self, lab: Lab) -> None:
        general = lab.sandbox.world.general.id
        lab.configure(query=MOSS, channels=[{"id": str(lab.channel)}])
        async with Room(lab) as room:
            await room.tick()
            await deleted(room)
            await saved(elsewhere(room), FERN)
            assert set(await followed(room)) == {lab.channel, general}
            assert intros(lab, general) == 1

    async def test_and_whoever_asks_is_told_so(self, lab: Lab) -> None:
        lab.configure(query=MOSS, channels=[{"id": str(lab.channel)}])
        async with Room(lab) as room:
            await room.tick()
            await deleted(room)
            publish(lab)
            lab.days()
            await room.tick()
            said = await status(room)
            assert "/settings" not in said
            told = [remedy(said)]
            reply = await elsewhere(room).command("settings")
            reply = await elsewhere(room).choose(reply, CHANNELS, str(lab.channel))
            told.append(text(reply).splitlines()[-1])
            check = await elsewhere(room).press(await elsewhere(room).command("status"), "Check")
            told.append(text(check).partition(f"⚠️ <#{lab.channel}>: ")[2].partition("\n")[0])
            assert "no longer exists" in told[-1]
        for each in told:
            assert "config.json" in each
            assert str(lab.channel) in each

    async def test_and_setquery_elsewhere_has_nothing_to_complain_of(self, lab: Lab) -> None:
        lab.configure(query=MOSS, channels=[{"id": str(lab.channel)}])
        async with Room(lab) as room:
            await room.tick()
            await deleted(room)
            for query in (FERN, LICHEN):
                reply = await saved(elsewhere(room), query)
                assert "⚠️" not in reply.content
                assert str(lab.channel) not in reply.content
            check = await elsewhere(room).press(await elsewhere(room).command("status"), "Check")
            assert re.search(r"^✅ .* confirmed: 0$", text(check), re.MULTILINE)

"""`/settings` of one channel: its query, stopped, moved; and everything erased."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.storage.schema import metadata
from sandbox.discord.reply import Reply
from tests.e2e.lab import Lab, is_intro
from tests.e2e.panel import (
    CHANNELS,
    FERN,
    MOSS,
    MOVE,
    filled,
    follow,
    followed,
    may_embed,
    offered,
    one,
    panel,
    publish,
    text,
    told,
)
from tests.e2e.panel import room as room
from tests.e2e.room import Room, until


class TestChannel:
    async def test_a_query_of_its_own_and_back_to_the_servers(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general
        await follow(room, FERN, channel=general)
        reply = await one(room, general.id)
        assert f"<#{general.id}> · its own query\n```\n{FERN}\n```" in text(reply)
        await filled(room.manager, reply, "Change query", query="ti:lichen")
        await room.manager.press(reply, "Save")
        assert await followed(room) == {lab.channel: MOSS, general.id: "ti:lichen"}
        reply = await room.manager.press(await one(room, general.id), "Use the server's query")
        assert reply.content == "It follows the server's query from now on."
        assert "Use the server's query" not in reply.buttons
        assert await followed(room) == {lab.channel: MOSS, general.id: MOSS}
        await room.tick()
        assert [is_intro(message) and MOSS in str(message.embeds) for message in lab.messages(general.id)][-1]

    async def test_stop(self, lab: Lab, room: Room) -> None:
        reply = await room.manager.press(await one(room), "Stop")
        assert reply.content == f"<#{lab.channel}> gets no more papers. `/setquery` starts them again."
        assert "No channel gets papers." in text(reply)
        publish(lab)
        lab.days()
        await room.tick()
        assert lab.posted() == []

    async def test_back(self, room: Room) -> None:
        reply = await room.manager.press(await one(room), "Back")
        assert "**Time**: 14:00" in text(reply)

    async def test_stopped_by_somebody_else_meanwhile(self, lab: Lab, room: Room) -> None:
        reply = await one(room)
        await room.manager.press(await one(room), "Stop")
        assert f"<#{lab.channel}> gets no papers now." in told(await room.manager.press(reply, "Stop"))
        assert "gets no papers now" in told(await room.manager.choose(reply, MOVE, lab.sandbox.world.general))


def decided(reply: Reply) -> str:
    """What config.json decides of a channel: the last line of its panel."""
    return text(reply).splitlines()[-1]


class TestListedInConfigJson:
    async def test_what_setquery_can_change_is_said_and_true(self, lab: Lab) -> None:
        lab.configure(query=MOSS, channels=[{"id": str(lab.channel)}])
        async with Room(lab) as room:
            await room.tick()
            said = decided(await one(room))
            assert "query is the server's" in said
            assert "`/setquery`" in said
            await follow(room, FERN)
            assert f"```\n{FERN}\n```" in text(reply := await one(room))
            assert "config.json decides" in decided(reply)
            assert "can end that" in decided(reply)

    async def test_a_query_of_its_own_there(self, lab: Lab) -> None:
        lab.configure(query=MOSS, channels=[{"id": str(lab.channel), "query": FERN}])
        async with Room(lab) as room:
            await room.tick()
            said = decided(await one(room))
            reply = await room.manager.press(
                await room.manager.command("setquery", query=MOSS, channel=lab.sandbox.world.papers), "Save"
            )
        assert "config.json decides" in said
        assert "can change both" in said
        assert "whoever runs the bot can give it a query of its own there" in told(reply)

    async def test_a_query_that_setquery_gave_it_before_it_was_listed(self, lab: Lab, room: Room) -> None:
        await follow(room, FERN, channel=lab.sandbox.world.general)
        await room.__aexit__(None, None, None)
        lab.configure(query=MOSS, channels=[{"id": str(lab.sandbox.world.general.id)}])
        async with Room(lab) as again:
            await again.tick()
            said = decided(await one(again, lab.sandbox.world.general.id))
            assert "own query" in said
            assert "`/setquery`" in said
            await follow(again, MOSS, channel=lab.sandbox.world.general)
            assert await followed(again) == {lab.channel: MOSS, lab.sandbox.world.general.id: MOSS}


class TestMove:
    async def test_what_was_posted_is_not_repeated_and_what_comes_goes_to_the_new_channel(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general
        old = publish(lab)
        lab.days()
        await room.tick()
        assert lab.posted() == [old]
        reply = await room.manager.choose(await one(room), MOVE, general)
        assert reply.content == f"Moved. What was posted in <#{lab.channel}> stays there and is not repeated here."
        assert f"<#{general.id}> · the server's query" in text(reply)
        assert await followed(room) == {general.id: MOSS}
        new = publish(lab)
        lab.days()
        await room.tick()
        assert lab.posted() == [old]
        assert lab.posted(general.id) == [new]

    async def test_out_of_a_channel_that_was_deleted(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        world.delete_channel(lab.channel)
        await until(lambda: room.bot.get_channel(lab.channel) is None)
        reply = await room.manager.at(world.general.id).command("settings")
        assert offered(reply) == {str(lab.channel): f"A channel I cannot see ({lab.channel})"}
        reply = await room.manager.choose(reply, CHANNELS, str(lab.channel))
        await room.manager.choose(reply, MOVE, world.general)
        assert await followed(room) == {world.general.id: MOSS}

    async def test_to_a_channel_where_the_bot_may_not_post(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general
        reply = await one(room)
        lab.sandbox.world.deny(general.id, "EMBED_LINKS")
        await until(lambda: not may_embed(room, general.id))
        refusal = told(await room.manager.choose(reply, MOVE, general))
        assert "the bot lacks Embed Links in #general; grant it" in refusal
        assert await followed(room) == {lab.channel: MOSS}

    async def test_to_a_channel_that_gets_papers_already(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general
        await follow(room, FERN, channel=general)
        refusal = told(await room.manager.choose(await one(room), MOVE, general))
        assert refusal == f"<#{general.id}> gets papers already. Stop it first, or choose another channel."
        assert await followed(room) == {lab.channel: MOSS, general.id: FERN}


class TestErase:
    async def test_asks_once_more_and_leaves_no_row(self, lab: Lab, room: Room) -> None:
        publish(lab)
        lab.days()
        await room.tick()
        reply = await filled(room.manager, await panel(room), "Time and zone", hour="9:00")
        await room.manager.press(reply, "Erase")
        assert "Erase everything I know about this server" in text(reply)
        assert await rows(room) > {"servers", "subscriptions", "claims", "deliveries", "digests", "drafts", "queries"}
        await room.manager.press(reply, "Erase everything")
        assert (reply.embeds, reply.components) == ([], [])
        assert reply.content.startswith("Erased.")
        assert await rows(room) == {"papers"}
        standing = lab.posted()
        publish(lab)
        lab.days()
        await room.tick()
        assert lab.posted() == standing

    async def test_keep_it(self, room: Room) -> None:
        reply = await room.manager.press(await panel(room), "Erase")
        await room.manager.press(reply, "Keep it")
        assert "**Time**: 14:00" in text(reply)
        assert await followed(room) == {room.lab.channel: MOSS}

    async def test_channels_of_config_json_are_mentioned(self, lab: Lab) -> None:
        async with Room(lab) as room:
            await room.tick()
            reply = await room.manager.press(await panel(room), "Erase")
        assert "Channels listed in config.json begin anew when the bot is next started." in text(reply)


async def rows(room: Room) -> set[str]:
    """Tables that hold any."""
    async with room.bot.app.storage.database.begin() as connection:
        counts = {
            table.name: await connection.scalar(select(func.count()).select_from(table)) for table in metadata.sorted_tables
        }
    return {name for name, count in counts.items() if count}

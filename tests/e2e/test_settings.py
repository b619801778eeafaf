"""`/settings` as people use it: seen, changed, refused, and when arXiv or Discord fails at that moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.digest.model import Server, Updates
from bot.storage.schema import metadata
from sandbox.arxiv.server import ROUTE
from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.exchange import Kind
from sandbox.discord.reply import Reply
from sandbox.discord.visitor import NoAnswerError
from sandbox.faults import Fault
from tests.e2e.lab import Lab, is_intro
from tests.e2e.room import Person, Room, until

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
ORIGINAL = "PATCH /webhooks/{application_id}/{interaction_token}/messages/@original"
MOSS, FERN = "ti:moss", "ti:fern"
CHANNELS, REVISED, MOVE = "Change a channel", "When a paper is revised", "Move to another channel"


@pytest.fixture
async def room(lab: Lab) -> AsyncIterator[Room]:
    """#papers follows ti:moss by a command, from Monday 2 March, 15:00 in Singapore, on."""
    lab.configure(query=None, channels=[])
    async with Room(lab) as room:
        await follow(room, MOSS)
        yield room


def publish(lab: Lab, title: str = "Moss") -> str:
    return lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title=title, abstract="Green.").id


async def follow(room: Room, query: str, **options: Any) -> None:
    reply = await room.manager.press(await room.manager.command("setquery", query=query, **options), "Save")
    assert reply.content.startswith("Saved."), reply.content


async def panel(room: Room) -> Reply:
    reply = await room.manager.command("settings")
    assert reply.ephemeral
    return reply


async def one(room: Room, channel_id: int | None = None) -> Reply:
    """The panel of one channel."""
    return await room.manager.choose(await panel(room), CHANNELS, str(channel_id or room.lab.channel))


async def filled(person: Person, reply: Reply, button: str, **fields: str) -> Reply:
    return await person.submit(await person.press(reply, button), **fields)


async def server(room: Room) -> Server:
    found = await room.bot.app.servers.get(room.lab.sandbox.world.lab.id)
    assert found is not None
    return found


async def followed(room: Room) -> dict[int, str]:
    found = await room.bot.app.subscriptions.of_server(room.lab.sandbox.world.lab.id)
    return {each.channel_id: each.query for each in found}


def text(reply: Reply) -> str:
    return "\n".join(filter(None, [reply.content, *(f"{e.get('title')}\n{e.get('description')}" for e in reply.embeds)]))


def told(reply: Reply) -> str:
    """What was said beside the panel, to whoever pressed alone."""
    (message,) = reply.followups
    assert message.visible_to is not None
    return message.content


class TestPanel:
    async def test_everything_and_where_it_comes_from(self, lab: Lab, room: Room) -> None:
        said = text(await panel(room))
        assert f"**Query** · set here, `/setquery` changes it\n```\n{MOSS}\n```" in said
        assert "**Time**: 14:00 · default" in said
        assert "**Time zone**: Asia/Singapore · default" in said
        assert "**Cards a digest**: 20, the rest as lists · default" in said
        assert "**When a paper is revised**: the message that shows it is edited · default" in said
        assert "**Next digest**: <t:1772517600:F> (<t:1772517600:R>)" in said
        assert f"<#{lab.channel}> · the server's query" in said

    async def test_a_server_that_follows_nothing(self, lab: Lab) -> None:
        lab.configure(query=None, channels=[])
        async with Room(lab) as room:
            reply = await panel(room)
            assert "No channel gets papers. Type `/setquery` in the one that should." in text(reply)
            assert [each["placeholder"] for each in reply.selects.values()] == [REVISED]
            with pytest.raises(NotAllowedError):
                await room.manager.press(reply, "Post now")

    async def test_a_channel_of_config_json_says_so_and_is_left_alone(self, lab: Lab) -> None:
        async with Room(lab) as room:
            await room.tick()
            assert f"<#{lab.channel}> · the server's query · listed in config.json" in text(await panel(room))
            reply = await one(room)
            assert "config.json decides on this channel" in text(reply)
            assert (list(reply.buttons), reply.selects) == (["Back"], {})

    async def test_an_own_query_that_equals_the_servers_is_shown_as_its_own(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general
        await follow(room, MOSS, channel=general)
        assert f"<#{general.id}> · its own query" in text(reply := await one(room, general.id))
        assert "Use the server's query" in reply.buttons

    async def test_pressed_and_filled_in_after_a_restart(self, lab: Lab) -> None:
        lab.configure(query=None, channels=[])
        async with Room(lab) as room:
            reply = await panel(room)
            form = await room.manager.press(reply, "Cards")
        async with Room(lab) as room:
            await room.manager.submit(form, cards="7")
            assert (await server(room)).max_posts == 7
            await room.manager.press(reply, "Pause")
            assert (await server(room)).paused

    async def test_more_channels_than_a_select_holds(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        for number in range(25):
            channel = world.add_channel(world.lab, f"group-{number}")
            await room.bot.app.subscriptions.follow(channel.id, world.lab.id, None, lab.sandbox.clock.now())
        reply = await panel(room)
        first = offered(reply)
        assert (len(first), first["+24"]) == (25, "More channels")
        second = offered(await room.manager.choose(reply, CHANNELS, "+24"))
        assert (len(second), second["+0"]) == (3, "First channels")
        assert len((first | second).keys() - {"+24", "+0"}) == 26


class TestTime:
    async def test_hour_and_zone(self, room: Room) -> None:
        reply = await panel(room)
        await filled(room.manager, reply, "Time and zone", hour="9:30", zone="europe/berlin")
        assert reply.content.startswith("Saved.")
        assert "**Time**: 09:30 · set here" in text(reply)
        assert "**Time zone**: Europe/Berlin · set here" in text(reply)
        assert "**Next digest**: <t:1772440200:F>" in text(reply)  # this Monday, 09:30 in Berlin

    async def test_the_form_shows_what_is_set_and_emptied_it_goes_back_to_the_default(self, room: Room) -> None:
        reply = await panel(room)
        await filled(room.manager, reply, "Time and zone", hour="9")
        form = await room.manager.press(reply, "Time and zone")
        assert form.modal is not None
        hour, zone = (label["component"] for label in form.modal["components"])
        assert (hour["value"], zone.get("value"), zone["placeholder"]) == ("09:00", None, "Asia/Singapore")
        await room.manager.submit(form, hour="")
        assert "**Time**: 14:00 · default" in text(reply)
        assert (await server(room)).own == {"query"}

    @pytest.mark.parametrize(
        ("hour", "zone", "remedy"),
        [
            ("25:00", "", "I cannot read `25:00` as a time. Write hours and minutes, such as 09:30 or 14:00."),
            ("9:00", "Europe/Berln", "I know no time zone `Europe/Berln`. Did you mean Europe/Berlin?"),
            ("", "rome", "Did you mean Europe/Rome?"),
        ],
    )
    async def test_what_cannot_be_used_changes_nothing(self, room: Room, hour: str, zone: str, remedy: str) -> None:
        reply = await panel(room)
        sent = await filled(room.manager, reply, "Time and zone", hour=hour, zone=zone)
        assert remedy in told(sent)
        assert (await server(room)).own == {"query"}


class TestCards:
    async def test_none_is_lists_only_and_nothing_is_the_default(self, lab: Lab, room: Room) -> None:
        reply = await panel(room)
        await filled(room.manager, reply, "Cards", cards="0")
        assert "**Cards a digest**: none, lists only · set here" in text(reply)
        publish(lab)
        lab.days()
        await room.tick()
        assert lab.messages()[-1].embeds[0]["title"] == "1 paper"
        await filled(room.manager, reply, "Cards", cards="")
        assert "**Cards a digest**: 20, the rest as lists · default" in text(reply)

    async def test_what_is_no_number_of_cards(self, room: Room) -> None:
        sent = await filled(room.manager, await panel(room), "Cards", cards="101")
        assert told(sent) == "`101` is no number of cards. Write a whole number from 0 to 100."
        assert (await server(room)).max_posts == 20


class TestUpdates:
    async def test_each_choice_and_back(self, room: Room) -> None:
        reply = await panel(room)
        for choice in Updates:
            await room.manager.choose(reply, REVISED, choice)
            found = await server(room)
            assert (found.updates, "updates" in found.own) == (choice, True)
        assert "**When a paper is revised**: nothing is said · set here" in text(reply)
        await room.manager.choose(reply, REVISED, "default")
        assert "is edited · default" in text(reply)


class TestPause:
    async def test_nothing_is_posted_until_it_is_resumed(self, lab: Lab, room: Room) -> None:
        reply = await room.manager.press(await panel(room), "Pause")
        assert "**Paused**: nothing is asked or posted." in text(reply)
        assert "Next digest" not in text(reply)
        with pytest.raises(NotAllowedError):
            await room.manager.press(reply, "Post now")
        paper = publish(lab)
        lab.days()
        await room.tick()
        assert lab.posted() == []
        await room.manager.press(reply, "Resume")
        assert reply.content == "Papers come again."
        await room.tick()
        assert lab.posted() == [paper]


class TestPostNow:
    async def test_it_says_what_it_did_and_moves_no_due_time(self, lab: Lab, room: Room) -> None:
        before = (await server(room)).next_run_at
        papers = [publish(lab), publish(lab)]
        reply = await panel(room)
        done = await room.manager.press(reply, "Post now")
        assert done.ephemeral
        assert f"<#{lab.channel}>: 2 new.\n\nThe next digest comes as planned: <t:1772517600:F>" in text(done)
        assert "Settings" in text(reply)
        assert lab.posted() == papers
        assert (await server(room)).next_run_at == before
        assert f"<#{lab.channel}>: nothing new." in text(await room.manager.press(reply, "Post now"))

    async def test_arxiv_silent(self, lab: Lab, room: Room) -> None:
        lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
        done = await room.manager.press(await panel(room), "Post now")
        assert f"<#{lab.channel}>: ⚠️ arXiv" in text(done)
        assert (await server(room)).retry_at is None

    async def test_a_channel_that_cannot_be_posted_to(self, lab: Lab, room: Room) -> None:
        publish(lab)
        reply = await panel(room)
        lab.sandbox.world.deny(lab.channel, "EMBED_LINKS")
        await until(lambda: not may_embed(room, lab.channel))
        done = await room.manager.press(reply, "Post now")
        assert "1 new. ⚠️ blocked: the bot lacks Embed Links in #papers" in text(done)
        assert f"<#{lab.channel}> · the server's query\n⚠️ the bot lacks Embed Links" in text(await panel(room))

    async def test_paused_by_somebody_else_meanwhile(self, lab: Lab, room: Room) -> None:
        publish(lab)
        reply = await panel(room)
        await room.manager.press(await panel(room), "Pause")
        done = await room.manager.press(reply, "Post now")
        assert done.content == "Posting is paused. Press Resume first."
        assert lab.posted() == []


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
        assert "the bot lacks Embed Links in #general; grant it in the channel's settings" in refusal
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


class TestRefused:
    async def test_a_plain_member_does_not_see_it_and_is_refused_where_a_server_shows_it(self, room: Room) -> None:
        with pytest.raises(NotAllowedError):
            await room.member.command("settings")
        reply = await room.member.command("settings", force=True)
        assert reply.ephemeral
        assert "permission Manage Server" in reply.content
        assert reply.components == []

    async def test_who_managed_the_server_but_no_longer(self, lab: Lab, room: Room) -> None:
        home, channel = await panel(room), await one(room)
        erasing = await room.manager.press(await panel(room), "Erase")
        forms = [await room.manager.press(home, label) for label in ("Time and zone", "Cards")]
        before = await server(room)
        lab.sandbox.world.lab.members[lab.sandbox.world.manager.id].role_ids.clear()
        refusals = [await room.manager.submit(form) for form in forms]
        for label in ("Time and zone", "Cards", "Pause", "Post now", "Erase"):
            refusals.append(await room.manager.press(home, label))
        refusals += [
            await room.manager.choose(home, REVISED, "post"),
            await room.manager.choose(home, CHANNELS, str(lab.channel)),
            await room.manager.choose(channel, MOVE, lab.sandbox.world.general),
            await room.manager.press(channel, "Change query"),
            await room.manager.press(channel, "Stop"),
            await room.manager.press(channel, "Back"),
            await room.manager.press(erasing, "Erase everything"),
            await room.manager.press(erasing, "Keep it"),
        ]
        assert [("permission Manage Server" in each.content, each.ephemeral) for each in refusals] == [(True, True)] * 15
        assert await server(room) == before
        assert await followed(room) == {lab.channel: MOSS}

    async def test_a_press_forged_by_a_member_on_a_panel_that_is_not_theirs(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        home = await panel(room)
        press = {"custom_id": home.buttons["Pause"]["custom_id"], "component_type": 2, "id": 1}
        forged = lab.sandbox.interactions.begin(Kind.COMPONENT, world.member, world.papers, press, home.message)
        reply = await Reply(forged).settled()
        assert "permission Manage Server" in reply.content
        assert not (await server(room)).paused


class TestDiscordFails:
    async def test_a_hiccup_at_the_first_answer(self, lab: Lab, room: Room) -> None:
        lab.sandbox.faults.add(Fault(CALLBACK, status=500))
        assert "**Time**: 14:00" in text(await panel(room))

    async def test_a_press_that_was_never_answered_changes_nothing_and_can_be_repeated(self, lab: Lab, room: Room) -> None:
        reply = await panel(room)
        lab.sandbox.faults.add(Fault(CALLBACK, status=404, times=-1))
        lab.sandbox.interactions.answer_within = 0.5
        for label in ("Pause", "Cards"):
            with pytest.raises(NoAnswerError):
                await room.manager.press(reply, label)
        assert not (await server(room)).paused
        lab.sandbox.faults.clear()
        lab.sandbox.interactions.answer_within = 3
        await room.manager.press(reply, "Pause")
        assert (await server(room)).paused

    async def test_a_confirmation_that_is_lost(self, lab: Lab, room: Room) -> None:
        reply = await panel(room)
        form = await room.manager.press(reply, "Cards")
        lab.sandbox.faults.add(Fault(ORIGINAL, status=403))
        assert told(await room.manager.submit(form, cards="3")).startswith("Something went wrong (id ")
        assert (await server(room)).max_posts == 3
        await room.manager.press(reply, "Pause")
        assert "**Cards a digest**: 3, the rest as lists · set here" in text(reply)

    async def test_what_was_posted_is_posted_although_nobody_could_be_told(self, lab: Lab, room: Room) -> None:
        paper = publish(lab)
        reply = await panel(room)
        lab.sandbox.faults.add(Fault(ORIGINAL, status=403))
        await room.manager.press(reply, "Post now")
        assert lab.posted() == [paper]
        assert "nothing new" in text(await room.manager.press(reply, "Post now"))


def offered(reply: Reply) -> dict[str, str]:
    """Labels in the select of channels, by value."""
    select = next(each for each in reply.selects.values() if each["placeholder"] == CHANNELS)
    return {option["value"]: option["label"] for option in select["options"]}


def may_embed(room: Room, channel_id: int) -> bool:
    """As the bot's cache has it."""
    channel = room.bot.get_channel(channel_id)
    assert channel is not None
    return channel.permissions_for(room.bot.guilds[0].me).embed_links  # type: ignore[union-attr]


async def rows(room: Room) -> set[str]:
    """Tables that hold any."""
    async with room.bot.app.database.begin() as connection:
        counts = {
            table.name: await connection.scalar(select(func.count()).select_from(table)) for table in metadata.sorted_tables
        }
    return {name for name, count in counts.items() if count}

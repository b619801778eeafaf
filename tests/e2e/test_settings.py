"""`/settings` of a server as people use it: seen, changed, and papers posted now."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from bot.digest.model import Updates
from sandbox.arxiv.server import ROUTE
from sandbox.control.faults import Fault
from sandbox.discord.choosing import NotAllowedError
from tests.e2e.lab import Lab
from tests.e2e.panel import (
    CHANNELS,
    MOSS,
    REVISED,
    filled,
    follow,
    may_embed,
    offered,
    one,
    panel,
    publish,
    server,
    standing,
    text,
    told,
)
from tests.e2e.panel import room as room
from tests.e2e.room import Room, until


class TestPanel:
    async def test_everything_and_where_it_comes_from(self, lab: Lab, room: Room) -> None:
        said = text(await panel(room))
        assert "**Query** · set here" in said
        assert f"\n```\n{MOSS}\n```\n" in said
        assert "**Time**: 14:00 · default" in said
        assert "**Time zone**: Asia/Singapore · default" in said
        assert "**Cards a digest**: 20, the rest as lists · default" in said
        assert re.search(r"\*\*When a paper is revised\*\*: .* edited · default\n", said)
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
            assert "config.json decides" in text(reply)
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
            assert (await server(room)).settings.max_posts == 7
            await room.manager.press(reply, "Pause")
            assert (await server(room)).paused

    async def test_more_channels_than_a_select_holds(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        for number in range(25):
            channel = world.add_channel(world.lab, f"group-{number}")
            await room.bot.app.storage.subscriptions.follow(channel.id, world.lab.id, None, lab.sandbox.clock.now())
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

    async def test_changed_while_arxiv_is_silent_todays_papers_still_come_with_the_next_try(self, lab: Lab, room: Room) -> None:
        paper = publish(lab)
        lab.move(to=datetime.fromisoformat("2026-03-03T14:00:00+08:00"))
        lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
        await room.tick()
        reply = await panel(room)
        await filled(room.manager, reply, "Time and zone", hour="9:00")
        assert "**Time**: 09:00 · set here" in text(reply)
        lab.sandbox.faults.clear()
        lab.move(minutes=6)
        await room.tick()
        assert lab.posted() == [paper]
        assert "**Next digest**: <t:1772586000:F>" in text(await panel(room))  # Wednesday, 09:00

    @pytest.mark.parametrize(
        ("hour", "zone", "remedy"),
        [
            ("25:00", "", "I cannot read `25:00` as a time"),
            ("9:00", "Europe/Berln", 'write "Europe/Berlin". Nothing was changed.'),
            ("", "jst", 'write "Asia/Tokyo"'),
        ],
    )
    async def test_what_cannot_be_used_changes_nothing(self, room: Room, hour: str, zone: str, remedy: str) -> None:
        reply = await panel(room)
        sent = await filled(room.manager, reply, "Time and zone", hour=hour, zone=zone)
        assert remedy in told(sent)
        assert (await server(room)).own == {"query"}

    async def test_what_was_refused_still_stands_in_the_form(self, room: Room) -> None:
        sent = await filled(room.manager, await panel(room), "Time and zone", hour="7:15", zone="Berln")
        (refusal,) = sent.followups
        form = await room.manager.press(refusal, "Correct it")
        assert standing(form) == {"hour": "7:15", "zone": "Berln"}
        home = await room.manager.submit(form, zone="Berlin")
        assert "**Time**: 07:15 · set here" in text(home)
        assert "**Time zone**: Europe/Berlin · set here" in text(home)


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

    async def test_a_number_that_is_none_still_stands_in_the_form(self, room: Room) -> None:
        sent = await filled(room.manager, await panel(room), "Cards", cards="ten")
        form = await room.manager.press(sent.followups[0], "Correct it")
        assert standing(form) == {"cards": "ten"}

    async def test_what_is_no_number_of_cards(self, room: Room) -> None:
        sent = await filled(room.manager, await panel(room), "Cards", cards="101")
        assert told(sent) == "`101` is no number of cards. Write a whole number from 0 to 100."
        assert (await server(room)).settings.max_posts == 20


class TestUpdates:
    async def test_each_choice_and_back(self, room: Room) -> None:
        reply = await panel(room)
        for choice in Updates:
            await room.manager.choose(reply, REVISED, choice)
            found = await server(room)
            assert (found.settings.updates, "updates" in found.own) == (choice, True)
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
        assert f"<#{lab.channel}>: 2 new.\n\n" in text(done)
        assert "as planned: <t:1772517600:F>" in text(done)
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

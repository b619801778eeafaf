"""`/settings` for people who may not use it, and when Discord fails at that moment."""

from __future__ import annotations

import pytest

from sandbox.control.faults import Fault
from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.exchange import Kind
from sandbox.discord.reply import Reply
from sandbox.discord.visitor import NoAnswerError
from tests.e2e.lab import Lab
from tests.e2e.panel import CHANNELS, MOSS, MOVE, REVISED, followed, one, panel, publish, server, text, told
from tests.e2e.panel import room as room
from tests.e2e.room import Room

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
ORIGINAL = "PATCH /webhooks/{application_id}/{interaction_token}/messages/@original"


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
        assert "went wrong (id " in told(await room.manager.submit(form, cards="3"))
        assert (await server(room)).settings.max_posts == 3
        await room.manager.press(reply, "Pause")
        assert "**Cards a digest**: 3, the rest as lists · set here" in text(reply)

    async def test_what_was_posted_is_posted_although_nobody_could_be_told(self, lab: Lab, room: Room) -> None:
        paper = publish(lab)
        reply = await panel(room)
        lab.sandbox.faults.add(Fault(ORIGINAL, status=403))
        await room.manager.press(reply, "Post now")
        assert lab.posted() == [paper]
        assert "nothing new" in text(await room.manager.press(reply, "Post now"))

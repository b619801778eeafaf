"""`/setquery` as people use it: asked, shown, saved, refused, and when arXiv or Discord fails at that moment."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.arxiv.server import ROUTE, error_feed
from sandbox.control.faults import Fault
from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.model import ChannelKind
from sandbox.discord.reply import Reply
from sandbox.discord.visitor import NoAnswerError
from tests.e2e.lab import Lab, is_intro
from tests.e2e.panel import filled, standing
from tests.e2e.room import Room, until

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
ORIGINAL = "PATCH /webhooks/{application_id}/{interaction_token}/messages/@original"
POST = "POST /channels/{channel_id}/messages"
MOSS, FERN = "ti:moss", "ti:fern"


@pytest.fixture
async def room(lab: Lab) -> AsyncIterator[Room]:
    """A server that follows nothing yet."""
    lab.configure(query=None, channels=[])
    async with Room(lab) as room:
        yield room


def publish(lab: Lab, title: str, count: int = 1) -> list[str]:
    """So many papers, each a minute after the other; their ids, oldest first."""
    ids = []
    for number in range(count):
        lab.move(minutes=1)
        ids.append(lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title=f"{title}, part {number}", abstract="Green.").id)
    return ids


def text(reply: Reply) -> str:
    return "\n".join(filter(None, [reply.content, *(embed.get("description", "") for embed in reply.embeds)]))


def intros(lab: Lab, channel: int | None = None) -> list[str]:
    return [message.embeds[0]["description"].split("```")[1].strip() for message in lab.messages(channel) if is_intro(message)]


async def followed(room: Room) -> dict[int, str]:
    found = await room.bot.app.storage.subscriptions.of_server(room.lab.sandbox.world.lab.id)
    return {each.channel_id: each.query for each in found}


async def drafted(room: Room, query: str = MOSS, **options: Any) -> Reply:
    return await room.manager.command("setquery", query=query, **options)


async def saved(room: Room, query: str, **options: Any) -> Reply:
    reply = await room.manager.press(await drafted(room, query, **options), "Save")
    assert reply.content.startswith("Saved."), reply.content
    return reply


class TestFirst:
    async def test_what_it_would_bring_for_the_asker_alone(self, lab: Lab, room: Room) -> None:
        publish(lab, "Moss", 4)
        before, standing = len(lab.sandbox.arxiv.requests), lab.messages()
        reply = await drafted(room, "ti:moss and cat:cs.LG OR ti:moss")
        assert reply.ephemeral
        assert "How arXiv will read it" in text(reply)
        assert "**4** papers match" in text(reply)
        assert [f"part {number}" in text(reply) for number in range(4)] == [False, True, True, True]
        assert "at 14:00 Asia/Singapore, that is <t:1772517600:F> (<t:1772517600:R>)" in text(reply)
        assert "arXiv looks for and as a word" in text(reply)
        assert f"It is for <#{lab.channel}>. " in text(reply)
        assert "before you save" in text(reply)
        assert list(reply.buttons) == ["Save", "Edit", "Time and zone", "Cancel"]
        assert len(lab.sandbox.arxiv.requests) == before + 1
        assert lab.messages() == standing
        assert await followed(room) == {}

    async def test_save_posts_the_first_message_at_once_and_papers_from_the_next_day(self, lab: Lab, room: Room) -> None:
        publish(lab, "Moss")
        reply = await saved(room, MOSS)
        assert f"<#{lab.channel}> now follows" in reply.content
        assert (reply.embeds, reply.components) == ([], [])
        assert intros(lab) == [MOSS]
        lab.move(hours=20)
        new = publish(lab, "Moss again", 2)
        lab.move(days=1)
        await room.tick()
        assert lab.posted() == new

    async def test_it_asks_for_the_hour_and_the_zone_and_keeps_them(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room)
        assert "**When do you want them?**" in text(reply)
        await filled(room.manager, reply, "Time and zone", hour="9h30", zone="berlin")
        assert "at 09:30 Europe/Berlin, that is <t:1772440200:F>" in text(reply)
        assert await followed(room) == {}
        await room.manager.press(reply, "Save")
        assert "<t:1772440200:F>" in reply.content
        assert "Time and zone" not in (await drafted(room, "ti:fern")).buttons  # it has been said

    async def test_what_was_refused_still_stands_in_the_form(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room)
        sent = await filled(room.manager, reply, "Time and zone", hour="9h30", zone="Berlim | x")
        (refusal,) = sent.followups
        assert "I know no time zone `Berlim | x`" in refusal.content
        form = await room.manager.press(refusal, "Correct it")
        assert standing(form) == {"hour": "9h30", "zone": "Berlim   x"}
        again = await room.manager.submit(form, zone="Europe/Berlin")
        assert "at 09:30 Europe/Berlin" in text(again)
        await room.manager.press(again, "Save")
        assert await followed(room) == {lab.channel: MOSS}

    async def test_cancel(self, lab: Lab, room: Room) -> None:
        reply = await room.manager.press(await drafted(room), "Cancel")
        assert (reply.content, reply.embeds, reply.components) == ("Cancelled. Nothing was changed.", [], [])
        assert intros(lab) == []
        assert await followed(room) == {}

    async def test_save_by_a_bot_that_was_started_since(self, lab: Lab) -> None:
        lab.configure(query=None, channels=[])
        async with Room(lab) as room:
            reply = await drafted(room)
        async with Room(lab) as room:
            await room.manager.press(reply, "Save")
        assert reply.content.startswith("Saved.")
        assert intros(lab) == [MOSS]

    async def test_save_pressed_twice_at_once(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room)
        await asyncio.gather(room.manager.press(reply, "Save"), room.manager.press(reply, "Save"))
        await until(lambda: reply.components == [])
        assert intros(lab) == [MOSS]
        assert await followed(room) == {lab.channel: MOSS}


class TestChange:
    async def test_from_another_channel_it_changes_the_servers_query_and_loses_nothing(self, lab: Lab, room: Room) -> None:
        await saved(room, MOSS)
        lab.move(hours=1)
        owed = publish(lab, "Moss and fern")
        reply = await room.manager.at(lab.sandbox.world.general.id).command("setquery", query=FERN)
        assert f" server's query, for <#{lab.channel}>." in text(reply)
        await room.manager.press(reply, "Save")
        assert intros(lab) == [MOSS, FERN]
        titles = [message.embeds[0]["title"] for message in lab.messages() if is_intro(message)]
        assert titles == ["Now following arXiv here", "Now following another query"]
        assert lab.messages(lab.sandbox.world.general.id) == []
        lab.move(days=1)
        await room.tick()
        assert lab.posted() == owed

    async def test_a_channel_that_is_named_has_its_own(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general
        await saved(room, MOSS)
        await saved(room, FERN, channel=general)
        assert await followed(room) == {lab.channel: MOSS, general.id: FERN}
        assert intros(lab, general.id) == [FERN]

    async def test_an_own_query_that_equals_the_servers_stays_its_own(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general
        await saved(room, MOSS)
        await saved(room, MOSS, channel=general)
        reply = await saved(room, FERN)
        assert f"<#{lab.channel}> now follows" in reply.content
        assert str(general.id) not in reply.content
        assert await followed(room) == {lab.channel: FERN, general.id: MOSS}

    async def test_while_paused_no_digest_is_promised(self, lab: Lab, room: Room) -> None:
        await saved(room, MOSS)
        await room.bot.app.storage.servers.change(lab.sandbox.world.lab.id, lab.sandbox.clock.now(), paused=True)
        reply = await drafted(room, FERN)
        assert "until you resume" in text(reply)
        assert "that is <t:" not in text(reply)
        await room.manager.press(reply, "Save")
        assert reply.content.startswith("Saved.")
        assert "until you resume" in reply.content
        assert "<t:" not in reply.content

    async def test_an_older_draft_is_saved_when_that_is_what_is_pressed(self, lab: Lab, room: Room) -> None:
        older, newer = await drafted(room, MOSS), await drafted(room, FERN)
        await room.manager.press(newer, "Save")
        await room.manager.press(older, "Save")
        assert intros(lab) == [FERN, MOSS]
        assert await followed(room) == {lab.channel: MOSS}


class TestRefused:
    async def test_a_plain_member_does_not_see_it_and_is_refused_where_a_server_shows_it(self, lab: Lab, room: Room) -> None:
        with pytest.raises(NotAllowedError):
            await room.member.command("setquery", query=MOSS)
        for reply in (
            await room.member.command("setquery", force=True, query=MOSS),
            await room.member.command("setquery", force=True),
        ):
            assert reply.ephemeral
            assert "permission Manage Server" in reply.content
        assert len(lab.sandbox.arxiv.requests) == 0

    async def test_who_managed_the_server_when_they_typed_but_no_longer(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room)
        lab.sandbox.world.lab.members[lab.sandbox.world.manager.id].role_ids.clear()
        for label in ("Save", "Edit", "Cancel"):
            refusal = await room.manager.press(reply, label)
            assert "permission Manage Server" in refusal.content
        assert await followed(room) == {}

    async def test_a_channel_without_embed_links_before_anything_is_asked(self, lab: Lab, room: Room) -> None:
        lab.sandbox.world.deny(lab.channel, "EMBED_LINKS")
        await until(lambda: not may_embed(room))
        for reply in (await room.manager.command("setquery", query=MOSS), await room.manager.command("setquery")):
            assert reply.ephemeral
            assert "the bot lacks Embed Links in #papers; grant it in the channel's settings" in reply.content
        assert len(lab.sandbox.arxiv.requests) == 0

    async def test_a_permission_lost_before_save_and_given_back(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room)
        lab.sandbox.world.deny(lab.channel, "EMBED_LINKS")
        await until(lambda: not may_embed(room))
        reply = await room.manager.press(reply, "Save")
        assert "the bot lacks Embed Links" in reply.content
        assert await followed(room) == {}
        lab.sandbox.world.allow(lab.channel, "EMBED_LINKS")
        await until(lambda: may_embed(room))
        await room.manager.press(reply, "Save")
        assert intros(lab) == [MOSS]

    async def test_a_channel_of_the_wrong_kind_is_not_offered_and_refused_where_it_is_typed(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        forum, voice = (world.add_channel(world.lab, "ideas", kind) for kind in (ChannelKind.FORUM, ChannelKind.VOICE))
        await until(lambda: room.bot.get_channel(voice.id))
        with pytest.raises(NotAllowedError):
            await drafted(room, channel=forum)
        reply = await room.manager.at(voice.id).command("setquery", query=MOSS)
        assert "a voice channel cannot take papers; name a text channel" in reply.content

    async def test_a_locked_thread_and_one_that_is_open(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        thread = world.open_thread(world.papers, "reading group", world.manager)
        await saved(room, MOSS, channel=thread)
        assert intros(lab, thread.id) == [MOSS]
        world.lock_thread(thread.id)
        await until(lambda: room.bot.get_channel(thread.id) is None)
        reply = await drafted(room, FERN, channel=thread)
        assert "cannot" in reply.content or "locked" in reply.content


class TestBadInput:
    async def test_a_caret_a_remedy_and_the_text_to_mend(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room, "ti:moss AND (ti:fern")
        line, caret = reply.content.split("```")[1].strip("\n").splitlines()
        assert line[caret.index("^")] == "("
        assert list(reply.buttons) == ["Edit", "Cancel"]
        form = await room.manager.press(reply, "Edit")
        assert form.modal is not None
        assert prefilled(form) == "ti:moss AND (ti:fern"
        fixed = await room.manager.submit(form, query="ti:moss AND ti:fern")
        assert "(ti:moss AND ti:fern)" in text(fixed)
        assert await followed(room) == {}
        await room.manager.press(fixed, "Save")
        assert await followed(room) == {lab.channel: "(ti:moss AND ti:fern)"}

    async def test_more_than_arxiv_takes_cannot_be_typed(self, room: Room) -> None:
        with pytest.raises((NotAllowedError, ValueError)):
            await drafted(room, "x" * 2001)

    async def test_a_query_that_arxiv_refuses(self, lab: Lab, room: Room) -> None:
        lab.sandbox.faults.add(Fault(ROUTE, status=400, body=error_feed("incorrect id format")))
        reply = await drafted(room)
        assert "It says: incorrect id format" in reply.content
        assert list(reply.buttons) == ["Edit", "Cancel"]


class TestNothingFound:
    async def test_which_part_finds_nothing(self, lab: Lab, room: Room) -> None:
        publish(lab, "Moss")
        reply = await drafted(room, "ti:moss AND au:nobody AND all:green")
        await until(lambda: "by itself" in text(reply))
        assert "Nothing on arXiv matches" in text(reply)
        assert ":\n```\nau:nobody\n```" in text(reply)
        assert len(lab.sandbox.arxiv.requests) == 1 + 3
        await room.manager.press(reply, "Save")
        assert intros(lab) == ["(ti:moss AND au:nobody AND all:green)"]

    async def test_a_range_of_dates_that_has_ended_is_pointed_out(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room, "ti:moss AND submittedDate:[202001010000 TO 202112312359]")
        assert "This range ended on 2021-12-31" in text(reply)


class TestTooBroad:
    async def test_lists_only(self, lab: Lab) -> None:
        lab.configure(query=None, channels=[], max_results=20)
        async with Room(lab) as room:
            publish(lab, "Moss", 40)
            reply = await drafted(room)
            assert "about 20 a day" in text(reply)
            assert " the newest 20," in text(reply)
            assert "about one day." in text(reply)
            assert "Narrow it with another `AND …`, or get lists only" in text(reply)
            await room.manager.press(reply, "Lists only")
            assert "Papers come as lists from now on" in reply.content
            lab.move(days=1)
            publish(lab, "Moss again", 2)
            lab.move(days=1)
            await room.tick()
        titles = [message.embeds[0].get("title") for message in lab.messages() if message.embeds and not is_intro(message)]
        assert titles == ["2 papers"]


class TestForm:
    async def test_a_few_fields_become_a_query(self, lab: Lab, room: Room) -> None:
        form = await room.manager.command("setquery")
        assert form.modal is not None
        reply = await room.manager.submit(
            form, topics="moss, fern frond", categories="Machine Learning", authors="Ada Lovelace", without="survey"
        )
        assert reply.ephemeral
        assert (
            '(((all:moss OR all:"fern frond") AND (cat:cs.LG OR cat:stat.ML) AND au:"Ada Lovelace") ANDNOT all:survey)'
        ) in text(reply)
        await until(lambda: "by itself" in text(reply) or "Each part" in text(reply))
        await room.manager.press(reply, "Save")
        assert list(await followed(room)) == [lab.channel]

    async def test_nothing_filled_in(self, room: Room) -> None:
        reply = await room.manager.submit(await room.manager.command("setquery"), without="survey")
        assert reply.content.startswith("There was nothing to look for")

    async def test_for_a_channel_that_was_named(self, lab: Lab, room: Room) -> None:
        general = lab.sandbox.world.general
        form = await room.manager.command("setquery", channel=general)
        reply = await room.manager.submit(form, topics="moss")
        await room.manager.press(reply, "Save")
        assert await followed(room) == {general.id: "all:moss"}

    async def test_filled_in_after_a_restart(self, lab: Lab) -> None:
        general = lab.sandbox.world.general
        lab.configure(query=None, channels=[])
        async with Room(lab) as room:
            wish = await room.manager.command("setquery", channel=general)
            draft = await drafted(room, MOSS)
            edit = await room.manager.press(draft, "Edit")
        async with Room(lab) as room:
            await room.manager.submit(edit, query=FERN)
            assert f"```\n{FERN}\n```" in text(draft)
            await room.manager.press(draft, "Save")
            assert await followed(room) == {lab.channel: FERN}
            await room.manager.press(await room.manager.submit(wish, topics="lichen"), "Save")
            assert await followed(room) == {lab.channel: FERN, general.id: "all:lichen"}

    async def test_sent_by_who_managed_the_server_when_it_was_opened_but_no_longer(self, lab: Lab, room: Room) -> None:
        wish, draft = await room.manager.command("setquery"), await drafted(room)
        edit = await room.manager.press(draft, "Edit")
        lab.sandbox.world.lab.members[lab.sandbox.world.manager.id].role_ids.clear()
        for form, fields in ((wish, {"topics": "moss"}), (edit, {"query": FERN})):
            assert "permission Manage Server" in (await room.manager.submit(form, **fields)).content

    async def test_sent_after_its_draft_was_forgotten(self, lab: Lab, room: Room) -> None:
        edit = await room.manager.press(await drafted(room), "Edit")
        lab.days(2)
        await drafted(room, FERN)
        reply = await room.manager.submit(edit, query=FERN)
        assert ["not saved within a day" in each.content for each in reply.followups] == [True]


class TestAutocomplete:
    async def test_fields_categories_and_earlier_queries(self, room: Room) -> None:
        await saved(room, MOSS)
        offered = await room.manager.autocomplete("setquery", "query", "")
        assert [each["value"] for each in offered[:2]] == [MOSS, "ti:"]
        offered = await room.manager.autocomplete("setquery", "query", "ti:moss AND cat:cond-mat.mt")
        assert {
            "name": "ti:moss AND cat:cond-mat.mtrl-sci · Materials Science",
            "value": "ti:moss AND cat:cond-mat.mtrl-sci",
        } in offered
        assert len(await room.manager.autocomplete("setquery", "query", "cat:")) == 25

    async def test_discord_failing_once_costs_that_suggestion_only(self, lab: Lab, room: Room) -> None:
        lab.sandbox.faults.add(Fault(CALLBACK, status=404))
        lab.sandbox.interactions.answer_within = 0.5
        with pytest.raises(NoAnswerError):
            await room.manager.autocomplete("setquery", "query", "")
        lab.sandbox.interactions.answer_within = 3
        assert await room.manager.autocomplete("setquery", "query", "t")


class TestArxivFails:
    async def test_the_draft_is_kept_and_asked_again(self, lab: Lab, room: Room) -> None:
        publish(lab, "Moss")
        lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
        reply = await drafted(room)
        assert "arXiv gives no usable answer right now, so nothing was changed. Your draft is kept" in reply.content
        reply = await room.manager.press(reply, "Try again")
        assert "Try again" in reply.buttons
        lab.sandbox.faults.clear()
        reply = await room.manager.press(reply, "Try again")
        assert "**1** paper matches" in text(reply)

    async def test_at_save_the_old_query_stays(self, lab: Lab, room: Room) -> None:
        await saved(room, MOSS)
        reply = await drafted(room, FERN)
        lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
        reply = await room.manager.press(reply, "Save")
        assert "nothing was changed" in reply.content
        assert await followed(room) == {lab.channel: MOSS}
        lab.sandbox.faults.clear()
        await room.manager.press(reply, "Save")
        assert await followed(room) == {lab.channel: FERN}
        assert intros(lab) == [MOSS, FERN]

    async def test_while_it_is_slow_somebody_says_so(self, lab: Lab, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys.modules["cogs.setquery.cog"], "QUIET", 0.01)
        lab.sandbox.faults.add(Fault(ROUTE, stall=0.3))
        reply = await drafted(room)
        assert reply.content == "Still asking arXiv…"
        await until(lambda: reply.buttons)
        assert reply.content == ""


class TestDiscordFails:
    async def test_a_hiccup_at_the_first_answer(self, lab: Lab, room: Room) -> None:
        lab.sandbox.faults.add(Fault(CALLBACK, status=500))
        assert "Save" in (await drafted(room)).buttons

    async def test_a_save_that_never_reached_the_person_changes_nothing_and_can_be_pressed_again(
        self, lab: Lab, room: Room
    ) -> None:
        reply = await drafted(room)
        lab.sandbox.faults.add(Fault(CALLBACK, status=404, times=-1))
        lab.sandbox.interactions.answer_within = 0.5
        with pytest.raises(NoAnswerError):
            await room.manager.press(reply, "Save")
        assert await followed(room) == {}
        lab.sandbox.faults.clear()
        lab.sandbox.interactions.answer_within = 3
        await room.manager.press(reply, "Save")
        assert intros(lab) == [MOSS]

    async def test_a_form_that_never_reached_the_bot_can_be_filled_in_again(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room)
        form = await room.manager.press(reply, "Edit")
        lab.sandbox.faults.add(Fault(CALLBACK, status=404, times=-1))
        lab.sandbox.interactions.answer_within = 0.5
        with pytest.raises(NoAnswerError):
            await room.manager.submit(form, query=FERN)
        lab.sandbox.faults.clear()
        lab.sandbox.interactions.answer_within = 3
        await room.manager.submit(await room.manager.press(reply, "Edit"), query=FERN)
        assert FERN in text(reply)

    async def test_a_confirmation_that_is_lost_does_not_save_twice(self, lab: Lab, room: Room) -> None:
        reply = await drafted(room)
        lab.sandbox.faults.add(Fault(ORIGINAL, status=403))
        pressed = await room.manager.press(reply, "Save")
        assert [each.content.startswith("Something went wrong") for each in pressed.followups] == [True]
        assert intros(lab) == [MOSS]
        await room.manager.press(reply, "Save")
        assert "saved already" in reply.content
        assert intros(lab) == [MOSS]

    async def test_a_first_message_that_is_refused_is_told_and_the_query_kept(self, lab: Lab, room: Room) -> None:
        lab.sandbox.faults.add(Fault(POST, status=403, times=-1))
        reply = await saved(room, MOSS)
        assert f"The first message has not reached <#{lab.channel}>" in reply.content
        assert await followed(room) == {lab.channel: MOSS}


def may_embed(room: Room) -> bool:
    """As the bot's cache has it."""
    channel = room.bot.get_channel(room.lab.channel)
    assert channel is not None
    guild = room.bot.guilds[0]
    return channel.permissions_for(guild.me).embed_links  # type: ignore[union-attr]


def prefilled(form: Reply) -> str:
    assert form.modal is not None
    value = form.modal["components"][0]["component"]["value"]
    assert isinstance(value, str)
    return value

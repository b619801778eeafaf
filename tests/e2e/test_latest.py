"""`/latest` as people use it: typed, turned, shared, and when arXiv or Discord fails at that moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.storage.schema import claims
from sandbox.control.faults import Fault
from sandbox.discord.choosing import NotAllowedError
from sandbox.discord.reply import Reply
from sandbox.discord.visitor import NoAnswerError
from tests.e2e.lab import Lab, links
from tests.e2e.room import Room, until

CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
FOLLOW_UP = "POST /webhooks/{application_id}/{interaction_token}"
ORIGINAL = "PATCH /webhooks/{application_id}/{interaction_token}/messages/@original"


@pytest.fixture
async def room(lab: Lab) -> AsyncIterator[Room]:
    async with Room(lab) as room:
        yield room


def publish(lab: Lab, count: int) -> list[str]:
    """So many papers, each a minute after the other; their ids, newest first."""
    published = []
    for _ in range(count):
        lab.move(minutes=1)
        published.append(lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id)
    return published[::-1]


def asked(lab: Lab) -> int:
    return len(lab.sandbox.arxiv.requests)


def shown(reply: Reply) -> list[str]:
    """Ids of the papers on the page, from the top."""
    assert reply.message is not None
    return links(reply.message)


def pressable(reply: Reply) -> list[str]:
    return [label for label, button in reply.buttons.items() if not button.get("disabled")]


async def ledger(room: Room) -> list[Any]:
    async with room.bot.app.storage.database.begin() as connection:
        return list(await connection.execute(select(claims)))


class TestAsked:
    async def test_the_five_newest_for_the_asker_alone(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 7)
        before = lab.messages()
        reply = await room.member.command("latest")
        assert shown(reply) == papers[:5]
        assert reply.ephemeral
        assert reply.embeds[-1]["footer"]["text"] == "arXiv as of 15:07"
        assert lab.messages() == before

    async def test_one_question_for_all_who_ask_within_a_day(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 12)
        before = asked(lab)
        await room.member.command("latest")
        reply = await room.manager.command("latest", count=10)
        assert shown(reply) == papers[:10]
        assert asked(lab) == before + 1
        lab.move(hours=25)
        await room.member.command("latest")
        assert asked(lab) == before + 2

    async def test_refresh_asks_again_and_yesterday_is_named(self, lab: Lab, room: Room) -> None:
        old = publish(lab, 2)
        reply = await room.member.command("latest")
        lab.days(0.9)
        new = publish(lab, 1)
        before = asked(lab)
        stored = await room.member.command("latest")
        assert (shown(stored), asked(lab)) == (old, before)
        assert ":f>" in stored.content.splitlines()[0]  # with its day: it is not today's

        refreshed = await room.member.press(stored, "Refresh")

        assert shown(refreshed) == [*new, *old]
        assert asked(lab) == before + 1
        assert ":t>" in refreshed.content.splitlines()[0]
        assert reply.ephemeral

    async def test_what_a_digest_was_told_is_not_asked_again(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 3)
        await room.tick()
        before = asked(lab)
        assert shown(await room.member.command("latest")) == papers
        assert asked(lab) == before

    async def test_another_query(self, lab: Lab, room: Room) -> None:
        publish(lab, 2)
        wanted = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), title="On lichen").id
        reply = await room.member.command("latest", query="ti:lichen")
        assert shown(reply) == [wanted]
        assert "ti:lichen" in reply.content

    async def test_nothing_matches(self, room: Room) -> None:
        reply = await room.member.command("latest", query="ti:lichen")
        assert reply.content.startswith("Nothing on arXiv matches this query")
        assert (reply.embeds, reply.components) == ([], [])

    async def test_more_than_ten_cannot_be_typed(self, room: Room) -> None:
        with pytest.raises((NotAllowedError, ValueError)):
            await room.member.command("latest", count=11)


class TestBadInput:
    async def test_a_caret_under_the_mistake_and_a_remedy(self, lab: Lab, room: Room) -> None:
        before = asked(lab)
        reply = await room.member.command("latest", query="ti:moss AND (ti:fern")
        assert reply.ephemeral
        block = reply.content.split("```")[1].splitlines()
        assert block[1] == "ti:moss AND (ti:fern"
        assert block[1][block[2].index("^")] == "("
        assert reply.content.split("```")[2].strip()
        assert asked(lab) == before

    async def test_a_text_too_long_is_to_be_shortened(self, room: Room) -> None:
        reply = await room.member.command("latest", query="ti:moss OR " * 200 + "ti:fern")
        assert "This query has 2,207 characters." in reply.content
        assert reply.content.endswith("Shorten it to 2,000.")

    async def test_no_query_anywhere(self, lab: Lab) -> None:
        lab.configure(query=None, channels=[])
        async with Room(lab) as room:
            reply = await room.member.command("latest")
        assert reply.ephemeral
        assert reply.content.startswith("This server follows no query yet.")
        assert "/setquery" in reply.content


class TestHints:
    async def test_what_setquery_says_of_the_same_text(self, lab: Lab, room: Room) -> None:
        typed = "cat:cs.ZZ AND cs.LG OR lastUpdatedDate:[2020 TO 2099]"
        proposed, reply = await room.manager.command("setquery", query=typed), await room.member.command("latest", query=typed)
        said = [line for line in reply.content.splitlines() if line.startswith("⚠️")]
        assert [hint.split()[1] for hint in said] == ["cs.ZZ", "cs.LG", "Without"]
        assert said == [line for line in proposed.embeds[0]["description"].splitlines() if line.startswith("⚠️")]

    async def test_they_stay_when_the_page_is_turned_and_are_not_shared(self, lab: Lab, room: Room) -> None:
        publish(lab, 7)
        reply = await room.member.command("latest", query="cat:cs.* cs.LG OR cat:cond-mat.mtrl-sci")
        await room.member.press(reply, "Older")
        assert "\n⚠️ cs.LG is a category (Machine Learning)" in reply.content
        before = len(lab.messages())
        await room.member.press(reply, "Share here")
        (public,) = lab.messages()[before:]
        assert "⚠️" not in public.content

    async def test_a_year_gone_by_is_a_fair_question(self, room: Room) -> None:
        reply = await room.member.command("latest", query="ti:moss AND submittedDate:[2020 TO 2021]")
        assert "⚠️" not in reply.content


class TestPages:
    async def test_older_and_newer(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 12)
        reply = await room.member.command("latest")
        before = asked(lab)
        assert pressable(reply) == ["Older", "Share here"]
        await room.member.press(reply, "Older")
        assert shown(reply) == papers[5:10]
        assert pressable(reply) == ["Newer", "Older", "Share here"]
        await room.member.press(reply, "Older")
        assert shown(reply) == papers[10:]
        assert pressable(reply) == ["Newer", "Share here"]
        await room.member.press(reply, "Newer")
        assert shown(reply) == papers[5:10]
        assert asked(lab) == before

    async def test_a_page_is_turned_by_a_bot_that_was_started_since(self, lab: Lab) -> None:
        papers = publish(lab, 7)
        async with Room(lab) as room:
            reply = await room.member.command("latest")
        async with Room(lab) as room:
            await room.member.press(reply, "Older")
        assert shown(reply) == papers[5:]

    async def test_a_page_too_old_says_so(self, lab: Lab, room: Room) -> None:
        publish(lab, 7)
        reply = await room.member.command("latest")
        lab.move(days=2)
        await room.member.command("latest")
        pressed = await room.member.press(reply, "Older")
        assert [each.content for each in pressed.followups] == [
            "This page is too old to be turned. Type `/latest` for a new one."
        ]


class TestShared:
    async def test_everybody_sees_the_page_and_who_shared_it(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 7)
        reply = await room.member.command("latest")
        before = len(lab.messages())
        await room.member.press(reply, "Share here")
        (public,) = lab.messages()[before:]
        assert links(public) == papers[:5]
        assert public.content.startswith(f"Shared by <@{lab.sandbox.world.member.id}>")
        assert public.components == []
        await until(lambda: "Shared" in reply.buttons)
        assert pressable(reply) == ["Older"]

    async def test_where_the_bot_may_not_embed(self, lab: Lab, room: Room) -> None:
        publish(lab, 2)
        reply = await room.member.command("latest")
        lab.sandbox.world.deny(lab.channel, "EMBED_LINKS")
        before = lab.messages()
        refusal = await room.member.press(reply, "Share here")
        assert refusal.ephemeral
        assert refusal.content.startswith("I cannot share this here: the bot lacks Embed Links in #papers")
        assert lab.messages() == before

    async def test_nobody_speaks_through_the_bot_where_they_may_not_write(self, lab: Lab, room: Room) -> None:
        publish(lab, 2)
        reply = await room.member.command("latest")
        lab.sandbox.world.deny(lab.channel, "SEND_MESSAGES", target_id=lab.sandbox.world.lab.id)
        lab.sandbox.world.allow(lab.channel, "SEND_MESSAGES")
        before = lab.messages()
        refusal = await room.member.press(reply, "Share here")
        assert refusal.content == "You may not write in this channel, so I do not post here for you."
        assert lab.messages() == before

    async def test_in_a_thread_until_it_is_locked(self, lab: Lab, room: Room) -> None:
        world = lab.sandbox.world
        papers = publish(lab, 2)
        thread = world.open_thread(world.papers, "reading group", world.manager)
        member, manager = room.member.at(thread.id), room.manager.at(thread.id)
        await member.press(await member.command("latest"), "Share here")
        assert links(lab.messages(thread.id)[-1]) == papers
        world.lock_thread(thread.id)
        refusal = await manager.press(await manager.command("latest"), "Share here")
        assert refusal.content == "I cannot share this here: the thread #reading group is locked; unlock it."


class TestArxivFails:
    async def test_what_was_known_then(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 3)
        known = int(lab.sandbox.clock.now().timestamp())
        await room.member.command("latest")
        lab.move(hours=30)
        lab.sandbox.faults.add(Fault("GET /arxiv", status=500, times=-1))
        reply = await room.member.command("latest")
        assert "does not answer" in reply.content
        assert f"<t:{known}:" in reply.content
        assert shown(reply) == papers

    async def test_nothing_known(self, lab: Lab, room: Room) -> None:
        lab.sandbox.faults.add(Fault("GET /arxiv", status=500, times=-1))
        reply = await room.member.command("latest")
        assert reply.ephemeral
        assert reply.content.startswith("arXiv does not answer right now")


class TestDiscordFails:
    async def test_a_hiccup_at_the_first_answer(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 2)
        lab.sandbox.faults.add(Fault(CALLBACK, status=500))
        assert shown(await room.member.command("latest")) == papers

    async def test_a_first_answer_that_never_arrives(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 2)
        lab.sandbox.faults.add(Fault(CALLBACK, status=404, times=-1))
        lab.sandbox.interactions.answer_within = 0.5
        with pytest.raises(NoAnswerError):
            await room.member.command("latest")
        lab.sandbox.faults.clear()
        lab.sandbox.interactions.answer_within = 3
        assert shown(await room.member.command("latest")) == papers

    async def test_a_hiccup_at_the_page(self, lab: Lab, room: Room) -> None:
        papers = publish(lab, 2)
        lab.sandbox.faults.add(Fault(ORIGINAL, status=502))
        assert shown(await room.member.command("latest")) == papers

    async def test_a_share_that_discord_refuses(self, lab: Lab, room: Room) -> None:
        publish(lab, 2)
        reply = await room.member.command("latest")
        lab.sandbox.faults.add(Fault(FOLLOW_UP, status=403))
        before = lab.messages()
        pressed = await room.member.press(reply, "Share here")
        assert [each.content.startswith("Something went wrong") for each in pressed.followups] == [True]
        assert lab.messages() == before
        assert "Share here" in pressable(reply)


async def test_the_ledger_is_never_touched(lab: Lab, room: Room) -> None:
    publish(lab, 3)
    await room.tick()
    papers = publish(lab, 6)
    before = await ledger(room)
    reply = await room.member.command("latest", query=f"{lab.config['query']} AND cat:cond-mat.mtrl-sci")
    await room.member.press(reply, "Older")
    await room.member.press(reply, "Share here")
    assert len(before) == 3
    assert await ledger(room) == before
    lab.move(days=1)
    await room.tick()
    assert sorted(lab.posted()[-6:]) == sorted(papers)


async def test_a_sixth_question_in_one_minute_waits_its_turn(lab: Lab, room: Room) -> None:
    replies = [await room.member.command("latest", query=f"ti:moss{number}") for number in range(6)]

    assert asked(lab) == 5
    assert "Try again in" in replies[-1].content
    assert replies[-1].ephemeral


async def test_the_databases_own_words_are_for_the_operator(lab: Lab, room: Room) -> None:
    async with room.bot.app.storage.database.begin() as connection:
        await connection.execute(text("ALTER TABLE results RENAME TO mislaid"))

    reply = await room.member.command("latest", query="ti:moss")

    assert reply.content.startswith("My database failed")
    assert "results" not in reply.content
    assert str(lab.folder) not in reply.content

"""`/status` in the room: every way of being quiet has its own words, and the buttons under them work."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from sqlalchemy import text as statement

from sandbox.arxiv.server import ROUTE, empty_feed, error_feed
from sandbox.control.faults import Fault
from sandbox.discord.reply import Reply
from tests.databases import SERVER
from tests.e2e.lab import Lab, links
from tests.e2e.room import Room

ORIGINAL = "PATCH /webhooks/{application_id}/{interaction_token}/messages/@original"


@pytest.fixture
async def room(lab: Lab) -> AsyncIterator[Room]:
    """Monday 2 March, 15:00 in Singapore; nothing has run."""
    async with Room(lab) as room:
        yield room


async def followed(room: Room) -> None:
    """The channel is seeded on Monday; then it is Tuesday, an hour after its digest was due."""
    for _ in range(3):
        room.lab.sandbox.corpus.publish(room.lab.sandbox.clock.now())
    assert (await room.tick()).complete
    room.lab.days(1)


def text(reply: Reply) -> str:
    """What it says, in one string, for its reader alone."""
    assert reply.ephemeral
    return "\n".join([reply.content, *(f"{embed.get('title')}\n{embed.get('description')}" for embed in reply.embeds)])


async def status(room: Room) -> str:
    return text(await room.member.command("status"))


async def test_nothing_set_up(lab: Lab) -> None:
    lab.configure(channels=[])
    async with Room(lab) as room:
        said = await status(room)
    assert "Nothing is set up yet" in said
    assert "/setquery" in said


async def test_before_the_first_digest(room: Room) -> None:
    await followed(room)
    room.lab.move(hours=-2)
    said = await status(room)
    assert "followed since Mon 2 Mar 15:00" in said
    assert "Next digest: **Tue 3 Mar 14:00" in said
    assert "Asia/Singapore" in said


async def test_what_the_last_digest_did_and_when_the_next_comes(room: Room, lab: Lab) -> None:
    await followed(room)
    for _ in range(2):
        lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await room.tick()

    said = await status(room)

    assert "Last digest: Tue 3 Mar 15:00" in said
    assert "2 new." in said
    assert "Next digest: **Wed 4 Mar 14:00" in said
    assert f"<t:{int(datetime.fromisoformat('2026-03-04T14:00:00+08:00').timestamp())}:R>" in said
    assert "- " not in said.split("2 new.")[1]


async def test_announced_but_nothing_matched(room: Room, lab: Lab) -> None:
    await followed(room)
    lab.move(to=datetime.fromisoformat("2026-03-03T20:00:00+08:00"))
    await room.tick()
    assert "arXiv announced papers Tue 3 Mar 09:00" in (said := await status(room))
    assert "none of them matched" in said


async def test_a_second_look_that_finds_nothing_does_not_unsay_what_the_first_one_brought(room: Room, lab: Lab) -> None:
    await followed(room)
    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await room.tick()
    lab.move(hours=1)
    await room.manager.press(await room.manager.command("settings"), "Post now")

    said = await status(room)

    assert lab.posted() == [paper.id]
    assert "Last digest: Tue 3 Mar 16:00" in said
    assert "nothing new." in said
    assert "none of them matched" not in said


async def test_looking_again_while_the_batch_may_still_be_missing(room: Room) -> None:
    await followed(room)
    await room.tick()
    said = await status(room)
    assert "I look again" in said
    assert "Next try: **Tue 3 Mar 16:00" in said


async def test_no_announcement_on_a_weekend_evening(room: Room, lab: Lab) -> None:
    await followed(room)
    lab.move(to=datetime.fromisoformat("2026-03-07T14:00:00+08:00"))
    await room.tick()
    said = await status(room)
    assert "arXiv announces nothing on Friday and Saturday evenings in New York" in said
    assert "the next is due Mon 9 Mar 08:00" in said


async def test_no_announcement_on_a_holiday(room: Room, lab: Lab) -> None:
    lab.move(to=datetime.fromisoformat("2026-09-07T15:00:00+08:00"))
    await followed(room)
    await room.tick()
    said = await status(room)
    assert "arXiv announced nothing Tue 8 Sep 08:00" in said
    assert "holiday" in said


async def test_arxiv_unreachable(room: Room, lab: Lab) -> None:
    await followed(room)
    lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))
    await room.tick()
    said = await status(room)
    assert "no usable answer since Tue 3 Mar 15:0" in said
    assert "Next try: **Tue 3 Mar 15:0" in said


async def test_a_query_that_arxiv_refuses_says_who_can_help(room: Room, lab: Lab) -> None:
    await followed(room)
    lab.sandbox.faults.add(Fault(ROUTE, status=400, body=error_feed("incorrect id format"), times=-1))
    await room.tick()
    said = await status(room)
    assert "does not accept" in said
    assert ": incorrect id format." in said
    assert "`/setquery`" in said
    assert "papers come when it does" not in said


async def test_an_answer_held_as_implausible(room: Room, lab: Lab) -> None:
    await followed(room)
    lab.sandbox.faults.add(Fault(ROUTE, status=200, body=empty_feed(0), times=-1))
    await room.tick()
    said = await status(room)
    assert "implausible since Tue 3 Mar 15:00" in said
    assert "without a single entry although 3 papers match" in said


async def test_a_channel_that_is_open_again_is_not_called_blocked_though_discord_refuses_what_comes(room: Room, lab: Lab) -> None:
    """Nothing is posted there whose coming could tell."""
    await followed(room)
    lab.sandbox.world.deny(lab.channel, "SEND_MESSAGES")
    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await room.tick()
    assert "the bot lacks Send Messages" in await status(room)

    lab.sandbox.world.allow(lab.channel, "SEND_MESSAGES")
    refused = '{"code": 50035, "message": "Invalid Form Body", "errors": {}}'
    lab.sandbox.faults.add(Fault("POST /channels/{channel_id}/messages", status=400, body=refused, times=-1))
    lab.days(1)
    await room.tick()

    said = await status(room)
    assert "the bot lacks" not in said
    assert paper.title[:20] in said


async def test_a_blocked_channel_names_reason_and_remedy_and_papers_come_when_it_is_mended(room: Room, lab: Lab) -> None:
    await followed(room)
    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.world.deny(lab.channel, "EMBED_LINKS")
    await room.tick()

    said = await status(room)
    assert "the bot lacks Embed Links in #papers; grant it" in said
    assert "1 paper waits" in said

    assert said.count("the bot lacks Embed Links") == 1

    lab.sandbox.world.allow(lab.channel, "EMBED_LINKS")
    await room.tick()
    assert lab.posted() == [paper.id]
    said = await status(room)
    assert "1 new." in said
    assert "I cannot post there" not in said
    assert "blocked" not in said


async def test_a_pause(room: Room, lab: Lab) -> None:
    await followed(room)
    await room.bot.app.storage.servers.change(lab.sandbox.world.lab.id, lab.sandbox.clock.now(), paused=True)
    said = await status(room)
    assert said.startswith("\nPaused")
    assert "`/settings`" in said


async def test_a_query_cut_at_so_many_days(lab: Lab) -> None:
    lab.configure(max_results=2)
    async with Room(lab) as room:
        await followed(room)
        lab.sandbox.corpus.publish(lab.sandbox.clock.now())
        await room.tick()
        said = await status(room)
    assert "too broad to be fetched whole: its answer reaches back 2.1 days" in said


async def test_what_arxiv_misreads_in_config_json_is_told_to_whoever_manages_the_server(lab: Lab) -> None:
    lab.configure(query="ti:moss and cat:cs.LG")
    async with Room(lab) as room:
        await followed(room)
        assert "arXiv looks for and as a word" in text(await room.manager.command("status"))
        assert "arXiv looks for" not in await status(room)


class TestBacklog:
    async def flooded(self, room: Room) -> Reply:
        await followed(room)
        room.lab.sandbox.corpus.flood(73, room.lab.sandbox.clock.now())
        await room.tick()
        return await room.member.command("status")

    async def test_a_flood_is_shown_page_by_page_to_whoever_asks(self, room: Room, lab: Lab) -> None:
        reply = await self.flooded(room)
        assert "73 papers that came all at once are in the backlog" in text(reply)
        assert "73 in the backlog" in text(reply)
        notice = str(lab.messages()[-1].embeds)
        for part in ("73 more papers", "backlog", "`/status`"):
            assert part in notice
        before = len(lab.messages())

        page = await room.member.press(reply, "Show the backlog (73)")
        seen: list[str] = []
        numbers: list[int] = []
        for title in [f"Backlog: {start}–{min(start + 9, 73)} of 73" for start in range(1, 74, 10)]:
            assert title in text(page)
            assert page.message is not None
            seen += links(page.message)
            numbers += map(int, re.findall(r"^\*\*(\d+)\.\*\* ", text(page), re.MULTILINE))
            if not page.buttons["Older"].get("disabled"):
                page = await room.member.press(page, "Older")

        assert len(seen) == len(set(seen)) == 73
        assert numbers == list(range(1, 74))
        assert page.buttons["Older"]["disabled"]
        page = await room.member.press(page, "Newer")
        assert "Backlog: 61–70 of 73" in text(page)
        assert [message for message in lab.messages()[before:] if message.visible_to is None] == []

    async def test_the_button_outlives_a_restart(self, room: Room, lab: Lab) -> None:
        reply = await self.flooded(room)
        await room.__aexit__(None, None, None)
        async with Room(lab) as again:
            page = await again.member.press(reply, "Show the backlog (73)")
            assert "Backlog: 1–10 of 73" in text(page)

    async def test_a_channel_no_longer_followed(self, room: Room, lab: Lab) -> None:
        reply = await self.flooded(room)
        await room.bot.app.storage.servers.erase(lab.sandbox.world.lab.id)
        page = await room.member.press(reply, "Show the backlog (73)")
        assert "That channel gets no papers any more." in [page.content, *(each.content for each in page.followups)]


class TestCheck:
    async def test_a_plain_member_is_not_offered_it(self, room: Room) -> None:
        await followed(room)
        assert (await room.member.command("status")).buttons == {}

    async def test_who_manages_the_server_no_longer_is_refused(self, room: Room, lab: Lab) -> None:
        await followed(room)
        reply = await room.manager.command("status")
        lab.sandbox.world.set_roles(lab.sandbox.world.lab, room.manager.user.id, [])
        asked = len(lab.sandbox.arxiv.requests)
        assert "Manage Server" in text(await room.manager.press(reply, "Check"))
        assert len(lab.sandbox.arxiv.requests) == asked

    async def test_all_is_looked_at(self, room: Room, lab: Lab) -> None:
        await followed(room)
        asked = len(lab.sandbox.arxiv.requests)

        status = await room.manager.command("status")
        before = text(status)

        said = text(await room.manager.press(status, "Check"))

        assert text(status) == before
        assert f"✅ <#{lab.channel}>: I may post here." in said
        assert "✅ arXiv answers: 3 papers found." in said
        assert re.search(r"^✅ .* confirmed: 0$", said, re.MULTILINE)
        # the tests keep an SQLite file in a temporary folder
        assert ("✅ Storage is written, and lasts." if SERVER else "⚠️ Storage works, but it does not last") in said
        assert "Version " in said
        assert len(lab.sandbox.arxiv.requests) == asked + 1

    async def test_each_channels_missing_permissions_are_named(self, room: Room, lab: Lab) -> None:
        await followed(room)
        reply = await room.manager.command("status")
        lab.sandbox.world.deny(lab.channel, "SEND_MESSAGES")
        said = text(await room.manager.press(reply, "Check"))
        assert f"⚠️ <#{lab.channel}>: the bot lacks Send Messages and Embed Links in #papers" in said

    async def test_a_deleted_channel_and_a_silent_arxiv(self, room: Room, lab: Lab) -> None:
        world = lab.sandbox.world
        await followed(room)
        reply = await room.manager.at(world.general.id).command("status")
        world.delete_channel(lab.channel)
        lab.sandbox.faults.add(Fault(ROUTE, status=503, times=-1))
        said = text(await room.manager.at(world.general.id).press(reply, "Check"))
        assert f"⚠️ <#{lab.channel}>: the channel no longer exists" in said
        assert "⚠️ arXiv: " in said

    async def test_a_database_that_fails_is_not_quoted(self, room: Room, lab: Lab) -> None:
        await followed(room)
        reply = await room.manager.command("status")
        async with room.bot.app.storage.database.begin() as connection:
            await connection.execute(statement("ALTER TABLE alembic_version RENAME TO mislaid"))
        said = text(await room.manager.press(reply, "Check"))
        assert re.search(r"^⚠️ Storage .*: My database failed; the operator's log has more", said, re.MULTILINE)
        assert "alembic" not in said
        assert lab.folder.name not in said

    async def test_without_a_query_arxiv_is_not_asked(self, lab: Lab) -> None:
        lab.configure(channels=[])
        async with Room(lab) as room:
            said = text(await room.manager.press(await room.manager.command("status"), "Check"))
        assert "arXiv was not asked" in said


async def test_discord_refusing_the_answer_is_told_and_stops_nothing(room: Room, lab: Lab) -> None:
    await followed(room)
    lab.sandbox.faults.add(Fault(ORIGINAL, status=404))

    reply = await room.member.command("status")

    assert "Something went wrong (id " in "".join([reply.content, *(each.content for each in reply.followups)])
    assert "followed since" in await status(room)

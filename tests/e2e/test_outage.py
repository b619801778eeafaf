"""arXiv stays away for days: one silent message, edited when it answers again; and a batch that comes late is waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest

from sandbox.arxiv.server import ROUTE, empty_feed, error_feed
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab, is_intro, links
from tests.e2e.room import Room

SILENT = 1 << 12  # https://docs.discord.com/developers/resources/message#message-object-message-flags
POST = "POST /channels/{channel_id}/messages"
DAY = 24


@pytest.fixture
async def room(lab: Lab) -> AsyncIterator[Room]:
    """The channel is seeded on Monday at 15:00 in Singapore; then it is Tuesday, when the digest is due."""
    async with Room(lab) as room:
        lab.sandbox.corpus.publish(lab.sandbox.clock.now())
        assert (await room.tick()).complete
        lab.move(to=datetime.fromisoformat("2026-03-03T14:00:00+08:00"))
        yield room


async def hours(room: Room, count: int) -> None:
    """A tick an hour; the clock ends so many hours later."""
    for _ in range(count):
        await room.tick()
        room.lab.move(hours=1)


async def days(room: Room, count: int) -> None:
    """A tick every six hours, the first one now."""
    for _ in range(4 * count):
        await room.tick()
        room.lab.move(hours=6)


def silence(lab: Lab) -> None:
    lab.sandbox.faults.add(Fault(ROUTE, status=500, times=-1))


def notices(lab: Lab) -> list[Any]:
    """Messages about arXiv itself, as they stand now."""
    return [message for message in lab.messages() if "arXiv" in words(message) and not is_intro(message) and not links(message)]


def words(message: Any) -> str:
    return str(message.content) + "".join(str(embed.get("description")) for embed in message.embeds)


async def test_two_failed_slots_are_one_silent_message_edited_when_arxiv_answers(room: Room, lab: Lab) -> None:
    first_failure = int(lab.sandbox.clock.now().timestamp())
    silence(lab)

    await days(room, 1)
    assert notices(lab) == []
    await days(room, 2)

    [notice] = notices(lab)
    since = int(words(notice).split("<t:")[1].split(":")[0])
    assert first_failure <= since <= first_failure + 60  # the first try asks for some seconds
    assert f"since <t:{since}:F>" in words(notice)
    assert notice.flags & SILENT

    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.clear()
    again = int(lab.sandbox.clock.now().timestamp())
    await hours(room, 3)

    [edited] = notices(lab)
    assert edited.id == notice.id
    assert f" answers again since <t:{again}:F>." in words(edited)
    assert lab.posted() == [paper.id]


async def test_papers_counted_and_none_given_is_no_answer_however_long_it_lasts(room: Room, lab: Lab) -> None:
    lab.sandbox.faults.add(Fault(ROUTE, status=200, body=empty_feed(40), times=-1))
    await days(room, 4)

    [notice] = notices(lab)
    status = str((await room.member.command("status")).embeds)
    assert "although 40 papers match" in status
    assert "none of them matched" not in status

    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.clear()
    await hours(room, 2)
    assert "answers again" in words(notices(lab)[0])
    assert notices(lab)[0].id == notice.id
    assert lab.posted() == [paper.id]


async def test_one_failed_slot_is_told_to_nobody_but_those_who_ask(room: Room, lab: Lab) -> None:
    silence(lab)
    await days(room, 1)
    lab.sandbox.faults.clear()
    await days(room, 1)
    assert notices(lab) == []


async def test_a_failed_try_after_a_pause_of_days_is_no_outage_until_the_next_slot_fails_too(room: Room, lab: Lab) -> None:
    async def pause(paused: bool) -> None:
        await room.bot.app.storage.servers.change(lab.sandbox.world.lab.id, lab.sandbox.clock.now(), paused=paused)

    await pause(True)
    lab.days(4)
    await pause(False)
    silence(lab)
    await hours(room, 3)
    assert notices(lab) == []

    await days(room, 2)
    [notice] = notices(lab)
    resumed = int(datetime.fromisoformat("2026-03-07T14:00:00+08:00").timestamp())
    assert resumed <= int(words(notice).split("<t:")[1].split(":")[0]) <= resumed + 60


async def test_a_second_outage_is_a_second_message(room: Room, lab: Lab) -> None:
    for expected in (1, 2):
        silence(lab)
        await days(room, 2)
        lab.sandbox.faults.clear()
        await days(room, 1)
        assert len(notices(lab)) == expected
        assert all("answers again" in words(notice) for notice in notices(lab))


async def test_a_crash_between_sending_and_saving_leaves_one_notice(room: Room, lab: Lab) -> None:
    silence(lab)
    await days(room, 1)
    lab.sandbox.faults.add(Fault(POST, reset=True, stored=True, times=-1))
    await room.tick()
    lab.sandbox.faults.clear()
    await room.__aexit__(None, None, None)

    silence(lab)
    async with Room(lab) as restarted:
        await hours(restarted, 3)
        assert len(notices(lab)) == 1
        lab.sandbox.faults.clear()
        await hours(restarted, 2)
    [edited] = notices(lab)
    assert "answers again" in words(edited)


async def test_a_deleted_notice_stays_deleted(room: Room, lab: Lab) -> None:
    silence(lab)
    await days(room, 1)
    await room.tick()
    [notice] = notices(lab)
    lab.sandbox.world.delete_message(lab.channel, notice.id)
    lab.sandbox.faults.clear()
    await days(room, 1)
    assert notices(lab) == []
    assert (await room.tick()).complete


async def test_a_channel_blocked_meanwhile_gets_the_notice_and_its_end_once_it_is_mended(room: Room, lab: Lab) -> None:
    lab.sandbox.world.deny(lab.channel, "SEND_MESSAGES")
    silence(lab)
    await days(room, 1)
    await hours(room, 2)
    lab.sandbox.faults.clear()
    await hours(room, 2)
    assert notices(lab) == []

    lab.sandbox.world.allow(lab.channel, "SEND_MESSAGES")
    await days(room, 2)
    [notice] = notices(lab)
    assert "answers again" in words(notice)


@pytest.mark.parametrize(
    "answer",
    [
        Fault(ROUTE, status=200, body=empty_feed(0), times=-1),
        Fault(ROUTE, status=400, body=error_feed("no such field"), times=-1),
    ],
    ids=["not believed", "the query is refused"],
)
async def test_an_answer_that_is_of_no_use_is_no_outage(room: Room, lab: Lab, answer: Fault) -> None:
    lab.sandbox.faults.add(answer)
    await days(room, 3)
    assert notices(lab) == []


async def test_every_channel_of_the_server_is_told_once(lab: Lab) -> None:
    general = lab.sandbox.world.general.id
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(general), "query": "cat:cs.LG"}])
    async with Room(lab) as room:
        assert (await room.tick()).complete
        lab.days(1)
        silence(lab)
        await days(room, 3)
    assert [len([m for m in lab.messages(channel) if "no usable answer" in words(m)]) for channel in (lab.channel, general)] == [
        1,
        1,
    ]


async def test_a_notice_that_is_not_confirmed_yet_holds_up_no_other_channel(lab: Lab) -> None:
    general = lab.sandbox.world.general.id
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(general)}])
    async with Room(lab) as room:
        assert (await room.tick()).complete
        lab.days(1)
        silence(lab)
        lab.sandbox.faults.add(Fault(POST, status=429, body='{"message": "Wait.", "retry_after": 36000, "global": false}'))
        await days(room, 1)
        await room.tick()
        lab.sandbox.faults.clear()
        paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id
        lab.move(hours=1)
        await room.tick()
        assert sorted([lab.posted(), lab.posted(general)]) == [[], [paper]]
        lab.move(hours=10)
        await room.tick()
    assert [lab.posted(), lab.posted(general)] == [[paper], [paper]]


# --- post_at means not before -------------------------------------------------------------------


async def test_a_batch_that_the_search_shows_late_comes_the_same_day(room: Room, lab: Lab) -> None:
    await hours(room, 3)
    assert lab.posted() == []
    paper = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await hours(room, 1)
    assert lab.posted() == [paper.id]

    asked = len(lab.sandbox.arxiv.requests)
    await hours(room, 20)
    assert len(lab.sandbox.arxiv.requests) == asked


async def test_without_a_batch_it_is_asked_hourly_for_six_hours(room: Room, lab: Lab) -> None:
    asked = len(lab.sandbox.arxiv.requests)
    await hours(room, DAY)
    assert len(lab.sandbox.arxiv.requests) - asked == 7


async def test_a_batch_in_time_is_not_waited_for(room: Room, lab: Lab) -> None:
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    asked = len(lab.sandbox.arxiv.requests)
    await hours(room, DAY)
    assert len(lab.sandbox.arxiv.requests) - asked == 1


async def test_after_a_weekend_evening_nothing_is_waited_for(room: Room, lab: Lab) -> None:
    lab.move(to=datetime.fromisoformat("2026-03-06T14:00:00+08:00"))
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await hours(room, DAY)
    asked = len(lab.sandbox.arxiv.requests)
    await hours(room, DAY)
    assert len(lab.sandbox.arxiv.requests) - asked == 1


async def test_once_reports_it_and_is_done(lab: Lab) -> None:
    lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await lab.once()
    lab.days(1)

    report = await lab.once()

    assert report.complete
    [note] = report.notes
    assert "nothing unseen since arXiv announced at 03 Mar 01:00 UTC" in note
    async with lab.app() as app:
        assert await app.storage.subscriptions.next_due() == datetime.fromisoformat("2026-03-04T14:00:00+08:00")

"""Odd days: what one channel, one query or one answer may not do to the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from sandbox.arxiv.server import ROUTE, error_feed
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab, links
from tests.e2e.panel import follow
from tests.e2e.room import Room
from tests.e2e.test_daily import ALLOY, seeded

POST = "POST /channels/{channel_id}/messages"
PATCH = "PATCH /channels/{channel_id}/messages/{message_id}"
HISTORY = "GET /channels/{channel_id}/messages"


async def test_what_the_cap_cuts_off_is_said(lab: Lab) -> None:
    lab.configure(max_results=5)
    await seeded(lab, papers=2)
    for hour in range(12):
        lab.sandbox.corpus.publish(lab.sandbox.clock.now() - timedelta(hours=hour))

    report = await lab.once()

    assert len(lab.posted()) == 5
    [note] = report.notes
    assert "cut at 5 papers" in note
    assert "raise max_results" in note


async def test_a_busy_capped_query_is_no_flood_and_its_introduction_tells_the_truth(lab: Lab) -> None:
    lab.configure(max_results=100, max_posts=0)
    now = lab.sandbox.clock.now()
    for minute in range(0, 3 * 24 * 60, 24):
        lab.sandbox.corpus.publish(now - timedelta(minutes=minute))
    await seeded(lab, papers=0)
    assert "about 60 a day" in str(lab.messages()[0].embeds)
    for minute in range(60):
        lab.sandbox.corpus.publish(lab.sandbox.clock.now() - timedelta(minutes=minute))

    await lab.once()

    assert len(lab.posted()) == 60


async def test_a_wider_lookback_does_not_make_an_ordinary_day_a_flood(lab: Lab) -> None:
    lab.configure(max_posts=0)
    now = lab.sandbox.clock.now()
    for hour in range(20 * 24):
        lab.sandbox.corpus.publish(now - timedelta(hours=hour))
    await seeded(lab, papers=0)
    lab.configure(lookback_days=40)
    for minute in range(40):
        lab.sandbox.corpus.publish(lab.sandbox.clock.now() - timedelta(minutes=minute))

    await lab.once()

    assert len(lab.posted()) == 40


@pytest.mark.parametrize("body", ['{"id": "1', "<html>maintenance</html>", "{}"], ids=["cut off", "HTML", "empty"])
@pytest.mark.parametrize("route", ["GET /guilds/{guild_id}", "GET /guilds/{guild_id}/channels", POST])
async def test_an_answer_that_is_none_costs_one_server_one_run(lab: Lab, route: str, body: str) -> None:
    world = lab.sandbox.world
    other = world.add_channel(world.add_guild("Another Lab"), "papers")
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(other.id)}])
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    kind = "application/json" if body.startswith("{") else "text/html"
    lab.sandbox.faults.add(Fault(route, status=200, body=body, headers={"Content-Type": kind}, times=2 if route == POST else 1))

    await lab.once()
    assert [lab.posted(), lab.posted(other.id)].count([record.id]) >= 1

    lab.sandbox.faults.clear()
    lab.move(hours=1)
    assert (await lab.once(force=True)).complete
    assert [lab.posted(), lab.posted(other.id)] == [[record.id], [record.id]]


async def test_a_ban_by_discords_network_at_start_is_a_sentence(lab: Lab) -> None:
    lab.sandbox.faults.add(Fault("GET /channels/{channel_id}", status=429, headers={"Via": ""}))

    report = await lab.once()

    assert "refuses this machine" in report.failures[0]
    assert (await lab.once()).complete


async def test_one_refused_query_does_not_make_its_neighbour_late(lab: Lab) -> None:
    world = lab.sandbox.world
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(world.general.id), "query": "cat:cs.RO"}])
    await seeded(lab)
    records = []
    for _ in range(5):
        records.append(lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **ALLOY))
        lab.sandbox.faults.add(Fault(ROUTE, status=400, body=error_feed("Invalid query string"), after=1))
        assert (await lab.once()).status == 1
        lab.sandbox.faults.clear()
        lab.days(1)

    assert lab.posted() == [record.id for record in records]
    assert not any("away" in str(message.embeds) for message in lab.messages())


async def test_a_query_that_arxiv_came_to_refuse_can_be_changed(lab: Lab) -> None:
    await seeded(lab)
    refused = Fault(ROUTE, status=400, body=error_feed("Invalid query string"), containing="inverse", times=-1)
    lab.sandbox.faults.add(refused)
    lab.configure(query="cat:cs.LG")

    assert (await lab.once()).complete

    assert lab.sandbox.faults.waiting == [refused]
    assert lab.messages()[-1].embeds[0]["title"] == "Now following another query"


async def test_a_stored_query_that_cannot_be_read_any_more_is_named_and_arxiv_is_not_asked(lab: Lab) -> None:
    """Saved by another version, say."""
    lab.configure(query=None, channels=[])
    async with Room(lab) as room:
        await follow(room, "ti:moss")
        async with room.bot.app.storage.database.begin() as connection:
            await connection.execute(text("UPDATE servers SET query = 'ti:(('"))
            await connection.execute(text("UPDATE subscriptions SET seeded_query = 'ti:(('"))
        lab.days()
        asked = len(lab.sandbox.arxiv.requests)

        report = await room.tick()

        assert len(lab.sandbox.arxiv.requests) == asked
        assert ["ti:((" in failure for failure in report.failures] == [True]
        assert "ti:((" in str((await room.member.command("status")).embeds)


async def test_an_unknown_token_is_noticed_on_a_day_without_anything_due(lab: Lab) -> None:
    await seeded(lab)
    await lab.once()
    lab.sandbox.faults.add(Fault("GET /users/@me", status=401, times=-1))

    finished = await lab.bot("once", *lab.now_argument())

    assert finished.status == 2
    assert "DISCORD_TOKEN" in finished.err


async def test_an_archived_thread_is_opened_by_the_days_paper_and_then_edited(lab: Lab) -> None:
    world = lab.sandbox.world
    thread = world.add_channel(world.lab, "reading", 11, world.papers)
    lab.configure(channels=[{"id": str(thread.id)}])
    await seeded(lab)
    first = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await lab.once()
    lab.days(1)
    world.archive_thread(thread.id)
    lab.sandbox.corpus.revise(first.base_id, lab.sandbox.clock.now())
    second = lab.sandbox.corpus.publish(lab.sandbox.clock.now())

    assert (await lab.once()).complete
    assert lab.posted(thread.id) == [f"{first.base_id}v2", second.id]


async def test_a_revision_waits_in_an_archived_thread_for_as_long_as_it_takes(lab: Lab) -> None:
    world = lab.sandbox.world
    thread = world.add_channel(world.lab, "reading", 11, world.papers)
    lab.configure(channels=[{"id": str(thread.id)}])
    await seeded(lab)
    first = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await lab.once()
    lab.days(1)
    world.archive_thread(thread.id)
    lab.sandbox.corpus.revise(first.base_id, lab.sandbox.clock.now())
    for _ in range(5):
        report = await lab.once()
        assert report.channel(thread.id).problem == "blocked: the thread is archived"
        lab.days(1)
    second = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    await lab.once()  # the new paper opens the thread

    assert (await lab.once()).complete
    assert lab.posted(thread.id) == [f"{first.base_id}v2", second.id]


async def test_an_edit_that_failed_never_undoes_a_later_one(lab: Lab) -> None:
    lab.configure(max_posts=0)
    await seeded(lab)
    first, second = (lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(2))
    await lab.once()
    lab.days(1)
    lab.sandbox.corpus.revise(first.base_id, lab.sandbox.clock.now())
    lab.sandbox.faults.add(Fault(PATCH, status=503, times=6))
    assert not (await lab.once()).complete
    lab.days(1)
    lab.sandbox.corpus.revise(second.base_id, lab.sandbox.clock.now())
    assert not (await lab.once()).complete
    lab.days(1)

    assert (await lab.once()).complete
    assert links(lab.messages()[-1]) == [f"{first.base_id}v2", f"{second.base_id}v2"]


async def test_unknown_and_then_blocked_is_not_taken_for_never_sent(lab: Lab) -> None:
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.add(Fault(POST, status=503, stored=True))
    lab.sandbox.faults.add(Fault(POST, status=403))

    assert not (await lab.once()).complete
    lab.days(1)
    await lab.once()

    assert lab.posted() == [record.id]


async def test_the_introduction_names_a_digest_to_come(lab: Lab) -> None:
    await seeded(lab)
    lab.configure(query="cat:cs.LG")

    await lab.once()

    promised = int(str(lab.messages()[-1].embeds).split("<t:")[1].split(":")[0])
    assert promised > lab.sandbox.clock.now().timestamp()


async def test_a_channel_blocked_for_a_fortnight_comes_back_with_one_story(lab: Lab) -> None:
    await seeded(lab)
    world = lab.sandbox.world
    world.deny(lab.channel, "SEND_MESSAGES")
    records = []
    for _ in range(14):
        records += [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(2)]
        report = await lab.once()
        assert "Send Messages" in str(report.channel(lab.channel).problem)
        lab.days(1)
    world.allow(lab.channel, "SEND_MESSAGES")

    assert (await lab.once()).complete
    assert sorted(lab.posted()) == sorted(record.id for record in records)
    assert ["away" in str(message.embeds) for message in lab.messages()[1:]] == [True, True] + [False] * 6
    assert "matched at once" not in str([message.embeds for message in lab.messages()])


async def test_an_introduction_is_not_taken_for_the_card_it_names(lab: Lab) -> None:
    await seeded(lab)
    owed = lab.sandbox.corpus.publish(lab.sandbox.clock.now(), **ALLOY)
    lab.configure(query='ti:"imaginary alloys"')
    lab.sandbox.faults.add(Fault(POST, reset=True, after=1, times=3))
    assert not (await lab.once()).complete

    lab.move(hours=1)
    assert (await lab.once()).complete

    [_, intro, card] = lab.messages()
    assert links(intro) == links(card) == [owed.id]


async def test_a_channel_that_refuses_to_be_read_back_is_posted_to(lab: Lab) -> None:
    await seeded(lab)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())
    lab.sandbox.faults.add(Fault(POST, reset=True, times=3))
    assert not (await lab.once()).complete
    lab.sandbox.faults.add(Fault(HISTORY, status=403, times=-1))

    lab.move(hours=1)
    assert (await lab.once()).complete
    assert lab.posted() == [record.id]


async def test_a_clock_that_was_years_ahead_does_not_silence_the_bot(lab: Lab) -> None:
    await seeded(lab)
    today = lab.sandbox.clock.now()
    lab.days(4 * 365)
    await lab.once()
    lab.move(to=today)
    await lab.once()
    lab.days(1)
    record = lab.sandbox.corpus.publish(lab.sandbox.clock.now())

    assert (await lab.once()).complete
    assert lab.posted() == [record.id]

"""Discord asks for a long pause, or confirms nothing for hours: nobody else waits, and it is told when it is asked again."""

from __future__ import annotations

import json
from datetime import timedelta

from sandbox.arxiv.corpus import Record
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.panel import MOVE, one, panel, publish, text
from tests.e2e.panel import room as room
from tests.e2e.room import Room
from tests.e2e.test_daily import seeded

POST = "POST /channels/{channel_id}/messages"
EDIT = "PATCH /channels/{channel_id}/messages/{message_id}"


def pause(seconds: float, route: str = POST, *, times: int = -1) -> Fault:
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
    return Fault(route, status=429, body=json.dumps(body), times=times)


def matching(lab: Lab) -> Record:
    """A new paper of the default query."""
    return lab.sandbox.corpus.publish(lab.sandbox.clock.now())


def asked(lab: Lab, route: str = POST) -> int:
    return sum(request.route == route for request in lab.sandbox.requests)


async def test_once_ends_at_once_and_says_when_the_channel_is_asked_again(lab: Lab) -> None:
    await seeded(lab)
    due = [matching(lab).id for _ in range(3)]
    lab.sandbox.faults.add(pause(3600, times=1))
    before = asked(lab)

    first = await lab.bot("once", *lab.now_argument())
    assert first.status == 1, first.err
    assert "after Tue 3 Mar 2026 16:00 (Asia/Singapore)" in first.out
    lab.move(minutes=59)
    again = await lab.bot("once", *lab.now_argument())
    assert again.status == 1, again.err
    assert "after Tue 3 Mar 2026 16:00 (Asia/Singapore)" in again.out
    assert "Nothing was due" not in again.out
    assert asked(lab) - before == 1  # a second request would have been refused, and counted against us

    lab.move(minutes=2)
    done = await lab.bot("once", *lab.now_argument())
    assert done.status == 0, done.err
    assert lab.posted() == due


async def test_other_channels_get_their_papers_meanwhile(lab: Lab) -> None:
    other = lab.sandbox.world.add_channel(lab.sandbox.world.lab, "second").id
    lab.configure(channels=[{"id": str(lab.channel)}, {"id": str(other)}])
    await seeded(lab)
    lab.sandbox.faults.add(pause(7200, times=1))
    matching(lab)
    await lab.once()
    lab.days()
    matching(lab)

    await lab.once()
    lab.move(hours=3)
    await lab.once()

    assert sorted(lab.posted()) == sorted(lab.posted(other))
    assert len(lab.posted()) == 2


async def test_what_discord_does_not_confirm_is_asked_for_ever_more_rarely(lab: Lab, room: Room) -> None:
    due = publish(lab)
    lab.days()
    lab.sandbox.faults.add(Fault(POST, status=503, times=-1))
    before = asked(lab)
    for _ in range(120):
        await room.tick()
        lab.move(minutes=1)

    tries = asked(lab) - before
    assert 20 < tries < 60, tries  # each round is three; every minute it would be 360
    assert "I ask again <t:" in text(await room.member.command("status"))
    lab.sandbox.faults.clear()
    lab.move(minutes=15)
    await room.tick()
    assert lab.posted() == [due]
    assert "I ask again" not in text(await room.member.command("status"))


async def test_a_pause_for_an_edit_holds_up_nothing_new(lab: Lab) -> None:
    await seeded(lab)
    record = matching(lab)
    await lab.once()
    lab.days()
    lab.sandbox.corpus.revise(record.base_id, lab.sandbox.clock.now())
    lab.sandbox.faults.add(pause(7200, EDIT, times=1))
    await lab.once()
    lab.days()
    new = matching(lab).id

    report = await lab.once()

    assert report.complete
    assert lab.posted()[-1] == new
    assert asked(lab, EDIT) == 2


async def test_a_clock_that_was_ahead_leaves_no_rest_behind(lab: Lab) -> None:
    await seeded(lab)
    due = matching(lab).id
    lab.sandbox.faults.add(pause(60, times=1))
    lab.clock_ahead = timedelta(days=400)
    await lab.once()

    lab.clock_ahead = timedelta(0)
    await lab.once(force=True)

    assert lab.posted() == [due]


async def test_post_now_says_it_too(lab: Lab, room: Room) -> None:
    publish(lab)
    lab.move(minutes=5)
    lab.sandbox.faults.add(pause(600, times=1))

    reply = text(await room.manager.press(await panel(room), "Post now"))

    assert "pause of 10 minutes" in reply


async def test_a_pause_is_left_behind_when_the_papers_move_to_another_channel(lab: Lab, room: Room) -> None:
    due = publish(lab)
    lab.days()
    lab.sandbox.faults.add(pause(7200, times=1))
    await room.tick()
    general = lab.sandbox.world.general

    await room.manager.choose(await one(room), MOVE, general)
    await room.tick()

    assert lab.posted(general.id) == [due]


async def test_a_pause_for_the_question_about_permissions_is_written_down_too(lab: Lab) -> None:
    await seeded(lab)
    due = matching(lab).id
    lab.sandbox.faults.add(pause(3600, "GET /guilds/{guild_id}/members/{user_id}", times=1))

    finished = await lab.bot("once", *lab.now_argument())

    assert finished.status == 1
    assert "Next digest: Tue 3 Mar 2026 16:00" in finished.out
    lab.move(minutes=61)
    assert (await lab.once()).complete
    assert lab.posted() == [due]

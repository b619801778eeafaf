"""arXiv answers, but not as it should: nothing is posted on that for a day, then it is taken as it is."""

from __future__ import annotations

from sandbox.arxiv.atom import Asking, feed
from sandbox.arxiv.server import ROUTE, empty_feed
from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.panel import panel, publish, text
from tests.e2e.panel import room as room
from tests.e2e.room import Room
from tests.e2e.test_daily import seeded


async def test_zero_entries_for_a_day_are_believed_in_the_end(lab: Lab) -> None:
    await seeded(lab)
    lab.sandbox.faults.add(nothing())

    complete = []
    for _ in range(30):
        complete.append((await lab.once()).complete)
        lab.move(hours=1)

    assert complete[0] is False
    assert complete[-1] is True


async def test_an_unsorted_answer_is_held_for_a_day_then_taken_without_a_flood(lab: Lab) -> None:
    await seeded(lab)
    now = lab.sandbox.clock.now()
    lab.sandbox.corpus.flood(249, now)
    lab.sandbox.faults.add(Fault(ROUTE, status=200, body=_unsorted(lab), times=-1))

    assert not (await lab.once()).complete
    assert lab.posted() == []
    lab.move(hours=25)
    assert (await lab.once()).complete
    assert lab.posted() == []
    assert "249" in str(lab.messages()[-1].content) + str(lab.messages()[-1].embeds)


def _unsorted(lab: Lab) -> str:
    """What the index answered on 2025-11-12: the right entries in the wrong order."""
    records = sorted(lab.sandbox.corpus.visible(lab.sandbox.clock.now()), key=lambda record: record.updated)
    return feed(Asking(max_results=500), records, len(records), lab.sandbox.clock.now())


async def test_a_doubt_of_last_month_does_not_count_when_nobody_asked_since(lab: Lab, room: Room) -> None:
    publish(lab)
    lab.days()
    await room.tick()
    lab.sandbox.faults.add(nothing())
    lab.days()
    await room.tick()
    reply = await room.manager.press(await panel(room), "Pause")

    lab.days(30)
    await room.manager.press(reply, "Resume")
    await room.tick()

    said = text(await room.manager.command("status"))
    assert " implausible since Fri 3 Apr 15:00" in said


def nothing() -> Fault:
    """No entry, from now on, whatever matches."""
    return Fault(ROUTE, status=200, body=empty_feed(0), times=-1)

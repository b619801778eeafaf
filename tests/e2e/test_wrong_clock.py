"""A clock that is wrong, for a while or by minutes: it is told, and what it wrote holds nothing up once it is right."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.control.faults import Fault
from tests.e2e.lab import Lab
from tests.e2e.room import Room
from tests.e2e.test_daily import seeded

YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        (timedelta(seconds=92), "92 seconds ahead of Discord's"),
        (timedelta(minutes=-3), "3 minutes behind Discord's"),
        (timedelta(seconds=20), ""),
    ],
    ids=str,
)
async def test_a_wrong_clock_is_told_at_the_start(
    lab: Lab, caplog: pytest.LogCaptureFixture, ahead: timedelta, told: str
) -> None:
    lab.clock_ahead = ahead
    await lab.once()

    assert (told in caplog.text) if told else ("Discord's" not in caplog.text)


async def test_check_tells_it_too(lab: Lab) -> None:
    lab.clock_ahead = timedelta(minutes=5)
    async with Room(lab) as room:
        status = await room.manager.command("status")
        check = await room.manager.press(status, "Check")

    assert "5 minutes ahead of Discord's" in check.embeds[0]["description"]


async def test_a_year_ahead_while_arxiv_fails_holds_nothing_up_afterwards(lab: Lab) -> None:
    await seeded(lab)
    lab.sandbox.faults.add(Fault("GET /arxiv", status=503, times=-1))
    lab.clock_ahead = YEAR
    assert (await lab.once()).status == 1
    lab.sandbox.faults.clear()
    lab.clock_ahead = timedelta(0)
    lab.days()
    new = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(3)]

    report = await lab.once()

    assert report.complete
    assert lab.posted() == new


async def test_what_was_done_a_year_ahead_is_not_the_last_thing_for_a_year(lab: Lab) -> None:
    """The digest itself works under the wrong clock; the next ones, and what people are shown of them, go by the right one."""
    await seeded(lab)
    lab.days()
    first = lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id
    lab.clock_ahead = YEAR
    await lab.once()
    lab.clock_ahead = timedelta(0)
    lab.days()
    second = lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id

    async with Room(lab) as room:
        assert (await room.tick()).complete
        status = await room.member.command("status")

    assert lab.posted() == [first, second]
    assert "2027" not in str(status.embeds)


@pytest.mark.parametrize("ahead", [timedelta(seconds=90), -timedelta(seconds=90), timedelta(days=1), -timedelta(days=1)])
async def test_what_may_stand_in_the_channel_is_found_by_discords_clock(lab: Lab, ahead: timedelta) -> None:
    """Stored and never answered, and no nonce is remembered when the bot comes back."""
    await seeded(lab)
    await lab.once()
    lab.sandbox.world.nonce_window = timedelta(0)
    due = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()).id for _ in range(4)]
    lab.clock_ahead = ahead
    lab.sandbox.faults.add(Fault("POST /channels/{channel_id}/messages", stored=True, reset=True, after=1, times=1))
    lab.sandbox.faults.add(Fault("POST /channels/{channel_id}/messages", reset=True, times=5))
    await lab.once(force=True)
    lab.sandbox.faults.clear()
    lab.move(minutes=20)

    await lab.once(force=True)

    assert sorted(lab.posted()) == due

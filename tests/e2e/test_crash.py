"""Killed at any moment, restarted a minute or an hour later: one copy of each paper."""

from __future__ import annotations

import signal

import pytest

from cogs.status.service import Status
from sandbox.control.faults import Fault
from tests.e2e.dying import MOMENTS
from tests.e2e.lab import Lab
from tests.e2e.test_daily import seeded


@pytest.mark.parametrize("later", [1, 60], ids=["a minute later", "an hour later"])
@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed_and_restarted_leaves_one_copy_of_each_paper(lab: Lab, moment: str, later: int) -> None:
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(4)]
    if moment == "stored but unanswered":
        lab.sandbox.faults.add(Fault("POST /channels/{channel_id}/messages", stored=True, reset=True, after=1, times=3))

    killed = await lab.bot(str(lab.config_path), lab.now_argument()[1], moment, module="tests.e2e.dying")
    assert killed.status == -signal.SIGKILL, killed

    lab.move(minutes=later)
    finished = await lab.bot("once", *lab.now_argument())

    assert finished.status == 0, finished
    assert sorted(lab.posted()) == sorted(record.id for record in records)
    async with lab.app() as app:
        [channel] = (await Status(app).of(lab.sandbox.world.lab.id)).channels
    assert channel.last is not None
    assert (channel.last.new, channel.last.unposted) == (len(records), 0)


async def test_killed_after_storing_then_blocked_then_mended_leaves_one_copy(lab: Lab) -> None:
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(3)]
    killed = await lab.bot(str(lab.config_path), lab.now_argument()[1], "after the answer", module="tests.e2e.dying")
    assert killed.status == -signal.SIGKILL, killed

    lab.sandbox.world.deny(lab.channel, "SEND_MESSAGES")
    lab.move(hours=1)
    assert (await lab.once()).status == 1
    lab.sandbox.world.allow(lab.channel, "SEND_MESSAGES")
    lab.days(1)

    assert (await lab.once()).status == 0
    assert sorted(lab.posted()) == sorted(record.id for record in records)


async def test_a_dry_run_prints_everything_and_keeps_nothing(lab: Lab) -> None:
    await seeded(lab)
    records = [lab.sandbox.corpus.publish(lab.sandbox.clock.now()) for _ in range(3)]

    rehearsed = await lab.bot("once", "--dry-run", *lab.now_argument())

    assert rehearsed.status == 0, rehearsed
    assert all(f"https://arxiv.org/abs/{record.id}" in rehearsed.out for record in records)
    assert lab.posted() == []

    finished = await lab.bot("once", *lab.now_argument())
    assert finished.status == 0, finished
    assert sorted(lab.posted()) == sorted(record.id for record in records)

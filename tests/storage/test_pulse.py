"""Whether digests come when they are due, as the storage knows it."""

from __future__ import annotations

from datetime import timedelta

from bot.digest.model import Reach
from bot.storage import Storage
from bot.storage.digests import Pulse
from tests.papers import answer
from tests.storage.lab import CHANNEL, DAY, NOW, QUERY, SERVER, Deciding, claim, fed, paper, placed

HOUR = timedelta(hours=1)


async def test_an_empty_database_misses_nothing(storage: Storage) -> None:
    nothing = Pulse(None, None, overdue=0, pending=0, failing=0, failing_since=None, answered_at=None)
    assert await storage.digests.pulse(NOW) == nothing


async def test_a_channel_that_waits_for_its_seeding_is_not_overdue(storage: Storage) -> None:
    await placed(storage)
    assert (await storage.digests.pulse(NOW + DAY)).overdue == 0


async def test_a_due_time_is_missed_until_the_answer_is_claimed(storage: Storage) -> None:
    channel = await fed(storage)
    missed = await storage.digests.pulse(NOW + HOUR)
    await claim(storage, channel, [paper(1)], NOW + HOUR, Deciding())
    served = await storage.digests.pulse(NOW + HOUR)

    assert (missed.missed_at, missed.overdue, missed.last_good_at) == (NOW, 1, NOW - DAY)
    assert (served.missed_at, served.overdue, served.last_good_at) == (None, 0, NOW + HOUR)
    assert (missed.pending, served.pending) == (0, 1)


async def test_a_due_time_that_has_not_passed_for_long_is_not_missed_yet(storage: Storage) -> None:
    await fed(storage)
    assert (await storage.digests.pulse(NOW - timedelta(minutes=1))).missed_at is None


async def test_nobody_waits_for_a_server_that_is_paused(storage: Storage) -> None:
    await fed(storage)
    await storage.servers.change(SERVER, NOW, paused=True)
    pulse = await storage.digests.pulse(NOW + DAY)
    assert (pulse.missed_at, pulse.overdue) == (None, 0)


async def test_failing_queries_are_counted_while_somebody_follows_them(storage: Storage) -> None:
    await fed(storage)
    queries = storage.queries
    await queries.failed(QUERY, "silence", NOW)
    await queries.held("cat:cs.AI", "too few", NOW + HOUR)
    alone = await storage.digests.pulse(NOW)
    await storage.subscriptions.follow(CHANNEL + 1, SERVER, "cat:cs.AI", NOW)
    both = await storage.digests.pulse(NOW)
    await queries.answered(QUERY, answer(1, paper(1)), NOW + DAY, believed=True, reach=Reach(1.5, None))
    healed = await storage.digests.pulse(NOW)

    assert (alone.failing, alone.failing_since, alone.answered_at) == (1, NOW, None)
    assert (both.failing, both.failing_since) == (2, NOW + HOUR)
    assert (healed.failing, healed.answered_at) == (1, NOW + DAY)

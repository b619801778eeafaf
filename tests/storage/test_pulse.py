"""Whether digests come when they are due, as the database knows it."""

from __future__ import annotations

from datetime import timedelta

from bot.digest.model import Reach
from bot.storage.database import Database
from bot.storage.ledger import LedgerStore
from bot.storage.pulse import Pulse, feel
from bot.storage.queries import QueryStore
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from tests.papers import answer
from tests.storage.lab import CHANNEL, DAY, DEFAULTS, NOW, QUERY, SERVER, Deciding, fed, paper, placed

HOUR = timedelta(hours=1)


async def test_an_empty_database_misses_nothing(database: Database) -> None:
    nothing = Pulse(None, None, overdue=0, pending=0, failing=0, failing_since=None, answered_at=None)
    assert await feel(database, DEFAULTS, NOW) == nothing


async def test_a_channel_that_waits_for_its_seeding_is_not_overdue(database: Database) -> None:
    await placed(database)
    assert (await feel(database, DEFAULTS, NOW + DAY)).overdue == 0


async def test_a_due_time_is_missed_until_the_answer_is_claimed(database: Database) -> None:
    channel = await fed(database)
    missed = await feel(database, DEFAULTS, NOW + HOUR)
    await LedgerStore(database).claim(channel, [paper(1)], NOW + HOUR, Deciding())
    served = await feel(database, DEFAULTS, NOW + HOUR)

    assert (missed.missed_at, missed.overdue, missed.last_good_at) == (NOW, 1, NOW - DAY)
    assert (served.missed_at, served.overdue, served.last_good_at) == (None, 0, NOW + HOUR)
    assert (missed.pending, served.pending) == (0, 1)


async def test_a_due_time_that_has_not_passed_for_long_is_not_missed_yet(database: Database) -> None:
    await fed(database)
    assert (await feel(database, DEFAULTS, NOW - timedelta(minutes=1))).missed_at is None


async def test_nobody_waits_for_a_server_that_is_paused(database: Database) -> None:
    await fed(database)
    await ServerStore(database, DEFAULTS).change(SERVER, NOW, paused=True)
    pulse = await feel(database, DEFAULTS, NOW + DAY)
    assert (pulse.missed_at, pulse.overdue) == (None, 0)


async def test_failing_queries_are_counted_while_somebody_follows_them(database: Database) -> None:
    await fed(database)
    queries = QueryStore(database)
    await queries.failed(QUERY, "silence", NOW)
    await queries.held("cat:cs.AI", "too few", NOW + HOUR)
    alone = await feel(database, DEFAULTS, NOW)
    await SubscriptionStore(database, DEFAULTS).follow(CHANNEL + 1, SERVER, "cat:cs.AI", NOW)
    both = await feel(database, DEFAULTS, NOW)
    await queries.answered(QUERY, answer(1, paper(1)), NOW + DAY, believed=True, reach=Reach(1.5, None))
    healed = await feel(database, DEFAULTS, NOW)

    assert (alone.failing, alone.failing_since, alone.answered_at) == (1, NOW, None)
    assert (both.failing, both.failing_since) == (2, NOW + HOUR)
    assert (healed.failing, healed.answered_at) == (1, NOW + DAY)

"""The last digest's papers, read back from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digest.model import State, Subscription
from bot.paper import Paper
from bot.storage import Storage
from bot.storage.digests import Listing
from bot.storage.papers import save_papers
from tests.storage.lab import CHANNEL, DAY, NOW, SERVER, Deciding, claim, fed, paper, papers, seeding

HOUR = timedelta(hours=1)
SINGAPORE = ZoneInfo("Asia/Singapore")


async def digest(
    storage: Storage,
    channel: Subscription,
    found: Sequence[Paper],
    at: datetime,
    state: State = State.CLAIMED,
    slot_at: datetime | None = None,
) -> None:
    await claim(storage, channel, found, at, Deciding(state))
    await storage.digests.record(channel.channel_id, slot_at or at, at, {"new": len(found)})


async def beside(storage: Storage, channel: Subscription) -> Subscription:
    """A second channel of the same server."""
    await storage.subscriptions.follow(CHANNEL + 1, SERVER, None, NOW - DAY)
    return replace(channel, channel_id=CHANNEL + 1)


async def listed(storage: Storage) -> Listing:
    return await storage.digests.listing([CHANNEL], SINGAPORE)


async def test_before_the_first_digest_there_is_none(storage: Storage) -> None:
    await fed(storage, seen=papers(3))
    assert await listed(storage) == Listing((), (), 0, None)


async def test_the_last_digests_papers_newest_first(storage: Storage) -> None:
    channel = await fed(storage, seen=papers(3))
    old, new = paper(11, updated=NOW - 3 * DAY), paper(10, updated=NOW - DAY)
    await digest(storage, channel, [paper(9)], NOW - DAY + HOUR)
    await digest(storage, channel, [*papers(3), paper(9), old, new], NOW)
    assert await listed(storage) == Listing((new, old), (), 0, NOW)


async def test_a_quiet_digest_leaves_nothing_of_the_day_before(storage: Storage) -> None:
    channel = await fed(storage)
    await digest(storage, channel, papers(3), NOW)
    await digest(storage, channel, papers(3), NOW + DAY)
    assert await listed(storage) == Listing((), (), 0, NOW + DAY)


async def test_revisions_are_those_of_posted_and_of_seeded_papers(storage: Storage) -> None:
    channel = await fed(storage, seen=[paper(1), paper(2)])
    await digest(storage, channel, [paper(3), paper(4)], NOW, State.SENT)
    await digest(storage, channel, [paper(1, 2), paper(3, 3), paper(5, 2)], NOW + DAY, State.SENT)
    assert await listed(storage) == Listing((paper(5, 2),), (paper(3, 3), paper(1, 2)), 0, NOW + DAY)
    await digest(storage, channel, [paper(1, 2), paper(3, 3), paper(5, 2)], NOW + 2 * DAY, State.SENT)
    assert await listed(storage) == Listing((), (), 0, NOW + 2 * DAY)


async def test_a_second_try_on_the_same_day_adds_to_the_first(storage: Storage) -> None:
    channel = await fed(storage)
    await digest(storage, channel, [paper(1)], NOW)
    await digest(storage, channel, [paper(1), paper(2)], NOW + HOUR)
    assert await listed(storage) == Listing((paper(2), paper(1)), (), 0, NOW + HOUR)


async def test_a_try_after_midnight_belongs_to_the_evening_before(storage: Storage) -> None:
    """And not to the next day once more."""
    channel = await fed(storage)
    evening, late = NOW + 9.5 * HOUR, NOW + 10.5 * HOUR
    await digest(storage, channel, [paper(1)], evening, State.SENT)
    await digest(storage, channel, [paper(2)], late, State.SENT, slot_at=evening)
    assert (await listed(storage)).new == (paper(2), paper(1))
    await digest(storage, channel, [paper(3)], evening + DAY, State.SENT)
    assert (await listed(storage)).new == (paper(3),)


async def test_what_a_digest_found_and_did_not_live_to_record_comes_with_the_next(storage: Storage) -> None:
    channel = await fed(storage)
    await digest(storage, channel, [], NOW - DAY + HOUR)
    await claim(storage, channel, [paper(1)], NOW, Deciding())
    await digest(storage, channel, [paper(2)], NOW + HOUR)
    assert (await listed(storage)).new == (paper(2), paper(1))


async def test_papers_for_a_blocked_channel_are_listed_the_day_they_were_seen(storage: Storage) -> None:
    channel = await fed(storage)
    await digest(storage, channel, [paper(1)], NOW, State.WAITING)
    assert (await listed(storage)).new == (paper(1),)
    await digest(storage, channel, [], NOW + DAY)
    assert (await listed(storage)).new == ()


async def test_what_is_held_back_or_marked_as_seen_is_not_listed(storage: Storage) -> None:
    channel = await fed(storage)
    await digest(storage, channel, papers(7), NOW, State.BACKLOG)
    await storage.ledger.seed(channel, [paper(20), paper(21)], seeding(NOW + HOUR), 0.5, None)
    assert await listed(storage) == Listing((), (), 7, NOW)


async def test_a_revision_of_what_stays_held_back_is_not_listed(storage: Storage) -> None:
    channel = await fed(storage)
    await digest(storage, channel, [paper(1)], NOW, State.BACKLOG)
    await digest(storage, channel, [paper(1, 2)], NOW + DAY, State.BACKLOG)
    assert await listed(storage) == Listing((), (), 0, NOW + DAY)


async def test_of_several_channels_each_paper_is_listed_once(storage: Storage) -> None:
    """New where it is new to one of them; held back where it is to all."""
    first = await fed(storage, seen=[paper(1)])
    second = await beside(storage, first)
    await digest(storage, first, [paper(1, 2), paper(2), paper(3), paper(4)], NOW, State.SENT)
    await digest(storage, second, [paper(1, 2), paper(2)], NOW + HOUR, State.SENT)
    await digest(storage, second, [paper(3), paper(5)], NOW + HOUR, State.BACKLOG)
    found = await storage.digests.listing([CHANNEL, CHANNEL + 1], SINGAPORE)
    assert found == Listing((paper(4), paper(3), paper(2), paper(1, 2)), (), 1, NOW + HOUR)


async def test_a_channel_without_a_digest_that_day_adds_nothing(storage: Storage) -> None:
    first = await fed(storage)
    second = await beside(storage, first)
    await digest(storage, second, [paper(1)], NOW)
    await digest(storage, first, [paper(2)], NOW + DAY)
    found = await storage.digests.listing([CHANNEL, CHANNEL + 1], SINGAPORE)
    assert found == Listing((paper(2),), (), 0, NOW + DAY)


async def test_a_body_that_somebody_looked_up_before_hides_nothing(storage: Storage) -> None:
    channel = await fed(storage)
    await digest(storage, channel, [paper(1)], NOW, State.SENT)
    async with storage.database.begin() as connection:
        await save_papers(connection, [paper(1, 2), paper(2)], NOW + HOUR)
    await digest(storage, channel, [paper(1, 2), paper(2)], NOW + DAY, State.SENT)
    assert await listed(storage) == Listing((paper(2),), (paper(1, 2),), 0, NOW + DAY)


async def test_other_channels_papers_are_theirs(storage: Storage) -> None:
    channel = await fed(storage)
    await digest(storage, channel, papers(3), NOW)
    assert await storage.digests.listing([CHANNEL + 1], SINGAPORE) == Listing((), (), 0, None)

"""What digests did, and what they left."""

from __future__ import annotations

from datetime import timedelta

from bot.digest.model import Sent, State, Unknown
from bot.digest.silence import Unconfirmed
from bot.storage import Storage
from bot.storage.digests import DigestRow
from tests.storage.lab import CHANNEL, DAY, NOW, SERVER, Deciding, claim, current, fed, paper, papers, seeding

OTHER_CHANNEL, OTHER_SERVER = CHANNEL + 1, SERVER + 1
MINUTE = timedelta(minutes=1)


async def recorded(storage: Storage, channel_id: int, days: int, new: int) -> DigestRow:
    row = DigestRow(channel_id, NOW + days * DAY, NOW + days * DAY + MINUTE, {"new": new, "rejected": "…"})
    await storage.digests.record(row.channel_id, row.slot_at, row.finished_at, row.report)
    return row


async def test_a_channel_only_seeded_had_no_digest(storage: Storage) -> None:
    await fed(storage, seen=papers(3))
    assert await storage.digests.last(CHANNEL) is None
    assert await storage.digests.recent(SERVER, 5) == []


async def test_the_last_digest_of_a_channel(storage: Storage) -> None:
    channel = await fed(storage)
    await recorded(storage, CHANNEL, 0, 3)
    last = await recorded(storage, CHANNEL, 1, 0)
    await storage.ledger.seed(channel, [], seeding(NOW + 2 * DAY), 0.5, None)
    assert await storage.digests.last(CHANNEL) == last
    assert await storage.digests.last(OTHER_CHANNEL) is None


async def test_the_recent_digests_of_a_server(storage: Storage) -> None:
    await fed(storage)
    store = storage.subscriptions
    await store.follow(OTHER_CHANNEL, SERVER, None, NOW)
    await store.follow(CHANNEL + 2, OTHER_SERVER, None, NOW)
    first = await recorded(storage, CHANNEL, 0, 1)
    second = await recorded(storage, OTHER_CHANNEL, 1, 2)
    third = await recorded(storage, CHANNEL, 2, 3)
    await recorded(storage, CHANNEL + 2, 3, 4)
    assert await storage.digests.recent(SERVER, 5) == [third, second, first]
    assert await storage.digests.recent(SERVER, 2) == [third, second]


async def test_the_backlog_page_by_page_newest_first(storage: Storage) -> None:
    channel, store = await fed(storage), storage.digests
    await claim(storage, channel, [paper(9)], NOW - DAY, Deciding(State.BACKLOG))
    await claim(storage, channel, papers(5), NOW, Deciding(State.BACKLOG))
    await claim(storage, channel, [paper(2, version=2)], NOW + DAY, Deciding(State.BACKLOG))
    await claim(storage, channel, [paper(20)], NOW, Deciding(State.SEEN))
    expected = [paper(4), paper(3), paper(2, version=2), paper(1), paper(0), paper(9)]
    pages = [await store.backlog(CHANNEL, offset, 4) for offset in (0, 4, 8)]
    assert pages == [(expected[:4], 6), (expected[4:], 6), ([], 6)]
    assert await store.backlog(OTHER_CHANNEL, 0, 4) == ([], 0)


async def test_what_waits_and_what_is_pending(storage: Storage) -> None:
    channel, store = await fed(storage), storage.digests
    await claim(storage, channel, papers(2), NOW, Deciding(State.WAITING))
    assert await store.waiting(CHANNEL) == 2
    assert await store.pending(SERVER) == 0
    first, second, third, *_ = await claim(storage, await current(storage), [paper(n) for n in range(10, 13)], NOW, Deciding())
    await storage.deliveries.settle(first, Sent(1), NOW)
    await storage.deliveries.settle(second, Unknown("timeout"), NOW)
    assert third.channel_id == CHANNEL
    assert await store.waiting(CHANNEL) == 0
    assert await store.pending(SERVER) == 4
    assert await store.waiting(OTHER_CHANNEL) == await store.pending(OTHER_SERVER) == 0


async def test_what_discord_was_asked_to_take_and_has_not_confirmed(storage: Storage) -> None:
    channel, store = await fed(storage), storage.digests
    first, *_ = await claim(storage, channel, papers(3), NOW, Deciding())
    assert await store.unconfirmed(CHANNEL) is None
    assert await store.unposted(CHANNEL, NOW) == 3
    await storage.deliveries.settle(first, Unknown("Discord answered 503"), NOW)
    await claim(storage, channel, [paper(9)], NOW + DAY, Deciding())
    assert await store.unconfirmed(CHANNEL) == Unconfirmed(4, "Discord answered 503")
    assert [await store.unposted(CHANNEL, NOW + days * DAY) for days in range(3)] == [3, 1, 0]
    for number, delivery in enumerate(await storage.deliveries.unfinished()):
        await storage.deliveries.settle(delivery, Sent(number), NOW + DAY)
    assert await store.unconfirmed(CHANNEL) is None
    assert await store.unposted(CHANNEL, NOW) == 0

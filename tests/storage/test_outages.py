"""One notice a channel, whoever asks for it and however often."""

from __future__ import annotations

from dataclasses import replace

from bot.digest.model import Kind, Message, Notice, NoticeKind, Outage, Rejected, Sent, Shown, Subscription, Unknown
from bot.storage import Storage
from tests.storage.lab import CHANNEL, DAY, NOW, placed, seeding

SINCE = NOW - DAY
BEGUN = Message(Kind.NOTICE, notice=Notice(NoticeKind.OUTAGE, since=SINCE))
OVER = Message(Kind.EDIT, notice=Notice(NoticeKind.OUTAGE, since=SINCE, until=NOW), edits=Shown(77, CHANNEL, Kind.NOTICE, ()))


async def following(storage: Storage) -> Subscription:
    subscription = await placed(storage)
    await storage.ledger.seed(subscription, [], seeding(), 0.5, None)
    return await again(storage)


async def again(storage: Storage) -> Subscription:
    """As the next digest reads it."""
    [slot] = await storage.subscriptions.due(NOW, force=True)
    return slot.subscriptions[0]


async def test_a_channel_gets_one_notice_and_it_reads_back_as_it_was(storage: Storage) -> None:
    subscription = await following(storage)

    [notice] = await storage.subscriptions.begin_outage(subscription, SINCE, BEGUN, NOW)
    assert await storage.subscriptions.begin_outage(subscription, SINCE, BEGUN, NOW) == []

    [filed] = await storage.deliveries.unfinished()
    assert filed == notice
    assert filed.message == BEGUN
    assert (await again(storage)).outage_since == SINCE


async def test_it_stands_once_discord_has_confirmed_it(storage: Storage) -> None:
    subscription = await following(storage)
    [notice] = await storage.subscriptions.begin_outage(subscription, SINCE, BEGUN, NOW)

    await storage.deliveries.settle(notice, Unknown("reset"), NOW)
    assert await storage.subscriptions.outage(CHANNEL) is None
    await storage.deliveries.settle(notice, Sent(77), NOW)
    assert await storage.subscriptions.outage(CHANNEL) == Outage(SINCE, CHANNEL, 77)


async def test_a_notice_that_discord_refused_leaves_nothing_to_edit(storage: Storage) -> None:
    subscription = await following(storage)
    [notice] = await storage.subscriptions.begin_outage(subscription, SINCE, BEGUN, NOW)
    await storage.deliveries.settle(notice, Rejected("no"), NOW)
    assert await storage.subscriptions.outage(CHANNEL) == Outage(SINCE, CHANNEL, None)
    assert await storage.subscriptions.end_outage(await again(storage), None, NOW) == []
    assert await storage.subscriptions.outage(CHANNEL) is None


async def test_a_channel_that_config_json_lists_no_more_is_told_at_once(storage: Storage) -> None:
    subscription = await following(storage)
    [notice] = await storage.subscriptions.begin_outage(subscription, SINCE, BEGUN, NOW)
    await storage.deliveries.settle(notice, Sent(77), NOW)

    await storage.subscriptions.reconcile({}, NOW)

    [last_word] = await storage.deliveries.unfinished()
    assert last_word.message == replace(OVER, notice=Notice(NoticeKind.PARTING, since=SINCE, until=NOW))


async def test_its_end_is_filed_once_and_another_outage_gets_another_notice(storage: Storage) -> None:
    subscription = await following(storage)
    [notice] = await storage.subscriptions.begin_outage(subscription, SINCE, BEGUN, NOW)
    await storage.deliveries.settle(notice, Sent(77), NOW)

    told = await again(storage)
    [edit] = await storage.subscriptions.end_outage(told, OVER, NOW)
    assert await storage.subscriptions.end_outage(told, OVER, NOW) == []
    assert edit.message == OVER
    assert await storage.deliveries.unfinished() == [edit]
    await storage.deliveries.settle(edit, Sent(77), NOW)

    assert (await again(storage)).outage_since is None
    later = replace(BEGUN, notice=Notice(NoticeKind.OUTAGE, since=NOW))
    [second] = await storage.subscriptions.begin_outage(await again(storage), NOW, later, NOW + DAY)
    assert await storage.subscriptions.outage(CHANNEL) is None
    await storage.deliveries.settle(second, Sent(88), NOW + DAY)
    assert await storage.subscriptions.outage(CHANNEL) == Outage(NOW, CHANNEL, 88)

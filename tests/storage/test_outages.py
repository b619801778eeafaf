"""One notice a channel, whoever asks for it and however often."""

from __future__ import annotations

from dataclasses import replace

from bot.digest.model import Kind, Message, Notice, NoticeKind, Outage, Rejected, Sent, Shown, Subscription, Unknown
from bot.storage.database import Database
from bot.storage.ledger import LedgerStore
from bot.storage.outages import OutageStore
from bot.storage.subscriptions import SubscriptionStore
from tests.storage.lab import CHANNEL, DAY, DEFAULTS, NOW, placed, seeding

SINCE = NOW - DAY
BEGUN = Message(Kind.NOTICE, notice=Notice(NoticeKind.OUTAGE, since=SINCE))
OVER = Message(Kind.EDIT, notice=Notice(NoticeKind.OUTAGE, since=SINCE, until=NOW), edits=Shown(77, Kind.NOTICE, ()))


async def following(database: Database) -> Subscription:
    subscription = await placed(database)
    await LedgerStore(database).seed(subscription, [], seeding(), 0.5, None)
    return await again(database)


async def again(database: Database) -> Subscription:
    """As the next digest reads it."""
    [slot] = await SubscriptionStore(database, DEFAULTS).due(NOW, force=True)
    return slot.subscriptions[0]


async def test_a_channel_gets_one_notice_and_it_reads_back_as_it_was(database: Database) -> None:
    outages, subscription = OutageStore(database), await following(database)

    [notice] = await outages.begin(subscription, SINCE, BEGUN, NOW)
    assert await outages.begin(subscription, SINCE, BEGUN, NOW) == []

    [filed] = await LedgerStore(database).unfinished()
    assert filed == notice
    assert filed.message == BEGUN
    assert (await again(database)).outage_since == SINCE


async def test_it_stands_once_discord_has_confirmed_it(database: Database) -> None:
    outages, ledger, subscription = OutageStore(database), LedgerStore(database), await following(database)
    [notice] = await outages.begin(subscription, SINCE, BEGUN, NOW)

    await ledger.settle(notice, Unknown("reset"), NOW)
    assert await outages.standing(CHANNEL) is None
    await ledger.settle(notice, Sent(77), NOW)
    assert await outages.standing(CHANNEL) == Outage(SINCE, 77)


async def test_a_notice_that_discord_refused_leaves_nothing_to_edit(database: Database) -> None:
    outages, subscription = OutageStore(database), await following(database)
    [notice] = await outages.begin(subscription, SINCE, BEGUN, NOW)
    await LedgerStore(database).settle(notice, Rejected("no"), NOW)
    assert await outages.standing(CHANNEL) == Outage(SINCE, None)
    assert await outages.end(await again(database), None, NOW) == []
    assert await outages.standing(CHANNEL) is None


async def test_a_channel_that_config_json_lists_no_more_is_told_at_once(database: Database) -> None:
    outages, ledger, subscription = OutageStore(database), LedgerStore(database), await following(database)
    [notice] = await outages.begin(subscription, SINCE, BEGUN, NOW)
    await ledger.settle(notice, Sent(77), NOW)

    await SubscriptionStore(database, DEFAULTS).reconcile({}, NOW)

    [last_word] = await ledger.unfinished()
    assert last_word.message == replace(OVER, notice=Notice(NoticeKind.PARTING, since=SINCE, until=NOW))


async def test_its_end_is_filed_once_and_another_outage_gets_another_notice(database: Database) -> None:
    outages, ledger, subscription = OutageStore(database), LedgerStore(database), await following(database)
    [notice] = await outages.begin(subscription, SINCE, BEGUN, NOW)
    await ledger.settle(notice, Sent(77), NOW)

    told = await again(database)
    [edit] = await outages.end(told, OVER, NOW)
    assert await outages.end(told, OVER, NOW) == []
    assert edit.message == OVER
    assert await ledger.unfinished() == [edit]
    await ledger.settle(edit, Sent(77), NOW)

    assert (await again(database)).outage_since is None
    later = replace(BEGUN, notice=Notice(NoticeKind.OUTAGE, since=NOW))
    [second] = await outages.begin(await again(database), NOW, later, NOW + DAY)
    assert await outages.standing(CHANNEL) is None
    await ledger.settle(second, Sent(88), NOW + DAY)
    assert await outages.standing(CHANNEL) == Outage(NOW, 88)

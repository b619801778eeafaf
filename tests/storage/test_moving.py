"""A channel's papers move to another one of its server, with all it was given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.digest.model import Blocked, Kind, Message, Notice, NoticeKind, Outage, Sent, Sighting, State
from bot.errors import NotAllowedHere
from bot.storage.database import Database
from bot.storage.digests import DigestStore
from bot.storage.ledger import LedgerStore
from bot.storage.outages import OutageStore
from tests.storage.lab import (
    CHANNEL,
    DAY,
    MESSAGE,
    NOW,
    OTHER_CHANNEL,
    SERVER,
    Deciding,
    edit,
    followed,
    paper,
    papers,
    placed,
    sightings,
    store_of,
    the,
)


async def test_everything_comes_along(database: Database) -> None:
    channel, ledger = await followed(database, query="cat:cs.LG"), LedgerStore(database)
    await ledger.claim(channel, [paper(3)], NOW, Deciding(State.BACKLOG))
    await ledger.claim(channel, [paper(2)], NOW, Deciding(State.SEEN))
    sent, owed = await ledger.claim(channel, papers(2), NOW, Deciding())
    await ledger.settle(sent, Sent(MESSAGE), NOW)
    await ledger.record(CHANNEL, NOW, NOW, {"new": 2})
    before = await the(database, CHANNEL)
    await store_of(database).block(CHANNEL, "Missing permission", NOW)
    await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    assert await store_of(database).of_server(SERVER) == [replace(before, channel_id=OTHER_CHANNEL)]
    assert await ledger.unfinished() == [replace(owed, channel_id=OTHER_CHANNEL)]
    assert (await DigestStore(database).backlog(OTHER_CHANNEL, 0, 10))[0] == [paper(3)]
    assert await DigestStore(database).last(OTHER_CHANNEL) is not None
    assert await sightings(database, OTHER_CHANNEL, 0, 1, 2, 3, 4) == {4: None}


async def test_what_waited_for_a_blocked_channel_comes_to_the_new_one(database: Database) -> None:
    channel, ledger = await followed(database), LedgerStore(database)
    (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
    await ledger.settle(card, Blocked("deleted"), NOW)
    await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    deciding = Deciding()
    (again,) = await ledger.claim(await the(database, OTHER_CHANNEL), [], NOW, deciding)
    assert deciding.saw == [Sighting(paper(0), State.WAITING, waiting_since=NOW)]
    assert again.channel_id == OTHER_CHANNEL


async def test_messages_posted_before_are_edited_no_more(database: Database) -> None:
    channel, ledger = await followed(database), LedgerStore(database)
    (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
    await ledger.settle(card, Sent(MESSAGE), NOW)
    await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    deciding = Deciding(State.SENT)
    await ledger.claim(await the(database, OTHER_CHANNEL), [paper(0, 2)], NOW, deciding)
    assert deciding.saw == [Sighting(paper(0, 2), State.SENT)]


async def test_a_message_under_way_is_settled_all_the_same(database: Database) -> None:
    channel, ledger = await followed(database), LedgerStore(database)
    (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
    await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    await ledger.settle(card, Sent(MESSAGE), NOW)
    await ledger.record(CHANNEL, NOW, NOW, {"new": 1})
    assert await ledger.unfinished() == []
    assert await sightings(database, OTHER_CHANNEL, 0, version=2) == {0: State.SENT}


async def test_an_edit_under_way_ends_without_its_message(database: Database) -> None:
    channel, ledger = await followed(database), LedgerStore(database)
    (posted,) = await ledger.claim(channel, papers(2), NOW, Deciding(kind=Kind.LIST))
    await ledger.settle(posted, Sent(MESSAGE), NOW)
    await ledger.claim(channel, [paper(0, 2)], NOW, edit)
    await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    (change,) = await ledger.unfinished()
    await ledger.settle(change, Sent(None), NOW)
    assert await ledger.unfinished() == []
    assert await sightings(database, OTHER_CHANNEL, 0, 1, version=3) == {0: State.SENT, 1: State.SENT}


async def test_the_old_channel_gets_nothing_more_and_can_be_followed_anew(database: Database) -> None:
    channel = await followed(database)
    await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    assert await store_of(database).get(CHANNEL) is None
    assert await LedgerStore(database).claim(channel, papers(1), NOW, Deciding()) == []
    await followed(database, CHANNEL)
    assert await sightings(database, CHANNEL, 0) == {0: None}


async def test_there_and_back_again(database: Database) -> None:
    channel = await followed(database)
    await LedgerStore(database).claim(channel, papers(1), NOW, Deciding(State.SEEN))
    await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    await store_of(database).move(OTHER_CHANNEL, CHANNEL, NOW)
    assert await sightings(database, CHANNEL, 0, 1) == {1: None}


@pytest.mark.parametrize("listed", [True, False])
async def test_a_channel_that_gets_papers_is_no_target(database: Database, listed: bool) -> None:
    channel = await followed(database)
    if listed:
        await placed(database, OTHER_CHANNEL)
    else:
        await followed(database, OTHER_CHANNEL)
    with pytest.raises(NotAllowedHere, match=f"<#{OTHER_CHANNEL}> gets papers already"):
        await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    with pytest.raises(NotAllowedHere, match=f"<#{CHANNEL}> gets papers already"):
        await store_of(database).move(CHANNEL, CHANNEL, NOW)
    assert await the(database, CHANNEL) == channel


async def test_onto_a_channel_stopped_before_both_ledgers_hold(database: Database) -> None:
    ledger, store = LedgerStore(database), store_of(database)
    await ledger.claim(await followed(database, OTHER_CHANNEL), [paper(0), paper(1)], NOW, Deciding(State.SEEN))
    await store.stop(OTHER_CHANNEL, NOW)
    await ledger.claim(await followed(database), [paper(1), paper(2)], NOW, Deciding(State.BACKLOG))
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert [s.channel_id for s in await store.of_server(SERVER)] == [OTHER_CHANNEL]
    taken = await sightings(database, OTHER_CHANNEL, 0, 1, 2, version=2)
    assert taken == {0: State.SEEN, 1: State.BACKLOG, 2: State.BACKLOG}


async def test_a_paper_that_stands_in_the_target_does_not_come_there_again(database: Database) -> None:
    ledger, store = LedgerStore(database), store_of(database)
    (card,) = await ledger.claim(await followed(database, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
    await ledger.settle(card, Sent(MESSAGE), NOW)
    await store.stop(OTHER_CHANNEL, NOW)
    await ledger.claim(await followed(database), [paper(0), paper(1)], NOW, Deciding(State.WAITING))
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    waiting = Deciding(State.WAITING)
    await ledger.claim(await the(database, OTHER_CHANNEL), [], NOW, waiting)
    assert waiting.priors == {paper(1).id: State.WAITING}
    deciding = Deciding(State.SENT)
    await ledger.claim(await the(database, OTHER_CHANNEL), [paper(0, 2)], NOW, deciding)
    revised = next(sighting for sighting in deciding.saw if sighting.paper == paper(0, 2))
    assert revised.prior is State.SENT
    assert revised.shown is not None
    assert revised.shown.message_id == MESSAGE


async def test_nor_in_a_message_that_moves_along_whose_other_papers_are_planned_again(database: Database) -> None:
    ledger, store = LedgerStore(database), store_of(database)
    (card,) = await ledger.claim(await followed(database, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
    await ledger.settle(card, Sent(MESSAGE), NOW)
    await store.stop(OTHER_CHANNEL, NOW)
    channel = await followed(database)
    await ledger.claim(channel, [paper(0), paper(1)], NOW, Deciding(kind=Kind.LIST))
    (owed,) = await ledger.claim(channel, [paper(2)], NOW, Deciding())
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert await ledger.unfinished() == [replace(owed, channel_id=OTHER_CHANNEL)]
    deciding = Deciding()
    await ledger.claim(await the(database, OTHER_CHANNEL), [], NOW, deciding)
    assert deciding.priors == {paper(1).id: State.WAITING}


async def test_nor_one_whose_edit_was_pending_when_the_target_was_stopped(database: Database) -> None:
    ledger, store = LedgerStore(database), store_of(database)
    target = await followed(database, OTHER_CHANNEL)
    (card,) = await ledger.claim(target, [paper(0)], NOW, Deciding())
    await ledger.settle(card, Sent(MESSAGE), NOW)
    await ledger.claim(target, [paper(0, 2)], NOW, edit)
    await store.stop(OTHER_CHANNEL, NOW)
    await ledger.claim(await followed(database), [paper(0, 2)], NOW, Deciding(State.WAITING))
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    deciding = Deciding(State.SENT)
    await ledger.claim(await the(database, OTHER_CHANNEL), [paper(0, 3)], NOW, deciding)
    assert deciding.priors == {paper(0, 3).id: State.SENT}


async def test_what_the_target_was_owed_when_it_was_stopped_never_comes(database: Database) -> None:
    ledger, store = LedgerStore(database), store_of(database)
    await ledger.claim(await followed(database, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
    await store.stop(OTHER_CHANNEL, NOW)
    await followed(database)
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert await ledger.unfinished() == []
    assert await sightings(database, OTHER_CHANNEL, 0, version=2) == {0: State.SEEN}


@pytest.mark.parametrize("posted", [True, False])
async def test_an_outage_is_told_anew_in_the_new_channel(database: Database, posted: bool) -> None:
    ledger, outages = LedgerStore(database), OutageStore(database)
    told = Message(Kind.NOTICE, notice=Notice(NoticeKind.OUTAGE, since=NOW - DAY))
    (notice,) = await outages.begin(await followed(database), NOW - DAY, told, NOW)
    if posted:
        await ledger.settle(notice, Sent(MESSAGE), NOW)
    await store_of(database).move(CHANNEL, OTHER_CHANNEL, NOW)
    assert [(each.channel_id, each.message.notice) for each in await ledger.unfinished()] == (
        [(CHANNEL, Notice(NoticeKind.PARTING, since=NOW - DAY, until=NOW))] if posted else []
    )
    moved = await the(database, OTHER_CHANNEL)
    assert moved.outage_since is None
    (again,) = await outages.begin(moved, NOW, told, NOW)
    await ledger.settle(again, Sent(MESSAGE + 1), NOW)
    assert await outages.standing(OTHER_CHANNEL) == Outage(NOW, MESSAGE + 1)

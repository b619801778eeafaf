"""A channel's papers move to another one of its server, with all it was given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.digest.model import Blocked, Kind, Message, Notice, NoticeKind, Outage, Sent, Sighting, State
from bot.errors import NotAllowedHere
from bot.storage import Storage
from tests.storage.lab import (
    CHANNEL,
    DAY,
    MESSAGE,
    NOW,
    OTHER_CHANNEL,
    SERVER,
    Deciding,
    claim,
    edit,
    followed,
    paper,
    papers,
    placed,
    sightings,
    the,
)


async def test_everything_comes_along(storage: Storage) -> None:
    channel = await followed(storage, query="cat:cs.LG")
    await claim(storage, channel, [paper(3)], NOW, Deciding(State.BACKLOG))
    await claim(storage, channel, [paper(2)], NOW, Deciding(State.SEEN))
    sent, owed = await claim(storage, channel, papers(2), NOW, Deciding())
    await storage.deliveries.settle(sent, Sent(MESSAGE), NOW)
    await storage.digests.record(CHANNEL, NOW, NOW, {"new": 2})
    before = await the(storage, CHANNEL)
    await storage.subscriptions.block(CHANNEL, "Missing permission", NOW)
    await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert await storage.subscriptions.of_server(SERVER) == [replace(before, channel_id=OTHER_CHANNEL)]
    assert await storage.deliveries.unfinished() == [replace(owed, channel_id=OTHER_CHANNEL, destination_id=OTHER_CHANNEL)]
    assert (await storage.digests.backlog(OTHER_CHANNEL, 0, 10))[0] == [paper(3)]
    assert await storage.digests.last(OTHER_CHANNEL) is not None
    assert await sightings(storage, OTHER_CHANNEL, 0, 1, 2, 3, 4) == {4: None}


async def test_what_waited_for_a_blocked_channel_comes_to_the_new_one(storage: Storage) -> None:
    channel = await followed(storage)
    (card,) = await claim(storage, channel, papers(1), NOW, Deciding())
    await storage.deliveries.settle(card, Blocked("deleted"), NOW)
    await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    deciding = Deciding()
    (again,) = await claim(storage, await the(storage, OTHER_CHANNEL), [], NOW, deciding)
    assert deciding.saw == [Sighting(paper(0), State.WAITING, waiting_since=NOW)]
    assert again.channel_id == OTHER_CHANNEL


async def test_messages_posted_before_are_edited_no_more(storage: Storage) -> None:
    channel = await followed(storage)
    (card,) = await claim(storage, channel, papers(1), NOW, Deciding())
    await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
    await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    deciding = Deciding(State.SENT)
    await claim(storage, await the(storage, OTHER_CHANNEL), [paper(0, 2)], NOW, deciding)
    assert deciding.saw == [Sighting(paper(0, 2), State.SENT)]


async def test_a_message_under_way_is_settled_all_the_same(storage: Storage) -> None:
    channel = await followed(storage)
    (card,) = await claim(storage, channel, papers(1), NOW, Deciding())
    await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
    await storage.digests.record(CHANNEL, NOW, NOW, {"new": 1})
    assert await storage.deliveries.unfinished() == []
    assert await sightings(storage, OTHER_CHANNEL, 0, version=2) == {0: State.SENT}


async def test_an_edit_under_way_ends_without_its_message(storage: Storage) -> None:
    channel = await followed(storage)
    (posted,) = await claim(storage, channel, papers(2), NOW, Deciding(kind=Kind.LIST))
    await storage.deliveries.settle(posted, Sent(MESSAGE), NOW)
    await claim(storage, channel, [paper(0, 2)], NOW, edit)
    await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    (change,) = await storage.deliveries.unfinished()
    await storage.deliveries.settle(change, Sent(None), NOW)
    assert await storage.deliveries.unfinished() == []
    assert await sightings(storage, OTHER_CHANNEL, 0, 1, version=3) == {0: State.SENT, 1: State.SENT}


async def test_the_old_channel_gets_nothing_more_and_can_be_followed_anew(storage: Storage) -> None:
    channel = await followed(storage)
    await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert await storage.subscriptions.get(CHANNEL) is None
    assert await claim(storage, channel, papers(1), NOW, Deciding()) == []
    await followed(storage, CHANNEL)
    assert await sightings(storage, CHANNEL, 0) == {0: None}


async def test_there_and_back_again(storage: Storage) -> None:
    channel = await followed(storage)
    await claim(storage, channel, papers(1), NOW, Deciding(State.SEEN))
    await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    await storage.subscriptions.move(OTHER_CHANNEL, CHANNEL, NOW)
    assert await sightings(storage, CHANNEL, 0, 1) == {1: None}


@pytest.mark.parametrize("listed", [True, False])
async def test_a_channel_that_gets_papers_is_no_target(storage: Storage, listed: bool) -> None:
    channel = await followed(storage)
    if listed:
        await placed(storage, OTHER_CHANNEL)
    else:
        await followed(storage, OTHER_CHANNEL)
    with pytest.raises(NotAllowedHere, match=f"<#{OTHER_CHANNEL}> gets papers already"):
        await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    with pytest.raises(NotAllowedHere, match=f"<#{CHANNEL}> gets papers already"):
        await storage.subscriptions.move(CHANNEL, CHANNEL, NOW)
    assert await the(storage, CHANNEL) == channel


async def test_onto_a_channel_stopped_before_both_ledgers_hold(storage: Storage) -> None:
    store = storage.subscriptions
    await claim(storage, await followed(storage, OTHER_CHANNEL), [paper(0), paper(1)], NOW, Deciding(State.SEEN))
    await store.stop(OTHER_CHANNEL, NOW)
    await claim(storage, await followed(storage), [paper(1), paper(2)], NOW, Deciding(State.BACKLOG))
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert [s.channel_id for s in await store.of_server(SERVER)] == [OTHER_CHANNEL]
    taken = await sightings(storage, OTHER_CHANNEL, 0, 1, 2, version=2)
    assert taken == {0: State.SEEN, 1: State.BACKLOG, 2: State.BACKLOG}


async def test_a_paper_that_stands_in_the_target_does_not_come_there_again(storage: Storage) -> None:
    store = storage.subscriptions
    (card,) = await claim(storage, await followed(storage, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
    await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
    await store.stop(OTHER_CHANNEL, NOW)
    await claim(storage, await followed(storage), [paper(0), paper(1)], NOW, Deciding(State.WAITING))
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    waiting = Deciding(State.WAITING)
    await claim(storage, await the(storage, OTHER_CHANNEL), [], NOW, waiting)
    assert waiting.priors == {paper(1).id: State.WAITING}
    deciding = Deciding(State.SENT)
    await claim(storage, await the(storage, OTHER_CHANNEL), [paper(0, 2)], NOW, deciding)
    revised = next(sighting for sighting in deciding.saw if sighting.paper == paper(0, 2))
    assert revised.prior is State.SENT
    assert revised.shown is not None
    assert revised.shown.message_id == MESSAGE


async def test_nor_in_a_message_that_moves_along_whose_other_papers_are_planned_again(storage: Storage) -> None:
    store = storage.subscriptions
    (card,) = await claim(storage, await followed(storage, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
    await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
    await store.stop(OTHER_CHANNEL, NOW)
    channel = await followed(storage)
    await claim(storage, channel, [paper(0), paper(1)], NOW, Deciding(kind=Kind.LIST))
    (owed,) = await claim(storage, channel, [paper(2)], NOW, Deciding())
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert await storage.deliveries.unfinished() == [replace(owed, channel_id=OTHER_CHANNEL, destination_id=OTHER_CHANNEL)]
    deciding = Deciding()
    await claim(storage, await the(storage, OTHER_CHANNEL), [], NOW, deciding)
    assert deciding.priors == {paper(1).id: State.WAITING}


async def test_nor_one_whose_edit_was_pending_when_the_target_was_stopped(storage: Storage) -> None:
    store = storage.subscriptions
    target = await followed(storage, OTHER_CHANNEL)
    (card,) = await claim(storage, target, [paper(0)], NOW, Deciding())
    await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
    await claim(storage, target, [paper(0, 2)], NOW, edit)
    await store.stop(OTHER_CHANNEL, NOW)
    await claim(storage, await followed(storage), [paper(0, 2)], NOW, Deciding(State.WAITING))
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    deciding = Deciding(State.SENT)
    await claim(storage, await the(storage, OTHER_CHANNEL), [paper(0, 3)], NOW, deciding)
    assert deciding.priors == {paper(0, 3).id: State.SENT}


async def test_what_the_target_was_owed_when_it_was_stopped_never_comes(storage: Storage) -> None:
    store = storage.subscriptions
    await claim(storage, await followed(storage, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
    await store.stop(OTHER_CHANNEL, NOW)
    await followed(storage)
    await store.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert await storage.deliveries.unfinished() == []
    assert await sightings(storage, OTHER_CHANNEL, 0, version=2) == {0: State.SEEN}


@pytest.mark.parametrize("posted", [True, False])
async def test_an_outage_is_told_anew_in_the_new_channel(storage: Storage, posted: bool) -> None:
    told = Message(Kind.NOTICE, notice=Notice(NoticeKind.OUTAGE, since=NOW - DAY))
    (notice,) = await storage.subscriptions.begin_outage(await followed(storage), NOW - DAY, told, NOW)
    if posted:
        await storage.deliveries.settle(notice, Sent(MESSAGE), NOW)
    await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
    assert [(each.channel_id, each.message.notice) for each in await storage.deliveries.unfinished()] == (
        [(CHANNEL, Notice(NoticeKind.PARTING, since=NOW - DAY, until=NOW))] if posted else []
    )
    moved = await the(storage, OTHER_CHANNEL)
    assert moved.outage_since is None
    (again,) = await storage.subscriptions.begin_outage(moved, NOW, told, NOW)
    await storage.deliveries.settle(again, Sent(MESSAGE + 1), NOW)
    assert await storage.subscriptions.outage(OTHER_CHANNEL) == Outage(NOW, OTHER_CHANNEL, MESSAGE + 1)

"""What commands do to a channel's subscription."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.digest.model import Blocked, Kind, Message, Notice, NoticeKind, Outage, Sent, Sighting, State, Subscription
from bot.errors import NotAllowedHere
from bot.storage.database import Database
from bot.storage.digests import DigestStore
from bot.storage.ledger import LedgerStore
from bot.storage.outages import OutageStore
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from tests.storage.lab import CHANNEL, DAY, DEFAULTS, NOW, QUERY, SERVER, Deciding, edit, fed, paper, papers, placed, seeding

OTHER_CHANNEL, MESSAGE = CHANNEL + 1, 1_300_000_000_000_000_001
LISTED = f"<#{CHANNEL}> is listed in config.json"


def store_of(database: Database) -> SubscriptionStore:
    return SubscriptionStore(database, DEFAULTS)


async def followed(database: Database, channel_id: int = CHANNEL, query: str | None = None) -> Subscription:
    """A channel that a command made, seeded."""
    subscription = await store_of(database).follow(channel_id, SERVER, query, NOW - DAY)
    await LedgerStore(database).seed(subscription, [], seeding(query=subscription.query), 0.5, None)
    return await the(database, channel_id)


async def the(database: Database, channel_id: int) -> Subscription:
    subscription = await store_of(database).get(channel_id)
    assert subscription is not None
    return subscription


async def sightings(database: Database, channel_id: int, *numbers: int, version: int = 1) -> dict[int, State | None]:
    """What the channel's next digest takes these papers for; those it leaves alone are missing."""
    deciding = Deciding(State.SEEN)
    wanted = {paper(number, version).id: number for number in numbers}
    await LedgerStore(database).claim(await the(database, channel_id), [paper(n, version) for n in numbers], NOW, deciding)
    return {wanted[id]: prior for id, prior in deciding.priors.items() if id in wanted}


class TestFollow:
    async def test_a_channel_with_its_servers_query(self, database: Database) -> None:
        subscription = await store_of(database).follow(CHANNEL, SERVER, None, NOW)
        assert (subscription.channel_id, subscription.guild_id, subscription.query) == (CHANNEL, SERVER, QUERY)
        assert subscription.seeding is None
        assert await store_of(database).unsettled() == [subscription]

    async def test_a_channel_with_a_query_of_its_own(self, database: Database) -> None:
        await ServerStore(database, DEFAULTS).change(SERVER, NOW, query="cat:cs.LG")
        await store_of(database).follow(CHANNEL, SERVER, "cat:hep-th", NOW)
        await store_of(database).follow(OTHER_CHANNEL, SERVER, None, NOW)
        assert [s.query for s in await store_of(database).of_server(SERVER)] == ["cat:hep-th", "cat:cs.LG"]

    async def test_again_with_another_query_keeps_what_it_was_seeded_with(self, database: Database) -> None:
        await followed(database)
        subscription = await store_of(database).follow(CHANNEL, SERVER, "cat:cs.LG", NOW)
        assert (subscription.query, subscription.settled_query) == ("cat:cs.LG", QUERY)

    async def test_config_json_leaves_it_alone(self, database: Database) -> None:
        subscription = await followed(database, query="cat:cs.LG")
        for channels in ({}, {CHANNEL: "cat:hep-th"}, {}):
            assert await store_of(database).reconcile(channels, NOW) == []
            assert await the(database, CHANNEL) == subscription

    async def test_without_any_query_there_is_nothing_to_follow(self, database: Database) -> None:
        store = SubscriptionStore(database, replace(DEFAULTS, query=None))
        with pytest.raises(NotAllowedHere, match="no query yet"):
            await store.follow(CHANNEL, SERVER, None, NOW)
        assert await store_of(database).of_server(SERVER) == []

    async def test_a_stopped_channel_is_seeded_anew_and_still_knows_what_it_had(self, database: Database) -> None:
        channel, ledger = await followed(database), LedgerStore(database)
        (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
        await ledger.settle(card, Sent(MESSAGE), NOW)
        await store_of(database).block(CHANNEL, "Missing permission", NOW)
        await store_of(database).stop(CHANNEL, NOW)
        again = await store_of(database).follow(CHANNEL, SERVER, None, NOW + DAY)
        assert (again.seeding, again.last_good_at, again.blocked_reason) == (None, None, None)
        assert await sightings(database, CHANNEL, 0, 1) == {1: None}

    @pytest.mark.parametrize("listed", [True, False])
    async def test_what_was_owed_when_it_was_stopped_never_comes(self, database: Database, listed: bool) -> None:
        channel, ledger, store = await followed(database), LedgerStore(database), store_of(database)
        await ledger.claim(channel, [paper(2)], NOW, Deciding())
        await ledger.claim(channel, [paper(1)], NOW, Deciding(State.BACKLOG))
        await ledger.claim(channel, [paper(0)], NOW, Deciding(State.WAITING))
        await store.stop(CHANNEL, NOW)
        if listed:
            await store.reconcile({CHANNEL: "cat:hep-th"}, NOW + DAY)
        else:
            await store.follow(CHANNEL, SERVER, "cat:hep-th", NOW + DAY)
        assert await ledger.unfinished() == []
        taken = await sightings(database, CHANNEL, 0, 1, 2, version=2)
        assert taken == {0: State.SEEN, 1: State.BACKLOG, 2: State.SEEN}

    async def test_a_message_under_way_when_it_was_stopped_is_settled_all_the_same(self, database: Database) -> None:
        channel, ledger, store = await followed(database), LedgerStore(database), store_of(database)
        (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
        await store.stop(CHANNEL, NOW)
        await store.follow(CHANNEL, SERVER, None, NOW)
        await ledger.settle(card, Sent(MESSAGE), NOW)
        assert await ledger.unfinished() == []
        assert await sightings(database, CHANNEL, 0) == {}

    async def test_a_channel_once_listed_can_be_followed(self, database: Database) -> None:
        await fed(database)
        await store_of(database).reconcile({}, NOW)
        await store_of(database).follow(CHANNEL, SERVER, "cat:cs.LG", NOW)
        await store_of(database).reconcile({}, NOW)
        assert (await the(database, CHANNEL)).query == "cat:cs.LG"


class TestConfigJson:
    """It owns the list of its channels and their own queries."""

    async def test_its_channel_keeps_its_query(self, database: Database) -> None:
        await placed(database)
        store = store_of(database)
        with pytest.raises(NotAllowedHere, match=LISTED):
            await store.follow(CHANNEL, SERVER, "cat:cs.LG", NOW)
        with pytest.raises(NotAllowedHere, match="server's query can be changed here"):
            await store.requery(CHANNEL, "cat:cs.LG")
        await store.reconcile({CHANNEL: "cat:hep-th"}, NOW)
        with pytest.raises(NotAllowedHere, match=LISTED):
            await store.follow(CHANNEL, SERVER, None, NOW)
        assert (await the(database, CHANNEL)).query == "cat:hep-th"

    async def test_asking_for_what_it_says_anyway_is_fine(self, database: Database) -> None:
        subscription = await placed(database)
        assert await store_of(database).follow(CHANNEL, SERVER, None, NOW) == subscription

    async def test_its_channel_follows_its_servers_query(self, database: Database) -> None:
        await placed(database)
        await ServerStore(database, DEFAULTS).change(SERVER, NOW, query="cat:cs.LG", max_posts=3)
        subscription = await the(database, CHANNEL)
        assert (subscription.query, subscription.max_posts) == ("cat:cs.LG", 3)

    async def test_its_channel_is_neither_stopped_nor_moved(self, database: Database) -> None:
        subscription = await fed(database)
        with pytest.raises(NotAllowedHere, match=LISTED):
            await store_of(database).stop(CHANNEL, NOW)
        with pytest.raises(NotAllowedHere, match=LISTED):
            await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        assert await store_of(database).of_server(SERVER) == [subscription]


class TestRequery:
    async def test_its_own_and_back_to_its_servers(self, database: Database) -> None:
        await followed(database)
        await store_of(database).requery(CHANNEL, "cat:cs.LG")
        assert (await the(database, CHANNEL)).query == "cat:cs.LG"
        await store_of(database).requery(CHANNEL, None)
        assert (await the(database, CHANNEL)).query == QUERY


class TestStop:
    async def test_nothing_more_is_posted(self, database: Database) -> None:
        channel, ledger = await followed(database), LedgerStore(database)
        await ledger.claim(channel, papers(1), NOW, Deciding())
        await store_of(database).stop(CHANNEL, NOW)
        assert await store_of(database).get(CHANNEL) is None
        assert await store_of(database).of_server(SERVER) == []
        assert await store_of(database).due(NOW, force=True) == []
        assert await ledger.unfinished() == []

    async def test_a_digest_under_way_claims_nothing_more_for_it(self, database: Database) -> None:
        channel = await followed(database)
        await store_of(database).stop(CHANNEL, NOW)
        assert await LedgerStore(database).claim(channel, papers(1), NOW, Deciding()) == []

    @pytest.mark.parametrize("before", [True, False])
    async def test_what_is_not_followed_cannot_be_changed(self, database: Database, before: bool) -> None:
        store = store_of(database)
        if before:
            await followed(database)
            await store.stop(CHANNEL, NOW)
        with pytest.raises(NotAllowedHere, match="gets no papers"):
            await store.stop(CHANNEL, NOW)
        with pytest.raises(NotAllowedHere, match="gets no papers"):
            await store.requery(CHANNEL, "cat:cs.LG")
        with pytest.raises(NotAllowedHere, match="gets no papers"):
            await store.move(CHANNEL, OTHER_CHANNEL)


async def test_unblock(database: Database) -> None:
    await followed(database)
    await store_of(database).block(CHANNEL, "Missing permission", NOW)
    await store_of(database).unblock(CHANNEL)
    assert (await the(database, CHANNEL)).blocked_reason is None


class TestMove:
    async def test_everything_comes_along(self, database: Database) -> None:
        channel, ledger = await followed(database, query="cat:cs.LG"), LedgerStore(database)
        await ledger.claim(channel, [paper(3)], NOW, Deciding(State.BACKLOG))
        await ledger.claim(channel, [paper(2)], NOW, Deciding(State.SEEN))
        sent, owed = await ledger.claim(channel, papers(2), NOW, Deciding())
        await ledger.settle(sent, Sent(MESSAGE), NOW)
        await ledger.record(CHANNEL, NOW, NOW, {"new": 2})
        before = await the(database, CHANNEL)
        await store_of(database).block(CHANNEL, "Missing permission", NOW)
        await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        assert await store_of(database).of_server(SERVER) == [replace(before, channel_id=OTHER_CHANNEL)]
        assert await ledger.unfinished() == [replace(owed, channel_id=OTHER_CHANNEL)]
        assert (await DigestStore(database).backlog(OTHER_CHANNEL, 0, 10))[0] == [paper(3)]
        assert await DigestStore(database).last(OTHER_CHANNEL) is not None
        assert await sightings(database, OTHER_CHANNEL, 0, 1, 2, 3, 4) == {4: None}

    async def test_what_waited_for_a_blocked_channel_comes_to_the_new_one(self, database: Database) -> None:
        channel, ledger = await followed(database), LedgerStore(database)
        (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
        await ledger.settle(card, Blocked("deleted"), NOW)
        await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        deciding = Deciding()
        (again,) = await ledger.claim(await the(database, OTHER_CHANNEL), [], NOW, deciding)
        assert deciding.saw == [Sighting(paper(0), State.WAITING, waiting_since=NOW)]
        assert again.channel_id == OTHER_CHANNEL

    async def test_messages_posted_before_are_edited_no_more(self, database: Database) -> None:
        channel, ledger = await followed(database), LedgerStore(database)
        (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
        await ledger.settle(card, Sent(MESSAGE), NOW)
        await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        deciding = Deciding(State.SENT)
        await ledger.claim(await the(database, OTHER_CHANNEL), [paper(0, 2)], NOW, deciding)
        assert deciding.saw == [Sighting(paper(0, 2), State.SENT)]

    async def test_a_message_under_way_is_settled_all_the_same(self, database: Database) -> None:
        channel, ledger = await followed(database), LedgerStore(database)
        (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
        await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        await ledger.settle(card, Sent(MESSAGE), NOW)
        await ledger.record(CHANNEL, NOW, NOW, {"new": 1})
        assert await ledger.unfinished() == []
        assert await sightings(database, OTHER_CHANNEL, 0, version=2) == {0: State.SENT}

    async def test_an_edit_under_way_ends_without_its_message(self, database: Database) -> None:
        channel, ledger = await followed(database), LedgerStore(database)
        (posted,) = await ledger.claim(channel, papers(2), NOW, Deciding(kind=Kind.LIST))
        await ledger.settle(posted, Sent(MESSAGE), NOW)
        await ledger.claim(channel, [paper(0, 2)], NOW, edit)
        await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        (change,) = await ledger.unfinished()
        await ledger.settle(change, Sent(None), NOW)
        assert await ledger.unfinished() == []
        assert await sightings(database, OTHER_CHANNEL, 0, 1, version=3) == {0: State.SENT, 1: State.SENT}

    async def test_the_old_channel_gets_nothing_more_and_can_be_followed_anew(self, database: Database) -> None:
        channel = await followed(database)
        await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        assert await store_of(database).get(CHANNEL) is None
        assert await LedgerStore(database).claim(channel, papers(1), NOW, Deciding()) == []
        await followed(database, CHANNEL)
        assert await sightings(database, CHANNEL, 0) == {0: None}

    async def test_there_and_back_again(self, database: Database) -> None:
        channel = await followed(database)
        await LedgerStore(database).claim(channel, papers(1), NOW, Deciding(State.SEEN))
        await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        await store_of(database).move(OTHER_CHANNEL, CHANNEL)
        assert await sightings(database, CHANNEL, 0, 1) == {1: None}

    @pytest.mark.parametrize("listed", [True, False])
    async def test_a_channel_that_gets_papers_is_no_target(self, database: Database, listed: bool) -> None:
        channel = await followed(database)
        if listed:
            await placed(database, OTHER_CHANNEL)
        else:
            await followed(database, OTHER_CHANNEL)
        with pytest.raises(NotAllowedHere, match=f"<#{OTHER_CHANNEL}> gets papers already"):
            await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        with pytest.raises(NotAllowedHere, match=f"<#{CHANNEL}> gets papers already"):
            await store_of(database).move(CHANNEL, CHANNEL)
        assert await the(database, CHANNEL) == channel

    async def test_onto_a_channel_stopped_before_both_ledgers_hold(self, database: Database) -> None:
        ledger, store = LedgerStore(database), store_of(database)
        await ledger.claim(await followed(database, OTHER_CHANNEL), [paper(0), paper(1)], NOW, Deciding(State.SEEN))
        await store.stop(OTHER_CHANNEL, NOW)
        await ledger.claim(await followed(database), [paper(1), paper(2)], NOW, Deciding(State.BACKLOG))
        await store.move(CHANNEL, OTHER_CHANNEL)
        assert [s.channel_id for s in await store.of_server(SERVER)] == [OTHER_CHANNEL]
        taken = await sightings(database, OTHER_CHANNEL, 0, 1, 2, version=2)
        assert taken == {0: State.SEEN, 1: State.BACKLOG, 2: State.BACKLOG}

    async def test_a_paper_that_stands_in_the_target_does_not_come_there_again(self, database: Database) -> None:
        ledger, store = LedgerStore(database), store_of(database)
        (card,) = await ledger.claim(await followed(database, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
        await ledger.settle(card, Sent(MESSAGE), NOW)
        await store.stop(OTHER_CHANNEL, NOW)
        await ledger.claim(await followed(database), [paper(0), paper(1)], NOW, Deciding(State.WAITING))
        await store.move(CHANNEL, OTHER_CHANNEL)
        waiting = Deciding(State.WAITING)
        await ledger.claim(await the(database, OTHER_CHANNEL), [], NOW, waiting)
        assert waiting.priors == {paper(1).id: State.WAITING}
        deciding = Deciding(State.SENT)
        await ledger.claim(await the(database, OTHER_CHANNEL), [paper(0, 2)], NOW, deciding)
        revised = next(sighting for sighting in deciding.saw if sighting.paper == paper(0, 2))
        assert revised.prior is State.SENT
        assert revised.shown is not None
        assert revised.shown.message_id == MESSAGE

    async def test_nor_in_a_message_that_moves_along_whose_other_papers_are_planned_again(self, database: Database) -> None:
        ledger, store = LedgerStore(database), store_of(database)
        (card,) = await ledger.claim(await followed(database, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
        await ledger.settle(card, Sent(MESSAGE), NOW)
        await store.stop(OTHER_CHANNEL, NOW)
        channel = await followed(database)
        await ledger.claim(channel, [paper(0), paper(1)], NOW, Deciding(kind=Kind.LIST))
        (owed,) = await ledger.claim(channel, [paper(2)], NOW, Deciding())
        await store.move(CHANNEL, OTHER_CHANNEL)
        assert await ledger.unfinished() == [replace(owed, channel_id=OTHER_CHANNEL)]
        deciding = Deciding()
        await ledger.claim(await the(database, OTHER_CHANNEL), [], NOW, deciding)
        assert deciding.priors == {paper(1).id: State.WAITING}

    async def test_nor_one_whose_edit_was_pending_when_the_target_was_stopped(self, database: Database) -> None:
        ledger, store = LedgerStore(database), store_of(database)
        target = await followed(database, OTHER_CHANNEL)
        (card,) = await ledger.claim(target, [paper(0)], NOW, Deciding())
        await ledger.settle(card, Sent(MESSAGE), NOW)
        await ledger.claim(target, [paper(0, 2)], NOW, edit)
        await store.stop(OTHER_CHANNEL, NOW)
        await ledger.claim(await followed(database), [paper(0, 2)], NOW, Deciding(State.WAITING))
        await store.move(CHANNEL, OTHER_CHANNEL)
        deciding = Deciding(State.SENT)
        await ledger.claim(await the(database, OTHER_CHANNEL), [paper(0, 3)], NOW, deciding)
        assert deciding.priors == {paper(0, 3).id: State.SENT}

    async def test_what_the_target_was_owed_when_it_was_stopped_never_comes(self, database: Database) -> None:
        ledger, store = LedgerStore(database), store_of(database)
        await ledger.claim(await followed(database, OTHER_CHANNEL), [paper(0)], NOW, Deciding())
        await store.stop(OTHER_CHANNEL, NOW)
        await followed(database)
        await store.move(CHANNEL, OTHER_CHANNEL)
        assert await ledger.unfinished() == []
        assert await sightings(database, OTHER_CHANNEL, 0, version=2) == {0: State.SEEN}

    @pytest.mark.parametrize("posted", [True, False])
    async def test_an_outage_is_told_anew_in_the_new_channel(self, database: Database, posted: bool) -> None:
        ledger, outages = LedgerStore(database), OutageStore(database)
        told = Message(Kind.NOTICE, notice=Notice(NoticeKind.OUTAGE, since=NOW - DAY))
        (notice,) = await outages.begin(await followed(database), NOW - DAY, told, NOW)
        if posted:
            await ledger.settle(notice, Sent(MESSAGE), NOW)
        await store_of(database).move(CHANNEL, OTHER_CHANNEL)
        assert await ledger.unfinished() == []
        moved = await the(database, OTHER_CHANNEL)
        assert moved.outage_since is None
        (again,) = await outages.begin(moved, NOW, told, NOW)
        await ledger.settle(again, Sent(MESSAGE + 1), NOW)
        assert await outages.standing(OTHER_CHANNEL) == Outage(NOW, MESSAGE + 1)

"""What commands do to a channel's subscription."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.digest.model import DELETED, Blocked, Kind, Message, Notice, NoticeKind, Sent, Shown, State
from bot.errors import NotAllowedHere
from bot.storage import Storage
from bot.storage.subscriptions import SubscriptionStore
from tests.storage.lab import (
    CHANNEL,
    DAY,
    DEFAULTS,
    MESSAGE,
    NOW,
    OTHER_CHANNEL,
    QUERY,
    SERVER,
    Deciding,
    claim,
    fed,
    followed,
    paper,
    papers,
    placed,
    sightings,
    the,
)

LISTED = f"<#{CHANNEL}> is listed in config.json"


class TestFollow:
    async def test_a_channel_with_its_servers_query(self, storage: Storage) -> None:
        subscription = await storage.subscriptions.follow(CHANNEL, SERVER, None, NOW)
        assert (subscription.channel_id, subscription.guild_id, subscription.query) == (CHANNEL, SERVER, QUERY)
        assert subscription.seeding is None
        assert await storage.subscriptions.unsettled() == [subscription]

    async def test_a_channel_with_a_query_of_its_own(self, storage: Storage) -> None:
        await storage.servers.change(SERVER, NOW, query="cat:cs.LG")
        await storage.subscriptions.follow(CHANNEL, SERVER, "cat:hep-th", NOW)
        await storage.subscriptions.follow(OTHER_CHANNEL, SERVER, None, NOW)
        assert [s.query for s in await storage.subscriptions.of_server(SERVER)] == ["cat:hep-th", "cat:cs.LG"]

    async def test_again_with_another_query_keeps_what_it_was_seeded_with(self, storage: Storage) -> None:
        await followed(storage)
        subscription = await storage.subscriptions.follow(CHANNEL, SERVER, "cat:cs.LG", NOW)
        assert (subscription.query, subscription.settled_query) == ("cat:cs.LG", QUERY)

    async def test_config_json_leaves_it_alone(self, storage: Storage) -> None:
        subscription = await followed(storage, query="cat:cs.LG")
        for channels in ({}, {CHANNEL: "cat:hep-th"}, {}):
            assert await storage.subscriptions.reconcile(channels, NOW) == {}
            assert await the(storage, CHANNEL) == subscription

    async def test_without_any_query_there_is_nothing_to_follow(self, storage: Storage) -> None:
        store = SubscriptionStore(storage.database, replace(DEFAULTS, query=None))
        with pytest.raises(NotAllowedHere, match="no query yet"):
            await store.follow(CHANNEL, SERVER, None, NOW)
        assert await storage.subscriptions.of_server(SERVER) == []

    async def test_a_stopped_channel_is_seeded_anew_and_still_knows_what_it_had(self, storage: Storage) -> None:
        channel = await followed(storage)
        (card,) = await claim(storage, channel, papers(1), NOW, Deciding())
        await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
        await storage.subscriptions.block(CHANNEL, "Missing permission", NOW)
        await storage.subscriptions.stop(CHANNEL, NOW)
        again = await storage.subscriptions.follow(CHANNEL, SERVER, None, NOW + DAY)
        assert (again.seeding, again.last_good_at, again.blocked_reason) == (None, None, None)
        assert await sightings(storage, CHANNEL, 0, 1) == {1: None}

    @pytest.mark.parametrize("listed", [True, False])
    async def test_what_was_owed_when_it_was_stopped_never_comes(self, storage: Storage, listed: bool) -> None:
        channel, store = await followed(storage), storage.subscriptions
        await claim(storage, channel, [paper(2)], NOW, Deciding())
        await claim(storage, channel, [paper(1)], NOW, Deciding(State.BACKLOG))
        await claim(storage, channel, [paper(0)], NOW, Deciding(State.WAITING))
        await store.stop(CHANNEL, NOW)
        if listed:
            await store.reconcile({CHANNEL: "cat:hep-th"}, NOW + DAY)
        else:
            await store.follow(CHANNEL, SERVER, "cat:hep-th", NOW + DAY)
        assert await storage.deliveries.unfinished() == []
        taken = await sightings(storage, CHANNEL, 0, 1, 2, version=2)
        assert taken == {0: State.SEEN, 1: State.BACKLOG, 2: State.SEEN}

    async def test_a_message_under_way_when_it_was_stopped_is_settled_all_the_same(self, storage: Storage) -> None:
        channel, store = await followed(storage), storage.subscriptions
        (card,) = await claim(storage, channel, papers(1), NOW, Deciding())
        await store.stop(CHANNEL, NOW)
        await store.follow(CHANNEL, SERVER, None, NOW)
        await storage.deliveries.settle(card, Sent(MESSAGE), NOW)
        assert await storage.deliveries.unfinished() == []
        assert await sightings(storage, CHANNEL, 0) == {}

    async def test_a_channel_once_listed_can_be_followed(self, storage: Storage) -> None:
        await fed(storage)
        await storage.subscriptions.reconcile({}, NOW)
        await storage.subscriptions.follow(CHANNEL, SERVER, "cat:cs.LG", NOW)
        await storage.subscriptions.reconcile({}, NOW)
        assert (await the(storage, CHANNEL)).query == "cat:cs.LG"


class TestConfigJson:
    """It owns the list of its channels and their own queries."""

    async def test_its_channel_keeps_its_query(self, storage: Storage) -> None:
        await placed(storage)
        store = storage.subscriptions
        with pytest.raises(NotAllowedHere, match=LISTED):
            await store.follow(CHANNEL, SERVER, "cat:cs.LG", NOW)
        with pytest.raises(NotAllowedHere, match="server's query can be changed here"):
            await store.requery(CHANNEL, "cat:cs.LG")
        await store.reconcile({CHANNEL: "cat:hep-th"}, NOW)
        with pytest.raises(NotAllowedHere, match=LISTED):
            await store.follow(CHANNEL, SERVER, None, NOW)
        assert (await the(storage, CHANNEL)).query == "cat:hep-th"

    async def test_asking_for_what_it_says_anyway_is_fine(self, storage: Storage) -> None:
        subscription = await placed(storage)
        assert await storage.subscriptions.follow(CHANNEL, SERVER, None, NOW) == subscription

    async def test_its_channel_follows_its_servers_query(self, storage: Storage) -> None:
        await placed(storage)
        await storage.servers.change(SERVER, NOW, query="cat:cs.LG", max_posts=3)
        subscription = await the(storage, CHANNEL)
        assert (subscription.query, subscription.settings.max_posts) == ("cat:cs.LG", 3)

    async def test_its_channel_is_neither_stopped_nor_moved(self, storage: Storage) -> None:
        subscription = await fed(storage)
        with pytest.raises(NotAllowedHere, match=LISTED):
            await storage.subscriptions.stop(CHANNEL, NOW)
        with pytest.raises(NotAllowedHere, match=LISTED):
            await storage.subscriptions.move(CHANNEL, OTHER_CHANNEL, NOW)
        assert await storage.subscriptions.of_server(SERVER) == [subscription]


class TestRequery:
    async def test_its_own_and_back_to_its_servers(self, storage: Storage) -> None:
        await followed(storage)
        await storage.subscriptions.requery(CHANNEL, "cat:cs.LG")
        assert (await the(storage, CHANNEL)).query == "cat:cs.LG"
        await storage.subscriptions.requery(CHANNEL, None)
        assert (await the(storage, CHANNEL)).query == QUERY


class TestStop:
    async def test_nothing_more_is_posted(self, storage: Storage) -> None:
        channel = await followed(storage)
        await claim(storage, channel, papers(1), NOW, Deciding())
        await storage.subscriptions.stop(CHANNEL, NOW)
        assert await storage.subscriptions.get(CHANNEL) is None
        assert await storage.subscriptions.of_server(SERVER) == []
        assert await storage.subscriptions.due(NOW, force=True) == []
        assert await storage.deliveries.unfinished() == []

    async def test_a_digest_under_way_claims_nothing_more_for_it(self, storage: Storage) -> None:
        channel = await followed(storage)
        await storage.subscriptions.stop(CHANNEL, NOW)
        assert await claim(storage, channel, papers(1), NOW, Deciding()) == []

    @pytest.mark.parametrize("before", [True, False])
    async def test_what_is_not_followed_cannot_be_changed(self, storage: Storage, before: bool) -> None:
        store = storage.subscriptions
        if before:
            await followed(storage)
            await store.stop(CHANNEL, NOW)
        with pytest.raises(NotAllowedHere, match="gets no papers"):
            await store.stop(CHANNEL, NOW)
        with pytest.raises(NotAllowedHere, match="gets no papers"):
            await store.requery(CHANNEL, "cat:cs.LG")
        with pytest.raises(NotAllowedHere, match="gets no papers"):
            await store.move(CHANNEL, OTHER_CHANNEL, NOW)

    @pytest.mark.parametrize("again", [True, False], ids=["followed anew", "left alone"])
    async def test_the_notice_of_an_outage_is_put_right_all_the_same(self, storage: Storage, again: bool) -> None:
        store = storage.subscriptions
        told = Message(Kind.NOTICE, notice=Notice(NoticeKind.OUTAGE, since=NOW - DAY))
        (notice,) = await storage.subscriptions.begin_outage(await followed(storage), NOW - DAY, told, NOW)
        await storage.deliveries.settle(notice, Sent(MESSAGE), NOW)
        await store.stop(CHANNEL, NOW)
        if again:
            await store.follow(CHANNEL, SERVER, None, NOW)
        (last_word,) = await storage.deliveries.unfinished()
        assert last_word.message.notice == Notice(NoticeKind.PARTING, since=NOW - DAY, until=NOW)
        assert last_word.message.edits == Shown(MESSAGE, CHANNEL, Kind.NOTICE, ())
        assert await storage.deliveries.wanted(last_word)
        await storage.deliveries.settle(last_word, Blocked(DELETED), NOW)
        assert await storage.deliveries.unfinished() == []

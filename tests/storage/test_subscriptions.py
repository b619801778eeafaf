"""Who is fed, by what, when."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime, time, timedelta
from typing import Unpack, cast

import pytest
from sqlalchemy import insert

from bot.digest.model import Defaults, Schedule, Seeding, ServerChanges, Subscription, Updates
from bot.storage import Storage
from bot.storage.schema import subscriptions
from bot.storage.subscriptions import SubscriptionStore
from tests.settings import SETTINGS
from tests.storage.lab import CHANNEL, DAY, DEFAULTS, NOW, QUERY, SERVER, Deciding, claim, fed, papers, placed, seeding

OTHER_CHANNEL, OTHER_SERVER = CHANNEL + 1, SERVER + 1
HOUR = timedelta(hours=1)


def store_of(storage: Storage, defaults: Defaults = DEFAULTS) -> SubscriptionStore:
    return SubscriptionStore(storage.database, defaults)


async def restarted(storage: Storage, defaults: Defaults, now: datetime) -> SubscriptionStore:
    """With another config.json."""
    store = store_of(storage, defaults)
    await store.reconcile({CHANNEL: None}, now)
    return store


async def set_server(storage: Storage, **changes: Unpack[ServerChanges]) -> None:
    await storage.servers.change(SERVER, NOW - HOUR, **changes)


async def followed_by_command(storage: Storage, channel_id: int, ended_at: datetime | None = None) -> None:
    row = {"channel_id": channel_id, "guild_id": SERVER, "origin": "command", "query": "cat:cs.LG", "ended_at": ended_at}
    async with storage.database.begin() as connection:
        await connection.execute(insert(subscriptions), row)


async def unsettled(storage: Storage, defaults: Defaults = DEFAULTS) -> list[tuple[int, str]]:
    return [(s.channel_id, s.query) for s in await store_of(storage, defaults).unsettled()]


async def due(storage: Storage, now: datetime = NOW, defaults: Defaults = DEFAULTS) -> list[datetime | None]:
    return [slot.due_at for slot in await store_of(storage, defaults).due(now, force=False)]


class TestReconcile:
    async def test_new_channels_wait_for_their_server(self, storage: Storage) -> None:
        store = store_of(storage)
        assert await store.reconcile({CHANNEL: None, OTHER_CHANNEL: "cat:cs.LG"}, NOW) == {CHANNEL: None, OTHER_CHANNEL: None}
        await store.place(CHANNEL, SERVER, NOW)
        assert await store.reconcile({CHANNEL: None, OTHER_CHANNEL: "cat:cs.LG"}, NOW) == {OTHER_CHANNEL: None}
        assert await unsettled(storage) == [(CHANNEL, QUERY)]

    async def test_a_channel_taken_out_is_no_longer_served(self, storage: Storage) -> None:
        await fed(storage)
        assert await store_of(storage).reconcile({}, NOW) == {}
        assert await due(storage) == []
        assert await store_of(storage).next_due() is None

    async def test_a_channel_that_returns_is_seeded_anew(self, storage: Storage) -> None:
        await fed(storage)
        await store_of(storage).reconcile({}, NOW)
        await store_of(storage).reconcile({CHANNEL: "cat:cs.LG"}, NOW)
        (subscription,) = await store_of(storage).unsettled()
        assert subscription.query == "cat:cs.LG"
        assert subscription.seeding is None
        assert subscription.last_good_at is None

    async def test_an_own_query_changed_in_the_file_is_unsettled(self, storage: Storage) -> None:
        await fed(storage)
        await store_of(storage).reconcile({CHANNEL: "cat:cs.LG"}, NOW)
        assert await unsettled(storage) == [(CHANNEL, "cat:cs.LG")]

    async def test_a_channel_made_by_command_stays_its_own(self, storage: Storage) -> None:
        await placed(storage)
        await followed_by_command(storage, OTHER_CHANNEL)
        await store_of(storage).reconcile({CHANNEL: None, OTHER_CHANNEL: None}, NOW)
        await store_of(storage).reconcile({}, NOW)
        assert await unsettled(storage) == [(OTHER_CHANNEL, "cat:cs.LG")]

    async def test_a_channel_that_a_command_once_fed_is_taken_over(self, storage: Storage) -> None:
        await placed(storage)
        await followed_by_command(storage, OTHER_CHANNEL, ended_at=NOW - DAY)
        await store_of(storage).reconcile({CHANNEL: None, OTHER_CHANNEL: None}, NOW)
        assert await unsettled(storage) == [(CHANNEL, QUERY), (OTHER_CHANNEL, QUERY)]


class TestPlace:
    async def test_the_first_due_time_is_the_next_one(self, storage: Storage) -> None:
        store = store_of(storage)
        await store.reconcile({CHANNEL: None}, NOW)
        await store.place(CHANNEL, SERVER, NOW)
        (subscription,) = await store.unsettled()
        assert subscription.guild_id == SERVER
        assert subscription.next_run_at == NOW + DAY

    async def test_a_second_channel_leaves_the_servers_due_time(self, storage: Storage) -> None:
        await placed(storage)
        store = store_of(storage)
        await store.reconcile({CHANNEL: None, OTHER_CHANNEL: None}, NOW)
        await store.place(OTHER_CHANNEL, SERVER, NOW + DAY)
        assert {s.next_run_at for s in await store.unsettled()} == {NOW}

    async def test_being_found_clears_only_why_it_was_not_found(self, storage: Storage) -> None:
        store = store_of(storage)
        await store.reconcile({CHANNEL: None}, NOW)
        await store.block(CHANNEL, "Discord did not answer", NOW)
        await store.place(CHANNEL, SERVER, NOW)
        (subscription,) = await store.unsettled()
        assert subscription.blocked_reason is None
        await store.block(CHANNEL, "Missing permission: Send Messages", NOW)
        await store.place(CHANNEL, SERVER, NOW)
        (subscription,) = await store.unsettled()
        assert subscription.blocked_reason == "Missing permission: Send Messages"


class TestSettings:
    async def test_the_defaults_hold_until_a_server_sets_its_own(self, storage: Storage) -> None:
        subscription = await placed(storage)
        assert subscription == Subscription(
            channel_id=CHANNEL,
            guild_id=SERVER,
            query=QUERY,
            settings=replace(SETTINGS, query=QUERY),
            next_run_at=NOW,
            listed=True,
        )

    async def test_a_servers_own_settings_prevail(self, storage: Storage) -> None:
        await placed(storage)
        own = replace(SETTINGS, query="cat:cs.LG", post_at=time(9, 5), timezone="Europe/Berlin", max_posts=0, updates=Updates.OFF)
        await set_server(storage, **cast("ServerChanges", asdict(own)))
        (subscription,) = await store_of(storage).unsettled()
        assert (subscription.query, subscription.settings) == ("cat:cs.LG", own)

    async def test_a_channels_own_query_prevails_over_its_servers(self, storage: Storage) -> None:
        await placed(storage)
        await set_server(storage, query="cat:cs.LG")
        await store_of(storage).reconcile({CHANNEL: "cat:hep-th"}, NOW)
        assert await unsettled(storage) == [(CHANNEL, "cat:hep-th")]

    async def test_without_any_query_nothing_is_served(self, storage: Storage) -> None:
        await placed(storage)
        assert await unsettled(storage, replace(DEFAULTS, query=None)) == []


class TestUnsettled:
    async def test_a_seeded_channel_is_settled(self, storage: Storage) -> None:
        subscription = await fed(storage)
        assert subscription.seeding == seeding()
        assert await unsettled(storage) == []

    async def test_a_wider_reach_is_unsettled_and_a_narrower_is_not(self, storage: Storage) -> None:
        await fed(storage)
        assert await unsettled(storage, replace(DEFAULTS, lookback_days=31)) == [(CHANNEL, QUERY)]
        assert await unsettled(storage, replace(DEFAULTS, max_results=501)) == [(CHANNEL, QUERY)]
        assert await unsettled(storage, replace(DEFAULTS, lookback_days=7, max_results=100)) == []

    async def test_a_changed_default_query_is_unsettled_and_meanwhile_the_old_one_is_served(self, storage: Storage) -> None:
        await fed(storage)
        changed = replace(DEFAULTS, query="cat:cs.LG")
        assert await unsettled(storage, changed) == [(CHANNEL, "cat:cs.LG")]
        (slot,) = await store_of(storage, changed).due(NOW, force=False)
        assert [s.settled_query for s in slot.subscriptions] == [QUERY]


class TestDue:
    async def test_due_at_the_hour_and_not_before(self, storage: Storage) -> None:
        await fed(storage)
        assert await due(storage, NOW - timedelta(seconds=1)) == []
        assert await due(storage, NOW) == [NOW]
        assert await due(storage, NOW + 5 * DAY) == [NOW]

    async def test_one_slot_a_server_with_all_its_seeded_channels(self, storage: Storage) -> None:
        await fed(storage)
        store = store_of(storage)
        await store.reconcile({CHANNEL: None, OTHER_CHANNEL: None, CHANNEL + 2: None, CHANNEL + 3: None}, NOW)
        for channel_id, server in ((OTHER_CHANNEL, SERVER), (CHANNEL + 2, OTHER_SERVER), (CHANNEL + 3, SERVER)):
            await store.place(channel_id, server, NOW - DAY)
        for subscription in await store.unsettled():
            if subscription.channel_id != CHANNEL + 3:
                await storage.ledger.seed(subscription, [], seeding(), 0.5, None)
        slots = await store.due(NOW, force=False)
        served = {slot.guild_id: [s.channel_id for s in slot.subscriptions] for slot in slots}
        assert served == {SERVER: [CHANNEL, OTHER_CHANNEL], OTHER_SERVER: [CHANNEL + 2]}

    async def test_complete_moves_to_the_next(self, storage: Storage) -> None:
        await fed(storage)
        store = store_of(storage)
        await store.postpone(SERVER, NOW + HOUR)
        await store.complete(SERVER, NOW + HOUR)
        assert await due(storage, NOW + HOUR) == []
        assert await store.next_due() == NOW + DAY
        (slot,) = await store.due(NOW + DAY, force=False)
        assert slot.attempt == 0

    async def test_a_failed_try_comes_back_at_its_time_for_the_same_slot(self, storage: Storage) -> None:
        await fed(storage)
        store = store_of(storage)
        for _ in range(2):
            await store.postpone(SERVER, NOW + HOUR)
        assert await due(storage, NOW + HOUR - timedelta(seconds=1)) == []
        assert await store.next_due() == NOW + HOUR
        (slot,) = await store.due(NOW + HOUR, force=False)
        assert (slot.due_at, slot.attempt) == (NOW, 2)

    async def test_force_serves_early_without_a_due_time(self, storage: Storage) -> None:
        await fed(storage)
        (slot,) = await store_of(storage).due(NOW - HOUR, force=True)
        assert slot.due_at is None
        (slot,) = await store_of(storage).due(NOW + HOUR, force=True)
        assert slot.due_at == NOW

    async def test_a_paused_server_is_left_alone(self, storage: Storage) -> None:
        await fed(storage)
        await set_server(storage, paused=True)
        assert await store_of(storage).due(NOW, force=True) == []
        assert await store_of(storage).next_due() is None

    async def test_a_new_hour_takes_effect_at_its_next_occurrence(self, storage: Storage) -> None:
        await fed(storage)
        earlier = replace(DEFAULTS, post_at=time(9))
        assert await (await restarted(storage, earlier, NOW - 6 * HOUR)).next_due() == NOW - 5 * HOUR
        later = replace(DEFAULTS, post_at=time(16))
        assert await (await restarted(storage, later, NOW - 6 * HOUR)).next_due() == NOW + 2 * HOUR

    @pytest.mark.parametrize(("hour", "next_at"), [(9, NOW + 19 * HOUR), (16, NOW + 2 * HOUR)])
    async def test_what_is_due_when_the_hour_is_changed_is_served_first(
        self, storage: Storage, hour: int, next_at: datetime
    ) -> None:
        await fed(storage)
        await store_of(storage).postpone(SERVER, NOW + HOUR)
        changed = await restarted(storage, replace(DEFAULTS, post_at=time(hour)), NOW + HOUR / 2)
        assert await changed.due(NOW + HOUR / 2, force=False) == []
        (slot,) = await changed.due(NOW + HOUR, force=False)
        assert (slot.due_at, slot.attempt) == (NOW, 1)
        await changed.complete(SERVER, NOW + HOUR)
        assert await changed.next_due() == next_at

    async def test_a_new_hour_of_a_server_moves_that_server_alone(self, storage: Storage) -> None:
        await fed(storage)
        await set_server(storage, post_at=time(9), timezone="Europe/Berlin")
        assert await due(storage, NOW - HOUR) == []
        assert await due(storage, NOW) == []
        assert await due(storage, NOW + 2 * HOUR) == [NOW + 2 * HOUR]
        (slot,) = await store_of(storage).due(NOW + 2 * HOUR, force=False)
        assert slot.schedule == Schedule(time(9), slot.subscriptions[0].settings.schedule.zone)
        assert str(slot.schedule) == "09:00 Europe/Berlin"

    async def test_a_new_hour_of_the_defaults_leaves_a_servers_own(self, storage: Storage) -> None:
        await fed(storage)
        await set_server(storage, post_at=time(14), timezone="Asia/Singapore")
        elsewhere = await restarted(storage, replace(DEFAULTS, post_at=time(16), timezone="UTC"), NOW - HOUR)
        assert [slot.due_at for slot in await elsewhere.due(NOW, force=False)] == [NOW]

    async def test_a_due_time_written_by_a_wrong_clock_is_brought_back(self, storage: Storage) -> None:
        await fed(storage)
        await store_of(storage).complete(SERVER, NOW + 30 * DAY)
        assert await due(storage, NOW + HOUR) == [NOW]  # nobody knows whether it was served
        assert await store_of(storage).next_due() == NOW

    async def test_a_clock_put_back_a_little_does_not_serve_twice(self, storage: Storage) -> None:
        await fed(storage)
        await store_of(storage).complete(SERVER, NOW)
        assert await due(storage, NOW - timedelta(seconds=5)) == []
        assert await due(storage, NOW) == []
        assert await store_of(storage).next_due() == NOW + DAY


async def test_seeding_again_remembers_the_new_query_and_reach(storage: Storage) -> None:
    subscription = await fed(storage)
    wider = Seeding("cat:cs.LG", NOW, 60, 1000)
    await storage.ledger.seed(subscription, [], wider, 0.5, None)
    (slot,) = await store_of(storage).due(NOW, force=True)
    (after,) = slot.subscriptions
    assert after.seeding == wider
    assert after.last_good_at == NOW - DAY


def test_every_column_says_what_becomes_of_it_when_its_channel_starts_afresh_or_moves() -> None:
    decided = {column.name: column.info for column in subscriptions.c}
    assert {name: info for name, info in decided.items() if not {"afresh", "move"} <= info.keys()} == {}


async def test_messages_go_to_the_subscriptions_destination(storage: Storage) -> None:
    channel = await fed(storage)
    (card,) = await claim(storage, channel, papers(1), NOW, Deciding())
    assert (card.channel_id, card.destination_id) == (CHANNEL, channel.destination_id)
    assert await storage.deliveries.unfinished() == [card]
    assert await storage.deliveries.wanted(card)
    assert not await storage.deliveries.wanted(replace(card, destination_id=OTHER_CHANNEL))

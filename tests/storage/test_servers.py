"""Servers come and go, and set what they like for themselves."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import time, timedelta

from sqlalchemy import func, select

from bot.digest.model import Kind, Reach, Sent, Server, ServerChanges, ServerSettings, State, Updates
from bot.storage import Storage
from bot.storage.schema import metadata, servers
from bot.storage.servers import ServerStore
from tests.papers import answer
from tests.settings import SETTINGS
from tests.storage.lab import CHANNEL, DAY, DEFAULTS, NOW, QUERY, SERVER, Deciding, claim, fed, papers, placed, seeding

OTHER_SERVER, OTHER_CHANNEL, MANAGER = SERVER + 1, CHANNEL + 1, 1_400_000_000_000_000_001
HOUR = timedelta(hours=1)


async def of(storage: Storage) -> Server:
    server = await storage.servers.get(SERVER)
    assert server is not None
    return server


async def seeded_by_command(storage: Storage, channel_id: int, guild_id: int, query: str = QUERY) -> None:
    subscription = await storage.subscriptions.follow(channel_id, guild_id, query, NOW - DAY)
    await storage.ledger.seed(subscription, papers(3), seeding(query=query), 0.5, None)


async def rows(storage: Storage) -> dict[str, int]:
    """In each table but the papers, which belong to nobody."""
    async with storage.database.begin() as connection:
        return {
            table.name: await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if table.name != "papers"
        }


class TestComingAndGoing:
    async def test_joining_is_news_once(self, storage: Storage) -> None:
        store = storage.servers
        assert await store.join(SERVER, NOW)
        assert not await store.join(SERVER, NOW + HOUR)
        assert await store.known() == {SERVER}

    async def test_coming_back_is_news_again(self, storage: Storage) -> None:
        store = storage.servers
        await store.join(SERVER, NOW)
        await store.leave(SERVER, NOW)
        assert await store.known() == frozenset()
        assert await store.get(SERVER) is None
        assert await store.join(SERVER, NOW + DAY)
        assert await store.known() == {SERVER}

    async def test_a_server_found_through_config_json_is_no_news(self, storage: Storage) -> None:
        await placed(storage)
        assert await storage.servers.known() == {SERVER}
        assert not await storage.servers.join(SERVER, NOW)

    async def test_what_commands_made_goes_on_after_coming_back(self, storage: Storage) -> None:
        await seeded_by_command(storage, CHANNEL, SERVER)
        before = await storage.subscriptions.of_server(SERVER)
        await storage.servers.leave(SERVER, NOW)
        assert await storage.subscriptions.of_server(SERVER) == []
        assert await storage.subscriptions.get(CHANNEL) is None
        assert await storage.servers.join(SERVER, NOW + 30 * DAY)
        assert await storage.subscriptions.of_server(SERVER) == before
        (slot,) = await storage.subscriptions.due(NOW + 30 * DAY, force=False)
        assert [each.channel_id for each in slot.subscriptions] == [CHANNEL]

    async def test_after_more_than_thirty_days_what_commands_made_has_ended(self, storage: Storage) -> None:
        await seeded_by_command(storage, CHANNEL, SERVER)
        await storage.servers.leave(SERVER, NOW)
        await storage.servers.join(SERVER, NOW + 30 * DAY + HOUR)
        assert await storage.subscriptions.of_server(SERVER) == []

    async def test_a_server_left_is_not_served(self, storage: Storage) -> None:
        channel = await fed(storage)
        await placed(storage, OTHER_CHANNEL)
        await storage.subscriptions.reconcile({CHANNEL: None, OTHER_CHANNEL: None}, NOW)
        await claim(storage, channel, papers(1), NOW, Deciding())
        await storage.servers.leave(SERVER, NOW)
        store = storage.subscriptions
        assert await store.due(NOW, force=True) == []
        assert await store.next_due() is None
        assert await store.unsettled() == []
        assert await store.of_server(SERVER) == []
        assert await storage.deliveries.unfinished() == []

    async def test_a_channel_of_config_json_is_looked_up_again_and_goes_on_where_it_was(self, storage: Storage) -> None:
        await fed(storage)
        store = storage.subscriptions
        await storage.servers.leave(SERVER, NOW)
        assert await store.reconcile({CHANNEL: None}, NOW) == {CHANNEL: SERVER}
        await store.block(CHANNEL, "The bot is not in that server", NOW)
        await store.place(CHANNEL, SERVER, NOW + HOUR)
        (slot,) = await store.due(NOW + HOUR, force=False)
        assert slot.due_at == NOW
        assert [(s.channel_id, s.blocked_reason) for s in slot.subscriptions] == [(CHANNEL, None)]
        assert await store.reconcile({CHANNEL: None}, NOW) == {}

    async def test_where_nothing_was_fed_nothing_is_due(self, storage: Storage) -> None:
        await storage.servers.join(SERVER, NOW - 9 * DAY)
        subscription = await storage.subscriptions.follow(CHANNEL, SERVER, None, NOW)
        assert subscription.next_run_at == NOW + DAY

    async def test_a_second_channel_leaves_what_is_due(self, storage: Storage) -> None:
        await fed(storage)
        subscription = await storage.subscriptions.follow(OTHER_CHANNEL, SERVER, None, NOW + HOUR)
        assert subscription.next_run_at == NOW


class TestChange:
    async def test_config_json_holds_until_then(self, storage: Storage) -> None:
        await storage.servers.join(SERVER, NOW)
        server = await of(storage)
        assert server == Server(
            guild_id=SERVER,
            settings=replace(SETTINGS, query=QUERY),
            paused=False,
            next_run_at=NOW + DAY,
            retry_at=None,
            attempt=0,
            own=frozenset(),
        )

    async def test_everything_at_once_and_back_again(self, storage: Storage) -> None:
        store = storage.servers
        changed = await store.change(
            SERVER, NOW, query="cat:cs.LG", post_at=time(9, 5), timezone="Europe/Berlin", max_posts=0, updates=Updates.OFF
        )
        assert changed.settings == replace(
            SETTINGS, query="cat:cs.LG", post_at=time(9, 5), timezone="Europe/Berlin", max_posts=0, updates=Updates.OFF
        )
        assert changed.own == {"query", "post_at", "timezone", "max_posts", "updates"}
        assert await of(storage) == changed
        back = await store.change(SERVER, NOW, query=None, post_at=None, timezone=None, max_posts=None, updates=None)
        assert back.settings == replace(SETTINGS, query=QUERY)
        assert back.own == frozenset()

    async def test_what_is_not_named_stays(self, storage: Storage) -> None:
        store = storage.servers
        await store.change(SERVER, NOW, query="cat:cs.LG", max_posts=0)
        changed = await store.change(SERVER, NOW, paused=True)
        assert (changed.settings.query, changed.settings.max_posts, changed.paused) == ("cat:cs.LG", 0, True)
        assert changed.own == {"query", "max_posts"}

    async def test_neither_it_nor_config_json_need_have_a_query(self, storage: Storage) -> None:
        server = await ServerStore(storage.database, replace(DEFAULTS, query=None)).change(SERVER, NOW)
        assert server.settings.query is None

    async def test_other_servers_keep_theirs(self, storage: Storage) -> None:
        store = storage.servers
        await store.join(OTHER_SERVER, NOW)
        await store.change(SERVER, NOW, query="cat:cs.LG", post_at=time(9), paused=True)
        other = await store.get(OTHER_SERVER)
        assert other is not None
        assert (other.settings.query, other.paused, other.own) == (QUERY, False, frozenset())
        assert other.next_run_at == NOW + DAY

    async def test_a_new_hour_comes_at_its_next_occurrence(self, storage: Storage) -> None:
        await fed(storage)
        await storage.subscriptions.complete(SERVER, NOW)
        later = await storage.servers.change(SERVER, NOW + HOUR, post_at=time(16))
        assert later.next_run_at == NOW + 2 * HOUR
        earlier = await storage.servers.change(SERVER, NOW + HOUR, post_at=time(9))
        assert earlier.next_run_at == NOW - 5 * HOUR + DAY

    async def test_a_new_hour_leaves_the_next_try_of_what_is_due(self, storage: Storage) -> None:
        await fed(storage)
        await storage.subscriptions.postpone(SERVER, NOW + 2 * HOUR)
        changed = await storage.servers.change(SERVER, NOW + HOUR, post_at=time(9))
        assert (changed.next_run_at, changed.retry_at, changed.attempt) == (NOW, NOW + 2 * HOUR, 1)

    async def test_another_setting_leaves_what_is_due(self, storage: Storage) -> None:
        await fed(storage)
        changed = await storage.servers.change(SERVER, NOW + HOUR, max_posts=3, post_at=time(14))
        assert changed.next_run_at == NOW

    async def test_paused_is_not_served_and_then_caught_up(self, storage: Storage) -> None:
        channel, store = await fed(storage), storage.subscriptions
        card = await claim(storage, channel, papers(1), NOW, Deciding())
        await storage.servers.change(SERVER, NOW, paused=True)
        await store.follow(OTHER_CHANNEL, SERVER, "cat:cs.LG", NOW)
        assert await store.due(NOW + DAY, force=True) == []
        assert await store.next_due() is None
        assert await store.unsettled() == []
        assert await storage.deliveries.unfinished() == []
        assert [s.channel_id for s in await store.of_server(SERVER)] == [CHANNEL, OTHER_CHANNEL]
        await storage.servers.change(SERVER, NOW + DAY, paused=False)
        (slot,) = await store.due(NOW + DAY, force=False)
        assert slot.due_at == NOW
        assert await storage.deliveries.unfinished() == card
        assert [s.channel_id for s in await store.unsettled()] == [OTHER_CHANNEL]


def test_every_setting_can_be_stored_and_changed() -> None:
    settings = {field.name for field in fields(ServerSettings)}
    assert settings <= set(servers.c.keys())
    assert set(ServerChanges.__annotations__) == settings | {"paused"}


class TestErase:
    async def full(self, storage: Storage, channel_id: int, guild_id: int, query: str) -> None:
        """A server with something in every table."""
        await seeded_by_command(storage, channel_id, guild_id, query)
        (channel,) = await storage.subscriptions.of_server(guild_id)
        (posted,) = await claim(storage, channel, papers(5), NOW, Deciding(kind=Kind.LIST))
        await storage.deliveries.settle(posted, Sent(channel_id), NOW)
        await storage.digests.record(channel_id, NOW, NOW, {"new": 2})
        await storage.drafts.put(guild_id, channel_id, MANAGER, query, NOW)
        await storage.queries.answered(query, answer(5, *papers(5)), NOW, believed=True, reach=Reach(1.5, None))

    async def test_nothing_of_the_server_is_left(self, storage: Storage) -> None:
        await self.full(storage, CHANNEL, SERVER, "cat:cs.LG")
        assert set((await rows(storage)).values()).isdisjoint({0})
        await storage.servers.erase(SERVER)
        assert set((await rows(storage)).values()) == {0}

    async def test_other_servers_lose_nothing(self, storage: Storage) -> None:
        await self.full(storage, OTHER_CHANNEL, OTHER_SERVER, "cat:hep-th")
        before = await rows(storage)
        await self.full(storage, CHANNEL, SERVER, "cat:cs.LG")
        await storage.servers.erase(SERVER)
        assert await rows(storage) == before
        assert await storage.queries.newest("cat:hep-th") is not None

    async def test_a_query_that_others_follow_stays_remembered(self, storage: Storage) -> None:
        await self.full(storage, OTHER_CHANNEL, OTHER_SERVER, QUERY)
        await self.full(storage, CHANNEL, SERVER, QUERY)
        await storage.servers.erase(SERVER)
        assert (await storage.queries.state(QUERY)).last_total == 5
        assert await storage.queries.newest(QUERY) is not None

    async def test_an_erased_server_begins_anew(self, storage: Storage) -> None:
        await self.full(storage, CHANNEL, SERVER, QUERY)
        await storage.servers.erase(SERVER)
        assert await storage.servers.get(SERVER) is None
        subscription = await storage.subscriptions.follow(CHANNEL, SERVER, QUERY, NOW)
        assert subscription.seeding is None
        deciding = Deciding(State.SEEN)
        await claim(storage, subscription, papers(5), NOW, deciding)
        assert set(deciding.priors.values()) == {None}

    async def test_a_digest_under_way_finds_nothing_to_do_and_does_not_fail(self, storage: Storage) -> None:
        channel = await fed(storage)
        (card,) = await claim(storage, channel, papers(1), NOW, Deciding())
        await storage.servers.erase(SERVER)
        await storage.deliveries.settle(card, Sent(1), NOW)
        assert await claim(storage, channel, papers(2), NOW, Deciding()) == []
        assert await storage.ledger.seed(channel, papers(2), seeding(), 0.5, None) == []
        await storage.digests.record(CHANNEL, NOW, NOW, {"new": 1})
        assert (await rows(storage))["claims"] == (await rows(storage))["digests"] == 0

    async def test_a_server_left_is_erased_after_thirty_days(self, storage: Storage) -> None:
        await self.full(storage, CHANNEL, SERVER, QUERY)
        await storage.servers.join(OTHER_SERVER, NOW)
        await storage.servers.leave(SERVER, NOW)
        assert await storage.servers.prune(NOW + 30 * DAY) == 0
        assert (await rows(storage))["claims"] == 5
        assert await storage.servers.prune(NOW + 30 * DAY + HOUR) == 1
        assert (await rows(storage))["claims"] == 0
        assert await storage.servers.known() == {OTHER_SERVER}

"""Servers come and go, and set what they like for themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from sqlalchemy import func, select

from bot.digest.model import Kind, Reach, Sent, Server, State, Updates
from bot.storage.database import Database
from bot.storage.drafts import DraftStore
from bot.storage.ledger import LedgerStore
from bot.storage.queries import QueryStore
from bot.storage.results import ResultStore
from bot.storage.schema import metadata
from bot.storage.servers import ServerStore
from bot.storage.subscriptions import SubscriptionStore
from tests.papers import answer
from tests.storage.lab import CHANNEL, DAY, DEFAULTS, NOW, QUERY, SERVER, Deciding, fed, papers, placed, seeding

OTHER_SERVER, OTHER_CHANNEL, MANAGER = SERVER + 1, CHANNEL + 1, 1_400_000_000_000_000_001
HOUR = timedelta(hours=1)


def servers_of(database: Database) -> ServerStore:
    return ServerStore(database, DEFAULTS)


def channels_of(database: Database) -> SubscriptionStore:
    return SubscriptionStore(database, DEFAULTS)


async def of(database: Database) -> Server:
    server = await servers_of(database).get(SERVER)
    assert server is not None
    return server


async def seeded_by_command(database: Database, channel_id: int, guild_id: int, query: str = QUERY) -> None:
    subscription = await channels_of(database).follow(channel_id, guild_id, query, NOW - DAY)
    await LedgerStore(database).seed(subscription, papers(3), seeding(query=query), 0.5, None)


async def rows(database: Database) -> dict[str, int]:
    """In each table but the papers, which belong to nobody."""
    async with database.begin() as connection:
        return {
            table.name: await connection.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
            if table.name != "papers"
        }


class TestComingAndGoing:
    async def test_joining_is_news_once(self, database: Database) -> None:
        store = servers_of(database)
        assert await store.join(SERVER, NOW)
        assert not await store.join(SERVER, NOW + HOUR)
        assert await store.known() == {SERVER}

    async def test_coming_back_is_news_again(self, database: Database) -> None:
        store = servers_of(database)
        await store.join(SERVER, NOW)
        await store.leave(SERVER, NOW)
        assert await store.known() == frozenset()
        assert await store.get(SERVER) is None
        assert await store.join(SERVER, NOW + DAY)
        assert await store.known() == {SERVER}

    async def test_a_server_found_through_config_json_is_no_news(self, database: Database) -> None:
        await placed(database)
        assert await servers_of(database).known() == {SERVER}
        assert not await servers_of(database).join(SERVER, NOW)

    async def test_leaving_ends_what_commands_made(self, database: Database) -> None:
        await seeded_by_command(database, CHANNEL, SERVER)
        await servers_of(database).leave(SERVER, NOW)
        await servers_of(database).join(SERVER, NOW)
        assert await channels_of(database).of_server(SERVER) == []

    async def test_a_server_left_is_not_served(self, database: Database) -> None:
        channel, ledger = await fed(database), LedgerStore(database)
        await placed(database, OTHER_CHANNEL)
        await channels_of(database).reconcile({CHANNEL: None, OTHER_CHANNEL: None}, NOW)
        await ledger.claim(channel, papers(1), NOW, Deciding())
        await servers_of(database).leave(SERVER, NOW)
        store = channels_of(database)
        assert await store.due(NOW, force=True) == []
        assert await store.next_due() is None
        assert await store.unsettled() == []
        assert await store.of_server(SERVER) == []
        assert await ledger.unfinished() == []

    async def test_a_channel_of_config_json_is_looked_up_again_and_goes_on_where_it_was(self, database: Database) -> None:
        await fed(database)
        store = channels_of(database)
        await servers_of(database).leave(SERVER, NOW)
        assert await store.reconcile({CHANNEL: None}, NOW) == {CHANNEL: SERVER}
        await store.block(CHANNEL, "The bot is not in that server", NOW)
        await store.place(CHANNEL, SERVER, NOW + HOUR)
        (slot,) = await store.due(NOW + HOUR, force=False)
        assert slot.due_at == NOW
        assert [(s.channel_id, s.blocked_reason) for s in slot.subscriptions] == [(CHANNEL, None)]
        assert await store.reconcile({CHANNEL: None}, NOW) == {}

    async def test_where_nothing_was_fed_nothing_is_due(self, database: Database) -> None:
        await servers_of(database).join(SERVER, NOW - 9 * DAY)
        subscription = await channels_of(database).follow(CHANNEL, SERVER, None, NOW)
        assert subscription.next_run_at == NOW + DAY

    async def test_a_second_channel_leaves_what_is_due(self, database: Database) -> None:
        await fed(database)
        subscription = await channels_of(database).follow(OTHER_CHANNEL, SERVER, None, NOW + HOUR)
        assert subscription.next_run_at == NOW


class TestChange:
    async def test_config_json_holds_until_then(self, database: Database) -> None:
        await servers_of(database).join(SERVER, NOW)
        server = await of(database)
        assert server == Server(
            guild_id=SERVER,
            query=QUERY,
            schedule=server.schedule,
            max_posts=20,
            updates=Updates.EDIT,
            paused=False,
            next_run_at=NOW + DAY,
            retry_at=None,
            attempt=0,
            own=frozenset(),
        )
        assert str(server.schedule) == "14:00 Asia/Singapore"

    async def test_everything_at_once_and_back_again(self, database: Database) -> None:
        store = servers_of(database)
        changed = await store.change(
            SERVER, NOW, query="cat:cs.LG", post_at=time(9, 5), timezone="Europe/Berlin", max_posts=0, updates=Updates.OFF
        )
        assert (changed.query, changed.max_posts, changed.updates) == ("cat:cs.LG", 0, Updates.OFF)
        assert str(changed.schedule) == "09:05 Europe/Berlin"
        assert changed.own == {"query", "post_at", "timezone", "max_posts", "updates"}
        assert await of(database) == changed
        back = await store.change(SERVER, NOW, query=None, post_at=None, timezone=None, max_posts=None, updates=None)
        assert (back.query, str(back.schedule), back.max_posts) == (QUERY, "14:00 Asia/Singapore", 20)
        assert back.own == frozenset()

    async def test_what_is_not_named_stays(self, database: Database) -> None:
        store = servers_of(database)
        await store.change(SERVER, NOW, query="cat:cs.LG", max_posts=0)
        changed = await store.change(SERVER, NOW, paused=True)
        assert (changed.query, changed.max_posts, changed.paused) == ("cat:cs.LG", 0, True)
        assert changed.own == {"query", "max_posts"}

    async def test_neither_it_nor_config_json_need_have_a_query(self, database: Database) -> None:
        server = await ServerStore(database, replace(DEFAULTS, query=None)).change(SERVER, NOW)
        assert server.query is None

    async def test_other_servers_keep_theirs(self, database: Database) -> None:
        store = servers_of(database)
        await store.join(OTHER_SERVER, NOW)
        await store.change(SERVER, NOW, query="cat:cs.LG", post_at=time(9), paused=True)
        other = await store.get(OTHER_SERVER)
        assert other is not None
        assert (other.query, other.paused, other.own) == (QUERY, False, frozenset())
        assert other.next_run_at == NOW + DAY

    async def test_a_new_hour_comes_at_its_next_occurrence(self, database: Database) -> None:
        await fed(database)
        await channels_of(database).complete(SERVER, NOW)
        later = await servers_of(database).change(SERVER, NOW + HOUR, post_at=time(16))
        assert later.next_run_at == NOW + 2 * HOUR
        earlier = await servers_of(database).change(SERVER, NOW + HOUR, post_at=time(9))
        assert earlier.next_run_at == NOW - 5 * HOUR + DAY

    async def test_a_new_hour_leaves_the_next_try_of_what_is_due(self, database: Database) -> None:
        await fed(database)
        await channels_of(database).postpone(SERVER, NOW + 2 * HOUR)
        changed = await servers_of(database).change(SERVER, NOW + HOUR, post_at=time(9))
        assert (changed.next_run_at, changed.retry_at, changed.attempt) == (NOW, NOW + 2 * HOUR, 1)

    async def test_another_setting_leaves_what_is_due(self, database: Database) -> None:
        await fed(database)
        changed = await servers_of(database).change(SERVER, NOW + HOUR, max_posts=3, post_at=time(14))
        assert changed.next_run_at == NOW

    async def test_paused_is_not_served_and_then_caught_up(self, database: Database) -> None:
        channel, ledger, store = await fed(database), LedgerStore(database), channels_of(database)
        card = await ledger.claim(channel, papers(1), NOW, Deciding())
        await servers_of(database).change(SERVER, NOW, paused=True)
        await store.follow(OTHER_CHANNEL, SERVER, "cat:cs.LG", NOW)
        assert await store.due(NOW + DAY, force=True) == []
        assert await store.next_due() is None
        assert await store.unsettled() == []
        assert await ledger.unfinished() == []
        assert [s.channel_id for s in await store.of_server(SERVER)] == [CHANNEL, OTHER_CHANNEL]
        await servers_of(database).change(SERVER, NOW + DAY, paused=False)
        (slot,) = await store.due(NOW + DAY, force=False)
        assert slot.due_at == NOW
        assert await ledger.unfinished() == card
        assert [s.channel_id for s in await store.unsettled()] == [OTHER_CHANNEL]


class TestErase:
    async def full(self, database: Database, channel_id: int, guild_id: int, query: str) -> None:
        """A server with something in every table."""
        await seeded_by_command(database, channel_id, guild_id, query)
        (channel,) = await channels_of(database).of_server(guild_id)
        ledger = LedgerStore(database)
        (posted,) = await ledger.claim(channel, papers(5), NOW, Deciding(kind=Kind.LIST))
        await ledger.settle(posted, Sent(channel_id), NOW)
        await ledger.record(channel_id, NOW, NOW, {"new": 2})
        await DraftStore(database).put(guild_id, channel_id, MANAGER, query, NOW)
        await QueryStore(database).answered(query, answer(5, *papers(5)), NOW, believed=True, reach=Reach(1.5, None))

    async def test_nothing_of_the_server_is_left(self, database: Database) -> None:
        await self.full(database, CHANNEL, SERVER, "cat:cs.LG")
        assert set((await rows(database)).values()).isdisjoint({0})
        await servers_of(database).erase(SERVER)
        assert set((await rows(database)).values()) == {0}

    async def test_other_servers_lose_nothing(self, database: Database) -> None:
        await self.full(database, OTHER_CHANNEL, OTHER_SERVER, "cat:hep-th")
        before = await rows(database)
        await self.full(database, CHANNEL, SERVER, "cat:cs.LG")
        await servers_of(database).erase(SERVER)
        assert await rows(database) == before
        assert await ResultStore(database).newest("cat:hep-th") is not None

    async def test_a_query_that_others_follow_stays_remembered(self, database: Database) -> None:
        await self.full(database, OTHER_CHANNEL, OTHER_SERVER, QUERY)
        await self.full(database, CHANNEL, SERVER, QUERY)
        await servers_of(database).erase(SERVER)
        assert (await QueryStore(database).state(QUERY)).last_total == 5
        assert await ResultStore(database).newest(QUERY) is not None

    async def test_an_erased_server_begins_anew(self, database: Database) -> None:
        await self.full(database, CHANNEL, SERVER, QUERY)
        await servers_of(database).erase(SERVER)
        assert await servers_of(database).get(SERVER) is None
        subscription = await channels_of(database).follow(CHANNEL, SERVER, QUERY, NOW)
        assert subscription.seeding is None
        deciding = Deciding(State.SEEN)
        await LedgerStore(database).claim(subscription, papers(5), NOW, deciding)
        assert set(deciding.priors.values()) == {None}

    async def test_a_digest_under_way_finds_nothing_to_do_and_does_not_fail(self, database: Database) -> None:
        channel, ledger = await fed(database), LedgerStore(database)
        (card,) = await ledger.claim(channel, papers(1), NOW, Deciding())
        await servers_of(database).erase(SERVER)
        await ledger.settle(card, Sent(1), NOW)
        assert await ledger.claim(channel, papers(2), NOW, Deciding()) == []
        assert await ledger.seed(channel, papers(2), seeding(), 0.5, None) == []
        await ledger.record(CHANNEL, NOW, NOW, {"new": 1})
        assert (await rows(database))["claims"] == (await rows(database))["digests"] == 0

    async def test_a_server_left_is_erased_after_thirty_days(self, database: Database) -> None:
        await self.full(database, CHANNEL, SERVER, QUERY)
        await servers_of(database).join(OTHER_SERVER, NOW)
        await servers_of(database).leave(SERVER, NOW)
        assert await servers_of(database).prune(NOW + 30 * DAY) == 0
        assert (await rows(database))["claims"] == 5
        assert await servers_of(database).prune(NOW + 30 * DAY + HOUR) == 1
        assert (await rows(database))["claims"] == 0
        assert await servers_of(database).known() == {OTHER_SERVER}

"""Who is fed, by what, when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, Update, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Defaults, Seeding, Slot, Subscription
from bot.errors import NotAllowedHere
from bot.storage import following
from bot.storage.database import Database
from bot.storage.effective import FED, Effective
from bot.storage.schema import Origin, moment, servers, subscriptions


def blocking(channel_id: int, reason: str, now: datetime) -> Update:
    """Note why a channel cannot be posted to, and since when."""
    since = func.coalesce(subscriptions.c.blocked_at, moment(now))
    return update(subscriptions).where(subscriptions.c.channel_id == channel_id).values(blocked_reason=reason, blocked_at=since)


class SubscriptionStore:
    """Implements bot.digest.ports.Subscriptions, and what commands do to one.

    A command raises NotAllowedHere where config.json owns the channel, or nothing is there to be changed.
    """

    def __init__(self, database: Database, defaults: Defaults) -> None:
        self._database = database
        self._defaults = defaults
        self._effective = Effective(defaults)
        self._coming = func.coalesce(servers.c.retry_at, servers.c.next_run_at)

    async def reconcile(self, channels: Mapping[int, str | None], now: datetime) -> Mapping[int, int | None]:
        """Also takes over a channel that a command once fed and no longer does; one that it still feeds stays its own.

        A channel of a server that the bot has left is to be looked up again, in case it was let in since.
        """
        async with self._database.begin() as connection:
            rows = {row.channel_id: row for row in await connection.execute(select(subscriptions))}
            for channel_id, query in channels.items():
                await _list(connection, rows.get(channel_id), channel_id, query)
            await _end(connection, [row for row in rows.values() if row.channel_id not in channels], now)
            unplaced = (
                select(subscriptions.c.channel_id, subscriptions.c.guild_id)
                .outerjoin(servers)
                .where(subscriptions.c.origin == Origin.FILE, subscriptions.c.ended_at.is_(None))
                .where(subscriptions.c.guild_id.is_(None) | servers.c.left_at.is_not(None))
                .order_by(subscriptions.c.channel_id)
            )
            return {row.channel_id: row.guild_id for row in await connection.execute(unplaced)}

    async def place(self, channel_id: int, guild_id: int, now: datetime) -> None:
        """The first time also clears why it could not be located."""
        here = update(subscriptions).where(subscriptions.c.channel_id == channel_id)
        async with self._database.begin() as connection:
            entered = await self._effective.enter(connection, guild_id, now)
            lost = here if entered else here.where(subscriptions.c.guild_id.is_(None))
            await connection.execute(lost.values(blocked_reason=None, blocked_at=None))
            await connection.execute(here.values(guild_id=guild_id))

    async def follow(self, channel_id: int, guild_id: int, query: str | None, now: datetime) -> Subscription:
        """Feed a channel its own query, or (None) its server's. One that was stopped is seeded anew."""
        async with self._database.begin() as connection:
            await self._effective.enter(connection, guild_id, now)
            await following.follow(connection, channel_id, guild_id, query)
            rows = await connection.execute(self._living().where(subscriptions.c.channel_id == channel_id))
            row = rows.one_or_none()
            if row is None:
                raise NotAllowedHere("This server has no query yet. `/setquery` can set one.")
            return self._subscription(row)

    async def requery(self, channel_id: int, query: str | None) -> None:
        """Give a channel its own query, or (None) its server's."""
        async with self._database.begin() as connection:
            await following.requery(connection, channel_id, query)

    async def move(self, channel_id: int, to_channel_id: int, now: datetime) -> None:
        """Everything of a channel to another one of the same server, which must not be followed: ledger, deliveries, digests."""
        async with self._database.begin() as connection:
            await following.move(connection, channel_id, to_channel_id, now)

    async def stop(self, channel_id: int, now: datetime) -> None:
        """Nothing more is posted there. What it has been given stays known."""
        async with self._database.begin() as connection:
            await following.stop(connection, channel_id, now)

    async def block(self, channel_id: int, reason: str, now: datetime) -> None:
        async with self._database.begin() as connection:
            await connection.execute(blocking(channel_id, reason, now))

    async def get(self, channel_id: int) -> Subscription | None:
        """None where nothing is followed."""
        found = await self._subscriptions(self._living().where(subscriptions.c.channel_id == channel_id))
        return found[0] if found else None

    async def of_server(self, guild_id: int) -> list[Subscription]:
        """By channel id; paused or not, seeded or not."""
        return await self._subscriptions(self._living().where(subscriptions.c.guild_id == guild_id))

    async def unsettled(self) -> list[Subscription]:
        wanting = or_(
            subscriptions.c.seeded_at.is_(None),
            subscriptions.c.seeded_query != self._effective.query,
            subscriptions.c.seeded_lookback < self._defaults.lookback_days,
            subscriptions.c.seeded_max_results < self._defaults.max_results,
        )
        return await self._subscriptions(self._living().where(FED, wanting))

    async def blocked(self) -> list[Subscription]:
        return await self._subscriptions(self._ready().where(subscriptions.c.blocked_reason.is_not(None)))

    async def due(self, now: datetime, *, force: bool) -> list[Slot]:
        ready = self._ready() if force else self._ready().where(self._coming <= now)
        async with self._database.begin() as connection:
            await self._effective.reschedule(connection, now)
            rows = await connection.execute(ready)
            return [self._slot(list(group), now) for _, group in groupby(rows, lambda row: row.guild_id)]

    async def next_due(self) -> datetime | None:
        """Only servers with a subscription that has been seeded have anything coming."""
        earliest = self._ready().with_only_columns(func.min(self._coming)).order_by(None)
        async with self._database.begin() as connection:
            return await connection.scalar(earliest)

    async def complete(self, guild_id: int, now: datetime) -> None:
        async with self._database.begin() as connection:
            await self._effective.move_on(connection, servers.c.guild_id == guild_id, now)

    async def postpone(self, guild_id: int, retry_at: datetime) -> None:
        values = {"retry_at": retry_at, "attempt": servers.c.attempt + 1}
        async with self._database.begin() as connection:
            await connection.execute(update(servers).where(servers.c.guild_id == guild_id).values(values))

    def _living(self) -> Select[Any]:
        """Every placed subscription that has a query, with its server, in a settled order."""
        query = self._effective.query
        own = [column for column in servers.c if column.name not in ("guild_id", "query")]
        return (
            select(subscriptions, query.label("query_in_force"), *own)
            .select_from(subscriptions.join(servers))
            .where(subscriptions.c.ended_at.is_(None), servers.c.left_at.is_(None), query.is_not(None))
            .order_by(subscriptions.c.guild_id, subscriptions.c.channel_id)
        )

    def _ready(self) -> Select[Any]:
        return self._living().where(FED, subscriptions.c.seeded_at.is_not(None))

    async def _subscriptions(self, statement: Select[Any]) -> list[Subscription]:
        async with self._database.begin() as connection:
            return [self._subscription(row) for row in await connection.execute(statement)]

    def _slot(self, rows: list[Row[Any]], now: datetime) -> Slot:
        server = rows[0]
        return Slot(
            guild_id=server.guild_id,
            due_at=server.next_run_at if server.next_run_at <= now else None,
            schedule=self._effective.schedule(server),
            attempt=server.attempt,
            subscriptions=tuple(self._subscription(row) for row in rows),
        )

    def _subscription(self, row: Row[Any]) -> Subscription:
        return Subscription(
            channel_id=row.channel_id,
            guild_id=row.guild_id,
            query=row.query_in_force,
            schedule=self._effective.schedule(row),
            max_posts=self._effective.max_posts(row),
            updates=self._effective.updates(row),
            seeding=_seeding(row),
            last_good_at=row.last_good_at,
            notified_on=row.notified_on,
            blocked_reason=row.blocked_reason,
            next_run_at=row.next_run_at,
            outage_since=row.outage_since,
            own_query=row.query is not None,
            fixed_query=row.query is not None and row.origin == Origin.FILE,
        )


async def _list(connection: AsyncConnection, row: Row[Any] | None, channel_id: int, query: str | None) -> None:
    """One channel of config.json."""
    if row is None:
        await connection.execute(insert(subscriptions).values(channel_id=channel_id, origin=Origin.FILE, query=query))
        return
    this = update(subscriptions).where(subscriptions.c.channel_id == channel_id)
    if row.ended_at is not None:
        await following.give_up(connection, channel_id)
        await connection.execute(this.values(origin=Origin.FILE, query=query, **following.AFRESH))
    elif row.origin == Origin.FILE and row.query != query:
        await connection.execute(this.values(query=query))


async def _end(connection: AsyncConnection, rows: Iterable[Row[Any]], now: datetime) -> None:
    for row in rows:
        if row.origin == Origin.FILE and row.ended_at is None:
            await following.end(connection, row, now)


def _seeding(row: Row[Any]) -> Seeding | None:
    if row.seeded_at is None:
        return None
    return Seeding(row.seeded_query, row.seeded_at, row.seeded_lookback, row.seeded_max_results)

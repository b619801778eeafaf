"""Who is fed, by what, when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, Text, Update, bindparam, func, insert, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Defaults, Schedule, Seeding, Slot, Subscription, Updates
from bot.digest.schedule import next_run
from bot.storage.database import Database, insert_into
from bot.storage.schema import moment, servers, subscriptions

FILE = "file"
"""Origin of a subscription that config.json lists; the others were made by a command."""

_FURTHEST = timedelta(days=2)
"""No due time is further away: an hour comes every day, and clocks are put forward by less than a day."""

_UNSEEDED = {"seeded_query": None, "seeded_at": None, "seeded_lookback": None, "seeded_max_results": None, "last_good_at": None}


def blocking(channel_id: int, reason: str, now: datetime) -> Update:
    """Note why a channel cannot be posted to, and since when."""
    since = func.coalesce(subscriptions.c.blocked_at, moment(now))
    return update(subscriptions).where(subscriptions.c.channel_id == channel_id).values(blocked_reason=reason, blocked_at=since)


class SubscriptionStore:
    """Implements bot.digest.ports.Subscriptions."""

    def __init__(self, database: Database, defaults: Defaults) -> None:
        self._database = database
        self._defaults = defaults
        self._query = func.coalesce(subscriptions.c.query, servers.c.query, literal(defaults.query, Text))
        self._coming = func.coalesce(servers.c.retry_at, servers.c.next_run_at)

    async def reconcile(self, channels: Mapping[int, str | None], now: datetime) -> list[int]:
        """Also takes over a channel that a command once fed and no longer does; one that it still feeds stays its own."""
        async with self._database.begin() as connection:
            rows = {row.channel_id: row for row in await connection.execute(select(subscriptions))}
            for channel_id, query in channels.items():
                await _list(connection, rows.get(channel_id), channel_id, query)
            await _end(connection, [row for row in rows.values() if row.channel_id not in channels], now)
            unplaced = select(subscriptions.c.channel_id).where(
                subscriptions.c.origin == FILE, subscriptions.c.ended_at.is_(None), subscriptions.c.guild_id.is_(None)
            )
            return list(await connection.scalars(unplaced.order_by(subscriptions.c.channel_id)))

    async def place(self, channel_id: int, guild_id: int, now: datetime) -> None:
        """The first time also clears why it could not be located."""
        schedule = self._schedule(None, None)
        server = {
            "guild_id": guild_id,
            "schedule": str(schedule),
            "next_run_at": next_run(schedule, now),
            "attempt": 0,
            "paused": False,
        }
        here = update(subscriptions).where(subscriptions.c.channel_id == channel_id)
        async with self._database.begin() as connection:
            await connection.execute(insert_into(connection, servers).values(server).on_conflict_do_nothing())
            located = here.where(subscriptions.c.guild_id.is_(None)).values(blocked_reason=None, blocked_at=None)
            await connection.execute(located)
            await connection.execute(here.values(guild_id=guild_id))

    async def block(self, channel_id: int, reason: str, now: datetime) -> None:
        async with self._database.begin() as connection:
            await connection.execute(blocking(channel_id, reason, now))

    async def unsettled(self) -> list[Subscription]:
        wanting = or_(
            subscriptions.c.seeded_at.is_(None),
            subscriptions.c.seeded_query != self._query,
            subscriptions.c.seeded_lookback < self._defaults.lookback_days,
            subscriptions.c.seeded_max_results < self._defaults.max_results,
        )
        async with self._database.begin() as connection:
            rows = await connection.execute(self._living().where(wanting))
            return [self._subscription(row) for row in rows]

    async def due(self, now: datetime, *, force: bool) -> list[Slot]:
        """A server whose hour or zone was changed is first moved to the next occurrence of the new one."""
        ready = self._ready() if force else self._ready().where(self._coming <= now)
        async with self._database.begin() as connection:
            await self._reschedule(connection, now)
            rows = await connection.execute(ready)
            return [self._slot(list(group), now) for _, group in groupby(rows, lambda row: row.guild_id)]

    async def next_due(self) -> datetime | None:
        """Only servers with a subscription that has been seeded have anything coming."""
        earliest = self._ready().with_only_columns(func.min(self._coming)).order_by(None)
        async with self._database.begin() as connection:
            return await connection.scalar(earliest)

    async def complete(self, guild_id: int, next_run_at: datetime) -> None:
        await self._change(guild_id, next_run_at=next_run_at, retry_at=None, attempt=0)

    async def postpone(self, guild_id: int, retry_at: datetime) -> None:
        await self._change(guild_id, retry_at=retry_at, attempt=servers.c.attempt + 1)

    async def _change(self, guild_id: int, **values: object) -> None:
        async with self._database.begin() as connection:
            await connection.execute(update(servers).where(servers.c.guild_id == guild_id).values(**values))

    def _living(self) -> Select[Any]:
        """Every placed subscription that has a query, with its server, in a settled order."""
        own = [column for column in servers.c if column.name not in ("guild_id", "query")]
        return (
            select(subscriptions, self._query.label("query_in_force"), *own)
            .select_from(subscriptions.join(servers))
            .where(subscriptions.c.ended_at.is_(None), self._query.is_not(None))
            .order_by(subscriptions.c.guild_id, subscriptions.c.channel_id)
        )

    def _ready(self) -> Select[Any]:
        return self._living().where(subscriptions.c.seeded_at.is_not(None), servers.c.paused.is_(False))

    async def _reschedule(self, connection: AsyncConnection, now: datetime) -> None:
        # A due time days ahead was written while the clock was wrong, or by `once --now`.
        astray = servers.c.next_run_at > now + _FURTHEST
        stale = select(servers).where(or_(servers.c.schedule != self._schedule_text(), astray))
        moved = update(servers).where(servers.c.guild_id == bindparam("guild"))
        for row in (await connection.execute(stale)).all():
            schedule = self._schedule(row.post_at, row.timezone)
            values = {"schedule": str(schedule), "next_run_at": next_run(schedule, now), "retry_at": None, "attempt": 0}
            await connection.execute(moved.values(**values), {"guild": row.guild_id})

    def _schedule_text(self) -> ColumnElement[str]:
        """Schedule.__str__ of the schedule in force, in SQL: a tick must not read every server."""
        post_at = func.coalesce(servers.c.post_at, f"{self._defaults.post_at:%H:%M}")
        return post_at.concat(" ").concat(func.coalesce(servers.c.timezone, self._defaults.timezone))

    def _schedule(self, post_at: str | None, timezone: str | None) -> Schedule:
        own = self._defaults.post_at if post_at is None else time.fromisoformat(post_at)
        return Schedule(own, ZoneInfo(timezone or self._defaults.timezone))

    def _slot(self, rows: list[Row[Any]], now: datetime) -> Slot:
        server = rows[0]
        return Slot(
            guild_id=server.guild_id,
            due_at=server.next_run_at if server.next_run_at <= now else None,
            schedule=self._schedule(server.post_at, server.timezone),
            attempt=server.attempt,
            subscriptions=tuple(self._subscription(row) for row in rows),
        )

    def _subscription(self, row: Row[Any]) -> Subscription:
        return Subscription(
            channel_id=row.channel_id,
            guild_id=row.guild_id,
            query=row.query_in_force,
            schedule=self._schedule(row.post_at, row.timezone),
            max_posts=self._defaults.max_posts if row.max_posts is None else row.max_posts,
            updates=self._defaults.updates if row.updates is None else Updates(row.updates),
            seeding=_seeding(row),
            last_good_at=row.last_good_at,
            notified_on=row.notified_on,
            blocked_reason=row.blocked_reason,
            next_run_at=row.next_run_at,
        )


async def _list(connection: AsyncConnection, row: Row[Any] | None, channel_id: int, query: str | None) -> None:
    """One channel of config.json. Coming back, it is seeded anew: what came meanwhile was not asked for."""
    if row is None:
        await connection.execute(insert(subscriptions).values(channel_id=channel_id, origin=FILE, query=query))
        return
    this = update(subscriptions).where(subscriptions.c.channel_id == channel_id)
    if row.ended_at is not None:
        await connection.execute(this.values(origin=FILE, query=query, ended_at=None, **_UNSEEDED))
    elif row.origin == FILE and row.query != query:
        await connection.execute(this.values(query=query))


async def _end(connection: AsyncConnection, rows: Iterable[Row[Any]], now: datetime) -> None:
    for row in rows:
        if row.origin == FILE and row.ended_at is None:
            this = update(subscriptions).where(subscriptions.c.channel_id == row.channel_id)
            await connection.execute(this.values(ended_at=now))


def _seeding(row: Row[Any]) -> Seeding | None:
    if row.seeded_at is None:
        return None
    return Seeding(row.seeded_query, row.seeded_at, row.seeded_lookback, row.seeded_max_results)

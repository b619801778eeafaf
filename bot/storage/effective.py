"""What holds for a server: what it set itself, else what config.json says."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Text, and_, bindparam, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Defaults, Schedule, Server, Updates
from bot.digest.schedule import next_run
from bot.storage.database import insert_into
from bot.storage.schema import servers, subscriptions

FED = and_(subscriptions.c.ended_at.is_(None), servers.c.left_at.is_(None), servers.c.paused.is_(False))
"""Of a subscription joined to its server: messages may go there."""

_FURTHEST = timedelta(days=2)
"""No due time is further away: an hour comes every day, and clocks are put forward by less than a day."""

_OWN = ("query", "post_at", "timezone", "max_posts", "updates")


class Effective:
    """Rows given to it have the columns of `servers`."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults
        self.query = func.coalesce(subscriptions.c.query, servers.c.query, literal(defaults.query, Text))
        """In SQL, of a subscription joined to its server."""

    def schedule(self, row: Row[Any]) -> Schedule:
        own = self._defaults.post_at if row.post_at is None else time.fromisoformat(row.post_at)
        return Schedule(own, ZoneInfo(row.timezone or self._defaults.timezone))

    def max_posts(self, row: Row[Any]) -> int:
        return self._defaults.max_posts if row.max_posts is None else row.max_posts

    def updates(self, row: Row[Any]) -> Updates:
        return self._defaults.updates if row.updates is None else Updates(row.updates)

    def server(self, row: Row[Any]) -> Server:
        return Server(
            guild_id=row.guild_id,
            query=self._defaults.query if row.query is None else row.query,
            schedule=self.schedule(row),
            max_posts=self.max_posts(row),
            updates=self.updates(row),
            paused=row.paused,
            next_run_at=row.next_run_at,
            retry_at=row.retry_at,
            attempt=row.attempt,
            own=frozenset(name for name in _OWN if row._mapping[name] is not None),
        )

    async def enter(self, connection: AsyncConnection, guild_id: int, now: datetime) -> bool:
        """The bot is in this server. True when that is news: it has no row, or had left.

        Where no channel is fed nothing is missed: a due time that has passed becomes the next one.
        """
        schedule = Schedule(self._defaults.post_at, ZoneInfo(self._defaults.timezone))
        due = {"schedule": str(schedule), "next_run_at": next_run(schedule, now), "attempt": 0}
        statement = insert_into(connection, servers).values(guild_id=guild_id, paused=False, **due)
        statement = statement.on_conflict_do_update(
            index_elements=["guild_id"], set_={"left_at": None}, where=servers.c.left_at.is_not(None)
        )
        entered = (await connection.execute(statement.returning(servers.c.guild_id))).first() is not None
        fed = exists().where(subscriptions.c.guild_id == guild_id, subscriptions.c.ended_at.is_(None))
        await self.move_on(connection, and_(servers.c.guild_id == guild_id, servers.c.next_run_at <= now, ~fed), now)
        return entered

    async def reschedule(self, connection: AsyncConnection, now: datetime) -> None:
        """A server whose hour or zone was changed moves to the next occurrence of the new one, once what is due is served.

        So does one whose due time is days ahead: that was written while the clock was wrong, or by `once --now`.
        """
        changed = and_(servers.c.schedule != self._schedule_text(), servers.c.next_run_at > now)
        astray = servers.c.next_run_at > now + _FURTHEST
        await self.move_on(connection, or_(changed, astray), now)

    async def move_on(self, connection: AsyncConnection, which: ColumnElement[bool], now: datetime) -> None:
        """To the next due time of the schedule in force; tries of the one before are forgotten."""
        moved = update(servers).where(servers.c.guild_id == bindparam("guild"))
        for row in (await connection.execute(select(servers).where(which))).all():
            schedule = self.schedule(row)
            values = {"schedule": str(schedule), "next_run_at": next_run(schedule, now), "retry_at": None, "attempt": 0}
            await connection.execute(moved.values(**values), {"guild": row.guild_id})

    def _schedule_text(self) -> ColumnElement[str]:
        """Schedule.__str__ of the schedule in force, in SQL: a tick must not read every server."""
        post_at = func.coalesce(servers.c.post_at, f"{self._defaults.post_at:%H:%M}")
        return post_at.concat(" ").concat(func.coalesce(servers.c.timezone, self._defaults.timezone))

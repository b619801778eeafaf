"""Which servers the bot is in, what each has set for itself, and what holds there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Unpack

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Defaults, Server, ServerChanges, ServerSettings
from bot.digest.schedule import next_run
from bot.storage.database import Database, batches, insert_into
from bot.storage.schema import (
    Origin,
    claims,
    deliveries,
    delivery_papers,
    digests,
    drafts,
    queries,
    result_papers,
    results,
    servers,
    subscriptions,
)

REMEMBERED = timedelta(days=30)
"""How long a server's data stays after the bot has left it."""


class ServerStore:
    """A server has a row from the first time the bot is known to be in it."""

    def __init__(self, database: Database, defaults: Defaults) -> None:
        self._database = database
        self._effective = Effective(defaults)

    async def get(self, guild_id: int) -> Server | None:
        """None where the bot is not known to be."""
        async with self._database.begin() as connection:
            row = await _row(connection, guild_id)
        return None if row is None or row.left_at is not None else self._effective.server(row)

    async def known(self) -> frozenset[int]:
        """Those the bot is in, by guild id."""
        async with self._database.begin() as connection:
            return frozenset(await connection.scalars(select(servers.c.guild_id).where(servers.c.left_at.is_(None))))

    async def join(self, guild_id: int, now: datetime) -> bool:
        """Whether that is news; not for a server where the bot was found already, say because config.json lists its channel."""
        async with self._database.begin() as connection:
            return await self._effective.enter(connection, guild_id, now)

    async def leave(self, guild_id: int, now: datetime) -> None:
        """Nothing is posted there until the bot is let in again; within 30 days everything goes on where it stopped."""
        left = update(servers).where(servers.c.guild_id == guild_id, servers.c.left_at.is_(None))
        async with self._database.begin() as connection:
            await connection.execute(left.values(left_at=now))

    async def change(self, guild_id: int, now: datetime, **changes: Unpack[ServerChanges]) -> Server:
        """Set what is named and leave the rest; None goes back to config.json's.

        A new hour or zone takes effect at its next occurrence, once what is due is served.
        """
        this = servers.c.guild_id == guild_id
        async with self._database.begin() as connection:
            await self._effective.enter(connection, guild_id, now)
            if changes:
                await connection.execute(update(servers).where(this).values(**changes))
                await self._effective.reschedule(connection, this, now)
            return self._effective.server((await connection.execute(select(servers).where(this))).one())

    async def erase(self, guild_id: int) -> None:
        """Every row of this server, everywhere."""
        async with self._database.begin() as connection:
            await _erase(connection, guild_id)

    async def prune(self, now: datetime) -> int:
        """Erase the servers left more than 30 days ago; returns how many."""
        async with self._database.begin() as connection:
            gone = (await connection.scalars(select(servers.c.guild_id).where(servers.c.left_at < now - REMEMBERED))).all()
            for guild_id in gone:
                await _erase(connection, guild_id)
            return len(gone)


async def _row(connection: AsyncConnection, guild_id: int) -> Row[Any] | None:
    return (await connection.execute(select(servers).where(servers.c.guild_id == guild_id))).one_or_none()


# --- what holds for a server -----------------------------------------------------------------


FED = and_(subscriptions.c.ended_at.is_(None), servers.c.left_at.is_(None), servers.c.paused.is_(False))
"""Of a subscription joined to its server: messages may go there."""

_DAY = timedelta(days=1)
_SET_BACK = timedelta(hours=1)
"""A clock that is put right by less does not call a due time into question: what was served a moment ago is not due again."""

_SETTINGS = tuple(field.name for field in fields(ServerSettings))


class Effective:
    """What holds for a server, its own settings over config.json's, and the due time that follows from it."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults
        self.query = func.coalesce(subscriptions.c.query, servers.c.query, literal(defaults.query, Text))
        """In SQL, of a subscription joined to its server."""

    def settings(self, row: Row[Any]) -> ServerSettings:
        """Of a row with the columns of `servers`, among others."""
        return ServerSettings(**{name: getattr(self._defaults, name) if own is None else own for name, own in _own(row).items()})

    def server(self, row: Row[Any]) -> Server:
        return Server(
            guild_id=row.guild_id,
            settings=self.settings(row),
            paused=row.paused,
            next_run_at=row.next_run_at,
            retry_at=row.retry_at,
            attempt=row.attempt,
            own=frozenset(name for name, own in _own(row).items() if own is not None),
        )

    async def enter(self, connection: AsyncConnection, guild_id: int, now: datetime) -> bool:
        """The bot is in this server. True when that is news: it has no row, or had left.

        Where no channel is fed nothing is missed: a due time that has passed becomes the next one. What commands made ends when
        the bot comes back after more than 30 days and the server was not erased meanwhile.
        """
        here = subscriptions.c.guild_id == guild_id
        expired = exists().where(servers.c.guild_id == guild_id, servers.c.left_at < now - REMEMBERED)
        made_here = update(subscriptions).where(
            here, subscriptions.c.origin == Origin.COMMAND, subscriptions.c.ended_at.is_(None)
        )
        await connection.execute(made_here.where(expired).values(ended_at=now))
        schedule = self._defaults.schedule
        due = {"schedule": str(schedule), "next_run_at": next_run(schedule, now), "attempt": 0}
        statement = insert_into(connection, servers).values(guild_id=guild_id, paused=False, **due)
        statement = statement.on_conflict_do_update(
            index_elements=["guild_id"], set_={"left_at": None}, where=servers.c.left_at.is_not(None)
        )
        entered = (await connection.execute(statement.returning(servers.c.guild_id))).first() is not None
        fed = exists().where(here, subscriptions.c.ended_at.is_(None))
        missed = select(servers).where(servers.c.guild_id == guild_id, servers.c.next_run_at <= now, ~fed)
        await self._move_on(connection, await connection.execute(missed), now)
        return entered

    async def reschedule(self, connection: AsyncConnection, which: ColumnElement[bool], now: datetime) -> None:
        """A server whose hour or zone is another one now moves to its next occurrence, unless something is due: that is served
        first, and complete() moves on.
        """
        rows = await connection.execute(select(servers).where(which, servers.c.next_run_at > now))
        await self._move_on(connection, [row for row in rows if row.schedule != str(self.settings(row).schedule)], now)

    async def bring_back(self, connection: AsyncConnection, now: datetime) -> None:
        """A due time further away than its schedule's next occurrence was written while the clock was wrong, or by `once --now`:
        it becomes the latest one that has come, because nobody knows whether that was served.

        Reads only the servers that have nothing due within a day.
        """
        rows = await connection.execute(select(servers).where(servers.c.next_run_at > now + _DAY))
        astray = [row for row in rows if row.next_run_at > next_run(self.settings(row).schedule, now + _SET_BACK)]
        await self._move_on(connection, astray, now - _DAY)

    async def complete(self, connection: AsyncConnection, guild_id: int, now: datetime) -> None:
        """To the next due time of the schedule in force; tries of the one before are forgotten."""
        await self._move_on(connection, await connection.execute(select(servers).where(servers.c.guild_id == guild_id)), now)

    async def _move_on(self, connection: AsyncConnection, rows: Iterable[Row[Any]], now: datetime) -> None:
        moved = update(servers).where(servers.c.guild_id == bindparam("guild"))
        for row in rows:
            schedule = self.settings(row).schedule
            values = {"schedule": str(schedule), "next_run_at": next_run(schedule, now), "retry_at": None, "attempt": 0}
            await connection.execute(moved.values(**values), {"guild": row.guild_id})


def _own(row: Row[Any]) -> dict[str, Any]:
    """What the server has set itself, None where it has not. By column: a subscription in the same row has a query too."""
    return {name: row._mapping[servers.c[name]] for name in _SETTINGS}


# --- forgetting a server as if the bot had never been there ----------------------------------


async def _erase(connection: AsyncConnection, guild_id: int) -> None:
    """Every row of the server, and what is remembered about queries that nobody else follows."""
    texts = frozenset(await connection.scalars(_texts(guild_id)))
    channels = select(subscriptions.c.channel_id).where(subscriptions.c.guild_id == guild_id)
    filed = select(deliveries.c.id).where(deliveries.c.channel_id.in_(channels))
    await connection.execute(delete(claims).where(claims.c.channel_id.in_(channels)))
    await connection.execute(delete(delivery_papers).where(delivery_papers.c.delivery_id.in_(filed)))
    for table in (deliveries, digests):
        await connection.execute(delete(table).where(table.c.channel_id.in_(channels)))
    for table in (drafts, subscriptions, servers):
        await connection.execute(delete(table).where(table.c.guild_id == guild_id))
    await _forget_queries(connection, texts)


async def _forget_queries(connection: AsyncConnection, texts: frozenset[str]) -> None:
    followed = frozenset(await connection.scalars(_texts()))
    for batch in batches(sorted(texts - followed)):
        answers = select(results.c.id).where(results.c.text.in_(batch))
        await connection.execute(delete(result_papers).where(result_papers.c.result_id.in_(answers)))
        for table in (results, queries):
            await connection.execute(delete(table).where(table.c.text.in_(batch)))


def _texts(guild_id: int | None = None) -> CompoundSelect[Any]:
    """Of every query that this server (None: any server) follows, followed or typed."""
    columns = (servers.c.query, subscriptions.c.query, subscriptions.c.seeded_query, drafts.c.text)
    return union(
        *(
            select(column).where(column.is_not(None), *([column.table.c.guild_id == guild_id] if guild_id else []))
            for column in columns
        )
    )

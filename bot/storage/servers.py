"""Which servers the bot is in, and what each has set for itself."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Defaults, Server, Updates
from bot.storage.database import Database
from bot.storage.effective import Effective
from bot.storage.erasing import erase
from bot.storage.schema import Origin, servers, subscriptions

REMEMBERED = timedelta(days=30)
"""How long a server's data stays after the bot has left it."""


class Keep(Enum):
    """Tells "leave it as it is" from None."""

    KEEP = auto()


KEEP = Keep.KEEP


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
        """Ends what commands made; channels of config.json wait for the bot to be let in again."""
        made_here = update(subscriptions).where(
            subscriptions.c.guild_id == guild_id, subscriptions.c.origin == Origin.COMMAND, subscriptions.c.ended_at.is_(None)
        )
        left = update(servers).where(servers.c.guild_id == guild_id, servers.c.left_at.is_(None))
        async with self._database.begin() as connection:
            await connection.execute(made_here.values(ended_at=now))
            await connection.execute(left.values(left_at=now))

    async def change(
        self,
        guild_id: int,
        now: datetime,
        *,
        query: str | Keep | None = KEEP,
        post_at: time | Keep | None = KEEP,
        timezone: str | Keep | None = KEEP,
        max_posts: int | Keep | None = KEEP,
        updates: Updates | Keep | None = KEEP,
        paused: bool | Keep = KEEP,
    ) -> Server:
        """None goes back to config.json's. `query` is canonical text, `timezone` an IANA name.

        A new hour or zone takes effect at its next occurrence.
        """
        wanted = {
            "query": query,
            "post_at": f"{post_at:%H:%M}" if isinstance(post_at, time) else post_at,
            "timezone": timezone,
            "max_posts": max_posts,
            "updates": updates,
            "paused": paused,
        }
        values = {name: value for name, value in wanted.items() if value is not KEEP}
        async with self._database.begin() as connection:
            await self._effective.enter(connection, guild_id, now)
            if values:
                await connection.execute(update(servers).where(servers.c.guild_id == guild_id).values(**values))
                await self._effective.reschedule(connection, now)
            row = await connection.execute(select(servers).where(servers.c.guild_id == guild_id))
            return self._effective.server(row.one())

    async def erase(self, guild_id: int) -> None:
        """Every row of this server, everywhere."""
        async with self._database.begin() as connection:
            await erase(connection, guild_id)

    async def prune(self, now: datetime) -> int:
        """Erase the servers left more than 30 days ago; returns how many."""
        async with self._database.begin() as connection:
            gone = (await connection.scalars(select(servers.c.guild_id).where(servers.c.left_at < now - REMEMBERED))).all()
            for guild_id in gone:
                await erase(connection, guild_id)
            return len(gone)


async def _row(connection: AsyncConnection, guild_id: int) -> Row[Any] | None:
    return (await connection.execute(select(servers).where(servers.c.guild_id == guild_id))).one_or_none()

"""Times that were written while the clock was wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.schedule import LONGEST_REST, LONGEST_RETRY
from bot.storage.schema import UtcDateTime, deliveries, digests, metadata, moment, servers

SLACK = timedelta(minutes=5)
"""A clock that is put right by less than this leaves nothing that needs correcting."""

_COMING = frozenset({servers.c.next_run_at, servers.c.retry_at, deliveries.c.retry_at})
"""They lie ahead by their nature: next_run_at is held to the schedule by Effective.bring_back, retry_at below."""


async def put_times_right(connection: AsyncConnection, now: datetime) -> None:
    """Everything that has happened, whatever the table, has happened by `now`; a retry comes within the longest wait.

    A report dated ahead is dropped from the list of digests: nobody knows when it was made, and it would stay the newest one.
    """
    ahead = moment(now + SLACK)
    await connection.execute(digests.delete().where(or_(digests.c.finished_at > ahead, digests.c.slot_at > ahead)))
    for table in metadata.sorted_tables:
        for column in table.c:
            if isinstance(column.type, UtcDateTime) and column not in _COMING and table is not digests:
                await connection.execute(update(table).where(column > ahead).values({column.name: now}))
    late = servers.c.retry_at > moment(now + LONGEST_RETRY + SLACK)
    await connection.execute(update(servers).where(late).values(retry_at=None, attempt=0))
    resting = deliveries.c.retry_at > moment(now + LONGEST_REST + SLACK)
    await connection.execute(update(deliveries).where(resting).values(retry_at=None))

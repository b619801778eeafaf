"""Whether digests come when they are due, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, union

from bot.digest.model import Defaults
from bot.storage.database import Database
from bot.storage.effective import FED, Effective
from bot.storage.schema import Filed, deliveries, queries, results, servers, subscriptions


@dataclass(frozen=True, slots=True)
class Pulse:
    """Counts, and times that are None where there is nothing to tell. Of channels that are fed; paused ones are not."""

    last_good_at: datetime | None
    """When arXiv's answer was last taken for a channel."""
    missed_at: datetime | None
    """The latest due time that has passed unserved."""
    overdue: int
    """Channels whose due time has passed unserved."""
    pending: int
    """Messages filed and not confirmed by Discord."""
    failing: int
    """Queries without a usable answer since they were last asked."""
    failing_since: datetime | None
    """When the last of them began to fail."""
    answered_at: datetime | None
    """When arXiv last gave a usable answer to anything."""


async def feel(database: Database, defaults: Defaults, due_before: datetime) -> Pulse:
    """Due times after `due_before` do not count as missed yet. Raises StorageError."""
    fed = subscriptions.join(servers)
    query = Effective(defaults).query
    unserved = or_(subscriptions.c.last_good_at.is_(None), subscriptions.c.last_good_at < servers.c.next_run_at)
    seeded: tuple[ColumnElement[bool], ...] = (FED, query.is_not(None), subscriptions.c.seeded_at.is_not(None))
    followed = union(
        select(query).select_from(fed).where(FED),
        select(subscriptions.c.seeded_query).select_from(fed).where(FED),
    ).subquery()
    trouble = func.coalesce(queries.c.failing_since, queries.c.held_since)

    last_good = select(func.max(subscriptions.c.last_good_at)).select_from(fed).where(FED)
    missed = (
        select(func.max(servers.c.next_run_at), func.count())
        .select_from(fed)
        .where(*seeded, servers.c.next_run_at <= due_before, unserved)
    )
    pending = (
        select(func.count())
        .select_from(deliveries.join(subscriptions))
        .where(subscriptions.c.ended_at.is_(None), deliveries.c.state == Filed.PENDING)
    )
    failing = select(func.max(trouble), func.count()).where(trouble.is_not(None), queries.c.text.in_(select(followed)))
    async with database.begin() as connection:
        missed_at, overdue = (await connection.execute(missed)).one()
        failing_since, failures = (await connection.execute(failing)).one()
        return Pulse(
            last_good_at=await connection.scalar(last_good),
            missed_at=missed_at,
            overdue=overdue,
            pending=await connection.scalar(pending) or 0,
            failing=failures,
            failing_since=failing_since,
            answered_at=await connection.scalar(select(func.max(results.c.as_of))),
        )

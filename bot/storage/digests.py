"""What digests did, what they left to be looked at, and whether they come when they are due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ColumnElement, Select, and_, func, insert, literal, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Defaults, Kind, State
from bot.digest.silence import NotTaken, Unconfirmed
from bot.paper import Paper, PaperId
from bot.storage.database import Database
from bot.storage.papers import load_papers
from bot.storage.schema import Filed, claims, deliveries, digests, moment, papers, queries, results, servers, subscriptions
from bot.storage.servers import FED, Effective


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One channel's part in one digest."""

    channel_id: int
    slot_at: datetime
    """The due time that was served."""
    finished_at: datetime
    report: Mapping[str, int | str]
    """As bot.digest.report.ChannelReport.as_row gives it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the last digest found, for a list outside Discord. Both newest first, as arXiv sorts them; no paper is in both."""

    new: tuple[Paper, ...]
    revised: tuple[Paper, ...]
    """At the version found; an earlier one was known before."""
    held_back: int
    """New ones that went to the backlog."""
    digest_at: datetime | None
    """When the last digest was made; None before the first."""


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


class DigestStore:
    """Implements bot.digest.ports.Digests. A seeding is no digest here."""

    def __init__(self, database: Database, defaults: Defaults) -> None:
        self._database = database
        self._effective = Effective(defaults)

    async def last(self, channel_id: int) -> DigestRow | None:
        rows = await self._rows(_newest_first().where(digests.c.channel_id == channel_id).limit(1))
        return rows[0] if rows else None

    async def of_slot(self, channel_id: int, slot_at: datetime) -> list[DigestRow]:
        """More than one where the first was interrupted, or looked again for a late batch; the newest first."""
        return await self._rows(_newest_first().where(digests.c.channel_id == channel_id, digests.c.slot_at == slot_at))

    async def recent(self, guild_id: int, limit: int) -> list[DigestRow]:
        """Of every channel the server has or had, the newest first."""
        of_server = _newest_first().join(subscriptions).where(subscriptions.c.guild_id == guild_id)
        return await self._rows(of_server.limit(limit))

    async def backlog(self, channel_id: int, offset: int, limit: int) -> tuple[list[Paper], int]:
        """One page of what was held back, the newest first, and how many there are in all."""
        held = (claims.c.channel_id == channel_id, claims.c.state == State.BACKLOG)
        page = select(claims.c.paper_id, claims.c.version).where(*held)
        page = page.order_by(claims.c.first_seen_at.desc(), claims.c.paper_id.desc()).offset(offset).limit(limit)
        async with self._database.begin() as connection:
            ids = [PaperId.of(row.paper_id, row.version) for row in await connection.execute(page)]
            bodies = await load_papers(connection, ids)
            total = await connection.scalar(select(func.count()).select_from(claims).where(*held))
        return [bodies[id] for id in ids], total or 0

    async def waiting(self, channel_id: int) -> int:
        """Papers that could not be posted so far."""
        return await self._count(select(func.count()).where(claims.c.channel_id == channel_id, claims.c.state == State.WAITING))

    async def not_taken(self, channel_id: int, since: datetime) -> NotTaken | None:
        """Papers first seen since then that Discord takes neither as a card nor as text nor as a link; None where it took all."""
        refused = (
            select(claims.c.paper_id, claims.c.version, claims.c.reason)
            .where(claims.c.channel_id == channel_id, claims.c.state.in_((State.REFUSED, State.REJECTED)))
            .where(claims.c.first_seen_at > since)
            .order_by(claims.c.first_seen_at.desc(), claims.c.paper_id.desc())
        )
        async with self._database.begin() as connection:
            rows = {PaperId.of(row.paper_id, row.version): row.reason for row in await connection.execute(refused)}
            bodies = await load_papers(connection, rows)
        return NotTaken(tuple(bodies[id] for id in rows), next(iter(rows.values()))) if rows else None

    async def unposted(self, channel_id: int, filed_at: datetime) -> int:
        """Papers that the digest of then gave to messages which Discord has not confirmed by now."""
        held = (
            select(func.count())
            .select_from(claims.join(deliveries))
            .where(
                claims.c.channel_id == channel_id,
                claims.c.state == State.CLAIMED,
                deliveries.c.state == Filed.PENDING,
                deliveries.c.created_at == filed_at,
            )
        )
        return await self._count(held)

    async def unconfirmed(self, channel_id: int) -> Unconfirmed | None:
        """None unless Discord was asked to take something: what is only on its way there is no trouble. Edits come last."""
        held = (claims.c.delivery_id == deliveries.c.id) & (claims.c.state == State.CLAIMED)
        unfinished = (
            select(
                func.count(claims.c.paper_id),
                func.max(claims.c.reason),
                func.max(deliveries.c.retry_at),
                (deliveries.c.kind == Kind.EDIT).label("edits"),
            )
            .select_from(deliveries.outerjoin(claims, held))
            .where(deliveries.c.channel_id == channel_id, deliveries.c.state == Filed.PENDING)
            .group_by("edits")
            .having(func.max(deliveries.c.tries) > 0)
            .order_by("edits")
        )
        async with self._database.begin() as connection:
            row = (await connection.execute(unfinished)).first()
        return Unconfirmed(*row) if row else None

    async def pending(self, guild_id: int) -> int:
        """Messages filed for the server's channels and not confirmed by Discord."""
        unfinished = (
            select(func.count())
            .select_from(deliveries.join(subscriptions))
            .where(subscriptions.c.guild_id == guild_id, subscriptions.c.ended_at.is_(None), deliveries.c.state == Filed.PENDING)
        )
        return await self._count(unfinished)

    async def listing(self, channels: Collection[int], zone: ZoneInfo) -> Listing:
        """What these channels' digests found on the last day one was due, in `zone`: a second try that day adds to the first.

        Whether Discord took a message is no matter here.
        """
        rows = [row for channel_id in channels if (row := await self.last(channel_id))]
        if not rows:
            return Listing((), (), 0, None)
        day = max(row.slot_at.astimezone(zone).date() for row in rows)
        midnight = datetime.combine(day, time.min, zone)
        found = _Found()
        async with self._database.begin() as connection:
            for row in rows:
                await _sort_out(connection, row.channel_id, midnight, found)
            bodies = await load_papers(connection, found.new | found.revised)
        return Listing(
            new=_by_update(bodies, found.new),
            revised=_by_update(bodies, found.revised - found.new),
            held_back=len(found.held_back - found.new),
            digest_at=max(row.finished_at for row in rows),
        )

    async def pulse(self, due_before: datetime) -> Pulse:
        """Due times after `due_before` do not count as missed yet. Raises StorageError."""
        fed = subscriptions.join(servers)
        query = self._effective.query
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
            .select_from(deliveries.join(subscriptions).join(servers))
            .where(subscriptions.c.ended_at.is_(None), servers.c.left_at.is_(None), deliveries.c.state == Filed.PENDING)
        )
        failing = select(func.max(trouble), func.count()).where(trouble.is_not(None), queries.c.text.in_(select(followed)))
        async with self._database.begin() as connection:
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

    async def record(
        self, channel_id: int, slot_at: datetime, finished_at: datetime, report: Mapping[str, int | float | str]
    ) -> None:
        this = (digests.c.channel_id == channel_id, digests.c.slot_at == slot_at, digests.c.finished_at == finished_at)
        async with self._database.begin() as connection:
            filed = await connection.execute(update(digests).where(*this).values(report=dict(report)))
            if filed.rowcount == 0:
                await file_report(connection, channel_id, slot_at, finished_at, report)

    async def _count(self, statement: Select[int]) -> int:
        async with self._database.begin() as connection:
            return await connection.scalar(statement) or 0

    async def _rows(self, statement: Select[Any]) -> list[DigestRow]:
        async with self._database.begin() as connection:
            rows = await connection.execute(statement)
            return [DigestRow(row.channel_id, row.slot_at, row.finished_at, row.report) for row in rows]


def _newest_first() -> Select[Any]:
    return (
        select(digests)
        .where(digests.c.report["seeded"].as_string().is_(None))
        .order_by(digests.c.finished_at.desc(), digests.c.id.desc())
    )


async def file_report(
    connection: AsyncConnection,
    channel_id: int,
    slot_at: datetime,
    finished_at: datetime,
    report: Mapping[str, int | float | str],
) -> None:
    """Nothing where a command has taken the channel away meanwhile."""
    columns = ("channel_id", "slot_at", "finished_at", "report")
    values = (moment(slot_at), moment(finished_at), literal(dict(report), JSON))
    row = select(subscriptions.c.channel_id, *values).where(subscriptions.c.channel_id == channel_id)
    await connection.execute(insert(digests).from_select(columns, row))


@dataclass(slots=True)
class _Found:
    """Sorted out, over all channels."""

    new: set[PaperId] = field(default_factory=set)
    revised: set[PaperId] = field(default_factory=set)
    held_back: set[PaperId] = field(default_factory=set)


async def _sort_out(connection: AsyncConnection, channel_id: int, midnight: datetime, found: _Found) -> None:
    """A claim keeps the time of its first sight. When its version was moved shows in when that version's body came."""
    before = select(func.max(digests.c.finished_at)).where(digests.c.channel_id == channel_id, digests.c.slot_at < midnight)
    since = await connection.scalar(before)
    body = and_(papers.c.paper_id == claims.c.paper_id, papers.c.version == claims.c.version)
    statement = select(claims, papers.c.stored_at).join(papers, body).where(claims.c.channel_id == channel_id)
    if since is not None:
        statement = statement.where(or_(claims.c.first_seen_at > since, papers.c.stored_at > since))
    for claim in await connection.execute(statement):
        id = PaperId.of(claim.paper_id, claim.version)
        if claim.state != State.SEEN and (since is None or claim.first_seen_at > since):
            (found.held_back if claim.state == State.BACKLOG else found.new).add(id)
        elif claim.state != State.BACKLOG and claim.stored_at > claim.first_seen_at:
            found.revised.add(id)


def _by_update(bodies: Mapping[PaperId, Paper], ids: Iterable[PaperId]) -> tuple[Paper, ...]:
    return tuple(sorted((bodies[id] for id in ids), key=lambda paper: (paper.updated, paper.id), reverse=True))

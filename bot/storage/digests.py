"""What digests did, and what they left to be done or to be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from bot.digest.model import State
from bot.digest.silence import Unconfirmed
from bot.paper import Paper, PaperId
from bot.storage.database import Database
from bot.storage.papers import load_papers
from bot.storage.schema import Filed, claims, deliveries, digests, subscriptions


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One channel's part in one digest."""

    channel_id: int
    slot_at: datetime
    """The due time that was served."""
    finished_at: datetime
    report: Mapping[str, int | str]
    """As bot.digest.report.ChannelReport.as_row gives it."""


class DigestStore:
    """Reads only. A seeding is no digest here."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        """None unless Discord was asked to take something: what is only on its way there is no trouble."""
        held = (claims.c.delivery_id == deliveries.c.id) & (claims.c.state == State.CLAIMED)
        unfinished = (
            select(func.count(claims.c.paper_id), func.max(claims.c.reason), func.max(deliveries.c.tries))
            .select_from(deliveries.outerjoin(claims, held))
            .where(deliveries.c.channel_id == channel_id, deliveries.c.state == Filed.PENDING)
        )
        async with self._database.begin() as connection:
            papers, reason, tries = (await connection.execute(unfinished)).one()
        return Unconfirmed(papers, reason) if tries else None

    async def pending(self, guild_id: int) -> int:
        """Messages filed for the server's channels and not confirmed by Discord."""
        unfinished = (
            select(func.count())
            .select_from(deliveries.join(subscriptions))
            .where(subscriptions.c.guild_id == guild_id, subscriptions.c.ended_at.is_(None), deliveries.c.state == Filed.PENDING)
        )
        return await self._count(unfinished)

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

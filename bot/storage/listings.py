"""The papers of the last digest, read back from what it left."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.listing import Listing
from bot.digest.model import State
from bot.paper import Paper, PaperId
from bot.storage.database import Database
from bot.storage.digests import DigestStore
from bot.storage.papers import load_papers
from bot.storage.schema import claims, digests, papers


@dataclass(slots=True)
class _Found:
    """Sorted out, over all channels."""

    new: set[PaperId] = field(default_factory=set)
    revised: set[PaperId] = field(default_factory=set)
    held_back: set[PaperId] = field(default_factory=set)


class ListingStore:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._digests = DigestStore(database)

    async def last(self, channels: Collection[int], zone: ZoneInfo) -> Listing:
        """What these channels' digests found on the last day one was due, in `zone`: a second try that day adds to the first.

        Whether Discord took a message is no matter here.
        """
        rows = [row for channel_id in channels if (row := await self._digests.last(channel_id))]
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
            new=_newest_first(bodies, found.new),
            revised=_newest_first(bodies, found.revised - found.new),
            held_back=len(found.held_back - found.new),
            digest_at=max(row.finished_at for row in rows),
        )


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


def _newest_first(bodies: Mapping[PaperId, Paper], ids: Iterable[PaperId]) -> tuple[Paper, ...]:
    return tuple(sorted((bodies[id] for id in ids), key=lambda paper: (paper.updated, paper.id), reverse=True))

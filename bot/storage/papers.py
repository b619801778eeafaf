"""The papers' bodies, by id and version."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Kind, State
from bot.paper import Paper, PaperId
from bot.storage.database import Database, batches, insert_into
from bot.storage.schema import Filed, claims, deliveries, delivery_papers, papers, result_papers

KEPT = timedelta(days=60)
"""How long a body stays that was only ever recorded as seen."""


class PaperStore:
    """The bodies, for as long as something may show them again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def prune(self, now: datetime) -> int:
        """Delete the bodies only ever seeded, once old; returns how many. Their claims stay, so they never come as new.

        A claim alone does not tell what stands in a channel: an edit rebuilds a whole message, whatever became of its
        papers' claims.
        """
        delivered = select(claims.c.paper_id).where(claims.c.state != State.SEEN)
        standing = (deliveries.c.state == Filed.SENT) & deliveries.c.kind.in_((Kind.CARD, Kind.LIST, Kind.EDIT))
        shown = select(delivery_papers.c.paper_id).join(deliveries).where((deliveries.c.state == Filed.PENDING) | standing)
        old = delete(papers).where(
            papers.c.stored_at < now - KEPT,
            papers.c.paper_id.not_in(delivered),
            papers.c.paper_id.not_in(shown),
            papers.c.paper_id.not_in(select(result_papers.c.paper_id)),
        )
        async with self._database.begin() as connection:
            return (await connection.execute(old)).rowcount


async def save_papers(connection: AsyncConnection, new: Iterable[Paper], now: datetime) -> None:
    """A body already stored stays as it is: a version of a paper does not change."""
    statement = insert_into(connection, papers).on_conflict_do_nothing()
    for batch in batches(list(new)):
        rows = [{"paper_id": p.id.key, "version": p.id.version, "body": _body(p), "stored_at": now} for p in batch]
        await connection.execute(statement, rows)


async def load_papers(connection: AsyncConnection, ids: Iterable[PaperId]) -> dict[PaperId, Paper]:
    """Without those whose body is not stored."""
    found = {}
    for batch in batches(sorted(set(ids))):
        keys = [(id.key, id.version) for id in batch]
        rows = await connection.execute(select(papers).where(tuple_(papers.c.paper_id, papers.c.version).in_(keys)))
        for row in rows:
            id = PaperId.of(row.paper_id, row.version)
            found[id] = _paper(id, row.body)
    return found


def _body(paper: Paper) -> dict[str, Any]:
    return {
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": paper.authors,
        "categories": paper.categories,
        "published": paper.published.isoformat(),
        "updated": paper.updated.isoformat(),
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "doi": paper.doi,
    }


def _paper(id: PaperId, body: dict[str, Any]) -> Paper:
    return Paper(
        id=id,
        title=body["title"],
        abstract=body["abstract"],
        authors=tuple(body["authors"]),
        categories=tuple(body["categories"]),
        published=datetime.fromisoformat(body["published"]),
        updated=datetime.fromisoformat(body["updated"]),
        comment=body["comment"],
        journal_ref=body["journal_ref"],
        doi=body["doi"],
    )

"""The newest papers of each answer, for whoever asks before arXiv has anything newer to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.ask import NEWEST
from bot.digest.model import Newest
from bot.paper import Paper, PaperId
from bot.storage.database import Database, insert_into
from bot.storage.papers import load_papers, save_papers
from bot.storage.schema import result_papers, results

KEPT = timedelta(days=30)
"""How long an answer stays that no newer one has replaced."""


class ResultStore:
    """The newest papers of each answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def remember(self, text: str, papers: Sequence[Paper], total: int, now: datetime) -> None:
        """In the place of what was known of this canonical query."""
        async with self._database.begin() as connection:
            await remember(connection, text, papers, total, now)

    async def newest(self, text: str) -> Newest | None:
        async with self._database.begin() as connection:
            return await newest(connection, text)


async def newest(connection: AsyncConnection, text: str) -> Newest | None:
    """What is known of this canonical query."""
    answer = (await connection.execute(select(results).where(results.c.text == text))).one_or_none()
    if answer is None:
        return None
    placed = select(result_papers).where(result_papers.c.result_id == answer.id).order_by(result_papers.c.position)
    ids = [PaperId.of(row.paper_id, row.version) for row in await connection.execute(placed)]
    bodies = await load_papers(connection, ids)
    return Newest(tuple(bodies[id] for id in ids), answer.total, answer.as_of)


async def remember(connection: AsyncConnection, text: str, papers: Sequence[Paper], total: int, now: datetime) -> None:
    """Put an answer in the place of what was known of its query, and clear away the answers of a month ago."""
    old = select(results.c.id).where((results.c.as_of < now - KEPT) | (results.c.text == text))
    await connection.execute(delete(result_papers).where(result_papers.c.result_id.in_(old)))
    await connection.execute(delete(results).where(results.c.as_of < now - KEPT))
    newest = sorted(papers, key=lambda paper: (paper.updated, paper.id), reverse=True)[:NEWEST]
    await save_papers(connection, newest, now)
    statement = insert_into(connection, results).values(text=text, total=total, as_of=now)
    statement = statement.on_conflict_do_update(index_elements=["text"], set_={"total": total, "as_of": now})
    result_id = (await connection.execute(statement.returning(results.c.id))).scalar_one()
    rows = [
        {"result_id": result_id, "position": position, "paper_id": paper.id.key, "version": paper.id.version}
        for position, paper in enumerate(newest)
    ]
    if rows:
        await connection.execute(insert(result_papers), rows)

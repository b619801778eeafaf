"""What is remembered about each query, for every server that shares it: its last answer, its troubles, its newest papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.ask import NEWEST
from bot.digest.model import Answer, Newest, QueryState, Reach
from bot.paper import Paper, PaperId
from bot.storage.database import Database, insert_into
from bot.storage.papers import load_papers, save_papers
from bot.storage.schema import moment, queries, result_papers, results

KEPT = timedelta(days=30)
"""How long an answer stays that no newer one has replaced."""


class QueryStore:
    """Implements bot.digest.ports.Queries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self, text: str) -> QueryState:
        async with self._database.begin() as connection:
            return await _state(connection, text)

    async def asked(self, text: str, now: datetime, *, lapsed_before: datetime) -> QueryState:
        lapsed = or_(queries.c.asked_at.is_(None), queries.c.asked_at < lapsed_before)
        forgotten = update(queries).where(queries.c.text == text, lapsed)
        async with self._database.begin() as connection:
            await connection.execute(forgotten.values(held_since=None, failing_since=None, last_error=None))
            await _write(connection, text, {"asked_at": now})
            return await _state(connection, text)

    async def answered(self, text: str, answer: Answer, now: datetime, *, believed: bool, reach: Reach | None) -> None:
        written: dict[str, Any] = {"last_total": answer.total, "failing_since": None, "last_error": None}
        if believed:
            written["held_since"] = None
        if reach is not None:
            written |= {"per_day": reach.per_day, "covered_days": reach.covered_days, "damaged": list(answer.damaged)}
        async with self._database.begin() as connection:
            await _write(connection, text, written)
            await _remember(connection, text, answer.papers, answer.total, now)

    async def failed(self, text: str, error: str, now: datetime) -> None:
        async with self._database.begin() as connection:
            await _write(connection, text, {"last_error": error}, since={"failing_since": now})

    async def held(self, text: str, reason: str, now: datetime) -> None:
        async with self._database.begin() as connection:
            await _write(connection, text, {"last_error": reason}, since={"held_since": now})

    async def remember(self, text: str, papers: Sequence[Paper], total: int, now: datetime) -> None:
        """Put an answer in the place of what was known of this canonical query."""
        async with self._database.begin() as connection:
            await _remember(connection, text, papers, total, now)

    async def newest(self, text: str) -> Newest | None:
        async with self._database.begin() as connection:
            answer = (await connection.execute(select(results).where(results.c.text == text))).one_or_none()
            if answer is None:
                return None
            placed = select(result_papers).where(result_papers.c.result_id == answer.id).order_by(result_papers.c.position)
            ids = [PaperId.of(row.paper_id, row.version) for row in await connection.execute(placed)]
            bodies = await load_papers(connection, ids)
        return Newest(tuple(bodies[id] for id in ids), answer.total, answer.as_of)


async def _state(connection: AsyncConnection, text: str) -> QueryState:
    row = (await connection.execute(select(queries).where(queries.c.text == text))).one_or_none()
    if row is None:
        return QueryState()
    return QueryState(
        last_total=row.last_total,
        reach=None if row.per_day is None else Reach(row.per_day, row.covered_days),
        held_since=row.held_since,
        failing_since=row.failing_since,
        last_error=row.last_error,
        damaged=tuple(row.damaged or ()),
    )


async def _write(
    connection: AsyncConnection, text: str, values: dict[str, Any], since: dict[str, datetime] | None = None
) -> None:
    """`since` is written only where nothing stands yet."""
    since = since or {}
    kept = {name: func.coalesce(queries.c[name], moment(first)) for name, first in since.items()}
    statement = insert_into(connection, queries).values(text=text, **values, **since)
    await connection.execute(statement.on_conflict_do_update(index_elements=["text"], set_={**values, **kept}))


async def _remember(connection: AsyncConnection, text: str, papers: Sequence[Paper], total: int, now: datetime) -> None:
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

"""What is remembered about each query, for every server that shares it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Answer, Newest, QueryState, Reach
from bot.storage.database import Database, insert_into
from bot.storage.results import newest, remember
from bot.storage.schema import moment, queries


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
            await remember(connection, text, answer.papers, answer.total, now)

    async def newest(self, text: str) -> Newest | None:
        async with self._database.begin() as connection:
            return await newest(connection, text)

    async def failed(self, text: str, error: str, now: datetime) -> None:
        async with self._database.begin() as connection:
            await _write(connection, text, {"last_error": error}, since={"failing_since": now})

    async def held(self, text: str, reason: str, now: datetime) -> None:
        async with self._database.begin() as connection:
            await _write(connection, text, {"last_error": reason}, since={"held_since": now})


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

"""Forgetting a server as if the bot had never been there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, delete, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.database import batches
from bot.storage.schema import (
    claims,
    deliveries,
    delivery_papers,
    digests,
    drafts,
    queries,
    result_papers,
    results,
    servers,
    subscriptions,
)


async def erase(connection: AsyncConnection, guild_id: int) -> None:
    """Every row of the server, and what is remembered about queries that nobody else follows."""
    texts = frozenset(await connection.scalars(_texts(guild_id)))
    channels = select(subscriptions.c.channel_id).where(subscriptions.c.guild_id == guild_id)
    filed = select(deliveries.c.id).where(deliveries.c.channel_id.in_(channels))
    await connection.execute(delete(claims).where(claims.c.channel_id.in_(channels)))
    await connection.execute(delete(delivery_papers).where(delivery_papers.c.delivery_id.in_(filed)))
    for table in (deliveries, digests):
        await connection.execute(delete(table).where(table.c.channel_id.in_(channels)))
    for table in (drafts, subscriptions, servers):
        await connection.execute(delete(table).where(table.c.guild_id == guild_id))
    await _forget_queries(connection, texts)


async def _forget_queries(connection: AsyncConnection, texts: frozenset[str]) -> None:
    followed = frozenset(await connection.scalars(_texts()))
    for batch in batches(sorted(texts - followed)):
        answers = select(results.c.id).where(results.c.text.in_(batch))
        await connection.execute(delete(result_papers).where(result_papers.c.result_id.in_(answers)))
        for table in (results, queries):
            await connection.execute(delete(table).where(table.c.text.in_(batch)))


def _texts(guild_id: int | None = None) -> CompoundSelect[Any]:
    """Of every query that this server (None: any server) follows, followed or typed."""
    columns = (servers.c.query, subscriptions.c.query, subscriptions.c.seeded_query, drafts.c.text)
    return union(
        *(
            select(column).where(column.is_not(None), *([column.table.c.guild_id == guild_id] if guild_id else []))
            for column in columns
        )
    )

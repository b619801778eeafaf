"""What commands do to a subscription. config.json owns the list of its channels and their own queries: those it refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import NotAllowedHere
from bot.storage.database import insert_into
from bot.storage.schema import Origin, claims, deliveries, digests, subscriptions

AFRESH = {
    "ended_at": None,
    "seeded_query": None,
    "seeded_at": None,
    "seeded_lookback": None,
    "seeded_max_results": None,
    "last_good_at": None,
    "blocked_reason": None,
    "blocked_at": None,
    "outage_since": None,
}
"""A channel that comes back is seeded anew: what came meanwhile was not asked for."""


async def follow(connection: AsyncConnection, channel_id: int, guild_id: int, query: str | None) -> None:
    row = await _find(connection, channel_id)
    if row is not None and row.ended_at is None:
        await _set_query(connection, row, query)
        return
    made = {"guild_id": guild_id, "origin": Origin.COMMAND, "query": query, **AFRESH}
    statement = insert_into(connection, subscriptions).values(channel_id=channel_id, **made)
    await connection.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=made))


async def requery(connection: AsyncConnection, channel_id: int, query: str | None) -> None:
    await _set_query(connection, await _followed(connection, channel_id), query)


async def stop(connection: AsyncConnection, channel_id: int, now: datetime) -> None:
    row = await _followed(connection, channel_id)
    if row.origin == Origin.FILE:
        raise NotAllowedHere(
            f"<#{channel_id}> is listed in config.json: whoever runs the bot can take it out there. "
            "Pausing the server's digests is possible here."
        )
    await connection.execute(_one(channel_id).values(ended_at=now))


async def move(connection: AsyncConnection, channel_id: int, to_channel_id: int) -> None:
    """Messages already posted stay where they stand and are edited no more.

    A channel that was fed once keeps what it has been given; where both know a paper, the claim that moves in prevails.
    """
    row = await _followed(connection, channel_id)
    if row.origin == Origin.FILE:
        raise NotAllowedHere(
            f"<#{channel_id}> is listed in config.json: whoever runs the bot can move it there. "
            "Another channel can be added here with `/setquery`."
        )
    target = await _find(connection, to_channel_id)
    if target is not None and target.ended_at is None:
        raise NotAllowedHere(f"<#{to_channel_id}> gets papers already. Stop it first, or choose another channel.")
    moved = {**row._mapping, "channel_id": to_channel_id, "blocked_reason": None, "blocked_at": None}
    statement = insert_into(connection, subscriptions).values(moved)
    await connection.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=moved))
    await _move_ledger(connection, channel_id, to_channel_id)
    await connection.execute(delete(subscriptions).where(subscriptions.c.channel_id == channel_id))


async def _move_ledger(connection: AsyncConnection, channel_id: int, to_channel_id: int) -> None:
    moving = select(claims.c.paper_id).where(claims.c.channel_id == channel_id)
    known = delete(claims).where(claims.c.channel_id == to_channel_id, claims.c.paper_id.in_(moving))
    await connection.execute(known)
    await connection.execute(
        update(claims).where(claims.c.channel_id == channel_id).values(channel_id=to_channel_id, message_id=None)
    )
    for table in (deliveries, digests):
        await connection.execute(update(table).where(table.c.channel_id == channel_id).values(channel_id=to_channel_id))


async def _set_query(connection: AsyncConnection, row: Row[Any], query: str | None) -> None:
    if query == row.query:
        return
    if row.origin == Origin.FILE:
        raise NotAllowedHere(
            f"<#{row.channel_id}> is listed in config.json: whoever runs the bot can give it a query of its own there. "
            "The server's query can be changed here; it feeds every channel without one of its own."
        )
    await connection.execute(_one(row.channel_id).values(query=query))


async def _followed(connection: AsyncConnection, channel_id: int) -> Row[Any]:
    row = await _find(connection, channel_id)
    if row is None or row.ended_at is not None:
        raise NotAllowedHere(f"<#{channel_id}> gets no papers. `/setquery` can start them.")
    return row


async def _find(connection: AsyncConnection, channel_id: int) -> Row[Any] | None:
    return (await connection.execute(select(subscriptions).where(subscriptions.c.channel_id == channel_id))).one_or_none()


def _one(channel_id: int) -> Update:
    return update(subscriptions).where(subscriptions.c.channel_id == channel_id)

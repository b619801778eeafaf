"""What commands do to a subscription. config.json owns the list of its channels and their own queries: those it refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Update, case, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Kind, NoticeKind, State
from bot.errors import NotAllowedHere
from bot.storage.database import insert_into
from bot.storage.deliveries import LAST_WORD, NOTICE_KIND
from bot.storage.outages import part
from bot.storage.schema import Filed, Origin, claims, deliveries, delivery_papers, digests, subscriptions

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
    await give_up(connection, channel_id)
    made = {"guild_id": guild_id, "origin": Origin.COMMAND, "query": query, **AFRESH}
    statement = insert_into(connection, subscriptions).values(channel_id=channel_id, **made)
    await connection.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=made))


async def give_up(connection: AsyncConnection, channel_id: int) -> None:
    """What an ended subscription still owed: its papers were asked for by nobody who follows the channel now.

    A paper whose edit was pending still stands in the channel as it was. The last word is said all the same.
    """
    state = case((claims.c.message_id.is_not(None), State.SENT), else_=State.SEEN)
    owed = update(claims).where(claims.c.channel_id == channel_id, claims.c.state.in_((State.WAITING, State.CLAIMED)))
    await connection.execute(owed.values(state=state))
    await _close(connection, (deliveries.c.channel_id == channel_id) & ~LAST_WORD)


async def requery(connection: AsyncConnection, channel_id: int, query: str | None) -> None:
    await _set_query(connection, await _followed(connection, channel_id), query)


async def stop(connection: AsyncConnection, channel_id: int, now: datetime) -> None:
    row = await _followed(connection, channel_id)
    if row.origin == Origin.FILE:
        raise NotAllowedHere(
            f"<#{channel_id}> is listed in config.json: whoever runs the bot can take it out there. "
            "Pausing the server's digests is possible here."
        )
    await end(connection, row, now)


async def end(connection: AsyncConnection, row: Row[Any], now: datetime) -> None:
    """Papers stop coming to the channel whose row this is."""
    await part(connection, row, now)
    await connection.execute(_one(row.channel_id).values(ended_at=now))


async def move(connection: AsyncConnection, channel_id: int, to_channel_id: int, now: datetime) -> None:
    """Messages already posted stay where they stand and are edited no more.

    A channel that was fed once keeps what it has been given. Where both know a paper, the claim that moves in prevails, unless
    the paper stands in the channel already: none comes there twice.

    An outage stays behind: its notice stands where papers do not come any more, and is edited to say so. If arXiv is still silent
    at the next due time, the new channel gets a notice of its own.
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
    await end(connection, row, now)
    moved = {**row._mapping, "channel_id": to_channel_id, "blocked_reason": None, "blocked_at": None, "outage_since": None}
    statement = insert_into(connection, subscriptions).values(moved)
    await connection.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=moved))
    await give_up(connection, to_channel_id)
    await _leave_behind(connection, channel_id, to_channel_id)
    await _move_ledger(connection, channel_id, to_channel_id)


async def _leave_behind(connection: AsyncConnection, channel_id: int, to_channel_id: int) -> None:
    """What must not come to the new channel: notices of an outage, and papers that stand there already.

    A message that holds such a paper is given up whole, and its other papers wait for the next digest to plan them again.
    """
    here = deliveries.c.channel_id == channel_id
    await _close(connection, here & (NOTICE_KIND == NoticeKind.OUTAGE))
    given = select(claims.c.paper_id).where(claims.c.channel_id == to_channel_id, claims.c.state == State.SENT)
    holding = select(delivery_papers.c.delivery_id).where(delivery_papers.c.paper_id.in_(given))
    again = here & deliveries.c.kind.in_((Kind.CARD, Kind.LIST)) & deliveries.c.id.in_(holding)
    held = select(deliveries.c.id).where(again, deliveries.c.state == Filed.PENDING)
    freed = update(claims).where(claims.c.delivery_id.in_(held), claims.c.state == State.CLAIMED)
    await connection.execute(freed.values(state=State.WAITING, delivery_id=None))
    await _close(connection, again)
    await connection.execute(delete(claims).where(claims.c.channel_id == channel_id, claims.c.paper_id.in_(given)))


async def _move_ledger(connection: AsyncConnection, channel_id: int, to_channel_id: int) -> None:
    moving = select(claims.c.paper_id).where(claims.c.channel_id == channel_id)
    known = delete(claims).where(claims.c.channel_id == to_channel_id, claims.c.paper_id.in_(moving))
    await connection.execute(known)
    await connection.execute(
        update(claims).where(claims.c.channel_id == channel_id).values(channel_id=to_channel_id, message_id=None)
    )
    for which in (
        update(deliveries).where(deliveries.c.channel_id == channel_id, ~LAST_WORD),
        update(digests).where(digests.c.channel_id == channel_id),
    ):
        await connection.execute(which.values(channel_id=to_channel_id))


async def _close(connection: AsyncConnection, which: ColumnElement[bool]) -> None:
    pending = update(deliveries).where(deliveries.c.state == Filed.PENDING, which)
    await connection.execute(pending.values(state=Filed.BLOCKED))


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

"""Messages filed to be sent, and messages standing in their channels."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Delivery, Kind, Message, NoticeKind, Shown
from bot.paper import PaperId
from bot.storage.database import batches
from bot.storage.effective import FED
from bot.storage.messages import message_of, payload_of, showings_in, shown_as
from bot.storage.papers import load_papers
from bot.storage.schema import Filed, deliveries, delivery_papers, servers, subscriptions

NOTICE_KIND = deliveries.c.payload["notice"]["kind"].as_string()
"""In SQL, of a delivery; NULL where it is no notice."""
LAST_WORD = NOTICE_KIND.is_not_distinct_from(NoticeKind.PARTING)
"""Said to a channel although papers do not come there any more."""


async def file_messages(
    connection: AsyncConnection, guild_id: int, channel_id: int, messages: Sequence[Message], now: datetime
) -> list[Delivery]:
    """Their papers' bodies must be stored. An edit carries its message's id from now on, so that the next one builds on it."""
    if not messages:
        return []
    nonces = [secrets.token_hex(12) for _ in messages]
    rows = [
        {
            "channel_id": channel_id,
            "kind": message.kind,
            "nonce": nonce,
            "payload": payload_of(message),
            "state": Filed.PENDING,
            "created_at": now,
            "tries": 0,
            "message_id": message.edits and message.edits.message_id,
        }
        for message, nonce in zip(messages, nonces, strict=True)
    ]
    ids = await connection.scalars(insert(deliveries).returning(deliveries.c.id, sort_by_parameter_order=True), rows)
    filed = [
        Delivery(id, guild_id, channel_id, nonce, now, message) for id, nonce, message in zip(ids, nonces, messages, strict=True)
    ]
    await _file_papers(connection, filed)
    return filed


async def pending(connection: AsyncConnection) -> list[Delivery]:
    """Those still to be sent, in send order."""
    rows = await connection.execute(_wanted(deliveries, subscriptions.c.guild_id).order_by(deliveries.c.id))
    found = rows.all()
    messages = await _messages(connection, found)
    return [Delivery(row.id, row.guild_id, row.channel_id, row.nonce, row.created_at, messages[row.id]) for row in found]


async def is_wanted(connection: AsyncConnection, delivery: Delivery) -> bool:
    """In the channel it was filed for."""
    this = (deliveries.c.id == delivery.id, deliveries.c.channel_id == delivery.channel_id)
    return await connection.scalar(_wanted(deliveries.c.id).where(*this)) is not None


async def take_up(connection: AsyncConnection, filed: Sequence[Delivery]) -> None:
    """From now on nobody may take them for never tried."""
    for batch in batches([delivery.id for delivery in filed]):
        await connection.execute(update(deliveries).where(deliveries.c.id.in_(batch)).values(tries=deliveries.c.tries + 1))


async def standing(connection: AsyncConnection, channel_id: int, message_ids: Collection[int]) -> dict[int, Shown]:
    """Each message as it stands, or will once its pending edits are made."""
    found: list[Row[Any]] = []
    for batch in batches(sorted(message_ids)):
        latest = (
            select(func.max(deliveries.c.id))
            .where(
                deliveries.c.channel_id == channel_id,
                deliveries.c.message_id.in_(batch),
                deliveries.c.state.in_((Filed.SENT, Filed.PENDING)),
                deliveries.c.kind.in_((Kind.CARD, Kind.LIST, Kind.EDIT)),
            )
            .group_by(deliveries.c.message_id)
        )
        found += await connection.execute(select(deliveries).where(deliveries.c.id.in_(latest)))
    messages = await _messages(connection, found)
    return {row.message_id: shown_as(messages[row.id], row.message_id) for row in found}


def _wanted(*columns: Any) -> Select[Any]:
    """Of deliveries not settled for good: those of channels still fed, and last words."""
    filed = deliveries.join(subscriptions).join(servers)
    wanted = or_(FED, and_(LAST_WORD, servers.c.left_at.is_(None)))
    return select(*columns).select_from(filed).where(deliveries.c.state == Filed.PENDING, wanted)


async def _file_papers(connection: AsyncConnection, filed: Iterable[Delivery]) -> None:
    rows = [
        {"delivery_id": delivery.id, "position": position, "paper_id": showing.paper.id.key, "version": showing.paper.id.version}
        for delivery in filed
        for position, showing in enumerate(showings_in(delivery.message))
    ]
    for batch in batches(rows):
        await connection.execute(insert(delivery_papers), batch)


async def _messages(connection: AsyncConnection, rows: Sequence[Row[Any]]) -> dict[int, Message]:
    """By delivery id."""
    ids: dict[int, list[PaperId]] = {row.id: [] for row in rows}
    for batch in batches(list(ids)):
        placed = select(delivery_papers).where(delivery_papers.c.delivery_id.in_(batch)).order_by(delivery_papers.c.position)
        for row in await connection.execute(placed):
            ids[row.delivery_id].append(PaperId.of(row.paper_id, row.version))
    bodies = await load_papers(connection, (id for of_one in ids.values() for id in of_one))
    return {row.id: message_of(row.payload, [bodies[id] for id in ids[row.id]]) for row in rows}

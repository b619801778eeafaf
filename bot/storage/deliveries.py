"""Messages filed to be sent, and messages standing in their channels."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Delivery, Kind, Message, Shown, Subscription
from bot.paper import PaperId
from bot.storage.database import batches
from bot.storage.effective import FED
from bot.storage.messages import message_of, payload_of, showings_in, shown_as
from bot.storage.papers import load_papers
from bot.storage.schema import Filed, deliveries, delivery_papers, servers, subscriptions


async def file_messages(
    connection: AsyncConnection, subscription: Subscription, messages: Sequence[Message], now: datetime
) -> list[Delivery]:
    """Their papers' bodies must be stored. An edit carries its message's id from now on, so that the next one builds on it."""
    if not messages:
        return []
    nonces = [secrets.token_hex(12) for _ in messages]
    rows = [
        {
            "channel_id": subscription.channel_id,
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
        Delivery(id, subscription.guild_id, subscription.channel_id, nonce, now, message)
        for id, nonce, message in zip(ids, nonces, messages, strict=True)
    ]
    await _file_papers(connection, filed)
    return filed


async def pending(connection: AsyncConnection) -> list[Delivery]:
    """Of the channels still fed, in send order."""
    rows = await connection.execute(
        select(deliveries, subscriptions.c.guild_id)
        .select_from(deliveries.join(subscriptions).join(servers))
        .where(deliveries.c.state == Filed.PENDING, FED)
        .order_by(deliveries.c.id)
    )
    found = rows.all()
    messages = await _messages(connection, found)
    return [Delivery(row.id, row.guild_id, row.channel_id, row.nonce, row.created_at, messages[row.id]) for row in found]


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

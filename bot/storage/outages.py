"""Which channels stand under a notice that arXiv does not answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Delivery, Kind, Message, NoticeKind, Outage, Subscription
from bot.storage.database import Database
from bot.storage.deliveries import file_messages
from bot.storage.schema import Filed, deliveries, subscriptions


class OutageStore:
    """Implements bot.digest.ports.Outages. The claim is `subscriptions.outage_since`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, channel_id: int) -> Outage | None:
        told = (
            select(subscriptions.c.outage_since, deliveries.c.message_id, deliveries.c.state)
            .join(deliveries)
            .where(
                subscriptions.c.channel_id == channel_id,
                subscriptions.c.outage_since.is_not(None),
                deliveries.c.kind == Kind.NOTICE,
                deliveries.c.payload["notice"]["kind"].as_string() == NoticeKind.OUTAGE,
            )
            .order_by(deliveries.c.id.desc())
            .limit(1)
        )
        async with self._database.begin() as connection:
            row = (await connection.execute(told)).one_or_none()
        return None if row is None or row.state == Filed.PENDING else Outage(row.outage_since, row.message_id)

    async def begin(self, subscription: Subscription, since: datetime, notice: Message, now: datetime) -> list[Delivery]:
        async with self._database.begin() as connection:
            won = await _claim(connection, subscription, held=None, wanted=since)
            return await file_messages(connection, subscription, [notice] if won else [], now)

    async def end(self, subscription: Subscription, edit: Message | None, now: datetime) -> list[Delivery]:
        async with self._database.begin() as connection:
            won = await _claim(connection, subscription, held=subscription.outage_since, wanted=None)
            return await file_messages(connection, subscription, [edit] if won and edit else [], now)


async def _claim(
    connection: AsyncConnection, subscription: Subscription, *, held: datetime | None, wanted: datetime | None
) -> bool:
    """From `held` to `wanted`, unless somebody was there before."""
    moved = await connection.execute(
        update(subscriptions)
        .where(
            subscriptions.c.channel_id == subscription.channel_id,
            subscriptions.c.outage_since.is_(None) if held is None else subscriptions.c.outage_since == held,
        )
        .values(outage_since=wanted)
    )
    return moved.rowcount == 1

"""Which channels stand under a notice that arXiv does not answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Delivery, Kind, Message, NoticeKind, Outage, Subscription
from bot.digest.outage import rewritten
from bot.storage.database import Database
from bot.storage.deliveries import NOTICE_KIND, file_messages
from bot.storage.schema import Filed, deliveries, subscriptions


class OutageStore:
    """Implements bot.digest.ports.Outages. The claim is `subscriptions.outage_since`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def standing(self, channel_id: int) -> Outage | None:
        async with self._database.begin() as connection:
            return await standing(connection, channel_id)

    async def begin(self, subscription: Subscription, since: datetime, notice: Message, now: datetime) -> list[Delivery]:
        async with self._database.begin() as connection:
            won = await _claim(connection, subscription, held=None, wanted=since)
            return await file_messages(connection, subscription.guild_id, subscription.channel_id, [notice] if won else [], now)

    async def end(self, subscription: Subscription, edit: Message | None, now: datetime) -> list[Delivery]:
        async with self._database.begin() as connection:
            won = await _claim(connection, subscription, held=subscription.outage_since, wanted=None)
            edits = [edit] if won and edit else []
            return await file_messages(connection, subscription.guild_id, subscription.channel_id, edits, now)


async def standing(connection: AsyncConnection, channel_id: int) -> Outage | None:
    """None without a notice, and while it is not certain whether it reached the channel."""
    told = (
        select(subscriptions.c.outage_since, deliveries.c.message_id, deliveries.c.state)
        .join(deliveries)
        .where(
            subscriptions.c.channel_id == channel_id,
            subscriptions.c.outage_since.is_not(None),
            deliveries.c.kind == Kind.NOTICE,
            NOTICE_KIND == NoticeKind.OUTAGE,
        )
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )
    row = (await connection.execute(told)).one_or_none()
    return None if row is None or row.state == Filed.PENDING else Outage(row.outage_since, row.message_id)


async def part(connection: AsyncConnection, subscription: Row[Any], now: datetime) -> None:
    """Papers stop coming to a channel, whose row this is: where it stands under a notice, the last word on that is filed."""
    outage = await standing(connection, subscription.channel_id)
    edit = None if outage is None else rewritten(outage, NoticeKind.PARTING, now)
    if edit is not None:
        await file_messages(connection, subscription.guild_id, subscription.channel_id, [edit], now)


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

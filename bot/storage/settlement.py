"""What an outcome means for a delivery, its claims and its channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Blocked, Delivery, Kind, NoticeKind, Outcome, Rejected, Sent, State, Unknown
from bot.storage.schema import Filed, claims, deliveries, subscriptions
from bot.storage.subscriptions import blocking


async def settle(connection: AsyncConnection, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    match outcome:
        case Sent(message_id):
            await _sent(connection, delivery, message_id, now)
        case Blocked(reason):
            await _blocked(connection, delivery, reason, now)
        case Rejected(reason):
            await _rejected(connection, delivery, reason, now)
        case Unknown(reason):
            await _file(connection, delivery, now)
            await _claims(connection, delivery, reason=reason)


async def _sent(connection: AsyncConnection, delivery: Delivery, message_id: int | None, now: datetime) -> None:
    await _file(connection, delivery, now, state=Filed.SENT, message_id=message_id)
    await _claims(connection, delivery, state=State.SENT, message_id=message_id, reason=None)
    edits = delivery.message.edits
    if edits is not None and message_id is None:
        gone = update(claims).where(claims.c.channel_id == delivery.channel_id, claims.c.message_id == edits.message_id)
        await connection.execute(gone.values(message_id=None))
    day = delivery.message.notifies_on
    notified = {} if day is None else {"notified_on": day}
    channel = update(subscriptions).where(subscriptions.c.channel_id == delivery.channel_id)
    await connection.execute(channel.values(blocked_reason=None, blocked_at=None, **notified))


async def _blocked(connection: AsyncConnection, delivery: Delivery, reason: str, now: datetime) -> None:
    """A post not tried before gives its papers back to wait. One that may exist stays, to be looked for in the channel again.

    The last word to a channel that was left is given up: nobody mends such a channel.
    """
    await connection.execute(blocking(delivery.channel_id, reason, now))
    notice = delivery.message.notice
    if notice is not None and notice.kind is NoticeKind.PARTING:
        await _file(connection, delivery, now, state=Filed.BLOCKED)
    if delivery.message.kind in (Kind.CARD, Kind.LIST) and await _never_tried(connection, delivery):
        await _file(connection, delivery, now, state=Filed.BLOCKED)
        await _claims(connection, delivery, state=State.WAITING, delivery_id=None)


async def _rejected(connection: AsyncConnection, delivery: Delivery, reason: str, now: datetime) -> None:
    """What an edit could not change still stands as it was."""
    await _file(connection, delivery, now, state=Filed.REJECTED)
    state = State.SENT if delivery.message.kind is Kind.EDIT else State.REJECTED
    await _claims(connection, delivery, state=state, reason=reason)


async def _never_tried(connection: AsyncConnection, delivery: Delivery) -> bool:
    return await connection.scalar(select(deliveries.c.tries).where(deliveries.c.id == delivery.id)) == 0


async def _file(connection: AsyncConnection, delivery: Delivery, now: datetime, **values: object) -> None:
    """One more try, and what it came to."""
    this = update(deliveries).where(deliveries.c.id == delivery.id)
    await connection.execute(this.values(attempted_at=now, tries=deliveries.c.tries + 1, **values))


async def _claims(connection: AsyncConnection, delivery: Delivery, **values: object) -> None:
    """Those the delivery holds, whichever channel they have moved to meanwhile; settling it twice changes nothing."""
    held = update(claims).where(claims.c.delivery_id == delivery.id, claims.c.state == State.CLAIMED)
    await connection.execute(held.values(**values))

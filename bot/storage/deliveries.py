"""Messages filed to be sent, what became of them, and messages standing in their channels."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, Update, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import (
    Badge,
    Blocked,
    DayLine,
    Delivery,
    Intro,
    Kind,
    Message,
    MessageAddress,
    Notice,
    NoticeKind,
    Outcome,
    Rejected,
    Sent,
    Showing,
    Shown,
    State,
    Subscription,
    Unknown,
)
from bot.digest.schedule import rest_until
from bot.paper import Paper, PaperId
from bot.storage.database import Database, batches
from bot.storage.papers import load_papers
from bot.storage.schema import Filed, claims, deliveries, delivery_papers, moment, servers, subscriptions
from bot.storage.servers import FED

NOTICE_KIND = deliveries.c.payload["notice"]["kind"].as_string()
"""In SQL, of a delivery; NULL where it is no notice."""
LAST_WORD = NOTICE_KIND.is_not_distinct_from(NoticeKind.PARTING)
"""Said to a channel although papers do not come there any more."""


def blocking(channel_id: int, reason: str, now: datetime) -> Update:
    """Note why a channel cannot be posted to, and since when."""
    since = func.coalesce(subscriptions.c.blocked_at, moment(now))
    return update(subscriptions).where(subscriptions.c.channel_id == channel_id).values(blocked_reason=reason, blocked_at=since)


class DeliveryStore:
    """Implements bot.digest.ports.Deliveries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def unfinished(self) -> list[Delivery]:
        """Counts as a try: whoever filed them may have died between Discord's storing one and writing that down."""
        async with self._database.begin() as connection:
            filed = await _pending(connection)
            await _take_up(connection, filed)
            return filed

    async def wanted(self, delivery: Delivery) -> bool:
        async with self._database.begin() as connection:
            return await _is_wanted(connection, delivery)

    async def last_message_id(self, delivery: Delivery) -> int | None:
        known = select(func.max(deliveries.c.message_id)).where(
            deliveries.c.destination_id == delivery.destination_id,
            deliveries.c.state == Filed.SENT,
            deliveries.c.id < delivery.id,
        )
        async with self._database.begin() as connection:
            last: int | None = await connection.scalar(known)
            return last

    async def newest(self, destination_ids: Collection[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        async with self._database.begin() as connection:
            for batch in batches(sorted(destination_ids)):
                newest = (
                    select(deliveries.c.destination_id, func.max(deliveries.c.message_id))
                    .where(deliveries.c.destination_id.in_(batch), deliveries.c.state == Filed.SENT)
                    .group_by(deliveries.c.destination_id)
                )
                found.update((row[0], row[1]) for row in await connection.execute(newest) if row[1] is not None)
        return found

    async def settle(self, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
        async with self._database.begin() as connection:
            await _settle(connection, delivery, outcome, now)


async def file_for(
    connection: AsyncConnection, subscription: Subscription, messages: Sequence[Message], now: datetime
) -> list[Delivery]:
    """File messages to be sent where the subscription's go now. Their papers' bodies must be stored."""
    ids = (subscription.guild_id, subscription.channel_id)
    return await file_messages(connection, *ids, messages, now, destination_id=subscription.destination_id)


async def file_messages(
    connection: AsyncConnection,
    guild_id: int,
    channel_id: int,
    messages: Sequence[Message],
    now: datetime,
    *,
    destination_id: int,
) -> list[Delivery]:
    """New messages go to `destination_id`, edits where their message stands. Papers' bodies must be stored.

    An edit carries its message's id from now on, so that the next one builds on it.
    """
    if not messages:
        return []
    nonces = [secrets.token_hex(12) for _ in messages]
    places = [message.edits.destination_id if message.edits else destination_id for message in messages]
    rows = [
        {
            "channel_id": channel_id,
            "destination_id": place,
            "kind": message.kind,
            "nonce": nonce,
            "payload": payload_of(message),
            "state": Filed.PENDING,
            "created_at": now,
            "tries": 0,
            "message_id": message.edits and message.edits.message_id,
        }
        for message, nonce, place in zip(messages, nonces, places, strict=True)
    ]
    ids = await connection.scalars(insert(deliveries).returning(deliveries.c.id, sort_by_parameter_order=True), rows)
    filed = [
        Delivery(id, guild_id, channel_id, place, nonce, now, message)
        for id, place, nonce, message in zip(ids, places, nonces, messages, strict=True)
    ]
    await _file_papers(connection, filed)
    for delivery in filed:
        if delivery.message.edits is not None:
            await _supersede(connection, delivery, delivery.message.edits.message_id)
    return filed


async def _supersede(connection: AsyncConnection, edit: Delivery, message_id: int) -> None:
    """Give up earlier edits of the same message that are still to be made: this one says all they say, and made later they would
    undo it.
    """
    earlier = (
        select(deliveries.c.id)
        .where(deliveries.c.channel_id == edit.channel_id, deliveries.c.message_id == message_id)
        .where(deliveries.c.kind == Kind.EDIT, deliveries.c.state == Filed.PENDING, deliveries.c.id < edit.id)
    )
    ids = (await connection.scalars(earlier)).all()
    held = update(claims).where(claims.c.delivery_id.in_(ids), claims.c.state == State.CLAIMED)
    await connection.execute(held.values(delivery_id=edit.id))
    await connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(state=Filed.BLOCKED))


async def _pending(connection: AsyncConnection) -> list[Delivery]:
    """Those still to be sent, in send order."""
    rows = await connection.execute(_wanted(deliveries, subscriptions.c.guild_id).order_by(deliveries.c.id))
    found = rows.all()
    messages = await _messages(connection, found)
    return [
        Delivery(
            row.id, row.guild_id, row.channel_id, row.destination_id, row.nonce, row.created_at, messages[row.id], row.retry_at
        )
        for row in found
    ]


async def _is_wanted(connection: AsyncConnection, delivery: Delivery) -> bool:
    """Where it was to be sent when it was read."""
    this = (
        deliveries.c.id == delivery.id,
        deliveries.c.channel_id == delivery.channel_id,
        deliveries.c.destination_id == delivery.destination_id,
    )
    return await connection.scalar(_wanted(deliveries.c.id).where(*this)) is not None


async def _take_up(connection: AsyncConnection, filed: Sequence[Delivery]) -> None:
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
    return {row.message_id: shown_as(messages[row.id], row.message_id, row.destination_id) for row in found}


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
    return {row.id: message_of(row.payload, [bodies[id] for id in ids[row.id]], row.destination_id) for row in rows}


# --- what an outcome means for a delivery, its claims and its channel ------------------------


async def _settle(connection: AsyncConnection, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    match outcome:
        case Sent(message_id):
            await _sent(connection, delivery, message_id)
        case Blocked(reason, nothing_stands):
            await _blocked(connection, delivery, reason, now, nothing_stands=nothing_stands)
        case Rejected(reason):
            await _rejected(connection, delivery, reason)
        case Unknown(reason):
            await _file(connection, delivery, retry_at=rest_until(delivery, outcome, now))
            await _claims(connection, delivery, reason=reason)


async def _sent(connection: AsyncConnection, delivery: Delivery, message_id: int | None) -> None:
    await _file(connection, delivery, state=Filed.SENT, message_id=message_id)
    await _claims(connection, delivery, state=State.SENT, message_id=message_id, reason=None)
    edits = delivery.message.edits
    if edits is not None and message_id is None:
        gone = update(claims).where(claims.c.channel_id == delivery.channel_id, claims.c.message_id == edits.message_id)
        await connection.execute(gone.values(message_id=None))
    day = delivery.message.notifies_on
    notified = {} if day is None else {"notified_on": day}
    channel = update(subscriptions).where(subscriptions.c.channel_id == delivery.channel_id)
    await connection.execute(channel.values(blocked_reason=None, blocked_at=None, **notified))


async def _blocked(connection: AsyncConnection, delivery: Delivery, reason: str, now: datetime, *, nothing_stands: bool) -> None:
    """A post not tried before gives its papers back to wait. One that may exist stays, to be looked for in the channel again.

    The last word to a channel that was left is given up: nobody repairs such a channel.
    """
    await connection.execute(blocking(delivery.channel_id, reason, now))
    notice = delivery.message.notice
    if notice is not None and notice.kind is NoticeKind.PARTING:
        await _file(connection, delivery, state=Filed.BLOCKED)
    if delivery.message.kind in (Kind.CARD, Kind.LIST) and (nothing_stands or await _never_tried(connection, delivery)):
        await _file(connection, delivery, state=Filed.BLOCKED)
        await _claims(connection, delivery, state=State.WAITING, delivery_id=None)


async def _rejected(connection: AsyncConnection, delivery: Delivery, reason: str) -> None:
    """What an edit could not change still stands as it was. Of a post the links are left to be posted, unless it was those."""
    await _file(connection, delivery, state=Filed.REJECTED)
    if delivery.message.kind is Kind.EDIT:
        await _claims(connection, delivery, state=State.SENT, reason=reason)
    else:
        await _claims(connection, delivery, state=State.REJECTED if delivery.message.bare else State.REFUSED, reason=reason)


async def _never_tried(connection: AsyncConnection, delivery: Delivery) -> bool:
    return await connection.scalar(select(deliveries.c.tries).where(deliveries.c.id == delivery.id)) == 0


async def _file(connection: AsyncConnection, delivery: Delivery, **values: object) -> None:
    """One more try, and what it came to."""
    this = update(deliveries).where(deliveries.c.id == delivery.id)
    await connection.execute(this.values(tries=deliveries.c.tries + 1, **values))


async def _claims(connection: AsyncConnection, delivery: Delivery, **values: object) -> None:
    """Those the delivery holds, whichever channel they have moved to meanwhile; settling it twice changes nothing."""
    held = update(claims).where(claims.c.delivery_id == delivery.id, claims.c.state == State.CLAIMED)
    await connection.execute(held.values(**values))


# --- a message as JSON and back --------------------------------------------------------------


def showings_in(message: Message) -> tuple[Showing, ...]:
    """Of the message itself, or the newest of an intro."""
    return message.showings if message.intro is None else message.intro.newest


def payload_of(message: Message) -> dict[str, Any]:
    """Everything but the papers. Of what an edit replaces, only where it stands: its showings are the message's own."""
    return {
        "kind": message.kind,
        "badges": [showing.badge for showing in showings_in(message)],
        "day_line": message.day_line and _day_line_payload(message.day_line),
        "away": message.away,
        "bare": message.bare,
        "intro": message.intro and _intro_payload(message.intro),
        "notice": message.notice and _notice_payload(message.notice),
        "edits": message.edits and _edits_payload(message.edits),
        "notifies_on": message.notifies_on and message.notifies_on.isoformat(),
    }


def message_of(payload: Mapping[str, Any], papers: Sequence[Paper], destination_id: int) -> Message:
    """`papers` in the order they have in the message, which stands or is to stand in the channel or thread `destination_id`."""
    badges = (Badge(badge) for badge in payload["badges"])
    showings = tuple(Showing(paper, badge) for paper, badge in zip(papers, badges, strict=True))
    intro, edits, day_line, notice = (payload[part] for part in ("intro", "edits", "day_line", "notice"))
    return Message(
        kind=Kind(payload["kind"]),
        showings=() if intro else showings,
        day_line=_day_line(day_line) if day_line else None,
        away=payload["away"],
        bare=payload.get("bare", False),  # not in what earlier versions filed
        intro=_intro(intro, showings) if intro else None,
        notice=_notice(notice) if notice else None,
        edits=_edits(edits, destination_id, showings) if edits else None,
        notifies_on=date.fromisoformat(payload["notifies_on"]) if payload["notifies_on"] else None,
    )


def shown_as(message: Message, message_id: int, destination_id: int) -> Shown:
    """What stands in the channel once this card, list or edit is there."""
    if message.edits is not None:
        return message.edits
    return Shown(message_id, destination_id, message.kind, message.showings, message.away, message.bare)


def _day_line_payload(line: DayLine) -> dict[str, Any]:
    edited = [[each.guild_id, each.destination_id, each.message_id] for each in line.edited]
    return {"day": line.day.isoformat(), "new": line.new, "revised": line.revised, "edited": edited}


def _day_line(payload: Mapping[str, Any]) -> DayLine:
    edited = tuple(MessageAddress(*each) for each in payload.get("edited", ()))
    return DayLine(date.fromisoformat(payload["day"]), payload["new"], payload["revised"], edited)


def _intro_payload(intro: Intro) -> dict[str, Any]:
    return {
        "query": intro.query,
        "total": intro.total,
        "per_day": intro.per_day,
        "next_digest": intro.next_digest.isoformat(),
        "changed": intro.changed,
    }


def _intro(payload: Mapping[str, Any], newest: tuple[Showing, ...]) -> Intro:
    return Intro(
        query=payload["query"],
        total=payload["total"],
        per_day=payload["per_day"],
        next_digest=datetime.fromisoformat(payload["next_digest"]),
        newest=newest,
        changed=payload["changed"],
    )


def _notice_payload(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "count": notice.count,
        "since": notice.since and notice.since.isoformat(),
        "until": notice.until and notice.until.isoformat(),
    }


def _notice(payload: Mapping[str, Any]) -> Notice:
    """Notices filed by the first version have neither `since` nor `until`."""
    since, until = (payload.get(moment) for moment in ("since", "until"))
    return Notice(
        kind=NoticeKind(payload["kind"]),
        count=payload["count"],
        since=datetime.fromisoformat(since) if since else None,
        until=datetime.fromisoformat(until) if until else None,
    )


def _edits_payload(edits: Shown) -> dict[str, Any]:
    return {"message_id": edits.message_id, "layout": edits.layout, "away": edits.away, "bare": edits.bare}


def _edits(payload: Mapping[str, Any], destination_id: int, showings: tuple[Showing, ...]) -> Shown:
    layout, bare = Kind(payload["layout"]), payload.get("bare", False)
    return Shown(payload["message_id"], destination_id, layout, showings, payload["away"], bare)

"""Which channels are fed, by what and when, and what commands and outages do to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, Update, case, delete, func, insert, literal, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Defaults, Delivery, Kind, Message, NoticeKind, Outage, Seeding, Slot, State, Subscription
from bot.digest.outage import rewritten
from bot.digest.schedule import next_run
from bot.errors import NotAllowedHere
from bot.storage.database import Database, insert_into
from bot.storage.deliveries import LAST_WORD, NOTICE_KIND, blocking, file_for, file_messages
from bot.storage.schema import Filed, Origin, claims, cleared, deliveries, delivery_papers, digests, servers, subscriptions
from bot.storage.servers import FED, Effective


class SubscriptionStore:
    """Implements bot.digest.ports.Subscriptions, and what commands do to one.

    A command raises NotAllowedHere where config.json owns the channel, or nothing is there to be changed.
    """

    def __init__(self, database: Database, defaults: Defaults) -> None:
        self._database = database
        self._defaults = defaults
        self._effective = Effective(defaults)
        self._coming = func.coalesce(servers.c.retry_at, servers.c.next_run_at)

    async def reconcile(self, channels: Mapping[int, str | None], now: datetime) -> Mapping[int, int | None]:
        """Also takes over a channel that a command once fed and no longer does; one that it still feeds stays its own.

        A channel of a server that the bot has left is to be looked up again, in case it was let in since. A server without an
        hour of its own moves to the one that config.json says now.
        """
        async with self._database.begin() as connection:
            rows = {row.channel_id: row for row in await connection.execute(select(subscriptions))}
            for channel_id, query in channels.items():
                if not await self._return(connection, channel_id, query, now):
                    await _list(connection, rows.get(channel_id), channel_id, query)
            for row in rows.values():
                if row.channel_id not in channels and row.origin == Origin.FILE and row.ended_at is None:
                    await _end(connection, row, now)
            await self._effective.reschedule(connection, true(), now)
            unplaced = (
                select(subscriptions.c.channel_id, subscriptions.c.guild_id)
                .outerjoin(servers)
                .where(subscriptions.c.origin == Origin.FILE, subscriptions.c.ended_at.is_(None))
                .where(subscriptions.c.guild_id.is_(None) | servers.c.left_at.is_not(None))
                .order_by(subscriptions.c.channel_id)
            )
            return {row.channel_id: row.guild_id for row in await connection.execute(unplaced)}

    async def place(self, channel_id: int, guild_id: int, now: datetime) -> None:
        """The first time also clears why it could not be located."""
        here = update(subscriptions).where(subscriptions.c.channel_id == channel_id)
        async with self._database.begin() as connection:
            entered = await self._effective.enter(connection, guild_id, now)
            lost = here if entered else here.where(subscriptions.c.guild_id.is_(None))
            await connection.execute(lost.values(blocked_reason=None, blocked_at=None))
            await connection.execute(here.values(guild_id=guild_id))

    async def follow(self, channel_id: int, guild_id: int, query: str | None, now: datetime) -> Subscription:
        """Feed a channel its own query, or (None) its server's. One that was stopped is seeded anew."""
        async with self._database.begin() as connection:
            await self._effective.enter(connection, guild_id, now)
            await _follow(connection, channel_id, guild_id, query)
            rows = await connection.execute(self._living().where(subscriptions.c.channel_id == channel_id))
            row = rows.one_or_none()
            if row is None:
                raise NotAllowedHere("This server has no query yet. `/setquery` can set one.")
            return self._subscription(row)

    async def requery(self, channel_id: int, query: str | None) -> None:
        """Give a channel its own query, or (None) its server's."""
        async with self._database.begin() as connection:
            await _set_query(connection, await _followed(connection, channel_id), query)

    async def move(self, channel_id: int, to_channel_id: int, now: datetime) -> None:
        """Everything of a channel to another one of the same server, which must not be followed: ledger, deliveries, digests."""
        async with self._database.begin() as connection:
            await _move(connection, channel_id, to_channel_id, now)

    async def stop(self, channel_id: int, now: datetime) -> None:
        """Nothing more is posted there. What it has been given stays known."""
        async with self._database.begin() as connection:
            row = await _followed(connection, channel_id)
            if row.origin == Origin.FILE:
                raise NotAllowedHere(
                    f"<#{channel_id}> is listed in config.json: whoever runs the bot can take it out there. "
                    "Pausing the server's digests is possible here."
                )
            await _end(connection, row, now)

    async def block(self, channel_id: int, reason: str, now: datetime) -> None:
        async with self._database.begin() as connection:
            await connection.execute(blocking(channel_id, reason, now))

    async def unblock(self, channel_id: int) -> None:
        async with self._database.begin() as connection:
            await connection.execute(_one(channel_id).values(blocked_reason=None, blocked_at=None))

    async def get(self, channel_id: int) -> Subscription | None:
        """None where nothing is followed."""
        found = await self._subscriptions(self._living().where(subscriptions.c.channel_id == channel_id))
        return found[0] if found else None

    async def of_server(self, guild_id: int) -> list[Subscription]:
        """By channel id; paused or not, seeded or not."""
        return await self._subscriptions(self._living().where(subscriptions.c.guild_id == guild_id))

    async def unsettled(self) -> list[Subscription]:
        wanting = or_(
            subscriptions.c.seeded_at.is_(None),
            subscriptions.c.seeded_query != self._effective.query,
            subscriptions.c.seeded_lookback < self._defaults.lookback_days,
            subscriptions.c.seeded_max_results < self._defaults.max_results,
        )
        return await self._subscriptions(self._living().where(FED, wanting))

    async def blocked(self) -> list[Subscription]:
        return await self._subscriptions(self._ready().where(subscriptions.c.blocked_reason.is_not(None)))

    async def due(self, now: datetime, *, force: bool) -> list[Slot]:
        ready = self._ready() if force else self._ready().where(self._coming <= now)
        async with self._database.begin() as connection:
            await self._effective.bring_back(connection, now)
            rows = await connection.execute(ready)
            return [self._slot(list(group), now) for _, group in groupby(rows, lambda row: row.guild_id)]

    async def next_due(self) -> datetime | None:
        """Only servers with a subscription that has been seeded have anything coming."""
        earliest = self._ready().with_only_columns(func.min(self._coming)).order_by(None)
        async with self._database.begin() as connection:
            return await connection.scalar(earliest)

    async def complete(self, guild_id: int, now: datetime) -> None:
        async with self._database.begin() as connection:
            await self._effective.complete(connection, guild_id, now)

    async def postpone(self, guild_id: int, retry_at: datetime) -> None:
        values = {"retry_at": retry_at, "attempt": servers.c.attempt + 1}
        async with self._database.begin() as connection:
            await connection.execute(update(servers).where(servers.c.guild_id == guild_id).values(values))

    async def resume(self, subscription: Subscription, last_at: datetime, now: datetime) -> None:
        """Go on after a digest at `last_at` that this database does not know of: what was due since is due now."""
        due_at = next_run(subscription.settings.schedule, last_at)
        async with self._database.begin() as connection:
            here = _one(subscription.channel_id).where(subscriptions.c.last_good_at.is_(None))
            await connection.execute(here.values(last_good_at=last_at))
            if due_at <= now:
                server = update(servers).where(servers.c.guild_id == subscription.guild_id, servers.c.next_run_at > now)
                await connection.execute(server.values(next_run_at=due_at))

    async def _return(self, connection: AsyncConnection, channel_id: int, query: str | None, now: datetime) -> bool:
        """Whether a channel that config.json did not list for a while, by a slip of the pen say, goes on where it stopped:
        with the same query, within the window. What it was owed then is still owed.
        """
        away = (
            subscriptions.c.channel_id == channel_id,
            subscriptions.c.origin == Origin.FILE,
            subscriptions.c.ended_at > now - timedelta(days=self._defaults.lookback_days),
        )
        in_force = func.coalesce(literal(query, Text), servers.c.query, literal(self._defaults.query, Text))
        same = select(subscriptions.c.channel_id).outerjoin(servers).where(*away, subscriptions.c.seeded_query == in_force)
        if await connection.scalar(same) is None:
            return False
        await connection.execute(_one(channel_id).values(ended_at=None, query=query))
        return True

    # --- outages: the claim on a channel's one notice is its outage_since

    async def outage(self, channel_id: int) -> Outage | None:
        async with self._database.begin() as connection:
            return await _standing(connection, channel_id)

    async def begin_outage(self, subscription: Subscription, since: datetime, notice: Message, now: datetime) -> list[Delivery]:
        async with self._database.begin() as connection:
            won = await _claim_outage(connection, subscription, held=None, wanted=since)
            return await file_for(connection, subscription, [notice] if won else [], now)

    async def end_outage(self, subscription: Subscription, edit: Message | None, now: datetime) -> list[Delivery]:
        async with self._database.begin() as connection:
            won = await _claim_outage(connection, subscription, held=subscription.outage_since, wanted=None)
            edits = [edit] if won and edit else []
            return await file_for(connection, subscription, edits, now)

    # --- statements and rows

    def _living(self) -> Select[Any]:
        """Every placed subscription that has a query, with its server, in a settled order."""
        query = self._effective.query
        return (
            select(subscriptions, servers, query.label("query_in_force"))
            .select_from(subscriptions.join(servers))
            .where(subscriptions.c.ended_at.is_(None), servers.c.left_at.is_(None), query.is_not(None))
            .order_by(subscriptions.c.guild_id, subscriptions.c.channel_id)
        )

    def _ready(self) -> Select[Any]:
        return self._living().where(FED, subscriptions.c.seeded_at.is_not(None))

    async def _subscriptions(self, statement: Select[Any]) -> list[Subscription]:
        async with self._database.begin() as connection:
            return [self._subscription(row) for row in await connection.execute(statement)]

    def _slot(self, rows: list[Row[Any]], now: datetime) -> Slot:
        server = rows[0]
        return Slot(
            guild_id=server.guild_id,
            due_at=server.next_run_at if server.next_run_at <= now else None,
            schedule=self._effective.settings(server).schedule,
            attempt=server.attempt,
            subscriptions=tuple(self._subscription(row) for row in rows),
        )

    def _subscription(self, row: Row[Any]) -> Subscription:
        return Subscription(
            channel_id=row.channel_id,
            guild_id=row.guild_id,
            query=row.query_in_force,
            settings=self._effective.settings(row),
            seeding=_seeding(row),
            last_good_at=row.last_good_at,
            notified_on=row.notified_on,
            blocked_reason=row.blocked_reason,
            next_run_at=row.next_run_at,
            outage_since=row.outage_since,
            own_query=row.query is not None,
            listed=row.origin == Origin.FILE,
            fixed_query=row.query is not None and row.origin == Origin.FILE,
        )


async def _list(connection: AsyncConnection, row: Row[Any] | None, channel_id: int, query: str | None) -> None:
    """One channel of config.json."""
    if row is None:
        await connection.execute(insert(subscriptions).values(channel_id=channel_id, origin=Origin.FILE, query=query))
        return
    this = update(subscriptions).where(subscriptions.c.channel_id == channel_id)
    if row.ended_at is not None:
        await _give_up(connection, channel_id)
        await connection.execute(this.values(origin=Origin.FILE, query=query, **cleared("afresh")))
    elif row.origin == Origin.FILE and row.query != query:
        await connection.execute(this.values(query=query))


def _seeding(row: Row[Any]) -> Seeding | None:
    if row.seeded_at is None:
        return None
    return Seeding(row.seeded_query, row.seeded_at, row.seeded_lookback, row.seeded_max_results)


# --- what commands do to a subscription -----------------------------------------------------


async def _follow(connection: AsyncConnection, channel_id: int, guild_id: int, query: str | None) -> None:
    row = await _find(connection, channel_id)
    if row is not None and row.ended_at is None:
        await _set_query(connection, row, query)
        return
    await _give_up(connection, channel_id)
    made = {"guild_id": guild_id, "origin": Origin.COMMAND, "query": query, **cleared("afresh")}
    statement = insert_into(connection, subscriptions).values(channel_id=channel_id, **made)
    await connection.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=made))


async def _give_up(connection: AsyncConnection, channel_id: int) -> None:
    """What an ended subscription still owed: its papers were asked for by nobody who follows the channel now.

    A paper whose edit was pending still stands in the channel as it was. The last word is said all the same.
    """
    state = case((claims.c.message_id.is_not(None), State.SENT), else_=State.SEEN)
    states = (State.WAITING, State.REFUSED, State.CLAIMED)
    owed = update(claims).where(claims.c.channel_id == channel_id, claims.c.state.in_(states))
    await connection.execute(owed.values(state=state))
    await _close(connection, (deliveries.c.channel_id == channel_id) & ~LAST_WORD)


async def _end(connection: AsyncConnection, row: Row[Any], now: datetime) -> None:
    """Papers stop coming to the channel whose row this is."""
    await _part(connection, row, now)
    await connection.execute(_one(row.channel_id).values(ended_at=now))


async def _move(connection: AsyncConnection, channel_id: int, to_channel_id: int, now: datetime) -> None:
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
    await _end(connection, row, now)
    moved = {**row._mapping, **cleared("move"), "channel_id": to_channel_id}
    statement = insert_into(connection, subscriptions).values(moved)
    await connection.execute(statement.on_conflict_do_update(index_elements=["channel_id"], set_=moved))
    await _give_up(connection, to_channel_id)
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
    filed = update(deliveries).where(deliveries.c.channel_id == channel_id, ~LAST_WORD)
    pending = filed.where(deliveries.c.state == Filed.PENDING)
    await connection.execute(pending.values(destination_id=to_channel_id, retry_at=None))  # a pause was the old channel's
    await connection.execute(filed.values(channel_id=to_channel_id))
    made = update(digests).where(digests.c.channel_id == channel_id)
    await connection.execute(made.values(channel_id=to_channel_id))


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


# --- what outages do to a subscription ------------------------------------------------------


async def _standing(connection: AsyncConnection, channel_id: int) -> Outage | None:
    """None without a notice, and while it is not certain whether it reached the channel."""
    told = (
        select(subscriptions.c.outage_since, deliveries.c.destination_id, deliveries.c.message_id, deliveries.c.state)
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
    return None if row is None or row.state == Filed.PENDING else Outage(row.outage_since, row.destination_id, row.message_id)


async def _part(connection: AsyncConnection, subscription: Row[Any], now: datetime) -> None:
    """Papers stop coming to a channel, whose row this is: where it stands under a notice, the last word on that is filed."""
    outage = await _standing(connection, subscription.channel_id)
    if outage is None:
        return
    edit, ids = rewritten(outage, NoticeKind.PARTING, now), (subscription.guild_id, subscription.channel_id)
    await file_messages(connection, *ids, [edit] if edit else [], now, destination_id=outage.destination_id)


async def _claim_outage(
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

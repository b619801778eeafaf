"""What each channel has been given, or must never be given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import JSON, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Delivery, Message, Outcome, Plan, Seeding, Sighting, State, Subscription
from bot.paper import Paper
from bot.storage import settlement
from bot.storage.claiming import sight, waiting, win, write_states
from bot.storage.database import Database, batches, insert_into
from bot.storage.deliveries import file_messages, is_wanted, pending, take_up
from bot.storage.effective import FED
from bot.storage.messages import showings_in
from bot.storage.papers import save_papers
from bot.storage.schema import claims, digests, moment, servers, subscriptions

MONTH = timedelta(days=30)


class LedgerStore:
    """Implements bot.digest.ports.Ledger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seed(
        self, subscription: Subscription, papers: Sequence[Paper], seeding: Seeding, per_day: float, intro: Message | None
    ) -> list[Delivery]:
        """Its row in `digests` counts the papers and keeps the rate."""
        newest = [showing.paper for showing in showings_in(intro)] if intro else []
        async with self._database.begin() as connection:
            if not await _is_fed(connection, subscription.channel_id):
                return []
            await _mark_seen(connection, subscription.channel_id, papers, seeding.at)
            await save_papers(connection, [*papers, *newest], seeding.at)
            await _remember(connection, subscription.channel_id, seeding)
            await _report(
                connection, subscription.channel_id, seeding.at, seeding.at, {"seeded": len(papers), "per_day": per_day}
            )
            intros = [intro] if intro else []
            return await file_messages(connection, subscription.guild_id, subscription.channel_id, intros, seeding.at)

    async def claim(
        self,
        subscription: Subscription,
        papers: Sequence[Paper],
        now: datetime,
        decide: Callable[[Sequence[Sighting]], Plan],
        *,
        slot_at: datetime | None = None,
    ) -> list[Delivery]:
        """ValueError, and nothing is written, when the plan forgets a sighting or claims a paper for no message."""
        channel_id = subscription.channel_id
        async with self._database.begin() as connection:
            if not await _is_fed(connection, channel_id):
                return []
            won = await win(connection, channel_id, papers, now)
            sightings = [
                *await sight(connection, channel_id, won),
                *await waiting(connection, channel_id, {claim.paper.id.key for claim in won}),
            ]
            await save_papers(connection, [claim.paper for claim in won], now)
            plan = decide(sightings)
            deliveries = await _file(connection, subscription, sightings, plan, now)
            if slot_at is not None:
                planned = {"new": plan.new, "revised": plan.revised, "held_back": plan.held_back}
                await _report(connection, channel_id, slot_at, now, planned)
            this = update(subscriptions).where(subscriptions.c.channel_id == channel_id)
            await connection.execute(this.values(last_good_at=now))
        return deliveries

    async def release(
        self, subscription: Subscription, now: datetime, decide: Callable[[Sequence[Sighting]], Plan]
    ) -> list[Delivery]:
        async with self._database.begin() as connection:
            if not await _is_fed(connection, subscription.channel_id):
                return []
            sightings = await waiting(connection, subscription.channel_id, set())
            return await _file(connection, subscription, sightings, decide(sightings), now) if sightings else []

    async def rate(self, subscription: Subscription, now: datetime) -> float:
        """In the first month what the seeding saw, later what was posted as new in the last month."""
        if subscription.seeding is None:
            return 0.0
        seeded_at = subscription.seeding.at
        async with self._database.begin() as connection:
            if now - seeded_at < MONTH:
                return await _seeded_rate(connection, subscription.channel_id, seeded_at)
            posted = select(func.count()).where(
                claims.c.channel_id == subscription.channel_id,
                claims.c.state.in_((State.SENT, State.CLAIMED)),
                claims.c.first_seen_at > now - MONTH,
            )
            return (await connection.scalar(posted) or 0) / MONTH.days

    async def unfinished(self) -> list[Delivery]:
        """Counts as a try: whoever filed them may have died between Discord's storing one and writing that down."""
        async with self._database.begin() as connection:
            filed = await pending(connection)
            await take_up(connection, filed)
            return filed

    async def wanted(self, delivery: Delivery) -> bool:
        async with self._database.begin() as connection:
            return await is_wanted(connection, delivery)

    async def settle(self, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
        async with self._database.begin() as connection:
            await settlement.settle(connection, delivery, outcome, now)

    async def record(
        self, channel_id: int, slot_at: datetime, finished_at: datetime, report: Mapping[str, int | float | str]
    ) -> None:
        this = (digests.c.channel_id == channel_id, digests.c.slot_at == slot_at, digests.c.finished_at == finished_at)
        async with self._database.begin() as connection:
            filed = await connection.execute(update(digests).where(*this).values(report=dict(report)))
            if filed.rowcount == 0:
                await _report(connection, channel_id, slot_at, finished_at, report)


async def _is_fed(connection: AsyncConnection, channel_id: int) -> bool:
    """A command may have stopped, moved, paused or erased it while arXiv was asked; from here on its row cannot go."""
    fed = select(subscriptions.c.channel_id).join(servers).where(subscriptions.c.channel_id == channel_id, FED)
    fed = fed.with_for_update(read=True, key_share=True, of=subscriptions)
    return await connection.scalar(fed) is not None


async def _file(
    connection: AsyncConnection, subscription: Subscription, sightings: Sequence[Sighting], plan: Plan, now: datetime
) -> list[Delivery]:
    deliveries = await file_messages(connection, subscription.guild_id, subscription.channel_id, plan.messages, now)
    await write_states(connection, subscription.channel_id, sightings, plan, deliveries)
    return deliveries


async def _mark_seen(connection: AsyncConnection, channel_id: int, papers: Sequence[Paper], now: datetime) -> None:
    statement = insert_into(connection, claims).on_conflict_do_nothing()
    for batch in batches(papers):
        rows = [
            {"channel_id": channel_id, "paper_id": p.id.key, "version": p.id.version, "state": State.SEEN, "first_seen_at": now}
            for p in batch
        ]
        await connection.execute(statement, rows)


async def _remember(connection: AsyncConnection, channel_id: int, seeding: Seeding) -> None:
    await connection.execute(
        update(subscriptions)
        .where(subscriptions.c.channel_id == channel_id)
        .values(
            seeded_query=seeding.query,
            seeded_at=seeding.at,
            seeded_lookback=seeding.lookback_days,
            seeded_max_results=seeding.max_results,
            last_good_at=func.coalesce(subscriptions.c.last_good_at, moment(seeding.at)),
        )
    )


async def _seeded_rate(connection: AsyncConnection, channel_id: int, seeded_at: datetime) -> float:
    reports = await connection.scalars(
        select(digests.c.report)
        .where(digests.c.channel_id == channel_id, digests.c.finished_at == seeded_at)
        .order_by(digests.c.id)
    )
    return next((float(report["per_day"]) for report in reports if "per_day" in report), 0.0)


async def _report(
    connection: AsyncConnection,
    channel_id: int,
    slot_at: datetime,
    finished_at: datetime,
    report: Mapping[str, int | float | str],
) -> None:
    """Nothing where a command has taken the channel away meanwhile."""
    columns = ("channel_id", "slot_at", "finished_at", "report")
    values = (moment(slot_at), moment(finished_at), literal(dict(report), JSON))
    row = select(subscriptions.c.channel_id, *values).where(subscriptions.c.channel_id == channel_id)
    await connection.execute(insert(digests).from_select(columns, row))

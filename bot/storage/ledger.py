"""What each channel has been given, or must never be given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, String, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.ask import MONTH
from bot.digest.model import Delivery, Found, Kind, Message, Plan, Seeding, Sighting, State, Subscription
from bot.paper import Paper, PaperId
from bot.storage.database import Database, batches, insert_into
from bot.storage.deliveries import file_for, showings_in, standing
from bot.storage.digests import file_report
from bot.storage.papers import load_papers, save_papers
from bot.storage.schema import claims, digests, moment, servers, subscriptions
from bot.storage.servers import FED


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
            await file_report(
                connection, subscription.channel_id, seeding.at, seeding.at, {"seeded": len(papers), "per_day": per_day}
            )
            intros = [intro] if intro else []
            return await file_for(connection, subscription, intros, seeding.at)

    async def unknown(self, channel_id: int, papers: Sequence[Paper]) -> bool:
        versions: dict[str, int] = {}
        rows = select(claims.c.paper_id, claims.c.version).where(claims.c.channel_id == channel_id)
        async with self._database.begin() as connection:
            for batch in batches([paper.id.key for paper in papers]):
                found = await connection.execute(rows.where(claims.c.paper_id.in_(batch)))
                versions.update((row.paper_id, row.version) for row in found)
        return any(versions.get(paper.id.key, 0) < paper.version for paper in papers)

    async def recall(self, channel_id: int, found: Sequence[Found], now: datetime) -> int:
        shown = {id.key: (id, each.message_id) for each in found if not each.introduces for id in each.papers}
        rows = [
            {
                "channel_id": channel_id,
                "paper_id": key,
                "version": id.version,
                "state": State.SENT,
                "message_id": message_id,
                "first_seen_at": now,
            }
            for key, (id, message_id) in sorted(shown.items())
        ]
        changed = 0
        async with self._database.begin() as connection:
            statement = insert_into(connection, claims)
            statement = statement.on_conflict_do_update(
                index_elements=["channel_id", "paper_id"],
                set_={name: statement.excluded[name] for name in ("version", "state", "message_id")},
                # What a delivery holds is looked for by whoever finishes that.
                where=or_(
                    (claims.c.version < statement.excluded.version) & (claims.c.state == State.SENT),
                    (claims.c.version <= statement.excluded.version)
                    & or_(*(claims.c.state == state for state in (State.SEEN, State.WAITING, State.REFUSED, State.BACKLOG))),
                ),
            )
            for batch in batches(rows):
                won = await connection.execute(statement.returning(claims.c.paper_id), batch)
                changed += len(won.all())
        return changed

    @asynccontextmanager
    async def claim(self, subscription: Subscription, papers: Sequence[Paper], now: datetime) -> AsyncIterator[OpenClaim]:
        channel_id = subscription.channel_id
        async with self._database.begin() as connection:
            if not await _is_fed(connection, channel_id):
                yield OpenClaim(connection, subscription, None, now, answered=True)
                return
            won = await win(connection, channel_id, papers, now)
            sightings = (
                *await _sight(connection, channel_id, won),
                *await _waiting(connection, channel_id, {claim.paper.id.key for claim in won}),
            )
            await save_papers(connection, [claim.paper for claim in won], now)
            claim = OpenClaim(connection, subscription, sightings, now, answered=True)
            yield claim
            claim.close()

    @asynccontextmanager
    async def release(self, subscription: Subscription, now: datetime) -> AsyncIterator[OpenClaim]:
        async with self._database.begin() as connection:
            fed = await _is_fed(connection, subscription.channel_id)
            sightings = tuple(await _waiting(connection, subscription.channel_id, set())) if fed else None
            claim = OpenClaim(connection, subscription, sightings, now, answered=False)
            yield claim
            claim.close()

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


class OpenClaim:
    """Implements bot.digest.ports.Claim, inside the transaction of `connection`."""

    def __init__(
        self,
        connection: AsyncConnection,
        subscription: Subscription,
        sightings: tuple[Sighting, ...] | None,
        now: datetime,
        *,
        answered: bool,
    ) -> None:
        """`sightings` None: the channel is not fed any more. `answered`: by arXiv, which filing the plan writes down."""
        self.open = sightings is not None
        self.sightings = sightings or ()
        self._connection = connection
        self._subscription = subscription
        self._now = now
        self._answered = answered
        self._filed = False

    async def file(self, plan: Plan, *, slot_at: datetime | None = None) -> list[Delivery]:
        if self._filed or not self.open:
            raise ValueError("only an open claim takes a plan, and only one")
        channel_id = self._subscription.channel_id
        deliveries = await file_for(self._connection, self._subscription, plan.messages, self._now)
        await _write_states(self._connection, channel_id, self.sightings, plan, deliveries)
        if slot_at is not None:
            planned = {"new": plan.new, "revised": plan.revised, "held_back": plan.held_back}
            await file_report(self._connection, channel_id, slot_at, self._now, planned)
        if self._answered:
            this = update(subscriptions).where(subscriptions.c.channel_id == channel_id)
            await self._connection.execute(this.values(last_good_at=self._now))
        self._filed = True
        return deliveries

    def close(self) -> None:
        """Raises ValueError when there is something to plan and no plan was filed."""
        self.open = False
        if self.sightings and not self._filed:
            raise ValueError(f"{len(self.sightings)} papers were claimed and no plan was filed for them")


async def _is_fed(connection: AsyncConnection, channel_id: int) -> bool:
    """A command may have stopped, moved, paused or erased it while arXiv was asked; from here on its row cannot go."""
    fed = select(subscriptions.c.channel_id).join(servers).where(subscriptions.c.channel_id == channel_id, FED)
    fed = fed.with_for_update(read=True, key_share=True, of=subscriptions)
    return await connection.scalar(fed) is not None


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


# --- how claims are won and what the plan makes of them --------------------------------------


@dataclass(frozen=True, slots=True)
class _Won:
    """A claim that the statement made or moved to this version."""

    paper: Paper
    prior: State | None
    message_id: int | None
    first_seen_at: datetime


async def win(connection: AsyncConnection, channel_id: int, papers: Sequence[Paper], now: datetime) -> list[_Won]:
    """The one decision on what is new, in the order of `papers`.

    Reading what is known and then writing what is not would let a second digest, a "post now" or another process in between,
    and both would post. Here the database decides row by row: a row that stands at this version or a later one is left alone
    and not returned, and so is one in flight, because the delivery that holds it could no longer say which version it showed.
    An insert comes back as CLAIMED; an update leaves the state as it was, which tells what it was claimed over.
    """
    newest = {paper.id.key: paper for paper in sorted(papers, key=lambda paper: paper.version)}
    if not newest:
        return []
    statement = insert_into(connection, claims)
    statement = statement.on_conflict_do_update(
        index_elements=["channel_id", "paper_id"],
        set_={"version": statement.excluded.version},
        where=(claims.c.version < statement.excluded.version) & (claims.c.state != State.CLAIMED),
    )
    rows = [
        {"channel_id": channel_id, "paper_id": key, "version": paper.id.version, "state": State.CLAIMED, "first_seen_at": now}
        for key, paper in sorted(newest.items())  # in one order, so that two claims wait for each other and never deadlock
    ]
    result = await connection.execute(
        statement.returning(claims.c.paper_id, claims.c.state, claims.c.message_id, claims.c.first_seen_at),
        rows,
        execution_options={"insertmanyvalues_page_size": 250},
    )
    won = {row.paper_id: row for row in result}
    return [
        _Won(paper, None if row.state == State.CLAIMED else State(row.state), row.message_id, row.first_seen_at)
        for paper in papers
        if newest[paper.id.key] is paper and (row := won.get(paper.id.key))
    ]


async def _sight(connection: AsyncConnection, channel_id: int, won: Sequence[_Won]) -> list[Sighting]:
    message_ids = {claim.message_id for claim in won if claim.prior is State.SENT and claim.message_id is not None}
    shown = await standing(connection, channel_id, message_ids)
    return [
        Sighting(
            claim.paper,
            # Discord did not take the version before: a new one is another try.
            State.WAITING if claim.prior is State.REFUSED else claim.prior,
            shown=shown.get(claim.message_id) if claim.prior is State.SENT and claim.message_id is not None else None,
            waiting_since=claim.first_seen_at if claim.prior is State.WAITING else None,
        )
        for claim in won
    ]


async def _waiting(connection: AsyncConnection, channel_id: int, won: set[str]) -> list[Sighting]:
    """What could not be posted so far, at the version it was claimed at."""
    rows = await connection.execute(
        select(claims.c.paper_id, claims.c.version, claims.c.state, claims.c.first_seen_at)
        .where(claims.c.channel_id == channel_id, claims.c.state.in_((State.WAITING, State.REFUSED)))
        .order_by(claims.c.paper_id)
    )
    waiting = {PaperId.of(row.paper_id, row.version): row for row in rows if row.paper_id not in won}
    papers = await load_papers(connection, waiting)
    return [Sighting(papers[id], State(row.state), waiting_since=row.first_seen_at) for id, row in waiting.items()]


async def _write_states(
    connection: AsyncConnection, channel_id: int, sightings: Sequence[Sighting], plan: Plan, deliveries: Sequence[Delivery]
) -> None:
    states = {sighting.paper.id: plan.states.get(sighting.paper.id) for sighting in sightings}
    holders = {
        showing.paper.id: delivery.id
        for delivery in deliveries
        if delivery.message.kind in (Kind.CARD, Kind.LIST, Kind.EDIT)
        for showing in delivery.message.showings
        if states.get(showing.paper.id) is State.CLAIMED
    }
    forgotten = [str(id) for id, state in states.items() if state is None or (state is State.CLAIMED and id not in holders)]
    if forgotten:
        raise ValueError(f"the plan leaves these papers without a state or without a message: {', '.join(forgotten)}")
    statement = (
        update(claims)
        .where(claims.c.channel_id == bindparam("channel"), claims.c.paper_id == bindparam("paper"))
        .values(
            state=bindparam("planned", type_=String),
            delivery_id=func.coalesce(bindparam("holder", type_=BigInteger), claims.c.delivery_id),
        )
    )
    rows = [{"channel": channel_id, "paper": id.key, "planned": state, "holder": holders.get(id)} for id, state in states.items()]
    for batch in batches(rows):
        await connection.execute(statement, batch)

"""How a channel's claims are won and what the plan makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, String, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.digest.model import Delivery, Kind, Plan, Sighting, State
from bot.paper import Paper, PaperId
from bot.storage.database import batches, insert_into
from bot.storage.deliveries import standing
from bot.storage.papers import load_papers
from bot.storage.schema import claims


@dataclass(frozen=True, slots=True)
class Won:
    """A claim that the statement made or moved to this version."""

    paper: Paper
    prior: State | None
    message_id: int | None
    first_seen_at: datetime


async def win(connection: AsyncConnection, channel_id: int, papers: Sequence[Paper], now: datetime) -> list[Won]:
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
        Won(paper, None if row.state == State.CLAIMED else State(row.state), row.message_id, row.first_seen_at)
        for paper in papers
        if newest[paper.id.key] is paper and (row := won.get(paper.id.key))
    ]


async def sight(connection: AsyncConnection, channel_id: int, won: Sequence[Won]) -> list[Sighting]:
    message_ids = {claim.message_id for claim in won if claim.prior is State.SENT and claim.message_id is not None}
    shown = await standing(connection, channel_id, message_ids)
    return [
        Sighting(
            claim.paper,
            claim.prior,
            shown=shown.get(claim.message_id) if claim.prior is State.SENT and claim.message_id is not None else None,
            waiting_since=claim.first_seen_at if claim.prior is State.WAITING else None,
        )
        for claim in won
    ]


async def waiting(connection: AsyncConnection, channel_id: int, won: set[str]) -> list[Sighting]:
    """What could not be posted so far, at the version it was claimed at."""
    rows = await connection.execute(
        select(claims.c.paper_id, claims.c.version, claims.c.first_seen_at)
        .where(claims.c.channel_id == channel_id, claims.c.state == State.WAITING)
        .order_by(claims.c.paper_id)
    )
    since = {PaperId.of(row.paper_id, row.version): row.first_seen_at for row in rows if row.paper_id not in won}
    papers = await load_papers(connection, since)
    return [Sighting(papers[id], State.WAITING, waiting_since=first_seen_at) for id, first_seen_at in since.items()]


async def write_states(
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

"""What is new to a channel is decided once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select, update

from bot.digest.model import Badge, Delivery, Intro, Kind, Message, Plan, Sent, Showing, Shown, Sighting, State
from bot.paper import Paper, PaperId
from bot.storage import Storage
from bot.storage.schema import deliveries, digests
from tests.storage.lab import (
    CHANNEL,
    DAY,
    NOW,
    QUERY,
    SERVER,
    Deciding,
    claim,
    current,
    edit,
    fed,
    paper,
    papers,
    placed,
    seeding,
)

MESSAGE = 1_300_000_000_000_000_001


def shown_papers(deliveries: Sequence[Delivery]) -> list[Paper]:
    return [showing.paper for delivery in deliveries for showing in delivery.message.showings]


async def sent(storage: Storage, deliveries: Sequence[Delivery]) -> None:
    """Each as its own message, counted from MESSAGE."""
    for number, delivery in enumerate(deliveries):
        await storage.deliveries.settle(delivery, Sent(MESSAGE + number), NOW)


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class TestFirstSight:
    async def test_a_paper_is_new_once(self, storage: Storage) -> None:
        channel = await fed(storage)
        first, second = Deciding(), Deciding()
        deliveries = await claim(storage, channel, papers(3), NOW, first)
        assert first.priors == {p.id: None for p in papers(3)}
        assert shown_papers(deliveries) == papers(3)
        assert shown_papers(await claim(storage, channel, papers(4), NOW, second)) == [paper(3)]
        assert second.priors == {paper(3).id: None}

    async def test_seeded_papers_are_not_new(self, storage: Storage) -> None:
        channel = await fed(storage, seen=papers(3))
        deciding = Deciding()
        assert shown_papers(await claim(storage, channel, papers(4), NOW, deciding)) == [paper(3)]

    async def test_seeding_leaves_what_the_channel_already_has(self, storage: Storage) -> None:
        channel = await fed(storage)
        await sent(storage, await claim(storage, channel, papers(1), NOW, Deciding()))
        await storage.ledger.seed(channel, papers(2), seeding(NOW), 0.5, None)
        deciding = Deciding(State.SENT)
        await claim(storage, channel, papers(2, version=2), NOW, deciding)
        assert deciding.priors == {paper(0, 2).id: State.SENT, paper(1, 2).id: State.SEEN}

    async def test_channels_do_not_share_what_they_have(self, storage: Storage) -> None:
        channel = await fed(storage)
        other = await placed(storage, CHANNEL + 1)
        await claim(storage, channel, papers(2), NOW, Deciding())
        assert shown_papers(await claim(storage, other, papers(2), NOW, Deciding())) == papers(2)

    async def test_first_seen_at_version_two_is_new(self, storage: Storage) -> None:
        channel = await fed(storage)
        deciding = Deciding()
        await claim(storage, channel, [paper(1, 2)], NOW, deciding)
        assert deciding.priors == {paper(1, 2).id: None}

    async def test_two_versions_of_one_paper_in_an_answer_are_one_claim_of_the_later(self, storage: Storage) -> None:
        channel = await fed(storage)
        deciding = Deciding()
        await claim(storage, channel, [paper(1, 2), paper(1, 1)], NOW, deciding)
        assert deciding.priors == {paper(1, 2).id: None}

    async def test_an_empty_answer_decides_nothing(self, storage: Storage) -> None:
        channel = await fed(storage)
        assert await claim(storage, channel, [], NOW, Deciding()) == []

    async def test_claiming_is_a_good_digest(self, storage: Storage) -> None:
        await claim(storage, await fed(storage), [], NOW, Deciding())
        assert (await current(storage)).last_good_at == NOW


class TestRaces:
    async def test_of_two_claims_at_once_each_paper_goes_to_one(self, storage: Storage) -> None:
        channel = await fed(storage)
        many = papers(400)
        one, two = await asyncio.gather(
            claim(storage, channel, many, NOW, Deciding()), claim(storage, channel, many[::-1], NOW, Deciding())
        )
        posts = Counter(p.id for p in shown_papers([*one, *two]))
        assert posts == dict.fromkeys((p.id for p in many), 1)

    async def test_of_two_claims_of_a_revision_one_wins(self, storage: Storage) -> None:
        channel = await fed(storage)
        await sent(storage, await claim(storage, channel, papers(5), NOW, Deciding()))
        revised = papers(5, version=2)
        deliveries = await asyncio.gather(*(claim(storage, channel, revised, NOW, edit) for _ in range(3)))
        assert sorted(map(len, deliveries)) == [0, 0, 5]

    async def test_a_paper_in_flight_is_taken_at_the_next_digest(self, storage: Storage) -> None:
        channel = await fed(storage)
        deliveries = await claim(storage, channel, papers(1), NOW, Deciding())
        early, late = Deciding(), Deciding(State.SENT)
        await claim(storage, channel, papers(1, version=2), NOW, early)
        assert early.saw == []
        await sent(storage, deliveries)
        await claim(storage, channel, papers(1, version=2), NOW, late)
        assert late.priors == {paper(0, 2).id: State.SENT}


class TestAllOrNothing:
    async def test_a_plan_that_fails_leaves_nothing(self, storage: Storage) -> None:
        channel = await fed(storage)

        def fail(_sightings: Sequence[Sighting]) -> Plan:
            raise RuntimeError("the plan broke")

        with pytest.raises(RuntimeError, match="the plan broke"):
            await claim(storage, channel, papers(3), NOW, fail)
        assert (await current(storage)).last_good_at == NOW - DAY
        assert shown_papers(await claim(storage, channel, papers(3), NOW, Deciding())) == papers(3)

    @pytest.mark.parametrize("states", [{}, {paper(0).id: State.CLAIMED}])
    async def test_a_plan_that_would_lose_a_paper_is_refused(self, storage: Storage, states: dict[PaperId, State]) -> None:
        channel = await fed(storage)
        with pytest.raises(ValueError, match=r"2512\.00000v1"):
            await claim(storage, channel, papers(1), NOW, lambda _: Plan((), states))
        assert shown_papers(await claim(storage, channel, papers(1), NOW, Deciding())) == papers(1)

    async def test_a_claim_left_without_a_plan_leaves_nothing(self, storage: Storage) -> None:
        channel = await fed(storage)
        with pytest.raises(ValueError, match="no plan was filed"):
            async with storage.ledger.claim(channel, papers(3), NOW) as left:
                assert len(left.sightings) == 3
        assert shown_papers(await claim(storage, channel, papers(3), NOW, Deciding())) == papers(3)

    async def test_what_fails_after_filing_undoes_what_was_filed(self, storage: Storage) -> None:
        channel = await fed(storage)

        async def file_and_fail() -> None:
            async with storage.ledger.claim(channel, papers(3), NOW) as failing:
                await failing.file(Deciding()(failing.sightings), slot_at=NOW)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await file_and_fail()
        assert await storage.deliveries.unfinished() == []
        assert await storage.digests.last(CHANNEL) is None
        assert shown_papers(await claim(storage, channel, papers(3), NOW, Deciding())) == papers(3)

    async def test_one_plan_a_claim(self, storage: Storage) -> None:
        channel = await fed(storage)

        async def file_twice() -> None:
            async with storage.ledger.claim(channel, papers(1), NOW) as twice:
                await twice.file(Deciding()(twice.sightings))
                await twice.file(Deciding()(twice.sightings))

        with pytest.raises(ValueError, match="only one"):
            await file_twice()
        assert await storage.deliveries.unfinished() == []

    async def test_a_channel_not_fed_any_more_has_nothing_to_plan(self, storage: Storage) -> None:
        channel = await fed(storage)
        await storage.subscriptions.reconcile({}, NOW)
        async with storage.ledger.claim(channel, papers(1), NOW) as closed:
            assert (closed.open, closed.sightings) == (False, ())

    async def test_a_rehearsed_digest_leaves_nothing(self, storage: Storage) -> None:
        channel = await fed(storage)
        async with storage.database.rehearsal():
            deliveries = await claim(storage, channel, papers(2), NOW, Deciding())
            await sent(storage, deliveries)
            assert await claim(storage, channel, papers(2), NOW, Deciding()) == []
        assert await storage.deliveries.unfinished() == []
        assert shown_papers(await claim(storage, channel, papers(2), NOW, Deciding())) == papers(2)


class TestRevisions:
    async def test_a_revision_says_where_the_earlier_version_stands(self, storage: Storage) -> None:
        channel = await fed(storage)
        listed = Message(
            Kind.LIST, (Showing(paper(1), Badge.NEWLY_MATCHING), Showing(paper(0))), away=True, notifies_on=NOW.date()
        )
        both = {paper(0).id: State.CLAIMED, paper(1).id: State.CLAIMED}
        await sent(storage, await claim(storage, channel, papers(2), NOW, lambda _: Plan((listed,), both)))
        deciding = Deciding(State.SENT)
        await claim(storage, channel, [paper(1, 2)], NOW, deciding)
        assert deciding.saw == [
            Sighting(paper(1, 2), State.SENT, shown=Shown(MESSAGE, CHANNEL, Kind.LIST, listed.showings, away=True))
        ]

    async def test_an_edit_is_what_the_next_revision_builds_on(self, storage: Storage) -> None:
        channel = await fed(storage)
        await sent(storage, await claim(storage, channel, papers(2), NOW, Deciding(kind=Kind.LIST)))
        (first,) = await claim(storage, channel, [paper(0, 2)], NOW, edit)
        await storage.deliveries.settle(first, Sent(MESSAGE), NOW)
        (second,) = await claim(storage, channel, [paper(1, 2)], NOW, edit)
        assert second.message.edits == Shown(MESSAGE, CHANNEL, Kind.LIST, second.message.showings)
        assert shown_papers([second]) == [paper(0, 2), paper(1, 2)]

    async def test_so_is_an_edit_not_made_yet(self, storage: Storage) -> None:
        channel = await fed(storage)
        await sent(storage, await claim(storage, channel, papers(2), NOW, Deciding(kind=Kind.LIST)))
        await claim(storage, channel, [paper(0, 2)], NOW, edit)
        (second,) = await claim(storage, channel, [paper(1, 2)], NOW, edit)
        assert shown_papers([second]) == [paper(0, 2), paper(1, 2)]

    async def test_an_edit_goes_where_its_message_stands(self, storage: Storage) -> None:
        channel, thread = await fed(storage), CHANNEL + 7
        await sent(storage, await claim(storage, channel, papers(1), NOW, Deciding()))
        async with storage.database.begin() as connection:
            await connection.execute(update(deliveries).values(destination_id=thread))
        (change,) = await claim(storage, channel, [paper(0, 2)], NOW, edit)
        assert (change.channel_id, change.destination_id) == (CHANNEL, thread)
        assert await storage.deliveries.unfinished() == [change]

    @pytest.mark.parametrize("state", [State.SEEN, State.BACKLOG, State.REJECTED])
    async def test_a_revision_knows_what_became_of_the_paper(self, storage: Storage, state: State) -> None:
        channel = await fed(storage)
        await claim(storage, channel, papers(1), NOW, Deciding(state))
        deciding = Deciding()
        await claim(storage, channel, papers(1, version=2), NOW, deciding)
        assert deciding.saw == [Sighting(paper(0, 2), state)]

    async def test_a_recorded_revision_is_not_seen_again_and_keeps_its_message(self, storage: Storage) -> None:
        channel = await fed(storage)
        await sent(storage, await claim(storage, channel, papers(1), NOW, Deciding()))
        await claim(storage, channel, [paper(0, 2)], NOW, Deciding(State.SENT))
        again, later = Deciding(), Deciding(State.SENT)
        await claim(storage, channel, [paper(0, 2)], NOW, again)
        await claim(storage, channel, [paper(0, 3)], NOW, later)
        assert again.saw == []
        assert later.saw == [Sighting(paper(0, 3), State.SENT, shown=Shown(MESSAGE, CHANNEL, Kind.CARD, (Showing(paper(0)),)))]

    async def test_an_earlier_version_is_never_claimed(self, storage: Storage) -> None:
        channel = await fed(storage, seen=[paper(0, 3)])
        deciding = Deciding()
        await claim(storage, channel, [paper(0, 2), paper(0, 3)], NOW, deciding)
        assert deciding.saw == []


class TestWaiting:
    async def test_what_waits_is_seen_by_every_digest(self, storage: Storage) -> None:
        channel = await fed(storage)
        await claim(storage, channel, papers(2), NOW - DAY, Deciding(State.WAITING))
        deciding = Deciding()
        deliveries = await claim(storage, channel, [], NOW, deciding)
        assert deciding.saw == [Sighting(p, State.WAITING, waiting_since=NOW - DAY) for p in papers(2)]
        assert shown_papers(deliveries) == papers(2)

    async def test_a_revision_takes_the_place_of_what_waited(self, storage: Storage) -> None:
        channel = await fed(storage)
        await claim(storage, channel, papers(1), NOW - DAY, Deciding(State.WAITING))
        deciding = Deciding()
        await claim(storage, channel, [paper(0, 2)], NOW, deciding)
        assert deciding.saw == [Sighting(paper(0, 2), State.WAITING, waiting_since=NOW - DAY)]

    async def test_released_it_is_posted_without_an_answer_of_arxiv(self, storage: Storage) -> None:
        channel = await fed(storage)
        await claim(storage, channel, papers(2), NOW - DAY, Deciding(State.WAITING))
        with pytest.raises(ValueError, match="no plan was filed"):
            async with storage.ledger.release(channel, NOW):
                pass
        async with storage.ledger.release(channel, NOW) as released:
            deliveries = await released.file(Deciding()(released.sightings))
        assert shown_papers(deliveries) == papers(2)
        assert (await current(storage)).last_good_at == NOW - DAY
        async with storage.ledger.release(channel, NOW) as nothing:
            assert nothing.sightings == ()


class TestDeliveries:
    async def test_they_are_unfinished_in_send_order_as_they_were_made(self, storage: Storage) -> None:
        channel = await fed(storage)
        deliveries = await claim(storage, channel, papers(3)[::-1], NOW, Deciding())
        assert await storage.deliveries.unfinished() == deliveries
        assert [delivery.id for delivery in deliveries] == sorted(delivery.id for delivery in deliveries)
        assert {(d.guild_id, d.channel_id, d.created_at) for d in deliveries} == {(SERVER, CHANNEL, NOW)}

    async def test_a_thousand_are_filed_in_send_order_by_few_statements(self, storage: Storage) -> None:
        channel = await fed(storage)
        with counted_statements() as statements:
            deliveries = await claim(storage, channel, papers(1000)[::-1], NOW, Deciding())
        assert shown_papers(deliveries) == papers(1000)[::-1]
        assert await storage.deliveries.unfinished() == deliveries
        assert 0 < len(statements) <= 30

    async def test_each_has_a_nonce_of_its_own_that_discord_takes(self, storage: Storage) -> None:
        deliveries = await claim(storage, await fed(storage), papers(20), NOW, Deciding())
        assert len({delivery.nonce for delivery in deliveries}) == 20
        assert all(0 < len(delivery.nonce) <= 25 for delivery in deliveries)

    async def test_a_channel_taken_out_gets_nothing_more(self, storage: Storage) -> None:
        channel = await fed(storage)
        await claim(storage, channel, papers(1), NOW, Deciding())
        await storage.subscriptions.reconcile({}, NOW)
        assert await storage.deliveries.unfinished() == []

    async def test_an_intro_comes_with_the_seeding(self, storage: Storage) -> None:
        channel = await placed(storage)
        newest = tuple(Showing(p) for p in papers(2))
        intro = Message(Kind.INTRO, intro=Intro(QUERY, 2, 0.1, NOW, newest))
        filed = await storage.ledger.seed(channel, papers(2), seeding(), 0.5, intro)
        assert [delivery.message for delivery in filed] == [intro]
        assert await storage.deliveries.unfinished() == filed
        assert await claim(storage, channel, papers(2), NOW, Deciding()) == []


class TestRate:
    async def test_unknown_before_the_seeding(self, storage: Storage) -> None:
        assert await storage.ledger.rate(await placed(storage), NOW) == 0

    async def test_in_the_first_month_the_seedings_count(self, storage: Storage) -> None:
        old = [paper(number, updated=NOW - 60 * DAY) for number in range(100, 110)]
        channel = await fed(storage, seen=[*papers(15), *old])
        await storage.digests.record(CHANNEL, NOW, NOW - DAY, {"new": 3})
        await claim(storage, channel, papers(20), NOW, Deciding())
        assert await storage.ledger.rate(channel, NOW) == 0.5

    async def test_later_what_was_posted_as_new_in_the_last_month(self, storage: Storage) -> None:
        channel = await fed(storage, seen=papers(15))
        posted = [paper(number) for number in range(100, 103)]
        await claim(storage, channel, [paper(50), paper(51)], NOW, Deciding())
        await sent(storage, await claim(storage, channel, posted, NOW + 20 * DAY, Deciding()))
        await claim(storage, channel, papers(30), NOW + 20 * DAY, Deciding(State.BACKLOG))
        await claim(storage, channel, [paper(100, 2)], NOW + 35 * DAY, edit)
        assert await storage.ledger.rate(channel, NOW + 35 * DAY) == 3 / 30


async def test_a_report_is_kept(storage: Storage) -> None:
    await placed(storage)
    await storage.digests.record(CHANNEL, NOW, NOW + timedelta(minutes=1), {"new": 3, "problem": "blocked: …"})
    async with storage.database.begin() as connection:
        (row,) = (await connection.execute(select(digests))).all()
    assert (row.channel_id, row.slot_at, row.finished_at) == (CHANNEL, NOW, NOW + timedelta(minutes=1))
    assert row.report == {"new": 3, "problem": "blocked: …"}


async def test_five_hundred_known_papers_cost_a_handful_of_statements(storage: Storage) -> None:
    channel = await fed(storage, seen=papers(500))
    with counted_statements() as statements:
        assert await claim(storage, channel, papers(500), NOW, Deciding()) == []
    assert 0 < len(statements) <= 6


async def test_five_hundred_new_papers_cost_few_statements(storage: Storage) -> None:
    channel = await fed(storage)
    with counted_statements() as statements:
        await claim(storage, channel, papers(500), NOW, Deciding(State.BACKLOG))
    assert 0 < len(statements) <= 10

"""Bodies are kept as long as something may show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.digest.model import Intro, Kind, Message, Sent, Showing, State
from bot.paper import Paper, PaperId
from bot.storage.database import Database
from bot.storage.ledger import LedgerStore
from bot.storage.papers import load_papers, prune, save_papers
from tests.storage.lab import DAY, NOW, QUERY, Deciding, edit, fed, paper, papers, placed, seeding

LATER = NOW + 61 * DAY


async def stored(database: Database, *wanted: Paper) -> set[PaperId]:
    async with database.begin() as connection:
        return set(await load_papers(connection, [paper.id for paper in wanted]))


async def test_a_paper_comes_back_as_it_was(database: Database) -> None:
    whole = replace(paper(1), comment="12 pages\x00", journal_ref="J. Irrepr. 1", doi=None, title="Ünïcode 𝛼 \\alpha")
    async with database.begin() as connection:
        await save_papers(connection, [whole, paper(2)], NOW)
        assert await load_papers(connection, [whole.id, paper(2).id, paper(3).id]) == {whole.id: whole, paper(2).id: paper(2)}


async def test_versions_are_kept_apart_and_the_first_text_of_a_version_stays(database: Database) -> None:
    async with database.begin() as connection:
        await save_papers(connection, [paper(1), paper(1, 2)], NOW)
        await save_papers(connection, [replace(paper(1), title="Another")], NOW)
        found = await load_papers(connection, [paper(1).id, paper(1, 2).id])
    assert found == {paper(1).id: paper(1), paper(1, 2).id: paper(1, 2)}


async def test_many_at_once(database: Database) -> None:
    many = papers(1200)
    async with database.begin() as connection:
        await save_papers(connection, many, NOW)
        assert await load_papers(connection, [p.id for p in many]) == {p.id: p for p in many}


async def test_bodies_only_seeded_go_after_sixty_days(database: Database) -> None:
    await fed(database, seen=papers(3))
    assert await prune(database, NOW + 59 * DAY - timedelta(seconds=1)) == 0
    assert await prune(database, LATER) == 3
    assert await stored(database, *papers(3)) == set()


async def test_their_claims_stay_so_that_they_never_come_as_new(database: Database) -> None:
    channel = await fed(database, seen=papers(3))
    await prune(database, LATER)
    assert await LedgerStore(database).claim(channel, papers(3), LATER, Deciding()) == []


async def test_whatever_a_channel_has_or_awaits_is_kept_with_every_version(database: Database) -> None:
    ledger, channel = LedgerStore(database), await fed(database, seen=papers(3))
    (card,) = await ledger.claim(channel, [paper(10)], NOW, Deciding())
    await ledger.settle(card, Sent(1), NOW)
    await ledger.claim(channel, [paper(10, 2)], NOW, Deciding(State.SENT))
    await ledger.claim(channel, [paper(11)], NOW, Deciding(State.BACKLOG))
    await ledger.claim(channel, [paper(12)], NOW, Deciding(State.WAITING))
    kept = [paper(10), paper(10, 2), paper(11), paper(12)]
    assert await prune(database, LATER) == 3
    assert await stored(database, *kept) == {p.id for p in kept}


async def test_what_an_unsent_intro_names_is_kept(database: Database) -> None:
    ledger, channel = LedgerStore(database), await placed(database)
    intro = Message(Kind.INTRO, intro=Intro(QUERY, 1, 0.1, NOW, (Showing(paper(1)),)))
    (delivery,) = await ledger.seed(channel, papers(3), seeding(), 0.5, intro)
    assert await prune(database, LATER) == 2
    assert await ledger.unfinished() == [delivery]
    await ledger.settle(delivery, Sent(1), LATER)
    assert await prune(database, LATER) == 1


async def test_what_a_list_in_the_channel_shows_is_kept_so_that_a_revision_can_be_edited_in(database: Database) -> None:
    ledger, channel = LedgerStore(database), await fed(database)
    (posted,) = await ledger.claim(channel, papers(2), NOW, Deciding(kind=Kind.LIST))
    await ledger.settle(posted, Sent(1), NOW)
    await ledger.claim(channel, [paper(0, 2)], NOW, Deciding(State.SEEN))
    assert await prune(database, LATER) == 0
    (change,) = await ledger.claim(channel, [paper(1, 2)], LATER, edit)
    assert [showing.paper.id for showing in change.message.showings] == [paper(0).id, paper(1, 2).id]

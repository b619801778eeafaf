"""Bodies are kept as long as something may show them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.digest.model import Intro, Kind, Message, Sent, Showing, State
from bot.paper import Paper, PaperId
from bot.storage import Storage
from bot.storage.papers import load_papers, save_papers
from tests.storage.lab import DAY, NOW, QUERY, Deciding, claim, edit, fed, paper, papers, placed, seeding

LATER = NOW + 61 * DAY


async def stored(storage: Storage, *wanted: Paper) -> set[PaperId]:
    async with storage.database.begin() as connection:
        return set(await load_papers(connection, [paper.id for paper in wanted]))


async def test_a_paper_comes_back_as_it_was(storage: Storage) -> None:
    whole = replace(paper(1), comment="12 pages\x00", journal_ref="J. Irrepr. 1", doi=None, title="Ünïcode 𝛼 \\alpha")
    async with storage.database.begin() as connection:
        await save_papers(connection, [whole, paper(2)], NOW)
        assert await load_papers(connection, [whole.id, paper(2).id, paper(3).id]) == {whole.id: whole, paper(2).id: paper(2)}


async def test_versions_are_kept_apart_and_the_first_text_of_a_version_stays(storage: Storage) -> None:
    async with storage.database.begin() as connection:
        await save_papers(connection, [paper(1), paper(1, 2)], NOW)
        await save_papers(connection, [replace(paper(1), title="Another")], NOW)
        found = await load_papers(connection, [paper(1).id, paper(1, 2).id])
    assert found == {paper(1).id: paper(1), paper(1, 2).id: paper(1, 2)}


async def test_many_at_once(storage: Storage) -> None:
    many = papers(1200)
    async with storage.database.begin() as connection:
        await save_papers(connection, many, NOW)
        assert await load_papers(connection, [p.id for p in many]) == {p.id: p for p in many}


async def test_bodies_only_seeded_go_after_sixty_days(storage: Storage) -> None:
    await fed(storage, seen=papers(3))
    assert await storage.papers.prune(NOW + 59 * DAY - timedelta(seconds=1)) == 0
    await storage.prune(LATER)
    assert await stored(storage, *papers(3)) == set()


async def test_their_claims_stay_so_that_they_never_come_as_new(storage: Storage) -> None:
    channel = await fed(storage, seen=papers(3))
    await storage.papers.prune(LATER)
    assert await claim(storage, channel, papers(3), LATER, Deciding()) == []


async def test_whatever_a_channel_has_or_awaits_is_kept_with_every_version(storage: Storage) -> None:
    channel = await fed(storage, seen=papers(3))
    (card,) = await claim(storage, channel, [paper(10)], NOW, Deciding())
    await storage.deliveries.settle(card, Sent(1), NOW)
    await claim(storage, channel, [paper(10, 2)], NOW, Deciding(State.SENT))
    await claim(storage, channel, [paper(11)], NOW, Deciding(State.BACKLOG))
    await claim(storage, channel, [paper(12)], NOW, Deciding(State.WAITING))
    kept = [paper(10), paper(10, 2), paper(11), paper(12)]
    assert await storage.papers.prune(LATER) == 3
    assert await stored(storage, *kept) == {p.id for p in kept}


async def test_what_an_unsent_intro_names_is_kept(storage: Storage) -> None:
    channel = await placed(storage)
    intro = Message(Kind.INTRO, intro=Intro(QUERY, 1, 0.1, NOW, (Showing(paper(1)),)))
    (delivery,) = await storage.ledger.seed(channel, papers(3), seeding(), 0.5, intro)
    assert await storage.papers.prune(LATER) == 2
    assert await storage.deliveries.unfinished() == [delivery]
    await storage.deliveries.settle(delivery, Sent(1), LATER)
    assert await storage.papers.prune(LATER) == 1


async def test_what_a_list_in_the_channel_shows_is_kept_so_that_a_revision_can_be_edited_in(storage: Storage) -> None:
    channel = await fed(storage)
    (posted,) = await claim(storage, channel, papers(2), NOW, Deciding(kind=Kind.LIST))
    await storage.deliveries.settle(posted, Sent(1), NOW)
    await claim(storage, channel, [paper(0, 2)], NOW, Deciding(State.SEEN))
    assert await storage.papers.prune(LATER) == 0
    (change,) = await claim(storage, channel, [paper(1, 2)], LATER, edit)
    assert [showing.paper.id for showing in change.message.showings] == [paper(0).id, paper(1, 2).id]

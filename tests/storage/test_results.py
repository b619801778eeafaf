"""The newest papers of an answer are at hand for whoever asks."""

from __future__ import annotations

from datetime import timedelta

from bot.digest.model import Newest, Reach
from bot.storage import Storage
from tests.papers import answer
from tests.storage.lab import DAY, NOW, QUERY, paper, papers

OTHER = "all:perovskite"


async def test_of_a_query_never_asked_nothing_is_known(storage: Storage) -> None:
    assert await storage.queries.newest(QUERY) is None


async def test_the_newest_fifty_come_back_newest_first(storage: Storage) -> None:
    aged = [paper(number, updated=NOW - number * timedelta(hours=1)) for number in range(60)]
    await storage.queries.remember(QUERY, aged[::-1], 700, NOW)
    assert await storage.queries.newest(QUERY) == Newest(tuple(aged[:50]), 700, NOW)


async def test_a_newer_answer_takes_the_place_of_an_older(storage: Storage) -> None:
    store = storage.queries
    await store.remember(QUERY, papers(3), 3, NOW)
    await store.remember(OTHER, papers(1), 1, NOW)
    await store.remember(QUERY, [paper(7, version=2)], 1, NOW + DAY)
    assert await store.newest(QUERY) == Newest((paper(7, version=2),), 1, NOW + DAY)
    assert await store.newest(OTHER) == Newest((paper(0),), 1, NOW)


async def test_an_empty_answer_is_an_answer(storage: Storage) -> None:
    store = storage.queries
    await store.remember(QUERY, papers(3), 3, NOW)
    await store.remember(QUERY, [], 0, NOW + DAY)
    assert await store.newest(QUERY) == Newest((), 0, NOW + DAY)


async def test_the_digests_answer_is_the_newest(storage: Storage) -> None:
    await storage.queries.answered(QUERY, answer(700, *papers(1)), NOW, believed=True, reach=Reach(1.5, None))
    assert await storage.queries.newest(QUERY) == Newest((paper(0),), 700, NOW)


async def test_bodies_stay_as_long_as_an_answer_names_them(storage: Storage) -> None:
    store = storage.queries
    await store.remember(QUERY, papers(3), 3, NOW)
    await store.remember(QUERY, papers(2), 2, NOW + 61 * DAY)
    assert await storage.papers.prune(NOW + 61 * DAY) == 1
    assert await store.newest(QUERY) == Newest((paper(1), paper(0)), 2, NOW + 61 * DAY)


async def test_an_answer_a_month_old_goes_when_another_comes(storage: Storage) -> None:
    store = storage.queries
    await store.remember(QUERY, papers(3), 3, NOW)
    await store.remember(OTHER, papers(1), 1, NOW + 30 * DAY)
    assert await store.newest(QUERY) is not None
    await store.remember(OTHER, papers(1), 1, NOW + 31 * DAY)
    assert await store.newest(QUERY) is None

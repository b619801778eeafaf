"""Asking the sandbox's arXiv over real HTTP: what is sent, how pages follow one another, what comes back."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot import VERSION
from bot.arxiv.client import REACH, reachable
from bot.digest.model import Answer, Empty, Papers
from bot.errors import ArxivGarbled, ArxivUnreachable
from bot.query import parse
from sandbox.arxiv.server import empty_feed

from .conftest import NOW, PATH, Arxiv, moss, page

MOSS = parse("ti:moss")


def ids(answer: Answer) -> list[str]:
    assert isinstance(answer, Papers)
    return [str(paper.id) for paper in answer.papers]


async def test_the_question_is_sent_as_arxiv_wants_it(arxiv: Arxiv) -> None:
    query = parse('(ti:"green moss" OR abs:lichen) AND cat:q-bio.PE')
    await arxiv.client().search(query, limit=2000, since=None)
    (asked,) = arxiv.server.requests
    assert asked.search_query == str(query)
    assert (asked.sort_by, asked.sort_order) == ("lastUpdatedDate", "descending")
    assert (asked.start, asked.max_results) == (0, 500)
    assert asked.accept == "application/atom+xml, application/xml;q=0.9, */*;q=0.8"
    assert asked.user_agent == f"arxiv-daily-discord/{VERSION} (+moss@lab.invalid)"
    assert arxiv.server.refusals == []


async def test_without_a_contact_the_name_goes_alone(arxiv: Arxiv) -> None:
    await arxiv.client(contact=None).search(MOSS, limit=500, since=None)
    assert [asked.user_agent for asked in arxiv.server.requests] == [f"arxiv-daily-discord/{VERSION}"]


async def test_without_an_accept_header_arxiv_would_answer_406(arxiv: Arxiv) -> None:
    address = arxiv.url(f"{PATH}?search_query=ti:moss")
    async with aiohttp.ClientSession() as session, session.get(address, skip_auto_headers=["Accept"]) as response:
        assert response.status == 406


def test_the_version_sent_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == VERSION


@pytest.mark.parametrize(("start", "wanted"), [(9500, 485), (9500, 345), (9850, 150)])
async def test_pages_near_arxivs_end_are_cut_to_what_it_gives(arxiv: Arxiv, start: int, wanted: int) -> None:
    async with aiohttp.ClientSession() as session:

        async def status(size: int) -> int:
            asked = f"{PATH}?search_query=ti:moss&start={start}&max_results={size}"
            async with session.get(arxiv.url(asked)) as response:
                return response.status

        assert (await status(wanted), await status(reachable(start, wanted))) == (500, 200)


def test_every_entry_that_arxiv_reaches_is_reached() -> None:
    for start in range(REACH):
        size = reachable(start, min(500, REACH - start))
        assert size > 0
        assert 1 + round(start / size) <= 10_000 // size


async def test_papers_come_newest_first(arxiv: Arxiv) -> None:
    newest_first = arxiv.holds(4)
    answer = await arxiv.client().search(MOSS, limit=500, since=None)
    assert ids(answer) == newest_first
    assert isinstance(answer, Papers)
    assert (answer.total, answer.damaged, answer.reached_window, answer.capped) == (4, (), False, False)
    assert (answer.papers[1].title, answer.papers[1].updated) == ("Moss 2", NOW - timedelta(hours=2))


async def test_an_empty_first_page_is_empty(arxiv: Arxiv) -> None:
    assert await arxiv.client().search(MOSS, limit=500, since=None) == Empty(0)


async def test_an_empty_first_page_keeps_the_count_it_claims(arxiv: Arxiv) -> None:
    arxiv.fails(body=empty_feed(total=7))
    assert await arxiv.client().search(MOSS, limit=500, since=None) == Empty(7)
    assert len(arxiv.server.requests) == 1


async def test_incomplete_entries_are_counted(arxiv: Arxiv) -> None:
    arxiv.fails(body=(Path(__file__).parents[2] / "fixtures" / "arxiv" / "incomplete.xml").read_text("utf-8"))
    answer = await arxiv.client().search(MOSS, limit=500, since=None)
    assert isinstance(answer, Papers)
    assert (len(answer.papers), len(answer.damaged)) == (1, 6)


class TestPaging:
    async def test_short_pages_are_not_asked_for_without_end(self, arxiv: Arxiv) -> None:
        arxiv.fails(body=page([1, 2], total=250_000), times=1000)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=500, since=None)
        assert len(ids(answer)) == 2
        assert len(arxiv.server.requests) == 102

    async def test_all_pages_up_to_the_total(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(12)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=500, since=None)
        assert ids(answer) == everything
        assert [asked.start for asked in arxiv.server.requests] == [0, 5, 10]

    async def test_a_full_last_page_ends_the_search(self, arxiv: Arxiv) -> None:
        arxiv.holds(10)
        await arxiv.client(page_size=5).search(MOSS, limit=500, since=None)
        assert [asked.start for asked in arxiv.server.requests] == [0, 5]

    async def test_the_limit_cuts_the_last_page_and_says_so(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(12)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=7, since=None)
        assert ids(answer) == everything[:7]
        assert isinstance(answer, Papers)
        assert (answer.total, answer.capped, answer.reached_window) == (12, True, False)
        assert [asked.max_results for asked in arxiv.server.requests] == [5, 2]

    async def test_a_limit_equal_to_the_total_cuts_nothing(self, arxiv: Arxiv) -> None:
        arxiv.holds(7)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=7, since=None)
        assert isinstance(answer, Papers)
        assert not answer.capped

    async def test_a_limit_below_a_page_asks_for_no_more(self, arxiv: Arxiv) -> None:
        arxiv.holds(12)
        answer = await arxiv.client().search(MOSS, limit=5, since=None)
        assert len(ids(answer)) == 5
        assert [asked.max_results for asked in arxiv.server.requests] == [5]

    async def test_arxiv_is_never_asked_beyond_its_reach(self, arxiv: Arxiv) -> None:
        await arxiv.client(page_size=30_000).search(MOSS, limit=30_000, since=None)
        assert [asked.max_results for asked in arxiv.server.requests] == [10_000]

    async def test_the_first_page_is_whole_however_old(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(12)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=500, since=NOW + timedelta(hours=1))
        assert ids(answer) == everything[:5]
        assert isinstance(answer, Papers)
        assert (answer.reached_window, answer.capped) == (True, False)

    async def test_pages_follow_while_the_last_entry_is_inside_the_window(self, arxiv: Arxiv) -> None:
        arxiv.holds(20)
        exactly_the_fifth = NOW - timedelta(hours=5)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=500, since=exactly_the_fifth)
        assert len(ids(answer)) == 10

    async def test_a_window_reached_at_the_limit_is_no_cap(self, arxiv: Arxiv) -> None:
        arxiv.holds(12)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=5, since=NOW - timedelta(hours=1))
        assert isinstance(answer, Papers)
        assert (answer.reached_window, answer.capped) == (True, False)

    async def test_a_window_wider_than_the_answer_was_not_reached(self, arxiv: Arxiv) -> None:
        arxiv.holds(5)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=500, since=NOW)
        assert isinstance(answer, Papers)
        assert (answer.reached_window, answer.capped) == (False, False)

    async def test_a_short_page_is_followed_from_where_it_ended(self, arxiv: Arxiv) -> None:
        """https://github.com/lukasschwab/arxiv.py/issues/43: pages have come shorter than asked for."""
        everything = arxiv.holds(8)
        arxiv.fails(body=page([1, 2, 3], total=8))
        answer = await arxiv.client(page_size=5).search(MOSS, limit=500, since=None)
        assert ids(answer) == everything
        assert [asked.start for asked in arxiv.server.requests] == [0, 3]

    async def test_a_paper_that_slides_onto_the_next_page_comes_once(self, arxiv: Arxiv) -> None:
        before = arxiv.holds(8)

        def another_appears() -> None:
            if len(arxiv.arrivals) == 2:
                arxiv.corpus.add(moss(0))

        arxiv.on_request = another_appears
        answer = await arxiv.client(page_size=5).search(MOSS, limit=500, since=None)
        assert ids(answer) == before
        assert [asked.start for asked in arxiv.server.requests] == [0, 5]


class TestLaterPages:
    """https://github.com/lukasschwab/arxiv.py/issues/43 and its kin: an empty page in the middle of an answer."""

    async def test_empty_once_is_asked_again(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(8)
        arxiv.fails(body=empty_feed(total=8), after=1)
        assert ids(await arxiv.client(page_size=5).search(MOSS, limit=500, since=None)) == everything

    @pytest.mark.parametrize("claimed", [8, 0, 1])
    async def test_empty_for_good_is_not_silently_short(self, arxiv: Arxiv, claimed: int) -> None:
        arxiv.holds(8)
        arxiv.fails(body=empty_feed(total=claimed), after=1, times=-1)
        with pytest.raises(ArxivGarbled, match="nothing from entry 5 on, having counted 8"):
            await arxiv.client(page_size=5).search(MOSS, limit=500, since=None)
        assert len(arxiv.server.requests) == 4

    async def test_a_count_that_fell_to_what_came_is_the_end(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(11)
        arxiv.fails(body=empty_feed(total=10), after=1)
        answer = await arxiv.client(page_size=10).search(MOSS, limit=500, since=None)
        assert ids(answer) == everything[:10]
        assert isinstance(answer, Papers)
        assert (answer.total, answer.capped, answer.reached_window) == (10, False, False)
        assert len(arxiv.server.requests) == 2

    async def test_a_count_that_collapsed_beside_entries_does_not_end_the_search(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(12)
        arxiv.fails(body=page(range(6, 11), total=1, start=5), after=1)
        answer = await arxiv.client(page_size=5).search(MOSS, limit=500, since=None)
        assert ids(answer) == everything
        assert isinstance(answer, Papers)
        assert answer.total == 12


class TestRedirects:
    async def test_one_is_followed_in_a_turn_of_its_own(self, arxiv: Arxiv) -> None:
        everything = arxiv.holds(2)
        answer = await arxiv.client(path=f"/moved?to={PATH}").search(MOSS, limit=500, since=None)
        assert ids(answer) == everything
        assert arxiv.arrivals == [NOW, NOW + timedelta(seconds=3)]

    async def test_never_from_here_to_plain_http_elsewhere(self, arxiv: Arxiv) -> None:
        with pytest.raises(ArxivUnreachable, match="not https"):
            await arxiv.client(path="/moved?to=http://arxiv.invalid/").search(MOSS, limit=500, since=None)

    async def test_a_circle_is_left(self, arxiv: Arxiv) -> None:
        with pytest.raises(ArxivUnreachable, match="without end"):
            await arxiv.client(path="/circle").search(MOSS, limit=500, since=None)
        assert len(arxiv.arrivals) == 12

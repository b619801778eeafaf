"""The feed itself: shape, errors, paging."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from sandbox.arxiv.corpus import Corpus, Record
from sandbox.arxiv.grammar import adapt, parse
from sandbox.arxiv.search import Search, SortBy, SortOrder
from tests.conformance.arxiv.conftest import ATOM, DEFAULT_QUERY, NOW, OPENSEARCH, Arxiv, MakeRecord
from tests.shared import shared

SCHEMA = "{http://arxiv.org/schemas/atom}"
ALONE = (
    "id_0000.0000_s0_m100_8b51d9633a68",
    "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af",
    "id_0808.05394_s0_m100_7b0c7d0a7cdd",
    "id_1605.08386_s0_m100_199195aa31ad",
    "id_1707.08567_s0_m100_6a1afebfc6a3",
    "id_2104.12255v1_s0_m100_6ae69987ffe1",
    "id_abc_s0_m100_b79c8dcf6bc3",
    "id_astro-ph_0601001_s0_m100_3150dca9dc76",
    "id_quant-ph_0201082v1_s0_m100_86989fe779ef",
)
SEARCHES = ("bc5a6c384fe9", "80c242b59d59", "34e56e15aaac", "348a237fecab")


def _recorded(name: str) -> tuple[str, int, str]:
    """Address, status and body of a recorded answer."""
    [path] = shared("data/arxiv-responses").glob(f"*{name}.json")
    answer = json.loads(path.read_text(encoding="utf-8"))
    return answer["url"], answer["status_code"], answer["body"]


def _time(element: ET.Element, tag: str) -> datetime:
    return datetime.fromisoformat(element.findtext(f"{ATOM}{tag}", ""))


def _learn(corpus: Corpus, feed: ET.Element) -> None:
    """Take over every paper of a recorded feed."""
    for entry in feed.iter(f"{ATOM}entry"):
        if entry.find(f"{ATOM}published") is None:
            continue
        authors = entry.findall(f"{ATOM}author")
        base_id, version = entry.findtext(f"{ATOM}id", "").removeprefix("http://arxiv.org/abs/").rsplit("v", 1)
        corpus.add(
            Record(
                base_id=base_id,
                version=int(version),
                title=entry.findtext(f"{ATOM}title", ""),
                abstract=entry.findtext(f"{ATOM}summary", ""),
                authors=tuple(author.findtext(f"{ATOM}name", "") for author in authors),
                affiliations=tuple(tuple(a.text or "" for a in author.findall(f"{SCHEMA}affiliation")) for author in authors),
                categories=tuple(category.get("term", "") for category in entry.findall(f"{ATOM}category")),
                published=_time(entry, "published"),
                updated=_time(entry, "updated"),
                appears=_time(entry, "updated"),
                comment=entry.findtext(f"{SCHEMA}comment"),
                journal_ref=entry.findtext(f"{SCHEMA}journal_ref"),
                doi=entry.findtext(f"{SCHEMA}doi"),
            )
        )


@pytest.mark.parametrize("name", ALONE)
async def test_answers_to_id_lists_equal_the_recorded_bytes(arxiv: Arxiv, name: str) -> None:
    url, status, body = _recorded(name)
    _learn(arxiv.corpus, ET.fromstring(body))
    arxiv.clock.set(_time(ET.fromstring(body), "updated"))
    asked = re.search(r"id_list=([^&]*)", url)
    assert asked is not None
    answer = await arxiv.ask(id_list=asked[1].replace("%2C", ",").replace("%2F", "/"), max_results=100)
    assert (answer.status, answer.text) == (status, body)


@pytest.mark.parametrize("name", SEARCHES)
async def test_entries_of_a_search_equal_the_recorded_bytes(arxiv: Arxiv, name: str) -> None:
    """Each of them is found; the order is that of three million papers, and left out."""
    url, _, body = _recorded(name)
    _learn(arxiv.corpus, ET.fromstring(body))
    arxiv.clock.set(_time(ET.fromstring(body), "updated"))
    size = int(re.findall(r"max_results=(\d+)", url)[0])
    answer = await arxiv.ask("testing", max_results=size)
    recorded, ours = _entries(body), _entries(answer.text)
    assert sorted(ours) == sorted(recorded)
    assert len(recorded) == size


@pytest.mark.parametrize("name", SEARCHES)
async def test_the_head_of_a_search_equals_the_recorded_bytes(arxiv: Arxiv, name: str) -> None:
    url, _, body = _recorded(name)
    arxiv.clock.set(_time(ET.fromstring(body), "updated"))
    start, size = (int(re.findall(rf"{name}=(\d+)", url)[0]) for name in ("start", "max_results"))
    answer = await arxiv.ask("testing", start=start, max_results=size)
    head = body.split("  <entry>")[0].replace("214881", "0")
    assert answer.text.removesuffix("</feed>\n") == head


async def test_answers_of_autumn_2026_have_the_same_bytes(arxiv: Arxiv) -> None:
    """All but the total, which counts what is on the real arXiv. Two of the three entries were recorded."""
    recorded = shared("data/harvest/api_2026-09-16_astro-ph.xml").read_text(encoding="utf-8")
    feed = ET.fromstring(recorded)
    _learn(arxiv.corpus, feed)
    arxiv.clock.set(_time(feed, "updated"))
    answer = await arxiv.ask("cat:astro-ph.EP OR cat:astro-ph.GA", max_results=3, sortBy="submittedDate")
    assert answer.text.replace("<opensearch:totalResults>2<", "<opensearch:totalResults>113100<") == recorded.rstrip() + "\n"


async def test_a_refusal_of_autumn_2026_has_the_same_bytes(arxiv: Arxiv) -> None:
    recorded = shared("data/harvest/api_error_2026-09-16.xml").read_text(encoding="utf-8")
    arxiv.clock.set(_time(ET.fromstring(recorded), "updated"))
    answer = await arxiv.ask(id_list="id_invalido_xyz")
    assert (answer.status, answer.text) == (400, recorded.rstrip() + "\n")


def _entries(body: str) -> list[str]:
    return re.findall(r"  <entry>.*?</entry>\n", body, re.DOTALL)


async def test_an_entry_has_everything_in_order(arxiv: Arxiv, record: MakeRecord) -> None:
    arxiv.corpus.add(
        record(
            title="R&D < 50%",
            comment="4 pages",
            journal_ref="J. Imag. 1",
            doi="10.5555/x",
            categories=("cs.AI", "cs.LG"),
            affiliations=(("Port Lumen", "Ostreval"),),
        )
    )
    answer = await arxiv.ask("cat:cs.AI")
    entry = answer.feed.find(f"{ATOM}entry")
    assert entry is not None
    tags = " ".join(element.tag.replace(ATOM, "").replace(SCHEMA, "arxiv:") for element in entry)
    assert tags == (
        "id title updated link link summary category category published arxiv:comment arxiv:primary_category"
        " arxiv:journal_ref author arxiv:doi link"
    )
    assert entry.findtext(f"{ATOM}title") == "R&D < 50%"
    assert [place.text for place in entry.iter(f"{SCHEMA}affiliation")] == ["Port Lumen", "Ostreval"]
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"


async def test_the_feed_shows_the_query_and_the_sandbox_time(arxiv: Arxiv) -> None:
    answer = await arxiv.ask('machine "deep learning"', start=5, max_results=7)
    title = 'arXiv Query: search_query=all:machine OR all:"deep learning"&id_list=&start=5&max_results=7'
    assert answer.feed.findtext(f"{ATOM}title") == title
    assert answer.feed.findtext(f"{ATOM}updated") == "2026-03-02T06:00:00Z"
    assert answer.feed.findtext(f"{OPENSEARCH}itemsPerPage") == "7"


@pytest.mark.parametrize(
    ("parameters", "status", "text"),
    [
        ({"search_query": "(ti:a"}, 400, "Invalid query string: '(ti:a'"),
        ({"search_query": "a AND"}, 400, "Invalid query string: 'all:a AND'"),
        ({"id_list": "abc"}, 400, "incorrect id format for abc"),
        ({"id_list": "2602.00001,nonsense"}, 400, "incorrect id format for nonsense"),
        ({}, 400, "Either a search_query or id_list must be specified for the classic API."),
        ({"search_query": "a", "start": "x"}, 400, "start must be an integer"),
        ({"search_query": "a", "max_results": "-1"}, 400, "max_results must be non-negative"),
        ({"search_query": "a", "sortBy": "age"}, 400, "sortBy must be in: relevance, lastUpdatedDate, submittedDate"),
        ({"search_query": "a", "sortOrder": "up"}, 400, "sortOrder must be in: ascending, descending"),
        ({"search_query": "a", "start": "9600", "max_results": "500"}, 500, "The server encountered an internal error"),
        ({"search_query": "a", "start": "9850", "max_results": "150"}, 500, "The server encountered an internal error"),
        ({"search_query": "a", "max_results": "0"}, 500, "The server encountered an internal error"),
        ({"search_query": "NOT (a OR b)"}, 500, "The server encountered an internal error"),
    ],
)
async def test_an_error_is_a_feed_with_one_entry(arxiv: Arxiv, parameters: dict[str, str], status: int, text: str) -> None:
    answer = await arxiv.ask(**parameters)
    [entry] = answer.feed.findall(f"{ATOM}entry")
    assert answer.status == status
    assert entry.findtext(f"{ATOM}title") == "Error"
    assert entry.findtext(f"{ATOM}summary", "").startswith(text)
    assert entry.find(f"{ATOM}published") is None
    assert answer.total == 1


@pytest.mark.parametrize(("start", "size"), [(9500, 500), (9850, 100), (9999, 1), (0, 10_000)])
async def test_ten_thousand_is_the_last_that_can_be_reached(arxiv: Arxiv, start: int, size: int) -> None:
    """Counted in pages of the size that is asked for: those of 150 end before 9,850, as the errors above show."""
    assert (await arxiv.ask("a", start=start, max_results=size)).status == 200


async def test_pages_join_to_the_whole(arxiv: Arxiv) -> None:
    for paper in Corpus.fictional().visible(NOW):
        arxiv.corpus.add(paper)
    options = {"sortBy": "lastUpdatedDate", "sortOrder": "descending"}
    first = await arxiv.ask(DEFAULT_QUERY, **options)
    pages = [await arxiv.ask(DEFAULT_QUERY, start=start, max_results=25, **options) for start in range(0, first.total, 25)]
    whole = Search(arxiv.corpus).find(parse(adapt(DEFAULT_QUERY)), (), NOW, SortBy.UPDATED, SortOrder.DESCENDING)
    assert [id for page in pages for id in page.ids] == [record.id for record in whole]
    assert {page.total for page in pages} == {len(whole)}
    assert len(first.ids) == 10
    assert (await arxiv.ask(DEFAULT_QUERY, start=first.total)).ids == []


async def test_an_id_means_the_current_version_unless_it_names_one(arxiv: Arxiv, record: MakeRecord) -> None:
    arxiv.corpus.add(record("2602.00001"))
    arxiv.corpus.revise("2602.00001", NOW)
    arxiv.corpus.revise("2602.00001", NOW + timedelta(days=1))
    assert (await arxiv.ask(id_list="2602.00001")).ids == ["2602.00001v2"]
    assert (await arxiv.ask(id_list="2602.00001v1")).ids == ["2602.00001v1"]
    assert (await arxiv.ask(id_list="2602.00001v3,2602.99999")).ids == []


async def test_ids_and_query_intersect_and_default_to_ten(arxiv: Arxiv, record: MakeRecord) -> None:
    for number in range(12):
        arxiv.corpus.add(record(f"2602.000{number:02}", categories=("cs.AI" if number < 2 else "cs.LG",)))
    everything = ",".join(f"2602.000{number:02}" for number in range(12))
    assert sorted((await arxiv.ask("cat:cs.AI", id_list=everything)).ids) == ["2602.00000v1", "2602.00001v1"]
    listed = await arxiv.ask(id_list=everything)
    assert (len(listed.ids), listed.total) == (10, 12)


async def test_every_request_is_remembered(arxiv: Arxiv) -> None:
    await arxiv.ask("cat:cs.AI", start=3, sortBy="submittedDate")
    await arxiv.ask("a AND")
    first, second = arxiv.server.requests
    assert (first.search_query, first.start, first.max_results) == ("cat:cs.AI", 3, 10)
    assert (first.sort_by, first.sort_order, first.status) == ("submittedDate", "descending", 200)
    assert (first.accept, second.status) == ("*/*", 400)
    assert str(first.user_agent).startswith("Python/")
    assert first.at < second.at


async def test_an_unknown_parameter_is_refused_and_remembered(arxiv: Arxiv) -> None:
    answer = await arxiv.ask("a", maxresults=5)
    assert answer.status == 501
    assert arxiv.server.refusals == ["GET /arxiv: no such parameter: maxresults"]


async def test_without_an_accept_header_the_edge_says_406(arxiv: Arxiv) -> None:
    async with (
        aiohttp.ClientSession(skip_auto_headers=["Accept"]) as session,
        session.get(f"{arxiv.url}?search_query=a") as response,
    ):
        assert (response.status, response.content_type) == (406, "text/html")


async def test_time_moves_the_index(arxiv: Arxiv, record: MakeRecord) -> None:
    later = datetime(2026, 3, 5, tzinfo=UTC)
    arxiv.corpus.add(record(appears=later))
    assert (await arxiv.ask("cat:cs.LG")).total == 0
    arxiv.clock.set(later)
    assert (await arxiv.ask("cat:cs.LG")).ids == ["2602.00001v1"]

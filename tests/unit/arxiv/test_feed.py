"""What one answer of arXiv says, read from feeds of our own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.feed import is_feed, parse
from bot.errors import ArxivGarbled, QueryRefused
from bot.paper import Paper, PaperId

FIXTURES = Path(__file__).parents[2] / "fixtures" / "arxiv"
URL = "https://arxiv.invalid/api/query"


def body(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def test_every_field_of_a_paper_arrives() -> None:
    assert parse(body("page.xml"), URL).papers[0] == Paper(
        id=PaperId("9905.00001", 3),
        title="When A < B & C: moss grows at $p<0.05$ on <b>every</b> stone, said &amp; done",
        abstract='We count moss on $n \\ge 3$ stones & find $x < y$. See <a href="/moss">the garden</a> for more.',
        authors=("Petra Ängström-O'Neill", "Tadeusz Mech", "The Fern & Moss Collaboration"),
        categories=("q-bio.PE", "stat.AP", "cond-mat.soft", "cond-mat.mtrl-sci"),
        published=datetime(2099, 4, 30, 8, 15, tzinfo=UTC),
        updated=datetime(2099, 5, 3, 21, 30, tzinfo=UTC),
        comment="9 pages, R&D included",
        journal_ref="J. Moss & Lichen 7 (2099) 1-9",
        doi="10.9999/moss.7<1>",
    )


def test_text_said_to_be_html_stays_as_it_is_too() -> None:
    said = body("page.xml").replace(b"<title>When", b'<title type="html">&lt;object&gt;When')
    assert parse(said, URL).papers[0].title.startswith("<object>When A < B & C: moss grows at $p<0.05$ on <b>every</b>")


def test_a_paper_may_lack_a_pdf_a_comment_a_journal_and_a_doi() -> None:
    paper = parse(body("page.xml"), URL).papers[1]
    assert (paper.comment, paper.journal_ref, paper.doi) == (None, None, None)
    assert paper.id == PaperId("moss-th/9901001", 1)


def test_a_paper_called_error_is_a_paper() -> None:
    assert parse(body("page.xml"), URL).papers[1].title == "Error"


def test_counts_are_those_of_the_feed() -> None:
    page = parse(body("page.xml"), URL)
    assert (page.total, page.start, page.received, page.damaged) == (4321, 10, 2, ())


def test_entries_that_cannot_be_read_are_named_and_left_out() -> None:
    page = parse(body("incomplete.xml"), URL)
    assert [str(paper.id) for paper in page.papers] == ["9905.00007v1"]
    assert page.received == 7
    assert page.damaged == ("No id", "9905.00002", *(f"9905.0000{number}v1" for number in (3, 4, 5, 6)))


def test_an_empty_feed_is_no_error() -> None:
    page = parse(body("empty.xml"), URL)
    assert (page.papers, page.total, page.received) == ((), 0, 0)


@pytest.mark.parametrize("status", [400, 200])
def test_an_error_entry_is_a_refusal_whatever_the_status(status: int) -> None:
    with pytest.raises(QueryRefused) as caught:
        parse(body("error.xml"), URL, status)
    assert caught.value.reason == "moss is not a field"
    assert (caught.value.url, caught.value.status) == (URL, status)


def test_an_error_entry_is_known_by_its_title_too() -> None:
    with pytest.raises(QueryRefused, match="moss is not a field"):
        parse(body("error.xml").replace(b"/api/errors#", b"/somewhere/else/"), URL)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_feed_cut_anywhere_is_garbled(share: float) -> None:
    whole = body("page.xml").strip()
    with pytest.raises(ArxivGarbled):
        parse(whole[: int(len(whole) * share)], URL)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"Rate exceeded.", id="plain text"),
        pytest.param(b"<!DOCTYPE html><html><body>Busy</body></html>", id="HTML"),
        pytest.param(body("page.xml").replace(b"opensearch:totalResults", b"opensearch:about"), id="no total"),
        pytest.param(body("page.xml").replace(b">4321<", b">many<"), id="a total that is no number"),
    ],
)
def test_what_is_not_one_whole_feed_is_garbled(broken: bytes) -> None:
    with pytest.raises(ArxivGarbled):
        parse(broken, URL)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(body("page.xml").replace(b"</entry>", b"", 1), id="an entry without end"),
        pytest.param(body("page.xml").replace(b"stones &amp; find", b"stones & find"), id="a bare ampersand"),
        pytest.param(body("page.xml").replace(b"<title>When", b"<moss:hint/><title>When"), id="a prefix that was never declared"),
        pytest.param(body("page.xml").replace("Ä".encode(), b"\xff"), id="not UTF-8"),
        pytest.param(body("page.xml").replace("Ä".encode(), b"\x1b"), id="a control character"),
        pytest.param(body("page.xml").replace(b"<published>2099", b"<published>0000", 1), id="a year before all papers"),
        pytest.param(
            body("page.xml").replace(b"<updated>2099-05-03T17", b"<updated>9999-05-03T17", 1), id="a year after all papers"
        ),
        pytest.param(body("page.xml").replace(b"When A", b"When A" * 1000, 1), id="an endless title"),
    ],
)
def test_an_entry_that_cannot_be_read_costs_only_itself(broken: bytes) -> None:
    whole, page = parse(body("page.xml"), URL), parse(broken, URL)
    assert page.received == whole.received
    assert page.damaged == (str(whole.papers[0].id),)
    assert page.papers == whole.papers[1:]


def test_a_body_is_never_taken_for_a_file_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """feedparser.parse(b"...") opens a file of that name when there is one."""
    monkeypatch.chdir(tmp_path)
    Path("<feed><").mkdir()
    Path("<feed></feed>").write_bytes(body("page.xml"))
    with pytest.raises(ArxivGarbled):
        parse(b"<feed></feed>", URL)


def test_half_a_feed_begins_as_one_and_a_page_of_html_does_not() -> None:
    assert is_feed(body("page.xml")[:300])
    assert is_feed(b"\xef\xbb\xbf\n<feed xmlns='http://www.w3.org/2005/Atom'>")
    assert not is_feed(b"<html><body><feed></body></html>")
    assert not is_feed(b"Rate exceeded.")


@given(st.data())
def test_damage_is_never_more_than_garbled(data: st.DataObject) -> None:
    whole = body("page.xml")
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, len(whole)))
    damaged = whole[:start] + data.draw(st.binary(max_size=20)) + whole[end:]
    try:
        page = parse(damaged, URL)
    except (ArxivGarbled, QueryRefused):
        return
    assert page.received == len(page.papers) + len(page.damaged)

"""arXiv's own answers, recorded in April, May and September 2026, read by feedparser and by ElementTree.

They stay outside the repository; every file of theirs is read, so that a new one is a test at once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.arxiv.feed import parse
from bot.errors import QueryRefused
from bot.paper import Paper

DATA = Path(__file__).parents[3].parent / "shared" / "data"
RECORDINGS = sorted([*DATA.glob("arxiv-responses/*.json"), *DATA.glob("harvest/api_*.xml")])
ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
ARXIV = "{http://arxiv.org/schemas/atom}"

pytestmark = pytest.mark.skipif(not RECORDINGS, reason="the recorded answers of arXiv are not on this machine")


@dataclass(frozen=True)
class Recording:
    url: str
    status: int
    body: bytes

    @classmethod
    def load(cls, path: Path) -> Recording:
        if path.suffix == ".xml":
            return cls("https://export.arxiv.org/api/query", 400 if "error" in path.name else 200, path.read_bytes())
        kept = json.loads(path.read_text("utf-8"))
        # The recorder took UTF-8 for Latin-1; this gives arXiv's bytes back.
        return cls(kept["url"], kept["status_code"], kept["body"].encode("latin-1"))


def words(element: ElementTree.Element, tag: str) -> str | None:
    return " ".join(element.findtext(tag, "").split()) or None


def check_paper(paper: Paper, entry: ElementTree.Element) -> None:
    terms = [category.attrib["term"] for category in entry.findall(f"{ATOM}category")]
    assert words(entry, f"{ATOM}id") == f"http://arxiv.org/abs/{paper.id}"
    assert (paper.title, paper.abstract) == (words(entry, f"{ATOM}title"), words(entry, f"{ATOM}summary"))
    assert list(paper.authors) == [words(author, f"{ATOM}name") for author in entry.findall(f"{ATOM}author")]
    assert list(paper.categories) == terms
    assert f"{paper.published:%Y-%m-%dT%H:%M:%SZ}" == words(entry, f"{ATOM}published")
    assert f"{paper.updated:%Y-%m-%dT%H:%M:%SZ}" == words(entry, f"{ATOM}updated")
    assert paper.comment == words(entry, f"{ARXIV}comment")
    assert paper.journal_ref == words(entry, f"{ARXIV}journal_ref")
    assert paper.doi == words(entry, f"{ARXIV}doi")


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_a_recorded_answer_is_read_as_another_reader_reads_it(path: Path) -> None:
    answer = Recording.load(path)
    feed = ElementTree.fromstring(answer.body)
    entries = feed.findall(f"{ATOM}entry")
    if answer.status == 400:
        with pytest.raises(QueryRefused) as caught:
            parse(answer.body, answer.url, answer.status)
        assert caught.value.reason == words(entries[0], f"{ATOM}summary")
        return
    page = parse(answer.body, answer.url, answer.status)
    assert page.total == int(feed.findtext(f"{OPENSEARCH}totalResults", ""))
    assert page.start == int(feed.findtext(f"{OPENSEARCH}startIndex", ""))
    assert (page.received, page.damaged) == (len(entries), ())
    for paper, entry in zip(page.papers, entries, strict=True):
        check_paper(paper, entry)

"""What arXiv may send: each entry is a paper or is named as damaged, and damage to one costs no other."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC
from xml.sax.saxutils import escape

from hypothesis import strategies as st

from bot.arxiv.feed import LONGEST_ABSTRACT, LONGEST_DETAIL, LONGEST_TITLE, MOST_AUTHORS, YEARS, Page, parse
from bot.errors import ArxivGarbled, QueryRefused
from bot.paper import Paper, PaperId
from tests.fuzz.mutation import Edit, edits
from tests.fuzz.target import Target

URL = "https://arxiv.invalid/api/query"
HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"\
 xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/invented</id>
  <title>arXiv Query: search_query=all:moss&amp;id_list=&amp;start=0&amp;max_results=10</title>
  <updated>2099-05-04T09:00:00Z</updated>
  <link href="https://arxiv.org/api/query?search_query=all:moss&amp;start=0" type="application/atom+xml"/>
  <opensearch:itemsPerPage>10</opensearch:itemsPerPage>
  <opensearch:totalResults>4321</opensearch:totalResults>
  <opensearch:startIndex>0</opensearch:startIndex>
"""
FOOT = "</feed>\n"

PIECES = (
    *(
        "&",
        "<",
        ">",
        "<![CDATA[<b>]]>",
        "<!-- moss -->",
        "<?x ?>",
        "&amp;",
        "&lt;b&gt;",
        "&nbsp;",
        "&#0;",
        "&#xD800;",
        "&#128293;",
    ),
    *("</title>", "<title>", "</entry>", "</summary>", "<summary>", "<author>", "</author>", "<br/>", "<foo:bar/>", "<id/>"),
    *("<published/>", "<updated>0000-00-00</updated>", "<published>9999-12-31T23:59:59Z</published>", '<title type="html">'),
    *("<arxiv:comment>R&amp;D</arxiv:comment>", '<category term="cs.LG"/>', '<category term=""/>', "<arxiv:primary_category/>"),
    *("\x00", "\x1b", "\ufffe", "\udcff", "\u2028", "\u202e", "\u200b", "\n", "\r", "$x<y$", "\\'e", "é", "晶", "🎵", "x" * 3000),
    *("/abs/2603.00001", "https://arxiv.org/api/errors#x", "v0", "v1", "Error", "<!DOCTYPE x>", "<!ENTITY e 'e'>", "&e;"),
)
"""`\\udcff` stands for the byte 0xff, which is no UTF-8."""
OPENINGS = ("<![CDATA[", "]]>", "<!--", "-->", "<entry>", "<feed>", "</feed>", "opensearch:")
"""These may make two entries one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """As arXiv writes it, and what became of its inside on the way."""

    number: int
    title: str
    details: tuple[str, ...] = ()
    damage: tuple[Edit, ...] = ()

    @property
    def id(self) -> str:
        return f"9905.{self.number:05}v1"

    @property
    def text(self) -> str:
        inside = (
            f"\n    <id>http://arxiv.org/abs/{self.id}</id>\n    <title>{escape(self.title)}</title>"
            "\n    <updated>2099-05-03T17:30:00Z</updated>"
            f'\n    <link href="https://arxiv.org/abs/{self.id}" rel="alternate" type="text/html"/>'
            f'\n    <link href="https://arxiv.org/pdf/{self.id}" rel="related" type="application/pdf" title="pdf"/>'
            "\n    <summary>  We count moss on $n \\ge 3$ stones &amp; find $x &lt; y$.\n</summary>"
            '\n    <category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>'
            "\n    <published>2099-04-30T08:15:00Z</published>"
            f'{"".join(self.details)}\n    <arxiv:primary_category term="cs.LG"/>'
            "\n    <author>\n      <name>Petra Ångström-O'Neill</name>\n    </author>\n  "
        )
        for edit in self.damage:
            inside = edit.apply(inside)
        return f"  <entry>{inside}</entry>\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """A feed of entries; `damage` struck it as a whole."""

    entries: tuple[Entry, ...]
    damage: tuple[Edit, ...] = ()

    @property
    def body(self) -> bytes:
        text = f"{HEAD}{''.join(entry.text for entry in self.entries)}{FOOT}"
        for edit in self.damage:
            text = edit.apply(text)
        return text.encode("utf-8", "surrogateescape")


_TITLES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
_DETAILS = st.lists(
    st.sampled_from(
        [
            "\n    <arxiv:comment>9 pages,\n R&amp;D included</arxiv:comment>",
            "\n    <arxiv:journal_ref>J. Moss &amp; Lichen 7 (2099)</arxiv:journal_ref>",
            "\n    <arxiv:doi>10.9999/moss.7&lt;1&gt;</arxiv:doi>",
            '\n    <category term="62P10" scheme="http://arxiv.org/schemas/atom"/>',
            "\n    <author><name>The Fern Collaboration</name><arxiv:affiliation>Pond</arxiv:affiliation></author>",
        ]
    ),
    max_size=5,
    unique=True,
).map(tuple)
_ENTRIES = st.builds(
    Entry, st.integers(1, 99_999), _TITLES, _DETAILS, st.just(()) | st.lists(edits(PIECES), min_size=1, max_size=3).map(tuple)
)
INPUTS = st.builds(
    Answer,
    st.lists(_ENTRIES, max_size=6, unique_by=lambda entry: entry.number).map(tuple),
    st.just(()) | st.lists(edits((*PIECES, *OPENINGS)), min_size=1, max_size=3).map(tuple),
)


def check(answer: Answer) -> None:
    """Every promise of `bot.arxiv.feed`."""
    try:
        page = parse(answer.body, URL, 200)
    except QueryRefused:
        assert b"/api/errors" in answer.body or b"Error" in answer.body
        return
    except ArxivGarbled:
        assert answer.damage
        return
    assert page.received == len(page.papers) + len(page.damaged)
    for name in page.damaged:
        assert 0 < len(name) <= 80
        assert " ".join(name.split()) == name
    for paper in page.papers:
        _check_paper(paper)
    if not answer.damage:
        _check_what_was_left_out(answer, page)


def _check_paper(paper: Paper) -> None:
    assert PaperId.parse(paper.id.abs_url) == paper.id
    assert 0 < len(paper.title) <= LONGEST_TITLE
    assert len(paper.abstract) <= LONGEST_ABSTRACT
    assert len(paper.authors) <= MOST_AUTHORS
    details = [*paper.authors, *filter(None, (paper.comment, paper.journal_ref, paper.doi))]
    assert all(0 < len(detail) <= LONGEST_DETAIL for detail in details)
    assert all(" ".join(text.split()) == text for text in (paper.title, paper.abstract, *details))
    assert all(when.tzinfo is UTC and when.year in YEARS for when in (paper.published, paper.updated))


def _check_what_was_left_out(answer: Answer, page: Page) -> None:
    assert page.received == len(answer.entries)
    assert page.total == 4321
    read = {str(paper.id): paper for paper in page.papers}
    for entry in answer.entries:
        if not entry.damage:
            assert read[entry.id].title == _repaired(entry.title)
        elif f"<id>http://arxiv.org/abs/{entry.id}</id>" in entry.text and entry.text.count("<id") == 1:
            assert entry.id in read or entry.id in page.damaged


def _repaired(title: str) -> str:
    """feedparser gives `Ã©` as é: it takes that for UTF-8 which somebody before it has read as Latin-1 (`mixin.py`, `pop`)."""
    try:
        return title.encode("latin-1").decode()
    except UnicodeError:
        return title


TARGET = Target(INPUTS, lambda: nullcontext(check))

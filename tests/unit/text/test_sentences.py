"""The bot's own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.digest.model import Badge, DayLine, Intro, Kind, Message, Notice, NoticeKind, Showing
from bot.paper import PaperId
from bot.text import sentences
from tests.unit.samples import PAPER


def test_five_authors_are_named_in_full() -> None:
    paper = replace(PAPER, authors=PAPER.authors[:5])
    assert sentences.authors(paper) == "Ada Lindqvist, Bo Sørensen, Chiara Conti, Dmitri Orlov, Eun-ji Park"


def test_of_more_authors_the_last_one_is_named_too() -> None:
    paper = replace(PAPER, authors=(*PAPER.authors, *["Extra Hand"] * 2993, r"G\"unther Haus"))
    assert sentences.authors(paper) == "Ada Lindqvist, Bo Sørensen, Chiara Conti, Dmitri Orlov … Günther Haus (3,000 authors)"


@pytest.mark.parametrize(
    ("authors", "first"), [((), ""), (("Ada Lindqvist",), "Ada Lindqvist"), (("Ada Lindqvist", "B"), "Ada Lindqvist et al.")]
)
def test_first_author(authors: tuple[str, ...], first: str) -> None:
    assert sentences.first_author(replace(PAPER, authors=authors)) == first


def test_a_title_that_shows_nothing_is_replaced_by_the_id() -> None:
    assert sentences.title(replace(PAPER, title=" \u200b ")) == "2512.06813v1"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (DayLine(date(2025, 12, 9), 5, 2), "**Tue 9 Dec · 5 new · 2 revised**"),
        (DayLine(date(2026, 5, 30), 0, 1), "**Sat 30 May · 1 revised**"),
        (DayLine(date(2026, 3, 1), 1234, 0), "**Sun 1 Mar · 1,234 new**"),
    ],
)
def test_day_line(line: DayLine, shown: str) -> None:
    assert sentences.day_line(line) == shown


@pytest.mark.parametrize(
    ("per_day", "words"),
    [
        (120.4, "about 120 a day"),
        (2.7, "about 3 a day"),
        (1.0, "about one a day"),
        (0.6, "about 4 a week"),
        (0.3, "about 2 a week"),
        (0.14, "about one a week"),
        (0.1, "about 3 a month"),
        (0.033, "about one a month"),
        (0.01, "rarely"),
        (0.0, "rarely"),
    ],
)
def test_how_often(per_day: float, words: str) -> None:
    assert sentences.how_often(per_day) == words


def test_badges_say_why_a_paper_is_shown() -> None:
    revised = replace(PAPER, id=PaperId("2512.06813", 2))
    assert sentences.badge(Showing(PAPER)) == ""
    assert sentences.badge(Showing(revised, Badge.REVISED)) == "Revised · v2"
    assert sentences.badge(Showing(PAPER, Badge.NEWLY_MATCHING)) == "Newly matching"


def test_heading_of_a_list() -> None:
    assert sentences.heading(Message(Kind.LIST, (Showing(PAPER),))) == "1 paper"
    assert sentences.heading(Message(Kind.LIST, (Showing(PAPER),) * 12, away=True)) == "While I was away · 12 papers"


@pytest.mark.parametrize(
    ("kind", "count", "sentence"),
    [
        (NoticeKind.FLOOD, 37, "37 more papers matched at once. They are kept in the backlog, not lost; `/status` shows them."),
        (NoticeKind.FLOOD, 1, "1 more paper matched at once. It is kept in the backlog, not lost; `/status` shows it."),
        (NoticeKind.REVISIONS, 1200, "1,200 papers were revised at once. Their new versions are noted, not posted."),
        (
            NoticeKind.NEWLY_MATCHING,
            9,
            "9 older papers match for the first time. They are kept in the backlog, not lost; `/status` shows them.",
        ),
        (
            NoticeKind.NEWLY_MATCHING,
            1,
            "1 older paper matches for the first time. It is kept in the backlog, not lost; `/status` shows it.",
        ),
    ],
)
def test_notices(kind: NoticeKind, count: int, sentence: str) -> None:
    assert sentences.notice(Notice(kind, count)) == sentence


def test_an_outage_and_its_end() -> None:
    since = datetime(2026, 3, 3, 6, tzinfo=UTC)
    begun = Notice(NoticeKind.OUTAGE, since=since)
    assert sentences.notice(begun) == "arXiv has not answered since <t:1772517600:F>. Nothing is lost; papers come when it does."
    over = replace(begun, until=datetime(2026, 3, 5, 7, tzinfo=UTC))
    assert sentences.notice(over) == (
        "arXiv answers again since <t:1772694000:F>. It had not since <t:1772517600:F>; what came meanwhile follows here."
    )
    assert sentences.notice(replace(over, kind=NoticeKind.PARTING)) == (
        "arXiv did not answer from <t:1772517600:F> to <t:1772694000:F>, when papers stopped coming here."
    )


def test_a_moment_on_a_servers_clocks() -> None:
    assert sentences.local(datetime(2025, 12, 9, 6, tzinfo=UTC), ZoneInfo("Asia/Singapore")) == "Tue 9 Dec 14:00"


NEXT = datetime(2025, 12, 9, 6, tzinfo=UTC)


def test_an_intro_says_what_how_much_and_when() -> None:
    assert sentences.prospects(Intro("cat:cs.LG", 1234, 2.7, NEXT, ())) == (
        "New papers that match this query appear here:\n"
        "```\ncat:cs.LG\n```\n"
        "1,234 papers on arXiv match it; new ones come about 3 a day.\n"
        "Next digest: <t:1765260000:F> (<t:1765260000:R>)"
    )


def test_an_intro_for_a_query_without_hits_promises_the_first() -> None:
    assert "Nothing on arXiv matches yet" in sentences.prospects(Intro("cat:cs.LG", 0, 0, NEXT, ()))


def test_a_long_query_is_cut_and_backticks_stay_inside_their_block() -> None:
    text = sentences.prospects(Intro("ti:```x " + "OR all:word " * 400, 1, 1, NEXT, ()))
    assert len(text) < 1100
    assert text.count("```") == 2


def test_a_changed_query_is_called_so() -> None:
    first, changed = (sentences.following(Intro("cat:cs.LG", 1, 1, NEXT, (), changed)) for changed in (False, True))
    assert first == "Now following arXiv here"
    assert changed == "Now following another query"

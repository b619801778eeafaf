"""What the bot says about papers, digests and outages, before anybody's markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.digest.model import Badge, DayLine, Intro, Kind, Message, Notice, NoticeKind, Showing
from bot.paper import PaperId
from tests.unit.samples import PAPER
from tests.unit.text.test_words import plain


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (DayLine(date(2025, 12, 9), 5, 2), "Tue 9 Dec · 5 new · 2 revised"),
        (DayLine(date(2026, 5, 30), 0, 1), "Sat 30 May · 1 revised"),
        (DayLine(date(2026, 3, 1), 1234, 0), "Sun 1 Mar · 1,234 new"),
    ],
)
def test_day_line(line: DayLine, shown: str) -> None:
    assert line.heading == shown


def test_badges_say_why_a_paper_is_shown() -> None:
    revised = replace(PAPER, id=PaperId("2512.06813", 2))
    assert Showing(PAPER).badge_text == ""
    assert Showing(revised, Badge.REVISED).badge_text == "Revised · v2"
    assert Showing(PAPER, Badge.NEWLY_MATCHING).badge_text == "Newly matching"


def test_heading_of_a_list() -> None:
    assert Message(Kind.LIST, (Showing(PAPER),)).heading == "1 paper"
    assert Message(Kind.LIST, (Showing(PAPER),) * 12, away=True).heading == "While I was away · 12 papers"


@pytest.mark.parametrize(
    ("kind", "count", "sentence"),
    [
        (NoticeKind.FLOOD, 37, "37 more papers matched at once. They are kept in the backlog, not lost; /status shows them."),
        (NoticeKind.FLOOD, 1, "1 more paper matched at once. It is kept in the backlog, not lost; /status shows it."),
        (NoticeKind.REVISIONS, 1200, "1,200 papers were revised at once. Their new versions are noted, not posted."),
        (
            NoticeKind.NEWLY_MATCHING,
            9,
            "9 older papers match for the first time. They are kept in the backlog, not lost; /status shows them.",
        ),
        (
            NoticeKind.NEWLY_MATCHING,
            1,
            "1 older paper matches for the first time. It is kept in the backlog, not lost; /status shows it.",
        ),
    ],
)
def test_notices(kind: NoticeKind, count: int, sentence: str) -> None:
    assert plain(Notice(kind, count).words) == sentence


def test_an_outage_and_its_end() -> None:
    since = datetime(2026, 3, 3, 6, tzinfo=UTC)
    begun = Notice(NoticeKind.OUTAGE, since=since)
    assert plain(begun.words) == (
        "arXiv has given no usable answer since Tue 3 Mar 2026 14:00. Nothing is lost; papers come when it does."
    )
    over = replace(begun, until=datetime(2026, 3, 5, 7, tzinfo=UTC))
    assert plain(over.words) == (
        "arXiv answers again since Thu 5 Mar 2026 15:00. It had not since Tue 3 Mar 2026 14:00; what came meanwhile follows here."
    )
    assert plain(replace(over, kind=NoticeKind.PARTING).words) == (
        "arXiv did not answer from Tue 3 Mar 2026 14:00 to Thu 5 Mar 2026 15:00, when papers stopped coming here."
    )


NEXT = datetime(2025, 12, 9, 6, tzinfo=UTC)


def test_an_intro_says_what_how_much_and_when() -> None:
    assert plain(Intro("cat:cs.LG", 1234, 2.7, NEXT, ()).words) == (
        "New papers that match this query appear here:\n"
        "  cat:cs.LG\n"
        "1,234 papers on arXiv match it; new and revised ones come about 3 a day.\n"
        "Next digest: Tue 9 Dec 2025 14:00"
    )


def test_an_intro_for_a_query_without_hits_promises_the_first() -> None:
    assert "Nothing on arXiv matches yet" in plain(Intro("cat:cs.LG", 0, 0, NEXT, ()).words)


def test_a_changed_query_is_called_so() -> None:
    first, changed = (Intro("cat:cs.LG", 1, 1, NEXT, (), changed).heading for changed in (False, True))
    assert first == "Now following arXiv here"
    assert changed == "Now following another query"

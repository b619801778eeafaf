"""The text that stands in for a refused embed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given

from bot.delivery.embeds import links_in, versioned_links
from bot.delivery.fallback import without_embed
from bot.digest.model import Badge, DayLine, Intro, Kind, Message, Notice, NoticeKind, Showing, Shown
from bot.paper import PaperId
from tests.unit.samples import PAPER, messages


def test_a_card_without_its_embed() -> None:
    assert without_embed(Message(Kind.CARD, (Showing(PAPER),), DayLine(date(2025, 12, 9), 1, 0))) == (
        "**Tue 9 Dec · 1 new**\n"
        "**Sodium ions in Na₃PS₄ glass at 50% strain**\n"
        "Ada Lindqvist, Bo Sørensen, Chiara Conti, Dmitri Orlov … Femi Adeyemi (6 authors)\n"
        "<https://arxiv.org/abs/2512.06813v1>"
    )


def test_an_edited_list_without_its_embed_marks_what_is_revised() -> None:
    revised = Showing(replace(PAPER, id=PaperId("2512.06813", 2), title="Second"), Badge.REVISED)
    shown = (Showing(replace(PAPER, title="First")), revised)
    assert without_embed(Message(Kind.EDIT, shown, edits=Shown(1, 2, Kind.LIST, shown, away=True))) == (
        "**While I was away · 2 papers**\n"
        "1. First <https://arxiv.org/abs/2512.06813v1>\n"
        "2. Second (Revised · v2) <https://arxiv.org/abs/2512.06813v2>"
    )


def test_an_intro_without_its_embed_ends_with_the_newest_titles() -> None:
    intro = Intro("cat:cs.LG", 3, 0.3, datetime(2025, 12, 9, tzinfo=UTC), (Showing(PAPER),))
    text = without_embed(Message(Kind.INTRO, intro=intro))
    assert text.startswith("**Now following arXiv here**\n")
    assert text.endswith("\n1. Sodium ions in Na₃PS₄ glass at 50% strain <https://arxiv.org/abs/2512.06813v1>")


def test_a_notice_without_its_embed_names_commands_and_times_as_discord_writes_them() -> None:
    assert without_embed(Message(Kind.NOTICE, notice=Notice(NoticeKind.FLOOD, 37))).endswith("; `/status` shows them.")
    outage = Notice(NoticeKind.OUTAGE, since=datetime(2026, 3, 3, 6, tzinfo=UTC))
    assert "since <t:1772517600:F>." in without_embed(Message(Kind.NOTICE, notice=outage))


def test_fifteen_long_titles_share_the_room_beside_their_links_and_the_day_line() -> None:
    papers = [replace(PAPER, id=PaperId(f"2512.{number:05}", 1), title="A_long title " * 50) for number in range(15)]
    text = without_embed(Message(Kind.LIST, tuple(map(Showing, papers)), DayLine(date(2025, 12, 9), 15, 0)))
    assert 1800 < len(text) <= 2000
    assert links_in(text, []) == {paper.id.abs_url for paper in papers}


def test_one_long_title_fills_what_its_card_leaves() -> None:
    message = Message(Kind.CARD, (Showing(replace(PAPER, title="word " * 900)),), DayLine(date(2025, 12, 9), 15, 0))
    assert 1990 < len(without_embed(message)) <= 2000


@given(messages)
def test_every_paper_is_linked_within_discords_limit(message: Message) -> None:
    text = without_embed(message)
    assert 0 < len(text.strip()) <= 2000
    assert links_in(text, []) == versioned_links(message)

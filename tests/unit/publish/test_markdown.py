"""What a reader of the rendered file sees. The renderer is CommonMark's rules, with HTML let through as GitHub does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.publish.markdown import MOST, prose, section
from bot.storage.digests import Listing
from bot.text.prose import legible
from tests.papers import NOON, paper

SINGAPORE = ZoneInfo("Asia/Singapore")
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
SIGNS = "`*_{}[]()<>#+-.!|~&;:'\"/=^@ ab1\u00e9"


def of(*new: int, revised: tuple[int, ...] = (), held_back: int = 0) -> Listing:
    return Listing(tuple(paper(n) for n in new), tuple(paper(n, 2) for n in revised), held_back, NOON)


def written(listing: Listing, zone: ZoneInfo = SINGAPORE) -> str:
    return section(listing, NOON + timedelta(seconds=22), zone)


def test_an_entry_has_its_fields_in_this_order() -> None:
    assert written(of(7)).split("\n\n") == [
        "## New Papers (1)",
        "*Last updated: 2026-03-10 20:00:22 (SGT)*",
        "### 1. Invented alloys, part 7",
        "**Authors:** Ada Example, Bo Sample",
        "**Published:** 2026-03-08",
        "**Category:** cond-mat.mtrl-sci",
        "**ID:** 2603.00007v1",
        "**Link:** [https://arxiv.org/abs/2603.00007v1](https://arxiv.org/abs/2603.00007v1)",
        "**Summary:** We imagine an alloy. It is light. It is strong.",
        "---",
    ]


def test_new_and_revised_papers_are_told_apart_and_counted() -> None:
    text = written(of(1, 2, revised=(3,)))
    new, revised = text.split("## Revised Papers (1)")
    assert "## New Papers (2)" in new
    assert [line for line in new.splitlines() if line.startswith("### ")] == [
        "### 1. Invented alloys, part 1",
        "### 2. Invented alloys, part 2",
    ]
    assert "### 1. Invented alloys, part 3" in revised
    assert "**ID:** 2603.00003v2" in revised


def test_a_quiet_day_says_so() -> None:
    text = written(of())
    assert text.startswith("## New Papers (0)\n\n*Last updated: ")
    assert text.endswith("No new papers in the digest of Tue 10 Mar 2026.")


def test_before_the_first_digest_nothing_is_claimed() -> None:
    assert written(Listing((), (), 0, None)).endswith("No digest has been made yet.")


def test_what_was_held_back_is_said() -> None:
    assert "\n\n219 more matched all at once and are kept in the backlog; `/status` in Discord shows them.\n\n###" in written(
        of(1, held_back=219)
    )


def test_hundreds_of_revisions_are_counted_not_listed() -> None:
    text = written(of(revised=tuple(range(1, MOST + 278))))
    assert text.count("### ") == MOST
    assert text.endswith("… and 277 more.")


@pytest.mark.parametrize(
    ("zone", "month", "name"),
    [
        ("Europe/Berlin", 1, "CET"),
        ("Europe/Berlin", 7, "CEST"),
        ("Asia/Singapore", 7, "SGT"),
        ("Asia/Dubai", 7, "UTC+04"),
        ("UTC", 7, "UTC"),
    ],
)
def test_the_time_names_its_zone(zone: str, month: int, name: str) -> None:
    text = section(of(), datetime(2025, month, 1, 12, tzinfo=UTC), ZoneInfo(zone))
    assert f" ({name})*\n" in text


@given(st.text(alphabet=SIGNS, max_size=30))
@example("<script>alert(1)</script> <!-- ARXIV_PAPERS_END -->")
@example("R&D &copy; &#60;b>")
@example("**bold** _it_ `code` [link](https://example.org) ![image](x) ~~gone~~ C #")
def test_a_title_reads_as_its_author_wrote_it(source: str) -> None:
    """Without dollars and backslashes, which may be TeX."""
    title = " ".join(source.split())
    rendered = READER.render(f"### 1. {prose(title)}")
    assert unescape(rendered.removeprefix("<h3>").removesuffix("</h3>\n")) == f"1. {legible(title)}".strip()
    assert rendered.count("<") == 2


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Bounds on $a_{i}*b_{j}*c$ in *one* step", r"Bounds on $a_{i}*b_{j}*c$ in \*one\* step"),
        ("$$x_1 < y_1$$ and more_less", r"$$x_1 < y_1$$ and more\_less"),
        ("$a_1$ $b_1$", "$a_1$ $b_1$"),
        ("below $E_{hull}<0.1$ eV", "below $E_{hull}<0.1$ eV"),
        ("from $5 to $10 a piece", r"from \$5 to \$10 a piece"),
        (r"Schr\"odinger's \emph{cat}", "Schrödinger's cat"),
        (r"at \(x_1\)", "at x₁"),
        ("$x<script>y_1$", "$x< script>y_1$"),
        ("$x_1<!-- ARXIV_PAPERS_END -->$", "$x_1< !-- ARXIV_PAPERS_END -->$"),
        ("see https://example.org/a_b_c#d, then <i>", "see https://example.org/a_b_c#d, then &lt;i&gt;"),
        ("two\nlines\u202e", "two lines"),
    ],
)
def test_tex_stays_tex_where_it_is_typeset(source: str, expected: str) -> None:
    assert prose(source) == expected


def test_what_an_author_left_out_leaves_no_hole() -> None:
    bare = paper(1, title="\u200b", authors=(), categories=(), abstract="")
    text = section(Listing((bare,), (), 0, NOON), NOON, SINGAPORE)
    assert "### 1. 2603.00001v1\n" in text
    assert "**Authors:** not given\n" in text
    assert "**Category:** not given\n" in text
    assert "**Summary:** not given\n" in text

"""A page of the newest papers: what it says, that Discord takes it whatever arXiv sent, and who may share it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.paper import Paper
from bot.query import lint
from cogs.latest.service import Page, Spot
from cogs.latest.view import BUTTON, buttons, render
from tests.papers import paper
from tests.unit.samples import papers, texts

NOW = datetime(2026, 3, 10, 12, 30, tzinfo=UTC)
PAGE = Page(
    spot=Spot("a1B2c3D4e5F_", 5, 5),
    query="(cat:cs.LG AND ti:alloy)",
    papers=tuple(paper(number) for number in range(6, 11)),
    known=50,
    total=1234,
    as_of=datetime(2026, 3, 10, 6, 2, tzinfo=UTC),
    now=NOW,
    zone=ZoneInfo("Asia/Singapore"),
    stale=False,
    hints=(),
)
EMPTY = replace(PAGE, papers=(), known=0, total=0, spot=Spot("a1B2c3D4e5F_", 0, 5))


def footer(page: Page) -> str | None:
    return render(page).embeds[-1].footer.text


def button_states(view: discord.ui.View | None) -> dict[str | None, bool]:
    """Label to whether it can be pressed."""
    assert view is not None
    return {button.label: not button.disabled for button in view.children if isinstance(button, discord.ui.Button)}


def custom_ids(view: discord.ui.View | None) -> list[str]:
    assert view is not None
    return [button.custom_id or "" for button in view.children if isinstance(button, discord.ui.Button)]


class TestWords:
    def test_where_in_the_answer_one_is_and_how_old_it_is(self) -> None:
        content = render(PAGE).content
        assert "6–10 of 1,234" in content
        assert f"<t:{int(PAGE.as_of.timestamp())}:t>" in content
        assert "(cat:cs.LG AND ti:alloy)" in content

    def test_the_footer_is_in_the_servers_zone(self) -> None:
        assert footer(PAGE) == "arXiv as of 14:02"

    def test_the_footer_names_another_day(self) -> None:
        assert footer(replace(PAGE, now=NOW + timedelta(hours=4))) == "arXiv as of 2026-03-10 14:02"

    def test_only_the_last_embed_has_a_footer(self) -> None:
        assert [embed.footer.text for embed in render(PAGE).embeds[:-1]] == [None] * 4

    def test_a_compact_card(self) -> None:
        one = paper(7, 3, title="Light alloys at $10^{3}$ K")
        (embed,) = render(replace(PAGE, papers=(one,))).embeds
        assert embed.title == "Light alloys at 10³ K"
        assert embed.url == one.id.abs_url
        about, _, abstract = (embed.description or "").partition("\n")
        assert about == f"Ada Example et al. · **cond-mat.mtrl-sci** · v3, <t:{int(one.updated.timestamp())}:D>"
        assert abstract == "We imagine an alloy. It is light. It is strong."

    def test_arxiv_did_not_answer(self) -> None:
        content = render(replace(PAGE, stale=True)).content
        assert content.startswith("arXiv does not answer; this is what was known at <t:")

    def test_nothing_matches(self) -> None:
        reply = render(EMPTY)
        assert reply.content.startswith("Nothing on arXiv matches this query, as of <t:")
        assert reply.embeds == ()
        assert buttons(EMPTY) is None

    def test_the_last_page_says_that_arxiv_has_more(self) -> None:
        last = replace(PAGE, spot=replace(PAGE.spot, start=45))
        assert "The pages end here, with the newest 50." in render(last).content
        assert "pages end" not in render(PAGE).content
        assert "pages end" not in render(replace(last, total=50)).content

    def test_what_arxiv_would_misread_is_for_who_asked(self) -> None:
        page = replace(PAGE, hints=lint("all:alloy and cat:cs.LH"))
        private, public = render(page).content, render(page, shared_by=42).content
        assert "```\n⚠️ arXiv looks for and as a word" in private
        assert "\n⚠️ cs.LH is not an active category of arXiv. Did you mean cat:cs.LO" in private
        assert "⚠️" not in public

    def test_a_shared_page_names_who_shared_it(self) -> None:
        assert render(PAGE, shared_by=42).content.startswith("Shared by <@42>\n")


class TestButtons:
    async def test_first_middle_and_last_page(self) -> None:
        first, last = (replace(PAGE, spot=replace(PAGE.spot, start=start)) for start in (0, 45))
        assert button_states(buttons(first)) == {"Newer": False, "Older": True, "Refresh": True, "Share here": True}
        assert button_states(buttons(PAGE)) == {"Newer": True, "Older": True, "Refresh": True, "Share here": True}
        assert button_states(buttons(last)) == {"Newer": True, "Older": False, "Refresh": True, "Share here": True}

    async def test_a_shared_page_is_not_shared_again(self) -> None:
        assert button_states(buttons(PAGE, shared=True))["Shared"] is False

    async def test_each_button_says_what_it_leads_to(self) -> None:
        found = [re.fullmatch(BUTTON, custom_id) for custom_id in custom_ids(buttons(PAGE))]
        assert [match and (match["verb"], match["start"], match["count"]) for match in found] == [
            ("page", "0", "5"),
            ("page", "10", "5"),
            ("refresh", "5", "5"),
            ("share", "5", "5"),
        ]

    @pytest.mark.parametrize("numbers", ["0:0", "0:11", "0:400", f"{'9' * 20}:5", "-1:5"])
    def test_numbers_that_no_button_has_are_not_answered(self, numbers: str) -> None:
        assert re.fullmatch(BUTTON, f"latest:page:AAAAAAAAAAAA:{numbers}") is None

    @given(start=st.integers(0, 49), count=st.integers(1, 10))
    async def test_discord_refuses_equal_custom_ids(self, start: int, count: int) -> None:
        found = custom_ids(buttons(replace(PAGE, spot=Spot("a1B2c3D4e5F_", start, count))))
        assert len(set(found)) == 4

    async def test_discord_py_does_not_keep_the_view(self) -> None:
        view = buttons(PAGE)
        assert view is not None
        assert view.is_finished()


MARKUP = lint(" OR ".join([f"cat:x{'_*' * 240}"] * 4))


@settings(max_examples=30, deadline=None)
@given(st.lists(papers, min_size=1, max_size=10, unique_by=lambda each: each.id), texts, st.booleans())
def test_every_limit_holds(found: list[Paper], query: str, stale: bool) -> None:
    page = replace(PAGE, papers=tuple(found), query=query, stale=stale, hints=MARKUP)
    assert len(render(page).content) <= 2000
    reply = render(page, shared_by=2**64 - 1)
    assert len(reply.content) <= 2000
    assert sum(len(embed) for embed in reply.embeds) <= 6000
    assert all(0 < len((embed.title or "").strip()) <= 256 for embed in reply.embeds)
    assert len({embed.url for embed in reply.embeds}) == len(found)


def longest(numbers: Iterable[int]) -> list[Paper]:
    words: dict[str, Any] = {
        "title": "_`*" * 200,
        "abstract": "_*` " * 900,
        "authors": ("*" * 90, "B"),
        "categories": ("_" * 90,),
    }
    return [paper(number, 120, **words) for number in numbers]


def test_ten_papers_of_nothing_but_markup_fit() -> None:
    reply = render(replace(PAGE, papers=tuple(longest(range(10)))))
    assert 4000 < sum(len(embed) for embed in reply.embeds) <= 6000

"""What is suggested while a query is typed."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cogs.setquery.completion import LONGEST, MOST, complete, in_full

EARLIER = ["cat:cs.LG AND all:diffusion", "ti:moss"]
LONG = " OR ".join(f"all:lichen{number}" for number in range(20))


def values(typed: str, *earlier: str) -> list[str]:
    return [each.value for each in complete(typed, earlier)]


def names(typed: str, *earlier: str) -> dict[str, str]:
    return {each.value: each.name for each in complete(typed, earlier)}


def test_nothing_typed_yet_earlier_queries_come_first_then_the_fields() -> None:
    offered = values("", *EARLIER)
    assert offered[:4] == [*EARLIER, "ti:", "abs:"]
    assert names("")["au:"] == "au: · an author"


def test_what_was_typed_stays_in_front() -> None:
    assert values("ti:moss AND a") == ["ti:moss AND a", "ti:moss AND abs:", "ti:moss AND all:", "ti:moss AND au:"]


def test_a_category_is_found_by_its_id_and_by_its_name() -> None:
    assert names("all:x AND (cat:cond-mat.m")["all:x AND (cat:cond-mat.mtrl-sci"] == (
        "all:x AND (cat:cond-mat.mtrl-sci · Materials Science"
    )
    assert "cat:stat.ML" in values("cat:machine")
    assert "cat:cs.LG" in values("CAT:CS.L")


def test_after_a_term_the_next_field_needs_an_operator() -> None:
    assert "ti:moss AND au:" in values("ti:moss ")
    assert "ti:moss OR au:" in values("ti:moss OR ")
    assert "(ti:moss) AND au:" in values("(ti:moss)")
    assert "(au:" in values("(")


def test_inside_a_phrase_nothing_is_suggested() -> None:
    assert values('ti:"moss a') == ['ti:"moss a']


def test_earlier_queries_are_those_that_begin_as_typed() -> None:
    assert values("CAT:cs.LG", *EARLIER)[:2] == ["CAT:cs.LG", "cat:cs.LG AND all:diffusion"]
    assert "ti:moss" not in values("cat:", *EARLIER)


def test_an_earlier_query_too_long_for_discord_is_offered_short_and_kept_whole() -> None:
    (short,) = [value for value in values("all:lichen0", LONG) if value.endswith("…")]
    assert len(short) == LONGEST
    assert in_full(short, [*EARLIER, LONG]) == LONG
    assert in_full("ti:something…", [LONG]) == "ti:something…"
    assert in_full("ti:moss", EARLIER) == "ti:moss"


_words = st.sampled_from(["cat:", "cat:c", "AND ", "(", '"', "ti:moss ", "a", " ", "é" * 60, "…"])


@given(st.lists(_words, max_size=12).map("".join), st.lists(st.text(min_size=1, max_size=300), max_size=30))
def test_discords_limits_hold_for_anything_typed(typed: str, earlier: list[str]) -> None:
    offered = complete(typed, earlier)
    assert len(offered) <= MOST
    assert all(1 <= len(each.name) <= LONGEST and 1 <= len(each.value) <= LONGEST for each in offered)
    assert len({each.value for each in offered}) == len(offered)
    before_the_word = re.sub(r"[^\s()]*$", "", typed).rstrip().lower()
    assert all(each.value.lower().startswith(before_the_word) for each in offered)

"""What is wrong with a query, for the person who typed it."""

from __future__ import annotations

from bot.delivery.mistakes import hints, mistake
from bot.errors import QuerySyntaxError, QueryTooLong
from bot.query import lint


def test_what_where_and_what_instead() -> None:
    error = QuerySyntaxError("tl:moss", 0, 'There is no field "tl".', "Did you mean ti:?")
    assert mistake(error) == 'There is no field "tl".\n```\ntl:moss\n^\n```\nDid you mean ti:?'


def test_the_caret_stays_on_a_phones_screen() -> None:
    error = QuerySyntaxError(f"{'all:fern OR ' * 150}tl:moss{' OR all:fern' * 9}", 1800, "A problem.", "A remedy.")
    lines = mistake(error).splitlines()
    assert max(map(len, lines)) <= 38
    assert lines[2][lines[3].index("^") :].startswith("tl:moss")


def test_only_who_follows_a_query_can_spread_it() -> None:
    error = QueryTooLong("x" * 2001, 2000, "This query has 2,001 characters.", "Shorten it to 2,000.")
    assert mistake(error).endswith("```\nShorten it to 2,000.")
    assert mistake(error, followed=True).endswith("```\nShorten it to 2,000. Or spread it over two channels.")


def test_a_hint_is_one_line_that_reads_as_it_was_typed() -> None:
    assert hints(lint("a_b -c*_d*")) == ("⚠️ arXiv ignores the - before c\\*\\_d\\*. Write ANDNOT c\\*\\_d\\* to exclude it.")


def test_three_hints_at_most_and_none_too_long() -> None:
    lines = hints(lint(" OR ".join(["cat:" + "_" * 400 + "x"] * 4))).splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 282


def test_nothing_to_hint_at() -> None:
    assert hints(()) == ""

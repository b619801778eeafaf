"""Reading arXiv's grammar, with the precedence people expect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QuerySyntaxError
from bot.query import MAX_DEPTH, MAX_LENGTH, lint, parse

_pieces = st.sampled_from(
    [
        "a",
        "AND",
        "OR",
        "NOT",
        "ANDNOT",
        "(",
        ")",
        '"',
        "“",
        "ti:",
        "au:x_y",
        "foo:",
        "cat:cs",
        "submittedDate:",
        "[2025 TO 2026]",
        "\\",
    ]
)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("electron", "all:electron"),
        ('"quantum dot"', 'all:"quantum dot"'),
        ("a AND b OR c", "((all:a AND all:b) OR all:c)"),
        ("a OR b AND c", "(all:a OR (all:b AND all:c))"),
        ("a ANDNOT b AND c", "((all:a ANDNOT all:b) AND all:c)"),
        ("a AND b ANDNOT c OR d", "(((all:a AND all:b) ANDNOT all:c) OR all:d)"),
        ("a AND NOT b", "(all:a ANDNOT all:b)"),
        ("a NOT b", "(all:a ANDNOT all:b)"),
        ("a b", "(all:a OR all:b)"),
        ("a b AND c", "(all:a OR (all:b AND all:c))"),
        ("(a)(b)", "(all:a OR all:b)"),
        ('foo"x y"', '(all:foo OR all:"x y")'),
        ("ti:machine learning", "(ti:machine OR all:learning)"),
        ("ti:(a OR b)", "(ti:a OR ti:b)"),
        ("ti:(a AND au:b AND (c OR d))", "(ti:a AND au:b AND (ti:c OR ti:d))"),
        ("all:(ti:(a))", "ti:a"),
        ("(a)AND(b)", "(all:a AND all:b)"),
        ("ti:ANDROID OR ORB", "(ti:ANDROID OR all:ORB)"),
        ('ti:"AND"', 'ti:"AND"'),
        ("all:10.1000/xyz", "all:10.1000/xyz"),
        ("all:foo:bar", "all:foo:bar"),
        ("cat:cs.* OR cat:cs.?I", "(cat:cs.* OR cat:cs.?I)"),
        ("“materials design”", 'all:"materials design"'),
        (
            "id:2512.06813 OR rn:CERN-1 OR jr:nature OR co:ICML OR doi:10.1/x",
            "(id:2512.06813 OR rn:CERN-1 OR jr:nature OR co:ICML OR doi:10.1/x)",
        ),
    ],
)
def test_reading(typed: str, read: str) -> None:
    assert str(parse(typed)) == read


def refusal(text: str) -> QuerySyntaxError | None:
    try:
        parse(text)
        lint(text)
    except QuerySyntaxError as error:
        return error
    return None


@given(st.text() | st.lists(_pieces).map(" ".join) | st.lists(_pieces).map("".join))
def test_any_text_is_a_query_or_a_syntax_error_that_points_into_it(text: str) -> None:
    if error := refusal(text):
        assert error.text == text
        assert 0 <= error.position <= len(text)
        assert error.problem.endswith(".")
        assert error.remedy.endswith((".", "?"))


def test_the_deepest_query_allowed_reads_back() -> None:
    text = "(a AND " * (MAX_DEPTH // 2 - 1) + "(b OR c)" + ")" * (MAX_DEPTH // 2 - 1)
    assert parse(str(parse(text))) == parse(text)
    assert str(parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)) == "all:a"


def test_the_longest_query_allowed_is_read() -> None:
    word = "x" * (MAX_LENGTH - len("all:"))
    assert str(parse(f"all:{word}")) == f"all:{word}"

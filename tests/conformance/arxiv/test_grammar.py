"""How arXiv reads a query, row by row as its own source does (arXiv/arxiv-search at 764d7eb)."""

from __future__ import annotations

import pytest

from sandbox.arxiv.grammar import InvalidQueryError, adapt, parse


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("machine learning", "all:machine OR all:learning"),
        ('"machine learning"', 'all:"machine learning"'),
        ("ti:a b c", "ti:a OR all:b OR all:c"),
        ("ti:(a b)", "(ti:a OR ti:b)"),
        ("ti:(a AND b) OR c", "(ti:a AND ti:b) OR all:c"),
        ("ti:((a AND b) c)", "( (ti:a AND ti:b) OR ti:c)"),
        ("cat:(cs.LG cs.AI)", "(cat:cs.LG OR cat:cs.AI)"),
        ("ti:a and ti:b", "ti:a OR all:and OR ti:b"),
        ("a AND NOT b", "all:a ANDNOT all:b"),
        ("NOT a", "ANDNOT all:a"),
        ("a OR NOT b", "all:a ANDNOT all:b"),
        ("a AND AND b", "all:a AND all:b"),
        ("grp:cs", "all:grp:cs"),
        ("title:a", "ti:a"),
        ("cat:cs.LG OR cs.AI", "cat:cs.LG OR all:cs.AI"),
        ("a\nb", "all:a OR all:b"),
        ('ti:"a', "ti:a"),
        ("a AND au:", "all:a AND"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_what_was_typed_is_shown_in_the_strict_form(typed: str, shown: str) -> None:
    assert adapt(typed) == shown


@pytest.mark.parametrize(
    ("typed", "evaluated"),
    [
        ("ti:a b c", "ti:a OR (all:b OR all:c)"),
        ("ti:a AND ti:b OR ti:c", "ti:a AND (ti:b OR ti:c)"),
        ("ti:a OR ti:b AND ti:c", "ti:a OR (ti:b AND ti:c)"),
        ("ti:a ANDNOT ti:b OR ti:c", "ti:a ANDNOT (ti:b OR ti:c)"),
        ("ti:a AND ti:b ANDNOT ti:c AND ti:d", "ti:a AND (ti:b ANDNOT (ti:c AND ti:d))"),
        ("(ti:a AND ti:b) OR ti:c", "(ti:a AND ti:b) OR ti:c"),
        ("ANDNOT ti:a AND ti:b", "ANDNOT (ti:a AND ti:b)"),
        ("ti:(a AND b) OR c", "(ti:a AND ti:b) OR all:c"),
    ],
)
def test_without_parentheses_everything_to_the_right_belongs_together(typed: str, evaluated: str) -> None:
    assert str(parse(adapt(typed))) == evaluated


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("au:del_maestro", 'au:"del maestro"'),
        ("cat:cs.LG AND au:del_maestro", "cat:cs.LG AND au:del_maestro"),
        ("all:a_b AND au:smith", 'all:a_b AND au:"a b"'),
        ("au:a_b AND au:c_d", 'au:"a b" AND au:c_d'),
    ],
)
def test_an_underscore_in_a_name_counts_only_in_the_first_term(typed: str, shown: str) -> None:
    assert adapt(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("submittedDate:[202501010000 TO 202501312359]", 'submittedDate:"202501010000 TO 202501312359"'),
        ("submittedDate:[2025 TO 2025]", 'submittedDate:"202501010000 TO 202512312359"'),
        ("submittedDate:[202402 TO 202402]", 'submittedDate:"202402010000 TO 202402292359"'),
        ("submittedDate:[20250101 TO 20250131]", 'submittedDate:"202501010000 TO 202501312359"'),
        ("lastUpdatedDate:[2025 TO 2025]", 'submittedDate:"202501010000 TO 202512312359"'),
        ("submittedDate:[2025 TO *]", "submittedDate:[2025 OR all:TO OR all:*]"),
    ],
)
def test_dates_are_filled_up_and_always_the_first_submission(typed: str, shown: str) -> None:
    assert adapt(typed) == shown


@pytest.mark.parametrize("typed", ["(ti:a", "ti:a)", "a AND", "AND a", "ti:AND", "()"])
def test_what_arxiv_cannot_parse_is_named(typed: str) -> None:
    with pytest.raises(InvalidQueryError, match=r"^Invalid query string: '"):
        parse(adapt(typed))

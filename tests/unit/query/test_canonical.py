"""Canonical text: one spelling for one meaning, and one that arXiv reads as we do."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given

from bot.query import MAX_LENGTH, Query, clauses, parse
from bot.query.nodes import And, AndNot, Dates, Field, Operator, Or, Term, join
from tests.unit.query.samples import queries


@given(queries)
def test_canonical_text_reads_back_as_the_same_query(query: Query) -> None:
    assume(len(str(query)) <= MAX_LENGTH)
    assert parse(str(query)) == query
    assert str(parse(str(query))) == str(query)


def read_as_arxiv_does(text: str) -> Query:
    """arXiv's grammar on canonical text: `expression operator expression`, the right one taken as far as it goes."""
    tokens = re.findall(r'[A-Za-z]+:(?:"[^"]*"|\[[^\]]*\]|[^\s"()]+)|[()]|ANDNOT|AND|OR', text)

    def expression() -> Query:
        if tokens[0] == "(":
            tokens.pop(0)
            left = expression()
            assert tokens.pop(0) == ")"
        else:
            left = parse(tokens.pop(0))
        if not tokens or tokens[0] == ")":
            return left
        return join(Operator(tokens.pop(0)), left, expression())

    return expression()


@given(queries)
def test_arxiv_without_precedence_reads_the_same_tree(query: Query) -> None:
    assume(len(str(query)) <= MAX_LENGTH)
    assert read_as_arxiv_does(str(query)) == query


@pytest.mark.parametrize(
    "text",
    [
        "ti:a AND ti:b",
        "  ti:a   AND\n ti:b ",
        "(ti:a AND ti:b)",
        "((ti:a) AND ((ti:b)))",
        "title:a AND TI:b",
        "ti: a AND ti:b",
        "ti:(a AND b)",
    ],
)
def test_trivially_equal_queries_share_one_text(text: str) -> None:
    assert str(parse(text)) == "(ti:a AND ti:b)"


def test_every_compound_has_its_parentheses_and_chains_share_one_pair() -> None:
    assert str(parse("a AND b AND c")) == "(all:a AND all:b AND all:c)"
    assert str(parse("a AND (b AND c)")) == "(all:a AND all:b AND all:c)"
    assert str(parse("a OR b OR c AND d")) == "(all:a OR all:b OR (all:c AND all:d))"
    assert str(parse("a ANDNOT b ANDNOT c")) == "((all:a ANDNOT all:b) ANDNOT all:c)"


def test_an_underscored_author_is_sent_as_a_phrase() -> None:
    assert str(parse("cat:cs.LG AND au:del_maestro")) == '(cat:cs.LG AND au:"del maestro")'
    assert parse('au:"del_maestro"') == parse("au:del_maestro") == parse('au:"del maestro"')


def test_quotes_around_a_category_change_nothing_unless_they_hide_a_keyword() -> None:
    assert str(parse('cat:"cs.LG"')) == "cat:cs.LG"
    assert str(parse('cat:"AND" OR cat:"ti:x"')) == '(cat:"AND" OR cat:"ti:x")'


def test_space_inside_a_phrase_is_collapsed() -> None:
    assert str(parse('"  materials \n design "')) == 'all:"materials design"'


def test_queries_are_hashable_values() -> None:
    assert len({parse("a OR b"), parse("(all:a) OR (all:b)"), parse("a AND b")}) == 2


def test_clauses_are_what_every_paper_must_fulfil() -> None:
    assert [str(clause) for clause in clauses(parse("cat:cs.LG AND (a OR b) AND c"))] == [
        "cat:cs.LG",
        "(all:a OR all:b)",
        "all:c",
    ]
    assert clauses(parse("a OR b")) == (parse("a OR b"),)
    assert clauses(parse("a ANDNOT b")) == (parse("a ANDNOT b"),)


def test_every_kind_of_node_is_a_query() -> None:
    term = Term(Field.ALL, "a")
    found = parse("submittedDate:[2024 TO 2024]")
    assert all(isinstance(node, Query) for node in (term, And((term, term)), Or((term, term)), AndNot(term, term), found))
    assert isinstance(found, Dates)

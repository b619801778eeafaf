"""A form filled in becomes a query that parses and means what was filled in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QuerySyntaxError
from bot.query import parse
from cogs.setquery.form import QueryForm


def test_fields_are_joined_by_and_and_what_is_in_one_by_or() -> None:
    form = QueryForm("inverse design, perovskite", "cs.LG", "Ada Lovelace; Noether", "survey\nreview article")
    assert form.text() == (
        '(all:"inverse design" OR all:perovskite) AND cat:cs.LG AND (au:"Ada Lovelace" OR au:Noether) '
        'ANDNOT (all:survey OR all:"review article")'
    )
    assert str(parse(form.text())) == (
        '(((all:"inverse design" OR all:perovskite) AND cat:cs.LG AND (au:"Ada Lovelace" OR au:Noether)) '
        'ANDNOT (all:survey OR all:"review article"))'
    )


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (QueryForm(topics="perovskite"), "all:perovskite"),
        (QueryForm(categories="machine learning"), "(cat:cs.LG OR cat:stat.ML)"),
        (QueryForm(categories="Mathematical Physics"), "cat:math-ph"),
        (QueryForm(categories="cs.LG, cs.LG"), "cat:cs.LG"),
        (QueryForm(topics='"crystal  growth"'), 'all:"crystal growth"'),
        (QueryForm(topics="and"), 'all:"and"'),
        (QueryForm(topics="GNN-based"), 'all:"GNN-based"'),
        (QueryForm(topics=" , ;\n"), ""),
        (QueryForm(without="survey"), ""),
        (QueryForm(), ""),
    ],
)
def test_one_field_after_another(form: QueryForm, text: str) -> None:
    assert form.text() == text


@given(st.builds(QueryForm, *[st.text(max_size=30)] * 4))
def test_whatever_is_typed_it_is_a_query_or_an_error_that_points_into_it(form: QueryForm) -> None:
    assert 0 <= where_it_breaks(form.text()) <= len(form.text())


def where_it_breaks(text: str) -> int:
    try:
        parse(text)
    except QuerySyntaxError as error:
        return error.position
    return 0

"""A form filled in becomes a query that parses and means what was filled in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QuerySyntaxError
from bot.query import parse
from cogs.setquery.form import Wish


def test_fields_are_joined_by_and_and_what_is_in_one_by_or() -> None:
    wish = Wish("inverse design, perovskite", "cs.LG", "Ada Lovelace; Noether", "survey\nreview article")
    assert wish.text() == (
        '(all:"inverse design" OR all:perovskite) AND cat:cs.LG AND (au:"Ada Lovelace" OR au:Noether) '
        'ANDNOT (all:survey OR all:"review article")'
    )
    assert str(parse(wish.text())) == (
        '(((all:"inverse design" OR all:perovskite) AND cat:cs.LG AND (au:"Ada Lovelace" OR au:Noether)) '
        'ANDNOT (all:survey OR all:"review article"))'
    )


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (Wish(topics="perovskite"), "all:perovskite"),
        (Wish(categories="machine learning"), "(cat:cs.LG OR cat:stat.ML)"),
        (Wish(categories="Mathematical Physics"), "cat:math-ph"),
        (Wish(categories="cs.LG, cs.LG"), "cat:cs.LG"),
        (Wish(topics='"crystal  growth"'), 'all:"crystal growth"'),
        (Wish(topics="and"), 'all:"and"'),
        (Wish(topics="GNN-based"), 'all:"GNN-based"'),
        (Wish(topics=" , ;\n"), ""),
        (Wish(without="survey"), ""),
        (Wish(), ""),
    ],
)
def test_one_field_after_another(wish: Wish, text: str) -> None:
    assert wish.text() == text


@given(st.builds(Wish, *[st.text(max_size=30)] * 4))
def test_whatever_is_typed_it_is_a_query_or_an_error_that_points_into_it(wish: Wish) -> None:
    assert 0 <= where_it_breaks(wish.text()) <= len(wish.text())


def where_it_breaks(text: str) -> int:
    try:
        parse(text)
    except QuerySyntaxError as error:
        return error.position
    return 0

"""Hints: what a person is told about a query that can be read but may not mean what they think."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.errors import QuerySyntaxError
from bot.query import MAX_LENGTH, Query, lint, parse
from bot.query.nodes import Field, Term
from tests.unit.query.samples import queries, trees


@pytest.mark.parametrize(
    "text",
    [
        '(cat:cs.LG OR cat:cond-mat.*) AND all:"inverse design"',
        "ti:(machine AND learning) ANDNOT ti:survey",
        "a OR b AND c",
        "a AND b AND c",
        'au:"del maestro"',
        "and",
        "cat:CS.lg AND cat:hep-?h",
        "submittedDate:[2025 TO 2025]",
        "ti:and OR ti:-x",
    ],
)
def test_nothing_to_say(text: str) -> None:
    assert lint(text) == ()


@pytest.mark.parametrize(
    ("text", "place", "says", "advises"),
    [
        (
            "machine learning",
            "learning",
            "only machine or only learning",
            '"machine learning" for the phrase, or machine AND learning',
        ),
        (
            "ti:machine learning",
            "learning",
            "ti: covers only machine",
            'ti:"machine learning" for the phrase, or ti:(machine AND learning)',
        ),
        ("cat:cs.LG ti:diffusion", "ti:", "either is enough", "Write AND between them"),
        ('"a b" "c d"', '"c d"', "either is enough", "Write AND between them"),
        ("(a AND b) c", "c", "either is enough", "Write AND between them"),
        ("ti:a and ti:b", "and", "looks for and as a word", "Write AND in capitals."),
        ("a Or b", "Or", "looks for Or as a word", "Write OR in capitals."),
        ("a AND (b andnot c)", "andnot", "looks for andnot as a word", "Write ANDNOT in capitals."),
        ("a -b", "-b", "ignores the - before b", "Write ANDNOT b"),
        ("a +b", "+b", "ignores the + before b", "Write AND b"),
        ("cat:cs.LG AND au:del_maestro", "au:", "underscore in a name", 'Sent as au:"del maestro".'),
        ("cat:cs.LH", "cat:", "cs.LH is not an active category", "Did you mean cat:cs."),
        ("cat:cond-mat.mtrlsci", "cat:", "not an active category", "Did you mean cat:cond-mat.mtrl-sci (Materials Science)?"),
        ("cat:(cs.LG OR cs)", "cs)", "cs is an archive", "Write cat:cs.* for all of it."),
        ("cat:xy.*", "cat:", "xy.* is not an active category", ""),
        ("cat:zzzzzzzz", "cat:", "not an active category", "https://arxiv.org/category_taxonomy"),
        ("a AND lastUpdatedDate:[2025 TO 2025]", "last", "as submittedDate: the day of the first version", "Remove the range"),
    ],
)
def test_one_hint(text: str, place: str, says: str, advises: str) -> None:
    (hint,) = lint(text)
    assert hint.position == text.index(place)
    assert says in hint.problem
    assert advises in hint.remedy


def test_a_hint_points_and_speaks() -> None:
    (hint,) = lint("ti:a\nand ti:b")
    assert hint.pointer() == "ti:a and ti:b\n     ^"
    assert str(hint) == "arXiv looks for and as a word, and joins it to its neighbours with OR. Write AND in capitals."


def test_mixed_operators_show_both_readings() -> None:
    (hint,) = lint("a AND b OR c")
    assert hint.position == len("a AND b ")
    assert "this is read as ((all:a AND all:b) OR all:c);" in hint.problem
    assert "arXiv alone would read (all:a AND (all:b OR all:c))." in hint.problem


def test_mixed_operators_with_long_operands_say_the_rule() -> None:
    (hint,) = lint(f"ti:{'x' * 200} ANDNOT b AND c")
    assert "AND and ANDNOT bind tighter than OR, from the left" in hint.problem
    assert "xxx" not in hint.problem


def test_a_chain_of_exclusions_is_read_from_the_left() -> None:
    (hint,) = lint("a ANDNOT b ANDNOT c")
    assert "read as ((all:a ANDNOT all:b) ANDNOT all:c)" in hint.problem


def test_a_surname_with_an_initial_gets_the_form_arxiv_knows() -> None:
    (hint,) = lint("au:hinton_g")
    assert hint.remedy == 'Sent as au:"hinton g". For a surname and an initial write au:"hinton, g".'


def test_a_run_of_bare_words_gets_one_hint() -> None:
    assert [hint.position for hint in lint("deep neural network models")] == [5]
    assert [hint.position for hint in lint("(deep network) AND (graph model)")] == [6, 26]


def test_hints_come_in_the_order_of_their_places() -> None:
    assert [hint.position for hint in lint("cat:cs AND x and y AND cat:zz.Q")] == [0, 13, 23]


def test_a_text_that_is_no_query_is_refused() -> None:
    with pytest.raises(QuerySyntaxError):
        lint("(a")


_unremarkable = st.sampled_from([Term(Field.ALL, "a"), Term(Field.TITLE, "b c", True), Term(Field.CATEGORY, "cs.LG")])


@given(trees(_unremarkable))
def test_what_is_sent_leaves_nothing_to_say(query: Query) -> None:
    assume(len(str(query)) <= MAX_LENGTH)
    assert lint(str(query)) == ()


@given(queries)
def test_every_hint_points_into_the_query(query: Query) -> None:
    text = str(query)
    assume(len(text) <= MAX_LENGTH)
    assert all(text[hint.position :].startswith(("cat:", "au:")) for hint in lint(text))
    assert parse(text) == query

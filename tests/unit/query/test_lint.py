"""Hints: what a person is told about a query that can be read but may not mean what they think."""

from __future__ import annotations

from datetime import UTC, datetime

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
        "all:cs.LG OR ti:hep-th",
        '"cs.LG" OR "2603.01043"',
        "id:2603.01043v1",
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
        (
            "cat:cs.XX",
            "cat:",
            "cs.XX is not an active category",
            "Did you mean cat:cs.SY (Systems and Control), cat:cs.SI (Social and Information Networks) or cat:cs.SE (",
        ),
        ("cat:cs.ML", "cat:", "not an active category", "Did you mean cat:stat.ML (Machine Learning), cat:cs.M"),
        ("cat:xy.*", "cat:", "xy.* is not an active category", ""),
        ("cat:zzzzzzzz", "cat:", "not an active category", "https://arxiv.org/category_taxonomy"),
        ("a AND lastUpdatedDate:[2025 TO 2025]", "last", "as submittedDate: the day of the first version", "Remove the range"),
        (
            "cs.LG",
            "cs.LG",
            "cs.LG is a category (Machine Learning); without cat: arXiv looks for it in every",
            "Write cat:cs.LG.",
        ),
        ("CS.lg AND ti:diffusion", "CS", "CS.lg is a category", "Write cat:cs.LG."),
        ("cat:stat.ML OR cs.LG", "cs.LG", "cs.LG is a category", "Write cat:cs.LG."),
        ("ti:moss AND (hep-th OR abs:fern)", "hep", "hep-th is a category", "Write cat:hep-th."),
        ("2603.01043", "2603", "2603.01043 is an arXiv identifier; arXiv looks for it in every field", "Write id:2603.01043 for"),
        ("2603.01043v1", "2603", "2603.01043v1 is an arXiv identifier", "Write id:2603.01043 for this one paper"),
        ("ti:moss OR arxiv.org/abs/2603.01043v2", "arxiv", "is an arXiv identifier", "Write id:2603.01043 for"),
        ("cond-mat/0207270", "cond", "cond-mat/0207270 is an arXiv identifier", "Write all:cond-mat/0207270 for"),
        ("math.GT/0309136v2", "math", "math.GT/0309136v2 is an arXiv identifier", "Write all:math/0309136 for"),
    ],
)
def test_one_hint(text: str, place: str, says: str, advises: str) -> None:
    (hint,) = lint(text)
    assert hint.position == text.index(place)
    assert says in hint.problem
    assert advises in hint.remedy


def test_a_category_beside_a_word_is_not_half_of_a_phrase() -> None:
    category, beside = lint("cs.LG diffusion")
    assert category.remedy == "Write cat:cs.LG."
    assert beside.remedy == "Write AND between them if both are wanted."


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ENDED = "submittedDate:[202001010000 TO 202112312359]"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"cat:cs.LG AND {ENDED}", "submitted"),
        (f"(ti:moss OR {ENDED}) ANDNOT ti:fern", "submitted"),
        ("ti:moss AND submittedDate:[2020 TO 202603101159]", "submitted"),
    ],
)
def test_a_range_that_has_ended_brings_nothing_to_who_follows_it(text: str, place: str) -> None:
    (hint,) = lint(text, NOW)
    assert hint.position == text.index(place)
    assert hint.remedy == "Remove the range, or write an end far enough away: 20991231."
    assert lint(text) == ()


def test_when_a_range_has_ended() -> None:
    (hint,) = lint(ENDED, NOW)
    assert hint.problem == "This range ended on 2021-12-31; no paper submitted from now on is in it."


@pytest.mark.parametrize(
    "text",
    [
        "ti:moss AND submittedDate:[2020 TO 2099]",
        "ti:moss AND submittedDate:[2020 TO 202603101200]",
        f"ti:moss ANDNOT {ENDED}",
        f"ti:moss ANDNOT (ti:fern OR {ENDED})",
    ],
)
def test_a_range_that_new_papers_can_be_in_or_need_not(text: str) -> None:
    assert lint(text, NOW) == ()


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

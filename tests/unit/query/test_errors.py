"""What a person sees when a query cannot be read: what is wrong, where, and what to type instead."""

from __future__ import annotations

import pytest

from bot.errors import QuerySyntaxError
from bot.query import MAX_DEPTH, MAX_LENGTH, parse


def refusal(text: str) -> QuerySyntaxError:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "caret", "says", "advises"),
    [
        ("", "^", "The query is empty.", "cat:cs.LG AND"),
        ("   ", "   ^", "The query is empty.", "cat:cs.LG AND"),
        ("()", "^", "nothing between these parentheses", "Put a term between them"),
        ("a AND ti:( )", "         ^", "nothing between these parentheses", "Put a term between them"),
        ('""', "^", "nothing between these quotation marks", "Put a phrase"),
        ("a AND", "  ^", "ends with AND", "what should follow AND"),
        ("(a OR) AND b", "   ^", "Nothing follows OR before the parenthesis closes", "what should follow OR"),
        ("AND a", "^", "AND has nothing before it", "Write a term before it"),
        ("a AND (OR b)", "       ^", "OR has nothing before it", "Write a term before it"),
        ("a AND OR b", "      ^", "OR follows AND with nothing between", "Keep one of the two"),
        ("NOT a", "^", "NOT has nothing before it to exclude from", "wanted ANDNOT unwanted"),
        ("b AND (ANDNOT a)", "       ^", "ANDNOT has nothing before it to exclude from", "wanted ANDNOT unwanted"),
        ("a OR NOT b", "     ^", "OR NOT cannot be asked of arXiv", "put the wanted part first"),
        ("(a AND (b", "       ^", "This parenthesis is never closed.", "Add )"),
        ("(a", "^", "This parenthesis is never closed.", "Add )"),
        ("a) AND b", " ^", "This parenthesis closes nothing.", "Remove it"),
        (")", "^", "This parenthesis closes nothing.", "Remove it"),
        ('ti:"a AND b', "   ^", "quotation mark has no partner", 'Put one " before and one " after'),
        ("tilte:foo", "^", "tilte: is not a field; arXiv would search for the text tilte:foo itself", "Did you mean ti:?"),
        ("a AND author:foo", "      ^", "author: is not a field", "Did you mean au:?"),
        ("submitedDate:[2025 TO 2026]", "^", "submitedDate: is not a field", "Did you mean submittedDate:?"),
        ("arXiv:2603.01043", "^", "arXiv: is not a field", "Write id:2603.01043 for this one paper"),
        ("a OR https://arxiv.org/pdf/2603.01043v1.pdf", "     ^", "https: is not a field", "Write id:2603.01043 for"),
        ("arXiv:cond-mat/0207270", "^", "arXiv: is not a field", "Write all:cond-mat/0207270 for"),
        ("https://arxiv.org", "^", "https: is not a field", 'all:"https://arxiv.org"'),
        ("a AND ti:", "      ^", "Nothing follows ti:.", "Write what to find after ti:"),
        ("ti:AND", "   ^", "ti: is followed by the operator AND", 'ti:"AND"'),
        ("all:ti:a", "    ^", "The field ti: stands where the text of all: should be", "Keep one of all: and ti:"),
        ("all:*onium", "    ^", "starts with *", "electr*"),
        ("a & b", "  ^", "& has no letter or digit", "AND, OR or ANDNOT"),
        ('ti:"a\\"', "   ^", "backslash breaks arXiv's parser", "Remove the backslash"),
        ("au:a_\\", "   ^", "backslash breaks arXiv's parser", "Remove the backslash"),
        ('"submittedDate:[2025 TO 2025]"', "^", "takes this for a date range", "Remove the colon"),
        ("a\x00b", " ^", "An invisible character (U+0000)", "Delete it"),
        ("a \ud800", "  ^", "An invisible character (U+D800)", "Delete it"),
    ],
)
def test_refusal(text: str, caret: str, says: str, advises: str) -> None:
    error = refusal(text)
    assert error.pointer().split("\n")[1] == caret
    assert says in error.problem
    assert advises in error.remedy
    assert str(error) == f"{error.problem} {error.remedy}"


def test_a_query_too_long_as_typed() -> None:
    error = refusal("x" * (MAX_LENGTH + 1))
    assert (error.position, error.problem) == (MAX_LENGTH, "This query has 2,001 characters.")
    assert error.remedy == "Shorten it to 2,000."


def test_a_query_too_long_only_when_written_out_for_arxiv() -> None:
    assert refusal("ab " * 300).problem == "Written out for arXiv, this query has 2,998 characters."


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), MAX_DEPTH),
        ("(" * MAX_LENGTH, MAX_DEPTH),
        ("ti:(" * (MAX_LENGTH // 4), 4 * MAX_DEPTH + 3),
        ("a" + " NOT a" * (MAX_DEPTH + 1), 2 + 6 * MAX_DEPTH),
    ],
)
def test_a_query_too_deep(text: str, position: int) -> None:
    error = refusal(text)
    assert error.position == position
    assert error.problem == "Here the query is more than 30 parentheses deep."
    assert "ANDNOT (this OR that)" in error.remedy

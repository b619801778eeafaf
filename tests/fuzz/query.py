"""What people type as a query: it is read, or refused with the place and the remedy; what is read, arXiv reads alike."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from functools import reduce

from hypothesis import strategies as st

from bot.errors import QuerySyntaxError
from bot.query import MAX_LENGTH, Query, clauses, lint, parse
from bot.query.nodes import And, AndNot, Dates, Or, Term
from sandbox.arxiv import grammar
from tests.fuzz.mutation import mutated
from tests.fuzz.target import Target
from tests.unit.query.samples import queries

NOW = datetime(2026, 3, 2, tzinfo=UTC)

PIECES = (
    *("AND", " OR ", " ANDNOT ", " NOT ", " and ", "AND NOT", "(", ")", "()", "((", '"', '""', "“", "”", "'", "[", "]", " TO "),
    *("ti:", "au:", "all:", "cat:", "id:", "title:", "TI:", "abstract:", "submittedDate:", "lastUpdatedDate:", ":", "au:a_b"),
    *("submittedDate:[2025 TO 2026]", "[202501 TO 20251231]", "2512.06813", "arXiv:2512.06813v2", "hep-th/9901001", "cs.LG"),
    *("https://arxiv.org/abs/2512.06813", "cs.*", "?", "*", "\\", "/", "_", "-", "\n", "\t", "\u00a0", "\u200b", "\x00"),
    *("\ud800", "é", "ß", "٣", "晶", "🎵", "$x$", "a" * 300, "(" * 31, "word "),
)
_TYPED = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40)

INPUTS = st.one_of(
    st.text(),
    _TYPED.map("".join),
    _TYPED.map(" ".join),
    mutated(queries.map(str), PIECES),
)


def check(text: str) -> None:
    """Every promise of `bot.query` about any text."""
    try:
        query = parse(text)
    except QuerySyntaxError as error:
        _check_refusal(error, text)
    else:
        _check_query(query, text)


def _check_refusal(refusal: QuerySyntaxError, text: str) -> None:
    assert refusal.text == text
    assert 0 <= refusal.position <= len(text)
    assert refusal.problem.endswith(".")
    assert refusal.remedy.endswith((".", "?"))
    assert len(refusal.pointer().split("\n")) == len(refusal.pointer(40).split("\n")) == 2


def _check_query(query: Query, text: str) -> None:
    canonical = str(query)
    assert len(canonical) <= MAX_LENGTH
    assert len(canonical.splitlines()) == 1
    assert parse(canonical) == query
    assert str(parse(canonical)) == canonical
    assert all(str(parse(str(clause))) == str(clause) for clause in clauses(query))
    for hint in lint(text, NOW):
        assert hint.text == text
        assert 0 <= hint.position <= len(text)
        assert hint.problem.endswith((".", ";", ":"))
        assert hint.remedy
    assert _read(grammar.parse(grammar.adapt(canonical))) == _meant(query)


Tree = str | tuple["Tree", str, "Tree"]


def _meant(query: Query) -> Tree:
    """A chain is the same however it is grouped; arXiv groups to the right."""
    match query:
        case And(operands) | Or(operands):
            *others, last = map(_meant, operands)
            return reduce(lambda right, left: (left, str(query.operator), right), reversed(others), last)
        case AndNot(wanted, unwanted):
            return _meant(wanted), "ANDNOT", _meant(unwanted)
        case Dates():
            return str(query).replace("[", '"').replace("]", '"')
        case Term():
            return str(query)


def _read(node: grammar.Node) -> Tree:
    match node:
        case grammar.Pair(operator, left, right):
            return _read(left), operator, _read(right)
        case _:
            return str(node)


TARGET = Target(INPUTS, lambda: nullcontext(check))

"""Queries and papers for the tests of bot.query, by hand and by Hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.paper import Paper, PaperId
from bot.query.nodes import And, AndNot, Dates, Field, Or, Query, Term

WORDS = (
    "lattice",
    "topology",
    "topological",
    "assembly",
    "assembles",
    "generation",
    "generic",
    "designs",
    "self",
    "Müller",
    "x2",
)


def paper(
    title: str = "Lattices",
    abstract: str = "",
    authors: tuple[str, ...] = ("Ada Byron",),
    comment: str | None = None,
    journal_ref: str | None = None,
    categories: tuple[str, ...] = ("cs.LG",),
    published: datetime = datetime(2025, 12, 9, tzinfo=UTC),
    doi: str | None = None,
) -> Paper:
    return Paper(
        id=PaperId("2512.06813", 2),
        title=title,
        abstract=abstract,
        authors=authors,
        categories=categories,
        published=published,
        updated=published,
        comment=comment,
        journal_ref=journal_ref,
        doi=doi,
    )


minutes = st.integers(0, 50_000_000).map(lambda count: datetime(1991, 1, 1, tzinfo=UTC) + timedelta(minutes=count))
dates = st.builds(lambda start, width: Dates(start, start + timedelta(minutes=width)), minutes, st.integers(1, 10**6))

_characters = "abzÄßλ2.,:;'-_/^~$[]{}<>=+!&|#%@*?\\"
_words = st.text(_characters, min_size=1, max_size=8).map(lambda text: f"w{text}")
_phrases = st.lists(st.text(f"{_characters}()", max_size=6).map(lambda text: f"{text}w"), min_size=1, max_size=4).map(" ".join)
_plain = st.builds(Term, st.sampled_from(Field), _words)
_quoted = st.builds(Term, st.sampled_from(Field), _phrases, st.just(True))


def trees(leaves: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    def grown(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
        several = st.lists(inner, min_size=2, max_size=4).map(tuple)
        return st.builds(And, several) | st.builds(Or, several) | st.builds(AndNot, inner, inner)

    return st.recursive(leaves, grown, max_leaves=12)


queries = trees(_plain | _quoted | dates).filter(
    # An author's underscore makes a phrase of a word, and a phrase must not end so.
    lambda query: '\\"' not in str(query)
)

"""The matcher against SQLite's FTS5, which shares no code with it: both must find the same papers."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from bot.paper import Paper
from bot.query import Query, matches
from bot.query.nodes import And, AndNot, Field, Or, Term
from tests.unit.query.samples import paper, trees

COLUMNS = ("title", "abstract", "comment", "authors", "journal_ref")

_stems = st.sampled_from(
    ["gener", "topolog", "assem", "poss", "relat", "electr", "apo", "sky", "happ", "t", "conform", "Müll", "łód"]
)
_endings = [
    *("", "s", "es", "ed", "ing", "y", "ies", "ization", "ational", "al", "ical", "ive", "iveness", "fulness", "ement", "ently"),
    *(
        "ably",
        "ible",
        "ibly",
        "bly",
        "logy",
        "logical",
        "logies",
        "ate",
        "ative",
        "eed",
        "sses",
        "ll",
        "er",
        "ousli",
        "tional",
        "é",
    ),
]
_made = st.builds(lambda stem, ending: stem + ending, _stems, st.sampled_from(_endings))
_words = _made | st.sampled_from(["self", "Self", "attention", "x2", "2", "design", "designs", "materials", "µ", "λ"])
_texts = st.lists(_words, max_size=6).flatmap(
    lambda words: st.sampled_from([" ", "-", " & ", ", "]).map(lambda gap: gap.join(words))
)
_papers = st.builds(
    paper, title=_texts, abstract=_texts, authors=st.lists(_texts, max_size=2).map(tuple), comment=_texts, journal_ref=_texts
)
_fields = st.sampled_from([Field.ALL, Field.TITLE, Field.ABSTRACT])
_terms = st.builds(Term, _fields, _words | st.builds("{}-{}".format, _words, _words)) | st.builds(
    Term, _fields, st.lists(_words, min_size=1, max_size=3).map(" ".join), st.just(True)
)


def in_fts5(query: Query) -> str:
    """A bare `a-b` is both words in one column, in any order; a phrase is those words in a row."""
    match query:
        case And(operands):
            return f"({' AND '.join(map(in_fts5, operands))})"
        case Or(operands):
            return f"({' OR '.join(map(in_fts5, operands))})"
        case AndNot(wanted, unwanted):
            return f"({in_fts5(wanted)} NOT {in_fts5(unwanted)})"
        case Term(field, text, quoted):
            columns = {Field.TITLE: ("title",), Field.ABSTRACT: ("abstract",)}.get(field, COLUMNS)
            match_text = f'"{text}"' if quoted else " AND ".join(f'"{word}"' for word in text.split("-"))
            return f"({' OR '.join(f'{{{column}}} : ({match_text})' for column in columns)})"
        case _:
            raise AssertionError(query)


def found_by_fts5(query: Query, papers: list[Paper]) -> set[int]:
    with sqlite3.connect(":memory:") as database:
        tokenizer = "porter unicode61 remove_diacritics 2"
        database.execute(f"CREATE VIRTUAL TABLE papers USING fts5({', '.join(COLUMNS)}, tokenize = '{tokenizer}')")
        rows = [(p.title, p.abstract, p.comment, "; ".join(p.authors), p.journal_ref) for p in papers]
        database.executemany("INSERT INTO papers VALUES (?, ?, ?, ?, ?)", rows)
        found = database.execute("SELECT rowid - 1 FROM papers WHERE papers MATCH ?", (in_fts5(query),)).fetchall()
    database.close()
    return {row for (row,) in found}


@given(trees(_terms), st.lists(_papers, min_size=1, max_size=5))
def test_both_find_the_same_papers(query: Query, papers: list[Paper]) -> None:
    assert {index for index, p in enumerate(papers) if matches(query, p)} == found_by_fts5(query, papers)


@given(st.lists(_words, min_size=2, max_size=12))
def test_both_take_the_same_words_for_one(words: list[str]) -> None:
    papers = [paper(title=word) for word in words]
    for word in words:
        query: Query = Term(Field.TITLE, word, True)
        assert {index for index, p in enumerate(papers) if matches(query, p)} == found_by_fts5(query, papers)

"""Finds records as arXiv would: words that stem alike, names in any spelling, the version current now.

After search/services/index/prepare.py of https://github.com/arXiv/arxiv-search at 764d7eb (2026-07-01), without fragments of
TeX, wildcards in words, and `all:` by the month of the announcement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from sandbox.arxiv.analysis import Analyser, author, combined, english, simple, tokens
from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.grammar import Node, Pair, Term, Without
from sandbox.arxiv.index import Index
from sandbox.arxiv.record import Record
from sandbox.arxiv.subjects import subject

Hits = dict[int, float]
"""Row of a record to its relevance, higher is better."""

_ANALYSERS: dict[str, Analyser] = {
    "title": english,
    "abstract": english,
    "comment": simple,
    "journal_ref": simple,
    "authors": author,
    "subjects": simple,
    "combined": combined,
}
"""By the index's fields."""
_UNORDERED = ("authors", "subjects")
"""Where quotes mean nothing: the words of a phrase are looked for in one name, in any order."""
_SEARCHED = {
    "ti": ("title",),
    "abs": ("abstract",),
    "au": ("authors",),
    "co": ("comment",),
    "jr": ("journal_ref",),
    "all": tuple(_ANALYSERS),
}


class SortBy(StrEnum):
    RELEVANCE = "relevance"
    UPDATED = "lastUpdatedDate"
    SUBMITTED = "submittedDate"


class SortOrder(StrEnum):
    ASCENDING = "ascending"
    DESCENDING = "descending"


class SearchError(Exception):
    """arXiv's engine fails at this query with status 500."""


class Search:
    """The index over a corpus; what the corpus has learned is read before every search."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._read = 0
        self._records: dict[int, Record] = {}
        self._rows: dict[str, int] = {}
        self._fields = {field: Index() for field in _ANALYSERS}

    def find(self, query: Node | None, ids: Sequence[str], now: datetime, sort_by: SortBy, order: SortOrder) -> list[Record]:
        """All matches in order. With `ids` only those; an id with a version means that version.

        Raises SearchError.
        """
        self._catch_up()
        found = self._hits(query) if query else self._everything()
        kept = [record for record in self._candidates(ids, now) if self._rows[record.id] in found]

        def key(record: Record) -> tuple[float | datetime, str]:
            match sort_by:
                case SortBy.RELEVANCE:
                    return found[self._rows[record.id]], record.id
                case SortBy.UPDATED:
                    return record.updated, record.id
                case SortBy.SUBMITTED:
                    return record.published, record.id

        return sorted(kept, key=key, reverse=order is SortOrder.DESCENDING)

    def _catch_up(self) -> None:
        for record in self._corpus.changes[self._read :]:
            row = self._rows.setdefault(record.id, len(self._rows) + 1)
            self._records[row] = record
            for field, texts in _texts(record).items():
                self._fields[field].put(row, [tokens(_ANALYSERS[field], text) for text in texts])
        self._read = len(self._corpus.changes)

    def _candidates(self, ids: Sequence[str], now: datetime) -> Iterable[Record]:
        if not ids:
            return self._corpus.visible(now)
        current = {record.base_id: record for record in self._corpus.visible(now)}
        versions = {record.id: record for record in self._corpus.appeared(now)}
        wanted = (versions.get(id) or current.get(id) for id in dict.fromkeys(ids))
        return {record.id: record for record in wanted if record}.values()

    def _everything(self) -> Hits:
        return dict.fromkeys(self._records, 0.0)

    def _hits(self, node: Node) -> Hits:
        match node:
            case Term():
                return self._term(node)
            case Without(Term() as operand):
                return _minus(self._everything(), self._term(operand))
            case Without():
                # query_builder.py negates a single term only, and falls over a group.
                raise SearchError
            case Pair("AND", left, right):
                a, b = self._hits(left), self._hits(right)
                return {row: a[row] + b[row] for row in a.keys() & b.keys()}
            case Pair("OR", left, right):
                a, b = self._hits(left), self._hits(right)
                return {row: a.get(row, 0) + b.get(row, 0) for row in a.keys() | b.keys()}
            case Pair(_, left, right):
                return _minus(self._hits(left), self._hits(right))

    def _term(self, term: Term) -> Hits:
        if not term.bare:
            return self._everything()
        if term.field == "all":
            return self._full_text(term) | self._with_id(term.bare)
        if term.field in _SEARCHED:
            return self._full_text(term)
        holds = _PREDICATES[term.field](term.bare)
        return {row: 1.0 for row, record in self._records.items() if holds(record)}

    def _with_id(self, text: str) -> Hits:
        """arXiv's `all:` looks into ids, too (`_query_all_fields` in arxiv-search, services/index/prepare.py)."""
        return {row: 1.0 for row, record in self._records.items() if _has_id(text)(record)}

    def _full_text(self, term: Term) -> Hits:
        hits: Hits = {}
        for field in _SEARCHED[term.field]:
            wanted, index = _ANALYSERS[field](term.bare), self._fields[field]
            found = index.phrase(wanted) if term.quoted and field not in _UNORDERED else index.words(wanted)
            hits |= {row: hits.get(row, 0) + count for row, count in found.items()}
        return hits


def _texts(record: Record) -> dict[str, list[str]]:
    """What the index reads of a record; no phrase spans two texts."""
    fields = {
        "title": [record.title],
        "abstract": [record.abstract],
        "comment": [record.comment or ""],
        "journal_ref": [record.journal_ref or ""],
        "authors": list(record.authors),
        "subjects": [subject(category) for category in record.categories],
    }
    affiliations = [place for places in record.affiliations for place in places]
    return {**fields, "combined": [*(text for texts in fields.values() for text in texts), *affiliations, record.doi or ""]}


def _minus(hits: Hits, others: Hits) -> Hits:
    return {row: score for row, score in hits.items() if row not in others}


Predicate = Callable[[Record], bool]


def _in_category(text: str) -> Predicate:
    """`cs.*` and `cs.?I` are patterns; capitals do not matter."""
    pattern = re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE)
    return lambda record: any(pattern.fullmatch(category) for category in record.categories)


def _has_id(text: str) -> Predicate:
    return lambda record: text in (record.base_id, record.id)


def _has_doi(text: str) -> Predicate:
    return lambda record: (record.doi or "").lower() == text.lower()


def _submitted_within(text: str) -> Predicate:
    """Both ends of `YYYYMMDDhhmm TO YYYYMMDDhhmm` are included; the first version counts, whatever field was typed."""
    try:
        first, last = (datetime.strptime(end.strip(), "%Y%m%d%H%M").replace(tzinfo=UTC) for end in text.split("TO"))
    except ValueError as error:
        raise SearchError from error
    return lambda record: first <= record.published <= last


def _has_report_number(_text: str) -> Predicate:
    return lambda _record: False


_PREDICATES: dict[str, Callable[[str], Predicate]] = {
    "cat": _in_category,
    "id": _has_id,
    "doi": _has_doi,
    "rn": _has_report_number,
    "submittedDate": _submitted_within,
}

"""Would arXiv find this paper? Evaluated here, on the paper alone.

Words are compared as arXiv's index compares them: lower case, hyphens as spaces, Porter stems in titles, abstracts and
`all:`, plain words in comments, journal references and names. On 816 records that arXiv had found for one query this finds
815; with Porter2 (Snowball "english") it would miss a fifth. Known differences: report numbers are not part of a paper here
(`rn:` finds nothing), `all:` looks at title, abstract, comment, authors and journal reference only, stop words count, and
diacritics are folded everywhere (arXiv folds them in names and `all:`). `all:` agrees with SQLite's FTS5 tokenizer
`porter unicode61 remove_diacritics 2`.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from bot.paper import Paper
from bot.query.nodes import And, AndNot, Dates, Field, Or, Query, Term

_WORD = re.compile(r"[^\W_]+")
_WILD_WORD = re.compile(r"(?:[^\W_]|[*?])+")
_SYLLABLE = re.compile(r"(?:[aeiou]|(?<=[^aeiou])y)[^aeiou]")
"""A vowel, then a consonant: what Porter calls a measure above zero."""
_PORTER = snowballstemmer.stemmer("porter")


def matches(query: Query, paper: Paper) -> bool:
    match query:
        case And(operands):
            return all(matches(operand, paper) for operand in operands)
        case Or(operands):
            return any(matches(operand, paper) for operand in operands)
        case AndNot(wanted, unwanted):
            return matches(wanted, paper) and not matches(unwanted, paper)
        case Dates(start, end):
            return start <= paper.published <= end
        case Term():
            return _finds(query, paper)


def _finds(term: Term, paper: Paper) -> bool:
    match term.field:
        case Field.CATEGORY:
            return _names(term.text, *paper.categories)
        case Field.ID:
            return _names(term.text, paper.id.base, str(paper.id))
        case Field.DOI:
            return paper.doi is not None and _names(term.text, paper.doi)
        case Field.REPORT:
            return False
        case Field.AUTHOR:
            return any(_names_author(term, name) for name in _lines(paper).authors)
        case _:
            wanted = _wanted(term.text, quoted=term.quoted, stemmed=term.field not in (Field.COMMENT, Field.JOURNAL))
            return any(wanted.within(line) for line in _lines(paper).of(term.field))


@dataclass(frozen=True, slots=True)
class _Lines:
    """A paper's texts as lines of index words, each word between spaces; `authors` one line a name, others 0 or 1."""

    title: tuple[str, ...]
    abstract: tuple[str, ...]
    comment: tuple[str, ...]
    journal: tuple[str, ...]
    authors: tuple[str, ...]
    stemmed: tuple[str, ...]
    """What `all:` looks at."""

    def of(self, field: Field) -> tuple[str, ...]:
        match field:
            case Field.TITLE:
                return self.title
            case Field.ABSTRACT:
                return self.abstract
            case Field.COMMENT:
                return self.comment
            case Field.JOURNAL:
                return self.journal
            case _:
                return self.stemmed


@lru_cache(maxsize=64)
def _lines(paper: Paper) -> _Lines:
    """Kept for a few papers, because each is held against many queries in turn."""
    comment, journal = paper.comment or "", paper.journal_ref or ""
    return _Lines(
        title=(_line(_stems(paper.title)),),
        abstract=(_line(_stems(paper.abstract)),),
        comment=(_line(_words(comment)),),
        journal=(_line(_words(journal)),),
        authors=tuple(_line(_words(name)) for name in paper.authors),
        stemmed=tuple(_line(_stems(text)) for text in (paper.title, paper.abstract, comment, "; ".join(paper.authors), journal)),
    )


def _line(words: list[str]) -> str:
    return f" {' '.join(words)} "


def _words(text: str) -> list[str]:
    return _WORD.findall(_folded(text))


def _stems(text: str) -> list[str]:
    return [_stem(word) for word in _words(text)]


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(_fold, text))


def _fold(char: str) -> str:
    """One letter as FTS5 folds it: no accents on Latin letters, no marks of their own, one case."""
    base = unicodedata.normalize("NFD", char)[0]
    if base.isascii():
        return base.lower()
    if unicodedata.combining(char):
        return ""
    folded = char.casefold()
    return folded if len(folded) == 1 else char.lower()


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    """Porter's stem, with his two later changes ("logi" to "log", "bli" to "ble"): Lucene and FTS5 have them, Snowball
    has not, so that there `topology` would not find `topological`. https://tartarus.org/martin/PorterStemmer/
    """
    if len(word) < 3:
        return word
    stem: str = _PORTER.stemWord(word)
    if stem.endswith("logi") and _SYLLABLE.search(stem[:-4]):
        return stem[:-1]
    if stem.endswith("bli") and _SYLLABLE.search(stem[:-3]):
        stem = _PORTER.stemWord(f"{stem[:-1]}e")
    return stem


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What must all stand in one line: index words between spaces, and words with wildcards."""

    parts: tuple[str, ...]
    wild: tuple[str, ...] = ()

    def within(self, line: str) -> bool:
        return all(part in line for part in self.parts) and all(fnmatch.filter(line.split(), wild) for wild in self.wild)


@lru_cache(maxsize=2_000)
def _wanted(text: str, *, quoted: bool, stemmed: bool) -> _Wanted:
    """A phrase is one part. A bare `self-attention` is two words, both wanted, as on arXiv."""
    read = _stems if stemmed else _words
    if quoted:
        return _Wanted((_line(read(text)),))
    words = _WILD_WORD.findall(_folded(text))
    wild = tuple(word for word in words if "*" in word or "?" in word)
    return _Wanted(tuple(_line(read(word)) for word in words if word not in wild), wild)


def _names(text: str, *ids: str) -> bool:
    """Whole ids, in any case, with wildcards; a bracket is itself."""
    pattern = text.lower().replace("[", "[[]")
    return any(fnmatch.fnmatchcase(id.lower(), pattern) for id in ids)


def _names_author(term: Term, name: str) -> bool:
    """`au:"Smith, J"` is a surname and how the forenames begin; else the words stand in the name, forenames initialled or not."""
    surname, comma, forename = term.text.partition(",")
    parts = name.split()
    written = [_line([*(part[0] for part in parts[:initials]), *parts[initials:]]) for initials in range(max(1, len(parts)))]
    if not comma:
        wanted = _wanted(term.text, quoted=term.quoted, stemmed=False)
        return any(wanted.within(line) for line in written)
    ending, beginning = _line(_words(surname)), f" {' '.join(_words(forename))}"
    return any(line.endswith(ending) and line.startswith(beginning) for line in written)

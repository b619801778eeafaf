"""Cuts a query into tokens, and refuses what arXiv would silently misread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto

from bot.errors import QuerySyntaxError
from bot.query.identifiers import asked_for
from bot.query.nodes import Field

OPERATORS = frozenset({"AND", "OR", "ANDNOT", "NOT"})
DATE_FIELDS = {"submitteddate": "submittedDate", "lastupdateddate": "lastUpdatedDate"}
FIELDS = {field.value: field for field in Field} | {"title": Field.TITLE}

# Said by people, not known to arXiv; only to name the right field.
_SPELLED_OUT = {
    "author": "au",
    "abstract": "abs",
    "comment": "co",
    "journal": "jr",
    "category": "cat",
    "subject": "cat",
    "report": "rn",
    "date": "submittedDate",
}

# Phones turn straight quotes into these as one types; what is meant is clear.
_QUOTES = '"“”„‟'
_PHRASE = re.compile(f"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]")
_WORD = re.compile(rf"[^\s(){_QUOTES}]+")
_FIELD = re.compile(r"([A-Za-z]+):")
_RANGE = re.compile(r"\[([^\[\]]*)\]")
_UNSENDABLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")


class Kind(Enum):
    OPEN = auto()
    CLOSE = auto()
    OPERATOR = auto()
    FIELD = auto()
    WORD = auto()
    PHRASE = auto()
    RANGE = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is what is meant: a phrase without its quotes, a range without its brackets, a field without its colon."""

    kind: Kind
    text: str
    position: int
    end: int


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`, the last one END.

    Raises QuerySyntaxError: an unclosed quote or bracket, an unknown field, a character that cannot be sent.
    """
    if broken := _UNSENDABLE.search(text):
        code = ord(broken[0])
        raise QuerySyntaxError(text, broken.start(), f"An invisible character (U+{code:04X}) stands here.", "Delete it.")
    tokens: list[Token] = []
    position = _skip_space(text, 0)
    while position < len(text):
        tokens.append(_token(text, position, tokens[-1] if tokens else None))
        position = _skip_space(text, tokens[-1].end)
    tokens.append(Token(Kind.END, "", len(text), len(text)))
    return tokens


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _token(text: str, position: int, previous: Token | None) -> Token:
    after_field = previous is not None and previous.kind is Kind.FIELD
    match text[position]:
        case "(":
            return Token(Kind.OPEN, "(", position, position + 1)
        case ")":
            return Token(Kind.CLOSE, ")", position, position + 1)
        case quote if quote in _QUOTES:
            return _phrase(text, position)
        case "[" if after_field and previous is not None and previous.text.lower() in DATE_FIELDS:
            return _range(text, position)
        case _:
            return _word(text, position, after_field=after_field)


def _phrase(text: str, position: int) -> Token:
    found = _PHRASE.match(text, position)
    if found is None:
        raise QuerySyntaxError(
            text,
            position,
            "This quotation mark has no partner.",
            'Put one " before and one " after the phrase: all:"materials design".',
        )
    return Token(Kind.PHRASE, found[1], position, found.end())


def _range(text: str, position: int) -> Token:
    found = _RANGE.match(text, position)
    if found is None:
        raise QuerySyntaxError(
            text,
            position,
            "This bracket is never closed.",
            "Write both dates and close it: submittedDate:[20250101 TO 20251231].",
        )
    return Token(Kind.RANGE, found[1], position, found.end())


def _word(text: str, position: int, *, after_field: bool) -> Token:
    found = _WORD.match(text, position)
    assert found is not None, "quotes, parentheses and space are taken care of before"
    word = found[0]
    if word in OPERATORS:
        return Token(Kind.OPERATOR, word, position, found.end())
    name = _FIELD.match(word)
    known = name is not None and (name[1].lower() in FIELDS or name[1].lower() in DATE_FIELDS)
    if name is not None and known:
        return Token(Kind.FIELD, name[1], position, position + name.end())
    if name is not None and not after_field:
        raise QuerySyntaxError(text, position, *_unknown_field(name[1], word))
    return Token(Kind.WORD, word, position, found.end())


def _unknown_field(name: str, word: str) -> tuple[str, str]:
    problem = f"{name}: is not a field; arXiv would search for the text {word} itself."
    if remedy := asked_for(word):
        return problem, remedy
    names = {known: known for known in FIELDS} | {known: shown for known, shown in DATE_FIELDS.items()} | _SPELLED_OUT
    near = get_close_matches(name.lower(), names, n=1)
    meant = f"Did you mean {FIELDS.get(names[near[0]], names[near[0]])}:?" if near else f"Fields are {', '.join(Field)}."
    return problem, f'{meant} If you want that text, quote it: all:"{word}".'

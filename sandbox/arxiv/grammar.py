"""A query read the way arXiv's API reads it since November 2025.

Two steps, as there: `adapt` rewrites what was typed into the strict form that the feed's title shows, `parse` reads
the strict form. Written after the behaviour of https://github.com/arXiv/arxiv-search at 764d7eb (2026-07-01),
its quirks included: no precedence, operators in capitals only, bare words joined by OR.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import NamedTuple


class InvalidQueryError(Exception):
    """arXiv's own sentence, for an answer with status 400."""


@dataclass(frozen=True, slots=True)
class Term:
    """`text` keeps its quotes: `"materials design"` is a phrase, `materials` a word."""

    field: str
    text: str

    @property
    def quoted(self) -> bool:
        return self.text.startswith('"')

    @property
    def bare(self) -> str:
        return self.text.strip('"').strip()

    def __str__(self) -> str:
        return f'{self.field}:"{self.bare}"' if self.quoted and self.bare else f"{self.field}:{self.bare}"


@dataclass(frozen=True, slots=True)
class Without:
    """ANDNOT with nothing before it."""

    operand: Node

    def __str__(self) -> str:
        return f"ANDNOT {_nested(self.operand)}"


@dataclass(frozen=True, slots=True)
class Pair:
    """`operator` is AND, OR or ANDNOT."""

    operator: str
    left: Node
    right: Node

    def __str__(self) -> str:
        return f"{_nested(self.left)} {self.operator} {_nested(self.right)}"


Node = Term | Without | Pair


def _nested(node: Node) -> str:
    return str(node) if isinstance(node, Term) else f"({node})"


class Kind(Enum):
    FIELD = "field"
    OPEN = "open"
    CLOSE = "close"
    OPERATOR = "operator"
    TEXT = "text"


class Token(NamedTuple):
    kind: Kind
    text: str


_NAMES = ("abs", "all", "au", "cat", "co", "doi", "id", "jr", "rn", "submittedDate", "ti", "title")
_FIELDS = tuple(f"{name}:" for name in _NAMES)
_KINDS = {
    "(": Kind.OPEN,
    ")": Kind.CLOSE,
    **dict.fromkeys(("AND", "ANDNOT", "OR"), Kind.OPERATOR),
    **dict.fromkeys(_FIELDS, Kind.FIELD),
}
_ALIASES = {"title:": "ti:", "NOT": "ANDNOT"}
_TOKEN = re.compile(rf'"[^"]*"|[()]|{"|".join(_FIELDS)}|[^"()\s]+')
_DATES = re.compile(r"submittedDate:\[([\d-]{4,14}) TO ([\d-]{4,14})\]")


def adapt(text: str) -> str:
    """The strict form of what was typed; empty for an empty query."""
    line = re.sub(r"[\r\n]", " ", text).replace("lastUpdatedDate:", "submittedDate:")
    tokens = _tokens(_DATES.sub(_quoted_dates, line))
    for mend in (_group_fields, _bare_words, _operator_runs, _missing_operators, _underscores, _lone_fields):
        tokens = mend(tokens)
    return _joined(tokens)


def parse(strict: str) -> Node:
    """InvalidQueryError, in arXiv's words, for what its parser refuses."""
    reader = _Reader(strict)
    node = reader.expression()
    if reader.ahead() is not None:
        raise reader.refused()
    return node


def _tokens(text: str) -> list[Token]:
    """A quote that is never closed falls through the pattern: arXiv drops it."""
    words = (_ALIASES.get(word, word) for word in _TOKEN.findall(text))
    return [Token(_KINDS.get(word, Kind.TEXT), word) for word in words]


def _quoted_dates(match: re.Match[str]) -> str:
    return f'submittedDate:"{_minute(match[1], end=False)} TO {_minute(match[2], end=True)}"'


def _minute(date: str, *, end: bool) -> str:
    """YYYY, YYYYMM or YYYYMMDD filled up to YYYYMMDDhhmm; anything else as it came."""
    if not date.isdigit():
        return date
    if len(date) == 4:
        date += "12" if end else "01"
    if len(date) == 6 and 1 <= int(date[4:]) <= 12:
        date += f"{calendar.monthrange(int(date[:4]), int(date[4:]))[1]}" if end else "01"
    if len(date) == 8:
        date += "2359" if end else "0000"
    return date[:12]


def _group_fields(tokens: list[Token]) -> list[Token]:
    """`ti:(a b)` is `(ti:a ti:b)`."""
    out: list[Token] = []
    field, depth = Token(Kind.FIELD, "all:"), 0
    for token in tokens:
        if depth:
            depth += (token.kind is Kind.OPEN) - (token.kind is Kind.CLOSE)
            if token.kind is Kind.TEXT and out[-1].kind is not Kind.FIELD:
                out.append(field)
        elif token.kind is Kind.OPEN and out and out[-1].kind is Kind.FIELD:
            field, depth = out.pop(), 1
        out.append(token)
    return out


def _bare_words(tokens: list[Token]) -> list[Token]:
    """A field binds one word; a word without one is looked for everywhere."""
    out: list[Token] = []
    for token in tokens:
        if token.kind is Kind.TEXT and (not out or out[-1].kind is not Kind.FIELD):
            out.append(Token(Kind.FIELD, "all:"))
        out.append(token)
    return out


def _operator_runs(tokens: list[Token]) -> list[Token]:
    """The last of several operators in a row counts, so that `AND NOT` is ANDNOT."""
    return [token for token, after in _followed(tokens) if not token.kind is after is Kind.OPERATOR]


def _missing_operators(tokens: list[Token]) -> list[Token]:
    out: list[Token] = []
    for token in tokens:
        before = out[-1].kind if out else None
        begins = token.kind in (Kind.FIELD, Kind.OPEN, Kind.TEXT)
        if (before is Kind.FIELD and token.kind is Kind.FIELD) or (before in (Kind.CLOSE, Kind.TEXT) and begins):
            out.append(Token(Kind.OPERATOR, "OR"))
        out.append(token)
    return out


def _underscores(tokens: list[Token]) -> list[Token]:
    """`au:del_maestro` is `au:"del maestro"`, but arXiv looks at the query's first term, whichever author it is at."""
    out = list(tokens)
    for place, (before, token) in enumerate(pairwise(tokens), start=1):
        first = out[1].text
        if before == (Kind.FIELD, "au:") and token.kind is Kind.TEXT and "_" in first:
            name = first.replace("_", " ")
            out[place] = Token(Kind.TEXT, name if '"' in name else f'"{name}"')
    return out


def _lone_fields(tokens: list[Token]) -> list[Token]:
    return [token for token, after in _followed(tokens) if token.kind is not Kind.FIELD or after is Kind.TEXT]


def _followed(tokens: list[Token]) -> Iterator[tuple[Token, Kind | None]]:
    """Each token with the kind of the one after it."""
    return zip(tokens, [*(token.kind for token in tokens[1:]), None], strict=False)


_TIGHT = {(Kind.OPEN, Kind.FIELD), (Kind.TEXT, Kind.CLOSE), (Kind.FIELD, Kind.TEXT)}


def _joined(tokens: list[Token]) -> str:
    words = [tokens[0].text] if tokens else []
    for before, token in pairwise(tokens):
        words.append(token.text if (before.kind, token.kind) in _TIGHT else f" {token.text}")
    return "".join(words)


class _Reader:
    """Right to left for want of precedence: `A AND B OR C` is `A AND (B OR C)`."""

    def __init__(self, strict: str) -> None:
        self._strict = strict
        self._tokens = _tokens(strict)
        self._place = 0

    def refused(self) -> InvalidQueryError:
        return InvalidQueryError(f"Invalid query string: '{self._strict}'")

    def ahead(self) -> Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _take(self, kind: Kind) -> str:
        token = self.ahead()
        if token is None or token.kind is not kind:
            raise self.refused()
        self._place += 1
        return token.text

    def expression(self) -> Node:
        left = self._operand()
        ahead = self.ahead()
        if ahead is None or ahead.kind is not Kind.OPERATOR:
            return left
        return Pair(self._take(Kind.OPERATOR), left, self.expression())

    def _operand(self) -> Node:
        ahead = self.ahead()
        if ahead == (Kind.OPERATOR, "ANDNOT"):
            self._take(Kind.OPERATOR)
            return Without(self.expression())
        if ahead is not None and ahead.kind is Kind.OPEN:
            self._take(Kind.OPEN)
            inner = self.expression()
            self._take(Kind.CLOSE)
            return inner
        return Term(self._take(Kind.FIELD).removesuffix(":"), self._take(Kind.TEXT))

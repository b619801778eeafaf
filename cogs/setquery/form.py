"""A query for people who do not write queries: a few fields become one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.query.categories import ALIASES, CATEGORIES

_APART = re.compile(r"[,;\n]+")
_PLAIN = re.compile(r"(?!(?:AND|OR|NOT|ANDNOT)$)\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QueryForm:
    """What a person filled in: several of a kind are separated by commas, semicolons or new lines."""

    topics: str = ""
    categories: str = ""
    """Ids or names."""
    authors: str = ""
    without: str = ""

    def text(self) -> str:
        """One of each kind that was filled in, and none of what is to be left out. Not checked; empty when nothing is wanted."""
        wanted = (
            _any(f"all:{_quoted(topic)}" for topic in _items(self.topics)),
            _any(f"cat:{id}" for name in _items(self.categories) for id in _ids(name)),
            _any(f"au:{_quoted(author)}" for author in _items(self.authors)),
        )
        kept = " AND ".join(filter(None, wanted))
        left_out = _any(f"all:{_quoted(word)}" for word in _items(self.without))
        return f"{kept} ANDNOT {left_out}" if kept and left_out else kept


def _items(typed: str) -> list[str]:
    parts = (" ".join(part.split()) for part in _APART.split(typed.replace('"', " ")))
    return [part for part in parts if part]


def _any(terms: Iterable[str]) -> str:
    each = list(dict.fromkeys(terms))
    return f"({' OR '.join(each)})" if len(each) > 1 else "".join(each)


def _quoted(item: str) -> str:
    return item if _PLAIN.fullmatch(item) else f'"{item}"'


def _ids(name: str) -> list[str]:
    """Of the categories so named (Machine Learning is two); anything else is taken for an id."""
    named = [id for id, known in CATEGORIES.items() if known.lower() == name.lower() and id not in ALIASES]
    return named or [_quoted(name) if " " in name else name]

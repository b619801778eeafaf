"""What may come next in a query that is being typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.query.categories import CATEGORIES

MOST, LONGEST = 25, 100
"""Choices, and characters of each: https://docs.discord.com/developers/interactions/receiving-and-responding"""

CUT = "…"
"""Ends an earlier query that was too long to be offered whole."""

_FIELDS = {
    "ti:": "words in the title",
    "abs:": "words in the abstract",
    "all:": "words anywhere",
    "au:": "an author",
    "cat:": "a category, such as cs.LG",
    "co:": "words in the authors' comment",
    "jr:": "the journal reference",
    "rn:": "a report number",
    "submittedDate:": "when it was first submitted",
}
_LAST_WORD = re.compile(r"[^\s()]*$")
_WANTS_A_TERM = re.compile(r"(?:(?:^|[\s(])(?:AND|OR|ANDNOT|NOT)\s|\(|^)\s*$")


@dataclass(frozen=True, slots=True)
class Completion:
    """`name` is read by a person, `value` becomes the text; neither is longer than LONGEST."""

    name: str
    value: str


def complete(typed: str, earlier: Sequence[str]) -> list[Completion]:
    """At most MOST, what was typed always in front; `earlier` are queries saved here, newest first."""
    offered = islice(_distinct(_offers(typed, earlier)), MOST)
    return [Completion(_named(value, meaning), value) for value, meaning in offered]


def in_full(text: str, earlier: Sequence[str]) -> str:
    """The earlier query that was offered in a shortened form; any other text as it is."""
    if not text.endswith(CUT):
        return text
    return next((query for query in earlier if query.startswith(text.removesuffix(CUT))), text)


def _offers(typed: str, earlier: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Whole text and its meaning."""
    if typed.strip():
        yield typed, ""
    yield from ((_shortened(query), "") for query in earlier if query.lower().startswith(typed.lower()))
    if typed.count('"') % 2:
        return
    word = _LAST_WORD.search(typed)
    last = word[0] if word else ""
    head = typed[: len(typed) - len(last)]
    if last.lower().startswith("cat:"):
        yield from _categories(head, last[len("cat:") :].lower())
    else:
        yield from _fields(head, last.lower())


def _categories(head: str, begun: str) -> Iterator[tuple[str, str]]:
    """Ids that begin so, then those whose name holds it."""
    by_id = [id for id in CATEGORIES if id.lower().startswith(begun)]
    by_name = [id for id, name in CATEGORIES.items() if begun in name.lower() and id not in by_id]
    yield from ((f"{head}cat:{id}", CATEGORIES[id]) for id in (*by_id, *by_name))


def _fields(head: str, begun: str) -> Iterator[tuple[str, str]]:
    front = head if _WANTS_A_TERM.search(head) else f"{head.rstrip()} AND "
    yield from ((f"{front}{field}", meaning) for field, meaning in _FIELDS.items() if field.lower().startswith(begun))


def _distinct(offers: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for value, meaning in offers:
        if len(value) <= LONGEST and value not in seen:
            seen.add(value)
            yield value, meaning


def _named(value: str, meaning: str) -> str:
    name = f"{value} · {meaning}" if meaning else value
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}{CUT}"


def _shortened(query: str) -> str:
    return query if len(query) <= LONGEST else query[: LONGEST - 1] + CUT

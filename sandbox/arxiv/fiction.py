"""Invents papers. Every name, substance, place and result is made up; phrases.txt holds the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from sandbox.arxiv import words
from sandbox.arxiv.oddities import CLASSICS, ODDITIES

_SYMBOL = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A paper before arXiv has numbered and dated it."""

    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    affiliations: tuple[tuple[str, ...], ...] = ()


def matching(random: Random) -> Draft:
    """Found by the default query: a goal such as inverse design, reached by something generative."""
    voice = _Voice(random)
    abstract = [voice.say("goal_opening"), *voice.several("gap", 0, 1), voice.say("maker_method")]
    abstract += [*voice.several("matter_detail", 0, 2), *voice.several("result", 1, 2), *voice.several("closing", 0, 1)]
    return _finished(random, voice, voice.say("matter_title"), abstract, random.choice(words.MATTER))


def other(random: Random) -> Draft:
    """Of another field, and not found by the default query."""
    voice = _Voice(random)
    field = random.choice(list(words.FIELDS))
    abstract = [voice.say(f"{field}_opening"), *voice.several("gap", 0, 1), voice.say(f"{field}_method")]
    abstract += [*voice.several("result", 1, 2), *voice.several("detail", 0, 2), *voice.several("closing", 0, 1)]
    return _finished(random, voice, voice.say(f"{field}_title"), abstract, random.choice(words.FIELDS[field]))


def oddities(random: Random) -> list[Draft]:
    """One of each thing that has ever broken a reader of arXiv, all found by the default query."""
    categories = ("cond-mat.mtrl-sci", "cs.LG")
    crowd = tuple(dict.fromkeys(_name(random) for _ in range(140)))[:112]
    drafts = [
        Draft(title=title, abstract=abstract, authors=_authors(random), categories=categories, comment=comment)
        for title, abstract, comment in ODDITIES
    ]
    return [replace(drafts[0], authors=crowd), *drafts[1:]]


def classics() -> Iterator[tuple[str, int, int, Draft]]:
    """Base id, year, month and draft of a few papers from before 2008."""
    for base_id, year, month, category, title, abstract, authors in CLASSICS:
        yield base_id, year, month, Draft(title=title, abstract=f"  {abstract}", authors=authors, categories=(category,))


def addition(random: Random) -> str:
    """A sentence that a revision adds to the abstract."""
    return _Voice(random).say("addition")


def revision_note(random: Random) -> str:
    """The comment of a revision."""
    return _Voice(random).say("revision_note")


class _Voice:
    """One paper's way of speaking: proper names stay the same, no phrase is used twice."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._kept: dict[str, str] = {}
        self._used: set[str] = set()

    def say(self, symbol: str) -> str:
        """A phrase for `symbol`; `Symbol` gives it with capitals, for a title."""
        if symbol[0].isupper():
            return " ".join(_capital(word) for word in self.say(symbol.lower()).split(" "))
        if symbol in self._kept:
            return self._kept[symbol]
        fresh = [phrase for phrase in words.PHRASES[symbol] if phrase not in self._used]
        phrase = self._random.choice(fresh or words.PHRASES[symbol])
        self._used.add(phrase)
        said = _SYMBOL.sub(lambda match: self.say(match[1]), phrase)
        if symbol in words.KEPT:
            self._kept[symbol] = said
        return said

    def several(self, symbol: str, least: int, most: int) -> list[str]:
        return [self.say(symbol) for _ in range(self._random.randint(least, most))]

    def maybe(self, symbol: str, chance: float) -> str | None:
        return self.say(symbol) if self._random.random() < chance else None


def _finished(random: Random, voice: _Voice, title: str, sentences: Sequence[str], categories: tuple[str, ...]) -> Draft:
    authors = _authors(random)
    journal = voice.maybe("journal", 0.15)
    number = random.randint(100, 9999)
    place = voice.maybe("place", 0.1)
    return Draft(
        title=_capital(title),
        abstract=" ".join(_capital(sentence) for sentence in sentences),
        authors=authors,
        categories=categories,
        comment=voice.maybe("comment", 0.6),
        journal_ref=f"{journal} {number // 100}, {number} (2026)" if journal else None,
        doi=f"10.5555/fiction.{number}" if journal else None,
        affiliations=tuple((place,) for _ in authors) if place else (),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _authors(random: Random) -> tuple[str, ...]:
    size = random.choice((1, 2, 2, 3, 3, 4, 4, 5, 6, 8, 11))
    return tuple(dict.fromkeys(_name(random) for _ in range(size)))


def _name(random: Random) -> str:
    given, family = random.choice(words.NAMES)
    initial = f"{random.choice('ABDEHJKLMPRST')}. " if random.random() < 0.2 else ""
    return f"{random.choice(given)} {initial}{random.choice(family)}"

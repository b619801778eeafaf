"""How arXiv's index takes a text apart, as its analysers `english`, `simple`, `author_folding` and `combined` do.

After mappings/DocumentMapping.json of https://github.com/arXiv/arxiv-search at 764d7eb (2026-07-01).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, lru_cache

from sandbox.arxiv.stemming import stem

Tokens = Sequence[str | None]
"""None where a stop word stood: a phrase keeps its place, and takes any word there."""
Analyser = Callable[[str], Tokens]

STOP_WORDS = {
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of", "on", "or",
    "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
}  # fmt: skip
"""Lucene's English ones."""

_WORD = re.compile(r"\w+(?:['’.]\w+)*")
_STRIPPED = str.maketrans("", "", ".,;")
# What has no accent to lose.
_FOLDED = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ħ": "h", "ı": "i"})
# As `german_normalization` and the two scandinavian filters have it: Mueller is Müller, and Aarhus Århus.
_UMLAUT = re.compile(r"([ao])e|(?<![aeioquy])(u)e")
_DOUBLED = re.compile(r"(a)[aeo]|(o)[eo]")


@lru_cache(maxsize=8192)
def tokens(analyser: Analyser, text: str) -> Tokens:
    """Remembered, as the same invented papers are read again and again."""
    return analyser(text)


def english(text: str) -> Tokens:
    """Of a title or abstract: stems, which keep their accents."""
    words = (word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text.lower()))
    return [None if word in STOP_WORDS else stem(word) for word in words]


def simple(text: str) -> Tokens:
    """Of a comment, a journal or a category's name: words as they stand."""
    return [None if word in STOP_WORDS else word for word in _WORD.findall(text.lower())]


def author(text: str) -> Tokens:
    """Of a name: whatever stands between spaces, folded."""
    return [_unified(word) for word in _folded(text)]


def combined(text: str) -> Tokens:
    """Of everything at once: as of a name, without stop words."""
    return [None if word in STOP_WORDS else _unified(word) for word in _folded(text)]


def _folded(text: str) -> list[str]:
    """Words without accents; `self-attention` is one."""
    text = text.translate(_STRIPPED).casefold()
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in letters if unicodedata.category(letter) != "Mn").translate(_FOLDED)
    return text.split()


@cache
def _unified(word: str) -> str:
    return _DOUBLED.sub(r"\1\2", _UMLAUT.sub(r"\1\2", word))

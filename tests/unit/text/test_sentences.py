"""Sentences about papers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.text import sentences
from tests.unit.samples import PAPER


def test_five_authors_are_named_in_full() -> None:
    paper = replace(PAPER, authors=PAPER.authors[:5])
    assert sentences.authors(paper) == "Ada Lindqvist, Bo Sørensen, Chiara Conti, Dmitri Orlov, Eun-ji Park"


def test_of_more_authors_the_last_one_is_named_too() -> None:
    paper = replace(PAPER, authors=(*PAPER.authors, *["Extra Hand"] * 2993, r"G\"unther Haus"))
    assert sentences.authors(paper) == "Ada Lindqvist, Bo Sørensen, Chiara Conti, Dmitri Orlov … Günther Haus (3,000 authors)"


@pytest.mark.parametrize(
    ("authors", "first"), [((), ""), (("Ada Lindqvist",), "Ada Lindqvist"), (("Ada Lindqvist", "B"), "Ada Lindqvist et al.")]
)
def test_first_author(authors: tuple[str, ...], first: str) -> None:
    assert sentences.first_author(replace(PAPER, authors=authors)) == first


def test_a_title_that_shows_nothing_is_replaced_by_the_id() -> None:
    assert sentences.title(replace(PAPER, title=" \u200b ")) == "2512.06813v1"


@pytest.mark.parametrize(
    ("per_day", "words"),
    [
        (120.4, "about 120 a day"),
        (2.7, "about 3 a day"),
        (1.0, "about one a day"),
        (0.6, "about 4 a week"),
        (0.3, "about 2 a week"),
        (0.14, "about one a week"),
        (0.1, "about 3 a month"),
        (0.033, "about one a month"),
        (0.01, "rarely"),
        (0.0, "rarely"),
    ],
)
def test_how_often(per_day: float, words: str) -> None:
    assert sentences.how_often(per_day) == words

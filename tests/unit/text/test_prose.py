"""Words are whole, cuts fall where a reader would cut."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.escape import escape
from bot.text.prose import cut, excerpt, fit, legible, numbered
from tests.unit.samples import texts


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (" two\n lines\tand\x00more ", "two lines and more"),
        ("evil \u202etxt.exe", "evil txt.exe"),
        ("zero\u200bwidth and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("👩🏽\u200d🔬 works", "👩🏽\u200d🔬 works"),
        ("\u200b\u2060", ""),
        ("\u3164 \u2800", ""),
        ("lone \ud83d surrogate", "lone surrogate"),
    ],
)
def test_what_cannot_be_seen_goes(source: str, shown: str) -> None:
    assert legible(source) == shown


@pytest.mark.parametrize("piece", ["{", "$a_", "\u2800", "é ", "😀"])
def test_a_text_of_a_million_characters_is_read_at_once(piece: str) -> None:
    source = piece * (1_000_000 // len(piece))
    start = time.process_time()
    legible(source)
    assert time.process_time() - start < 5  # what is quadratic takes minutes


@given(texts.map(legible), st.integers(1, 200))
def test_a_cut_keeps_the_beginning_within_its_limit(text: str, limit: int) -> None:
    shown = cut(text, limit)
    assert len(shown) <= limit
    assert text.startswith(shown.removesuffix("…"))


@given(st.lists(st.sampled_from(["glass", "of", "sodium", "ions"]), min_size=1, max_size=40), st.integers(8, 200))
def test_a_cut_ends_after_a_whole_word(words: list[str], limit: int) -> None:
    shown = cut(" ".join(words), limit)
    assert shown.removesuffix("…").split() == words[: len(shown.split())]


def test_an_overlong_word_is_cut_between_visible_characters() -> None:
    assert cut("e\u0301" * 50, 22) == "e\u0301" * 10 + "…"
    assert {cut("👩🏽\u200d🔬" * 50, limit) for limit in (9, 10, 11, 12)} == {"👩🏽\u200d🔬" * 2 + "…"}


def test_a_short_abstract_is_shown_whole() -> None:
    assert excerpt("One sentence. And another.") == "One sentence. And another."


def test_an_abstract_ends_with_a_sentence_and_no_ellipsis() -> None:
    sentence = "Each of these sentences is eighty characters long, so that counting them is easy"
    assert excerpt(f"{sentence}. " * 9) == f"{sentence}. {sentence}. {sentence}. {sentence}. {sentence}."


def test_abbreviations_and_numbers_end_no_sentence() -> None:
    start = "We compare with the work of J. Smith et al. on melts, i.e. at 0.5 V, cf. Fig. 3, vs. glass " * 5
    assert excerpt(f"{start}and stop. Then comes more. {'word ' * 60}").endswith("…")


def test_an_endless_sentence_is_cut_at_a_word_with_an_ellipsis() -> None:
    shown = excerpt("endless " * 100)
    assert shown.endswith("endless…")
    assert 300 < len(shown) <= 380


@given(texts.map(legible), st.integers(1, 300))
def test_what_is_written_fits(text: str, limit: int) -> None:
    assert len(fit(text, limit, escape)) <= limit


def test_short_titles_stay_whole_when_a_long_one_needs_room() -> None:
    text = numbered(["short", "long " * 100, "brief"], lambda index, title: f"{index + 1} {title}", escape, 120)
    first, second, third = text.split("\n")
    assert (first, third) == ("1 short", "3 brief")
    assert second.endswith("long…")
    assert 110 < len(text) <= 120

"""The table of arXiv's active categories."""

from __future__ import annotations

import pytest

from bot.query import category_name
from bot.query.categories import ALIASES, ARCHIVES, CATEGORIES, nearest


def test_the_table_is_complete() -> None:
    assert len(CATEGORIES) == 155
    assert set(ALIASES) | set(ALIASES.values()) <= set(CATEGORIES)
    assert {"cs", "cond-mat", "physics"} <= ARCHIVES
    assert "hep-th" not in ARCHIVES


def test_names() -> None:
    assert category_name("cond-mat.mtrl-sci") == "Materials Science"
    assert category_name("CS.lg") == "Machine Learning"
    assert category_name("cs") is None


@pytest.mark.parametrize(("typed", "meant"), [("cs.LGG", "cs.LG"), ("quantph", "quant-ph"), ("CS.RQ", "cs.RO")])
def test_the_nearest_id(typed: str, meant: str) -> None:
    assert nearest(typed) == [meant]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cs.LH", ["cs.LO", "cs.LG"]),
        ("physics.ML", ["stat.ML"]),
        ("LG", ["cs.LG"]),
        ("econ.CO", ["astro-ph.CO", "math.CO", "stat.CO"]),
    ],
)
def test_several_are_as_near_or_the_archive_was_mistaken(typed: str, meant: list[str]) -> None:
    assert nearest(typed)[: len(meant)] == meant
    assert len(nearest(typed)) <= 3


def test_nothing_is_near() -> None:
    assert nearest("zzzzzzzz") == []

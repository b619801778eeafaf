"""What is believed of a source's answers, and what they say about how much a query brings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.digest.ask import covered_days, doubt, per_day
from bot.digest.model import Empty, Papers
from tests.papers import NOON, paper

DAY = timedelta(days=1)


def answer(*ages: int, total: int | None = None, **fields: object) -> Papers:
    papers = tuple(paper(n, age=age * DAY) for n, age in enumerate(ages))
    return Papers(papers, len(papers) if total is None else total, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_answer", "last_total", "expected"),
    [
        (answer(1, 2, 3), None, None),
        (answer(1, 3, 2), None, "not sorted"),
        (answer(1, 2, damaged=("entry 3",), total=3), None, None),
        (answer(damaged=("entry 1",), total=1), None, "1 of arXiv's 1 entries lack"),
        (answer(1, 2, damaged=("?",) * 4), None, "4 of arXiv's 6 entries lack"),
        (answer(*range(90), damaged=("?",) * 10, total=100), None, None),
        (answer(*range(89), damaged=("?",) * 11, total=100), None, "11 of arXiv's 100 entries lack"),
        (answer(1, 2, total=10), None, "2 entries where 10 were promised"),
        (answer(1, 2, total=10, reached_window=True), None, None),
        (answer(*range(9), total=10), None, None),
        (Empty(), None, None),
        (Empty(), 0, None),
        (Empty(), 499, "without a single entry although 499"),
        (Empty(7), None, "without a single entry although 7"),
    ],
)
def test_what_is_not_believed(given_answer: Papers | Empty, last_total: int | None, expected: str | None) -> None:
    reason = doubt(given_answer, limit=500, last_total=last_total)

    assert reason is None if expected is None else expected in (reason or "")


def test_a_short_answer_and_a_long_one_say_the_same_rate() -> None:
    ages = [timedelta(hours=number) for number in range(2000)]
    papers = tuple(paper(number, age=age) for number, age in enumerate(ages))
    short, long = Papers(papers[:500], 9000, capped=True), Papers(papers, 9000, capped=True)
    assert per_day(short, NOON) == per_day(long, NOON) == pytest.approx(24, rel=0.01)


@pytest.mark.parametrize(
    ("ages", "total", "rate"),
    [
        ([], 0, 0),
        ([1, 5, 29], 3, 0.1),
        ([1, 5, 29, 31, 400], 5, 0.1),  # what is older than a month says nothing
        ([1, 2, 4], 900, 2 / 3),  # cut: of the days between the newest and the oldest
        ([0, 0, 0], 900, 3),  # never of less than a day
    ],
)
def test_the_rate_is_that_of_a_month_or_of_what_a_cut_answer_shows(ages: list[float], total: int, rate: float) -> None:
    found = tuple(paper(number, age=age * DAY) for number, age in enumerate(ages))
    assert per_day(Papers(found, total) if found else Empty(), NOON) == pytest.approx(rate)


def test_only_a_cut_answer_has_an_end() -> None:
    found = (paper(1, age=DAY), paper(2, age=3 * DAY))
    assert covered_days(Papers(found, 2), NOON) is None
    assert covered_days(Papers(found, 900, capped=True), NOON) == pytest.approx(3)

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.daemon.budget import EACH_PERSON, EACH_SERVER, Budget
from bot.errors import TooOften
from tests.papers import NOON

SERVER, ELSEWHERE, ADA, BO = 11, 12, 31, 32


def after(**delta: float) -> timedelta:
    return timedelta(**delta)


def test_five_of_a_kind_a_minute_and_then_it_is_said_when_again() -> None:
    budget = Budget()
    for second in range(EACH_PERSON):
        budget.spend("check", SERVER, ADA, NOON + after(seconds=second))
    with pytest.raises(TooOften, match=r"Try again in 40 seconds\."):
        budget.spend("check", SERVER, ADA, NOON + after(seconds=20))
    budget.spend("check", SERVER, ADA, NOON + after(seconds=60))
    with pytest.raises(TooOften, match=r"Try again in 1 second\."):
        budget.spend("check", SERVER, ADA, NOON + after(seconds=60.5))


def test_each_kind_person_and_server_has_its_own() -> None:
    budget = Budget()
    for _ in range(EACH_PERSON):
        budget.spend("check", SERVER, ADA, NOON)
    budget.spend("post", SERVER, ADA, NOON)
    budget.spend("check", SERVER, BO, NOON)
    budget.spend("check", ELSEWHERE, ADA, NOON)


def test_a_server_has_sixty_an_hour_whoever_asks() -> None:
    budget = Budget()
    for number in range(EACH_SERVER):
        budget.spend("latest", SERVER, number, NOON + after(seconds=number))
    with pytest.raises(TooOften, match=r"Try again in 30 minutes\."):
        budget.spend("save", SERVER, ADA, NOON + after(minutes=30, seconds=20))
    budget.spend("save", ELSEWHERE, ADA, NOON)
    budget.spend("save", SERVER, ADA, NOON + after(hours=1))


def test_neither_a_look_nor_a_refusal_costs_anything() -> None:
    budget = Budget()
    for _ in range(EACH_PERSON):
        budget.check("latest", SERVER, ADA, NOON)
        budget.spend("latest", SERVER, ADA, NOON)
    for spend in (budget.spend, budget.check) * 3:
        with pytest.raises(TooOften):
            spend("latest", SERVER, ADA, NOON + after(seconds=59))
    budget.spend("latest", SERVER, ADA, NOON + after(minutes=1))

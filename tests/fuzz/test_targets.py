"""Some hundred inputs in each run of the tests, always the same ones; and that a fault is found, shrunk and found again."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from hypothesis import strategies as st

from tests.fuzz.target import Target, fuzz
from tests.fuzz.targets import TARGETS

SOME = {"query": 150, "feed": 60, "rendering": 30, "component_ids": 20, "config": 60}
"""Inputs of each; together they take a few seconds."""


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_is_handled_wrongly(name: str) -> None:
    assert fuzz(TARGETS[name], seed=1, most=SOME[name]).failure is None


def _below_a_thousand(number: int) -> None:
    assert number < 1000


def test_a_failing_input_is_shrunk_and_comes_again_with_its_seed() -> None:
    target = Target(st.integers(), lambda: nullcontext(_below_a_thousand))
    first = fuzz(target, seed=1, seconds=60)
    assert "value=1000" in str(first.failure)
    assert fuzz(target, seed=first.seed).failure == first.failure


def test_rounds_go_on_until_the_time_is_over() -> None:
    once, longer = (
        fuzz(Target(st.booleans(), lambda: nullcontext(_below_a_thousand)), seed=1, seconds=seconds, most=1)
        for seconds in (0, 0.1)
    )
    assert (once.inputs, once.failure, longer.failure) == (1, None, None)
    assert longer.inputs > 1

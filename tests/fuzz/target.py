"""A target, and how it is fuzzed: in rounds, each of them wholly decided by its seed."""

from __future__ import annotations

import itertools
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import HypothesisWarning
from hypothesis.strategies import SearchStrategy

ROUND = 100
"""Inputs of one round."""


@dataclass(frozen=True, slots=True)
class Target:
    """`opened` gives the check, which raises for an input that is handled wrongly."""

    inputs: SearchStrategy[Any]
    opened: Callable[[], AbstractContextManager[Callable[[Any], None]]]


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    inputs: int
    seed: int
    """Of the round that failed, else of the first one."""
    seconds: float
    slowest: float
    """Seconds that one input took."""
    failure: str | None
    """The shrunk input and what went wrong with it."""


def fuzz(target: Target, seed: int, seconds: float = 0, most: int = ROUND) -> Tried:
    """Rounds of `most` inputs with this seed and those after it, until the time is over or one fails; at least one round."""
    began, inputs, slowest = time.monotonic(), 0, 0.0
    with target.opened() as check:

        def timed(value: Any) -> None:
            nonlocal inputs, slowest
            inputs, started = inputs + 1, time.monotonic()
            check(value)
            slowest = max(slowest, time.monotonic() - started)

        for current in itertools.count(seed):
            failure = _failure(target.inputs, timed, current, most)
            spent = time.monotonic() - began
            if failure or spent >= seconds:
                return Tried(inputs, current if failure else seed, spent, slowest, failure)
    raise AssertionError("rounds never run out")


def _failure(inputs: SearchStrategy[Any], check: Callable[[Any], None], seed: int, most: int) -> str | None:
    """Of one round; None when every input was handled."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=most,
        phases=(Phase.generate, Phase.shrink),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @hypothesis.given(inputs)
    def holds(value: Any) -> None:
        check(value)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)  # while it shrinks, that strategies are long when written out
        try:
            holds()
        except Exception as error:  # whatever it is, it is what was looked for
            return "".join(traceback.format_exception(error, limit=-3)).rstrip()
    return None

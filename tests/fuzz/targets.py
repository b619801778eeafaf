"""The targets by name."""

from __future__ import annotations

from tests.fuzz import component_ids, config, feed, query, rendering
from tests.fuzz.target import Tried, fuzz

TARGETS = {
    "query": query.TARGET,
    "feed": feed.TARGET,
    "rendering": rendering.TARGET,
    "component_ids": component_ids.TARGET,
    "config": config.TARGET,
}


def fuzz_named(name: str, seed: int, seconds: float) -> Tried:
    """For a process of its own, which can be told a name and no target."""
    return fuzz(TARGETS[name], seed, seconds)

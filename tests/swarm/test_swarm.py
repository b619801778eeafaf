"""A quick swarm; `python -m tests.swarm --years 500` is the long one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.swarm.bugs import BUGS, Bug, planted
from tests.swarm.play import played
from tests.swarm.rules import Broken, Rule
from tests.swarm.shrink import shrunk, told
from tests.swarm.story import KINDS, SETTLING, Story, Trouble, draw

SEEDS = tuple(seed for seed in range(1, 60) if len(draw(seed, 45).labs) == 1 and len(draw(seed, 45).troubles) >= 4)[:3]
"""Of short years with one server, and trouble enough."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_short_year_breaks_no_rule(tmp_path: Path, seed: int) -> None:
    year = await played(draw(seed, 45), tmp_path)
    assert year.papers > 0
    assert [*map(str, year.broken)] == []


def test_the_same_seed_draws_the_same_year() -> None:
    assert draw(7) == draw(7)
    assert draw(7) != draw(8)


def test_every_kind_of_trouble_comes_within_fifty_years() -> None:
    assert {trouble.kind for seed in range(50) for trouble in draw(seed).troubles} == set(KINDS)


@pytest.mark.parametrize("bug", BUGS.values(), ids=BUGS)
def test_each_bug_can_still_be_planted(bug: Bug) -> None:
    spec = find_spec(bug.module)
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    assert planted(source, bug) != source


def test_a_long_story_is_told_by_what_matters() -> None:
    """Here a rule breaks where the database is lost while the bot is killed, whatever else happens."""
    first = draw(3, 365)
    kinds = ("the bot is restarted", "the bot is killed over its work", "arXiv answers 503", "the database is lost")
    troubles = [Trouble(kind, first.start + SETTLING * number, timedelta()) for number, kind in enumerate(kinds * 5, 1)]
    story = replace(first, troubles=tuple(troubles))

    def play(candidate: Story) -> Broken | None:
        left = {trouble.kind for trouble in candidate.troubles}
        needed = {"the database is lost", "the bot is killed over its work"}
        return Broken(Rule.TWICE, troubles[-1].at, "2603.00001") if needed <= left else None

    short, broken = shrunk(story, Broken(Rule.TWICE, troubles[-1].at, "2603.00001"), play)

    assert sorted(trouble.kind for trouble in short.troubles) == ["the bot is killed over its work", "the database is lost"]
    *_, last = told(short, broken)
    assert last == f"{broken.at:%Y-%m-%d %H:%M} UTC: a paper stands twice in a channel: 2603.00001"

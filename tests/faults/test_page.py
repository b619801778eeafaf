"""docs/faults.md says what is seen when each fault is done to the bot, and every rule holds in the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import SERVER
from tests.faults.page import PAGE, SCENARIOS, row, standing, written
from tests.faults.scenario import Scenario, play


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.happens.__name__)
async def test_the_page_shows_what_is_seen(scenario: Scenario, tmp_path: Path) -> None:
    if scenario.on_file and SERVER is not None:
        pytest.skip("it is about a file of SQLite")
    seen = await play(scenario, tmp_path)
    assert standing()[scenario.fault] == row(scenario, seen)


def test_nothing_else_stands_on_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(standing())

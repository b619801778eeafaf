from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.daemon.health import Findings
from bot.daemon.metrics import PREFIX, Metrics
from bot.daemon.serving import interface
from bot.settings import load
from bot.storage.digests import Pulse
from tests.structure.sources import ROOT

NOW = datetime(2026, 3, 3, 6, 20, tzinfo=UTC)
QUIET = Pulse(last_good_at=None, missed_at=None, overdue=0, pending=0, failing=0, failing_since=None, answered_at=None)


@pytest.mark.parametrize(("lag", "problem"), [(2.0, None), (2.5, "Something held up everything else for 2.5 s.")])
def test_a_loop_too_slow_to_answer_a_command_in_time_is_illness(lag: float, problem: str | None) -> None:
    parts = Findings(at=NOW, pulse=QUIET, latency=0.1, lag=lag).parts
    assert {name: part.problem for name, part in parts.items() if part.problem} == ({"loop": problem} if problem else {})


def test_a_new_bot_with_nothing_to_do_works() -> None:
    parts = Findings(at=NOW, pulse=QUIET, latency=0.1, lag=0).parts
    assert [part.problem for part in parts.values()] == [None] * 5
    assert parts["digests"].facts["last_good_age_seconds"] is None


def test_a_port_of_the_environment_is_for_everybody_and_one_of_the_file_for_this_machine(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text("{}")
    (tmp_path / ".env").write_text("PORT=8001\n")
    assert interface(load(config, {})) == "127.0.0.1"
    assert interface(load(config, {"PORT": "8001"})) == "0.0.0.0"


def test_every_metric_is_in_the_documents() -> None:
    told = Metrics().exposed(Findings(at=NOW, pulse=QUIET, latency=0.1, lag=0)).decode()
    names = {line.split()[2].removeprefix(PREFIX) for line in told.splitlines() if line.startswith(f"# TYPE {PREFIX}")}
    table = (ROOT / "docs" / "health.md").read_text(encoding="utf-8").split("| name | counts |")[1]
    cells = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    assert names == {name for cell in cells for name in re.findall(r"`(\w+)", cell)}

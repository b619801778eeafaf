"""A few of the deaths that `python -m tests.crash` dies by the thousand."""

from __future__ import annotations

import subprocess
import sys

from tests.crash.failpoints import sites
from tests.e2e.lab import ROOT


def test_one_death_in_each_of_twenty_scenarios() -> None:
    """In a process of its own, whose bot has failpoints."""
    died = subprocess.run(
        [sys.executable, "-m", "tests.crash", "--sample"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert died.returncode == 0, died.stdout + died.stderr
    assert " deaths on " in died.stdout


def test_each_await_of_digest_and_delivery_is_a_site() -> None:
    assert {"digest/run.py", "digest/seed.py", "delivery/worker.py", "delivery/outbox.py"} <= {
        site.partition(":")[0] for site in sites()
    }
    assert len(sites()) == len(set(sites())) > 150

"""The lab every end-to-end test starts with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.server import INTERVAL
from sandbox.control.clock import SandboxClock
from sandbox.discord.limits import RateLimits
from sandbox.server import Sandbox
from tests.conformance.bodies import invalid_bodies
from tests.databases import new_database
from tests.e2e.lab import Lab, new_lab

PACE = 20
"""So many times faster than at Discord and arXiv a bot may ask again: what they punish is punished, and no test waits."""
START = datetime.fromisoformat("2026-03-02T15:00:00+08:00")


def new_sandbox() -> Sandbox:
    """At the start, with limits and without papers."""
    return Sandbox(SandboxClock(START), RateLimits.paced(PACE), Corpus(), arxiv_interval=INTERVAL / PACE)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Fails the test when the bot used a route or field Discord does not have, sent a body Discord does not describe, or asked
    Discord or arXiv more often than they allow."""
    async with new_sandbox() as sandbox:
        yield sandbox
        assert sandbox.refusals + sandbox.arxiv.refusals == []
        assert invalid_bodies(sandbox.requests) == []
        assert (sandbox.limits.exceeded, sandbox.arxiv.exceeded) == ({}, 0)


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """Of a database as a first start makes it."""
    return await new_database(tmp_path)


@pytest.fixture
def lab(sandbox: Sandbox, tmp_path: Path, url: str) -> Lab:
    """Follows the default query in #papers; nothing has run yet."""
    return new_lab(sandbox, tmp_path, url)

"""The lab every end-to-end test starts with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.arxiv.corpus import Corpus
from sandbox.control.clock import SandboxClock
from sandbox.server import Sandbox
from tests.conformance.bodies import invalid_bodies
from tests.databases import new_database
from tests.e2e.lab import Lab, new_lab

START = datetime.fromisoformat("2026-03-02T15:00:00+08:00")


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Fails the test when the bot used a route or field Discord does not have, or sent a body Discord does not describe."""
    async with Sandbox(clock=SandboxClock(START), corpus=Corpus()) as sandbox:
        yield sandbox
        assert sandbox.refusals + sandbox.arxiv.refusals == []
        assert invalid_bodies(sandbox.requests) == []


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """Of a database as a first start makes it."""
    return await new_database(tmp_path)


@pytest.fixture
def lab(sandbox: Sandbox, tmp_path: Path, url: str) -> Lab:
    """Follows the default query in #papers; nothing has run yet."""
    return new_lab(sandbox, tmp_path, url)

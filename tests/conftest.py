"""What holds for every test."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import databases

# A slow machine is no defect: timings live in benchmarks.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """Of a database without any table."""
    return await databases.empty_database(tmp_path)


@pytest.fixture(scope="session")
def own_postgres() -> Iterator[databases.Postgres]:
    with databases.postgres() as server:
        yield server


@pytest.fixture
def postgres(own_postgres: databases.Postgres) -> databases.Postgres:
    """Running; the test skips where PostgreSQL is not installed."""
    own_postgres.start()
    return own_postgres


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not walk through it again and again (a fifth of the CPU)."""
    gc.freeze()

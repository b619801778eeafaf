"""Every storage test runs on SQLite, and once more on PostgreSQL where TEST_DATABASE_URL names an empty database for it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.storage.database import Database
from bot.storage.url import parse

POSTGRESQL = os.environ.get("TEST_DATABASE_URL")


@pytest.fixture(params=["sqlite", *(["postgresql"] if POSTGRESQL else [])])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database without any table."""
    if request.param == "sqlite" or POSTGRESQL is None:
        return f"sqlite:///{tmp_path / 'papers.db'}"
    await _emptied(POSTGRESQL)
    return POSTGRESQL


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with Database.open(url) as database:
        yield database


async def _emptied(url: str) -> None:
    address = parse(url)
    if "test" not in (address.url.database or ""):
        pytest.fail(f"{address} is emptied by these tests: its name must contain 'test'")
    engine = create_async_engine(address.url, connect_args=dict(address.connect_args))
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()

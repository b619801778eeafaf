"""An open storage, of the kind under test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.storage import Storage
from bot.storage.database import Database
from tests.storage.lab import DEFAULTS


@pytest.fixture
async def storage(url: str) -> AsyncIterator[Storage]:
    async with Storage.open(url, DEFAULTS) as storage:
        yield storage


@pytest.fixture
def database(storage: Storage) -> Database:
    return storage.database

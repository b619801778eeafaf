"""The app as it is composed, over a database of the test's own; arXiv is whatever the test puts in its place."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.app import App
from bot.clock import Clock
from bot.digest.ports import Source
from bot.settings import load


@asynccontextmanager
async def opened(folder: Path, clock: Clock, source: Source | None = None, **config: Any) -> AsyncIterator[App]:
    """`config`: keys of config.json. Without a `source` nothing may ask arXiv."""
    file = folder / "config.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    async with App.open(load(file, {"DATABASE_URL": f"sqlite:///{folder / 'lab.db'}"}), clock) as app:
        if source is not None:
            app.asker.source = app.interactive.source = source
        yield app

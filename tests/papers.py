"""Papers for tests, plainly fictional."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.paper import Paper, PaperId

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def paper(number: int = 1, version: int = 1, *, age: timedelta = timedelta(days=2), **fields: Any) -> Paper:
    """`number` makes the id; `age` is how long before NOON this version was submitted."""
    updated = NOON - age
    given: dict[str, Any] = {
        "title": f"Invented alloys, part {number}",
        "abstract": "We imagine an alloy. It is light. It is strong.",
        "authors": ("Ada Example", "Bo Sample"),
        "categories": ("cond-mat.mtrl-sci", "cs.LG"),
        "published": updated - timedelta(days=10 * (version - 1)),
        "updated": updated,
    }
    return Paper(id=PaperId(f"2603.{number:05d}", version), **(given | fields))

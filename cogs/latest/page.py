"""A page of the newest papers, and how a button finds it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.paper import Paper
from bot.query import Hint


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in an answer a page begins, and how long it is: all that a button needs to find it again."""

    draft: str
    """Id of the row that holds the query's text."""
    start: int
    """0-based."""
    count: int
    """Papers a page, 1 to 10."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the newest papers of `query`, newest version first; none when nothing matches."""

    spot: Spot
    query: str
    """Canonical text."""
    papers: tuple[Paper, ...]
    known: int
    """Papers that can be paged through: at most fifty."""
    total: int
    """Papers on arXiv."""
    as_of: datetime
    """When arXiv said so."""
    now: datetime
    zone: ZoneInfo
    """The server's."""
    stale: bool
    """arXiv was asked for something newer and did not answer."""
    hints: tuple[Hint, ...]
    """On the query as it was typed."""

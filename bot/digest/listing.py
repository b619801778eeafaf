"""What the last digest found, for a list that stands outside Discord."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.paper import Paper


@dataclass(frozen=True, slots=True)
class Listing:
    """Both newest first, as arXiv sorts them; a paper is in one of them at most."""

    new: tuple[Paper, ...]
    revised: tuple[Paper, ...]
    """At the version found; an earlier one was known before."""
    held_back: int
    """New ones that went to the backlog."""
    digest_at: datetime | None
    """When the last digest was made; None before the first."""

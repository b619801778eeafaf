"""One version of one paper, as arXiv's index holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Text is served as it stands here; times are aware UTC, whole seconds."""

    base_id: str
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    """Primary first."""
    published: datetime
    """When version 1 was submitted."""
    updated: datetime
    """When this version was submitted."""
    appears: datetime
    """When the index first shows this version."""
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    affiliations: tuple[tuple[str, ...], ...] = ()
    """In the order of `authors`; may be shorter."""

    @property
    def id(self) -> str:
        return f"{self.base_id}v{self.version}"


class Metadata(TypedDict, total=False):
    """What an author can change without a new version."""

    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    comment: str | None
    journal_ref: str | None
    doi: str | None
    affiliations: tuple[tuple[str, ...], ...]

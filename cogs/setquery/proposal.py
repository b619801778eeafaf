"""What becomes of a draft on its way to being followed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.digest.ask import DAY, per_day
from bot.digest.model import Answer, Schedule
from bot.errors import ArxivError, BotError, QuerySyntaxError
from bot.paper import Paper
from bot.query import Hint, Query

if TYPE_CHECKING:
    from bot.storage.drafts import Draft

SAMPLES = 3
TOO_MANY = 15
"""Papers a day beyond which a channel is hard to read."""


class NoSuchDraft(BotError):
    """It was not saved for a day, or belongs to another server."""


class NobodyFollows(BotError):
    """No channel would follow the server's query."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a query is for: one channel, or (`channel_id` None) the server.

    A server's first and only channel follows the server's query, so that the next `/setquery` anywhere changes it.
    """

    channel_id: int | None
    channels: tuple[int, ...]
    """Those that will follow the query."""
    shared: bool
    """It becomes the server's query."""
    instead_of: int | None = None
    """A deleted channel, whose papers come to this one from now on."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What arXiv has for a query."""

    total: int
    per_day: float
    limit: int
    """max_results: so many of the newest each digest asks for."""
    covered_days: float | None
    """How far back those reach; None where the limit cuts nothing off."""
    samples: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft that could be read and was asked."""

    draft: Draft
    target: Target
    query: str
    """Canonical text."""
    parts: tuple[Query, ...]
    """What every paper must fulfil, apart from what it must not be."""
    hints: tuple[Hint, ...]
    prospect: Prospect
    schedule: Schedule
    next_digest: datetime | None
    """None while the server is paused."""
    lists_only: bool
    """The server gets lists only, as it is."""
    asks_when: bool = False
    """Nothing is followed yet, and the server has not said when papers should come."""

    @property
    def too_broad(self) -> bool:
        return self.prospect.per_day > TOO_MANY and not self.lists_only


@dataclass(frozen=True, slots=True)
class Malformed:
    """A draft that cannot be read."""

    draft: Draft
    error: QuerySyntaxError


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A draft that arXiv could not be asked about, or (QueryRefused) does not accept. Nothing has changed."""

    draft: Draft
    error: ArxivError


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a query finds nothing: `barren` are the parts that find nothing by themselves; none when only together."""

    barren: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unposted:
    """A first message that did not reach its channel yet."""

    channel_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Saved:
    """`next_digest`: None while the server is paused. `lists_only`: the server gets lists only from now on."""

    target: Target
    query: str
    next_digest: datetime | None
    lists_only: bool
    unposted: tuple[Unposted, ...]


@dataclass(frozen=True, slots=True)
class SavedBefore:
    """Save was pressed again. `in_force`: nothing else was saved since."""

    in_force: bool


def prospect_of(answer: Answer, now: datetime, max_results: int) -> Prospect:
    """What an answer that may be shorter than a digest's says about the query."""
    papers = answer.papers
    # As far back as the newest ones reach, and as much further as a digest asks for more of them.
    reach = (now - papers[-1].updated) / DAY * max_results / len(papers) if papers else 0.0
    covered = reach if papers and answer.total > max_results else None
    return Prospect(answer.total, per_day(answer, now), max_results, covered, papers[:SAMPLES])

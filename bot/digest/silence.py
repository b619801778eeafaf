"""Why a channel is quiet, or gets less than arXiv has. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.digest.calendar import NoAnnouncement, last_announcement, last_evening, next_announcement, why_no_announcement
from bot.digest.model import QueryState, Subscription
from bot.errors import QueryRefused
from bot.paper import Paper

_REFUSAL = str(QueryRefused("", url=""))


@dataclass(frozen=True, slots=True)
class Blocked:
    """Discord does not let the bot post there; `waiting` papers come when that is fixed."""

    reason: str
    waiting: int


@dataclass(frozen=True, slots=True)
class Deleted:
    """Discord has the channel no more; `waiting` papers come where it is moved to."""

    waiting: int
    listed_id: int | None = None
    """Its id where config.json lists it: then no command moves it."""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Discord was asked to take messages with so many `papers`, and has not confirmed them; 0: a message without papers."""

    papers: int
    reason: str | None
    retry_at: datetime | None = None
    """When it is asked again; None: with the next digest or sooner."""
    standing: bool = False
    """They stand there, as they were: what is not confirmed is an edit."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Papers that Discord takes neither as a card nor as text; whoever reads this finds them here."""

    papers: tuple[Paper, ...]
    """At least one, the newest first."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class Unseeded:
    """arXiv could not be asked yet for the query in force; `before` is the one that feeds the channel until then, if any."""

    before: str | None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """arXiv gave no usable answer since."""

    since: datetime
    error: str


@dataclass(frozen=True, slots=True)
class Held:
    """arXiv answers, but in a way that is not believed."""

    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """arXiv does not accept the query in force; `before` is the one that feeds the channel until somebody edits it, if any."""

    reason: str
    before: str | None


@dataclass(frozen=True, slots=True)
class LookingAgain:
    """arXiv announced papers, and its search may not show them yet."""

    announced_at: datetime
    next_look_at: datetime


@dataclass(frozen=True, slots=True)
class NotAnnounced:
    """There was nothing to post: arXiv announced nothing on that evening."""

    evening: datetime
    why: NoAnnouncement
    last_at: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True)
class NothingMatched:
    """arXiv announced papers, none for this query."""

    announced_at: datetime


@dataclass(frozen=True, slots=True)
class Cut:
    """The query finds more than may be asked for: its answer reaches back `days`."""

    days: float


@dataclass(frozen=True, slots=True)
class Damaged:
    """Entries of the last answer that could not be read, each by what is known of it."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """So many papers came at once that these are kept in the backlog."""

    count: int


Trouble = Blocked | Deleted | Unconfirmed | Unseeded | Unreachable | Held | Refused
Reason = Trouble | NotTaken | LookingAgain | NotAnnounced | NothingMatched | Cut | Damaged | HeldBack


@dataclass(frozen=True, slots=True)
class PastDigest:
    """What a channel got from a digest, in papers."""

    at: datetime
    new: int = 0
    revised: int = 0
    held_back: int = 0
    unposted: int = 0
    """Of the new and the revised ones, those that Discord has not confirmed by now."""
    rejected: str | None = None
    """Why a message was never posted."""

    @classmethod
    def of(cls, at: datetime, report: Mapping[str, int | str], unposted: int = 0) -> PastDigest:
        """`report` as ChannelReport.as_row gives it."""
        counts = {name: count for name, count in report.items() if isinstance(count, int)}
        return cls(
            at=at,
            new=counts.get("new", 0),
            revised=counts.get("revised", 0),
            held_back=counts.get("held_back", 0),
            unposted=unposted,
            rejected=str(report["rejected"]) if "rejected" in report else None,
        )

    @classmethod
    def together(cls, tries: Sequence[PastDigest]) -> PastDigest:
        """All tries at one slot, the newest first; at least one."""
        return cls(
            at=tries[0].at,
            new=sum(each.new for each in tries),
            revised=sum(each.revised for each in tries),
            held_back=sum(each.held_back for each in tries),
            unposted=sum(each.unposted for each in tries),
            rejected=next((each.rejected for each in tries if each.rejected is not None), None),
        )

    @property
    def empty(self) -> bool:
        """It looked for papers and found none to post."""
        return not (self.new or self.revised or self.held_back)


def reasons(
    subscription: Subscription,
    state: QueryState,
    digests: Sequence[PastDigest],
    *,
    retry_at: datetime | None,
    waiting: int,
    backlog: int,
    unconfirmed: Unconfirmed | None = None,
    not_taken: NotTaken | None = None,
    listed: bool = False,
) -> Iterable[Reason]:
    """What is to be fixed or waited for first; the calendar only where nothing else explains why the last digest was empty.

    `digests` are the channel's, the newest first. The last one may be empty because another one since the same evening was not.
    `listed`: config.json names the channel.
    """
    troubles = (*_at_discord(subscription, unconfirmed, waiting, listed=listed), *_at_arxiv(subscription, state))
    yield from troubles
    if not troubles and digests and all(each.empty for each in _since_the_evening(digests)):
        yield _silence(digests[0].at, retry_at)
    if state.reach is not None and state.reach.covered_days is not None:
        yield Cut(state.reach.covered_days)
    if not_taken is not None:
        yield not_taken
    if state.damaged:
        yield Damaged(state.damaged)
    if backlog:
        yield HeldBack(backlog)


def _since_the_evening(digests: Sequence[PastDigest]) -> Iterable[PastDigest]:
    """Those that could bring what the last one could: of the same announcement, or of the same evening without one."""
    evening = last_evening(digests[0].at)
    return (each for each in digests if each.at >= evening)


def _at_discord(subscription: Subscription, unconfirmed: Unconfirmed | None, waiting: int, *, listed: bool) -> Iterable[Trouble]:
    if subscription.deleted:
        yield Deleted(waiting, subscription.channel_id if listed else None)
    elif subscription.blocked_reason is not None:
        yield Blocked(subscription.blocked_reason, waiting)
    elif unconfirmed is not None:
        yield unconfirmed


def _at_arxiv(subscription: Subscription, state: QueryState) -> Iterable[Trouble]:
    settled = subscription.seeding is not None and subscription.settled_query == subscription.query
    before = None if settled or subscription.seeding is None else subscription.settled_query
    error = state.last_error or ""
    if state.failing_since is not None and error.startswith(_REFUSAL):
        yield Refused(error.removeprefix(_REFUSAL), before)
        return
    if state.failing_since is not None:
        yield Unreachable(state.failing_since, error)
    elif state.held_since is not None and error:  # without an error it was taken all the same
        yield Held(state.held_since, error)
    if not settled:
        yield Unseeded(before)


def _silence(at: datetime, retry_at: datetime | None) -> Reason:
    """Why a digest that ended `at` found nothing."""
    why = why_no_announcement(at)
    if why is not None:
        return NotAnnounced(last_evening(at), why, last_announcement(at), next_announcement(at))
    return NothingMatched(last_evening(at)) if retry_at is None else LookingAgain(last_evening(at), retry_at)

"""The nouns of a digest: what is asked, decided, said and reported. No I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar, TypedDict
from zoneinfo import ZoneInfo

from bot.paper import Paper, PaperId
from bot.text.prose import cut
from bot.text.sentences import rate
from bot.text.words import Code, Coming, Command, Words, counted, short_day

DELETED = "the channel no longer exists"
"""The one reason for not posting that nobody can fix; stored as a subscription's `blocked_reason`."""

# --- what feeds a channel ---------------------------------------------------------------------


class Updates(StrEnum):
    """What a revision of a paper already posted does."""

    EDIT = "edit"
    POST = "post"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Once a day, not before `post_at` on the clocks of `zone`."""

    post_at: time
    zone: ZoneInfo

    def __str__(self) -> str:
        """The stored form: `14:00 Asia/Singapore`."""
        return f"{self.post_at:%H:%M} {self.zone.key}"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What a server can set for itself. A new setting is a field here and in ServerChanges, a key of config.json, and a
    migration that adds its column to `servers`.
    """

    query: str | None
    """Canonical text; None where neither the server nor config.json has one."""
    post_at: time
    timezone: str
    """IANA name."""
    max_posts: int
    updates: Updates

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.post_at, ZoneInfo(self.timezone))


class ServerChanges(TypedDict, total=False):
    """Changes to a server's settings, and to whether it is paused. None: config.json's value holds again."""

    query: str | None
    post_at: time | None
    timezone: str | None
    max_posts: int | None
    updates: Updates | None
    paused: bool


@dataclass(frozen=True, slots=True)
class Defaults(ServerSettings):
    """config.json's top level: each setting holds until a server sets its own; what stands here no server sets."""

    lookback_days: int
    max_results: int


@dataclass(frozen=True, slots=True)
class Server:
    """A server, and the settings in force there."""

    guild_id: int
    settings: ServerSettings
    paused: bool
    next_run_at: datetime | None
    retry_at: datetime | None
    attempt: int
    """Failed tries of the due time that is served now."""
    own: frozenset[str]
    """Names of the settings that the server has set itself."""


@dataclass(frozen=True, slots=True)
class Seeding:
    """What a subscription's ledger was last seeded from."""

    query: str
    at: datetime
    lookback_days: int
    max_results: int


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel, the query that feeds it, and the settings of its server."""

    channel_id: int
    guild_id: int
    query: str
    """Canonical text of the query that feeds the channel: its own, or its server's."""
    settings: ServerSettings
    """In force on its server; their query is the server's."""
    seeding: Seeding | None = None
    last_good_at: datetime | None = None
    notified_on: date | None = None
    blocked_reason: str | None = None
    next_run_at: datetime | None = None
    outage_since: datetime | None = None
    """The channel was told that arXiv has not answered since then, and not yet that it does again."""
    own_query: bool = False
    """`query` is the channel's alone, even where its server's reads the same."""
    listed: bool = False
    """config.json names its channel."""
    fixed_query: bool = False
    """config.json gives it its own query, which no command changes."""

    @property
    def destination_id(self) -> int:
        """The channel or thread that its messages go to from now on."""
        return self.channel_id

    @property
    def deleted(self) -> bool:
        """Discord has its channel no more."""
        return self.blocked_reason == DELETED

    @property
    def settled_query(self) -> str:
        """The query its digests ask: the one it was last seeded with, until a change of query could be seeded."""
        return self.query if self.seeding is None else self.seeding.query


@dataclass(frozen=True, slots=True)
class Slot:
    """A server whose digest is due (or forced), with every subscription that belongs to it."""

    guild_id: int
    due_at: datetime | None
    """The due time being served; None when forced before it was due."""
    schedule: Schedule
    attempt: int
    """Tries of this due time so far that did not serve it."""
    subscriptions: tuple[Subscription, ...]


# --- what arXiv answered ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Papers:
    """At least one entry. `papers` keep arXiv's order, each id once."""

    papers: tuple[Paper, ...]
    total: int
    """opensearch:totalResults."""
    damaged: tuple[str, ...] = ()
    """Entries left out because they cannot be read, each by what is known of it."""
    reached_window: bool = False
    """Paging stopped because the last entry was older than asked for."""
    capped: bool = False
    """Paging stopped at the limit although arXiv has more."""

    @property
    def covered_since(self) -> datetime | None:
        """How far back a capped answer reaches; None: as far as was asked."""
        return min(paper.updated for paper in self.papers) if self.capped else None


@dataclass(frozen=True, slots=True)
class Empty:
    """A whole, valid feed with no entry. `total` is what it claimed all the same."""

    total: int = 0

    @property
    def papers(self) -> tuple[Paper, ...]:
        return ()

    @property
    def damaged(self) -> tuple[str, ...]:
        return ()

    @property
    def covered_since(self) -> None:
        return None


Answer = Papers | Empty


@dataclass(frozen=True, slots=True)
class Reach:
    """How much a query brings and how far back an answer of max_results reaches."""

    per_day: float
    """Papers a day, new and revised."""
    covered_days: float | None
    """Days back that the answer reaches when max_results cut it; None when it was not cut."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest papers of a query, for somebody to look at."""

    papers: tuple[Paper, ...]
    """The newest version first, at most 50."""
    total: int
    """How many match in all, by the source's count."""
    as_of: datetime
    """When the source said so."""


@dataclass(frozen=True, slots=True)
class QueryState:
    """What is remembered about a query between digests."""

    last_total: int | None = None
    reach: Reach | None = None
    """By the last answer to a digest; None before the first."""
    held_since: datetime | None = None
    """Since when its answers have not been believed."""
    failing_since: datetime | None = None
    """Since when no usable answer came."""
    last_error: str | None = None
    damaged: tuple[str, ...] = ()
    """Entries of the last answer that could not be read, each by what is known of it."""


# --- what a channel has -----------------------------------------------------------------------


class State(StrEnum):
    """Of a claim."""

    SEEN = "seen"  # not to be posted
    WAITING = "waiting"  # to be posted, not yet possible
    CLAIMED = "claimed"  # a delivery holds it
    SENT = "sent"
    REFUSED = "refused"  # Discord takes neither a card nor text of it: to be posted as a link alone
    REJECTED = "rejected"  # not even that
    BACKLOG = "backlog"  # held back on purpose, one click away


class Kind(StrEnum):
    """Of a delivery."""

    CARD = "card"
    LIST = "list"
    EDIT = "edit"
    INTRO = "intro"
    NOTICE = "notice"


class Badge(StrEnum):
    NONE = "none"
    REVISED = "revised"
    NEWLY_MATCHING = "newly matching"


@dataclass(frozen=True, slots=True)
class Showing:
    """A paper in a message, and what is said beside it."""

    paper: Paper
    badge: Badge = Badge.NONE

    @property
    def badge_text(self) -> str:
        """Why a paper is shown that is not simply new; else empty."""
        if self.paper.withdrawn:
            return f"Withdrawn · v{self.paper.version}" if self.paper.version > 1 else "Withdrawn"
        match self.badge:
            case Badge.REVISED:
                return f"Revised · v{self.paper.version}"
            case Badge.NEWLY_MATCHING:
                return "Newly matching"
            case Badge.NONE:
                return ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message standing in the channel, as it was last sent or edited."""

    message_id: int
    destination_id: int
    """The channel or thread it stands in."""
    layout: Kind
    """CARD, LIST or NOTICE."""
    showings: tuple[Showing, ...]
    away: bool = False
    bare: bool = False
    """A list of links alone."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message of ours that stands in a channel, as the channel itself shows it."""

    message_id: int
    at: datetime
    """When it was posted, by Discord's clock."""
    papers: tuple[PaperId, ...]
    """Each with its version, in no order."""
    introduces: bool
    """It is a first message: the papers in it were known, not posted."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One paper whose claim this digest has just won, or one that was waiting."""

    paper: Paper
    prior: State | None
    """The state of the row it was claimed over; None for a first sight."""
    shown: Shown | None = None
    """Where an earlier version stands; only for prior SENT."""
    waiting_since: datetime | None = None
    """When it was first seen; only for prior WAITING."""


# --- what is said -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MessageAddress:
    """Where a message stands in Discord."""

    guild_id: int
    destination_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class DayLine:
    """Opens the first message of a digest."""

    day: date
    """In the server's zone."""
    new: int
    revised: int
    edited: tuple[MessageAddress, ...] = ()
    """The messages that show what was revised, where those were edited."""

    @property
    def heading(self) -> str:
        """`Tue 9 Dec · 5 new · 2 revised`."""
        counts = [f"{count:,} {word}" for count, word in ((self.new, "new"), (self.revised, "revised")) if count]
        return " · ".join([short_day(self.day), *counts])


_LONGEST_QUERY = 800
"""Characters of a query that are shown in an intro."""


@dataclass(frozen=True, slots=True)
class Intro:
    """First message of a subscription; also proof that the bot may post."""

    query: str
    total: int
    per_day: float
    next_digest: datetime
    newest: tuple[Showing, ...]
    """At most five; their claims stay SEEN."""
    changed: bool = False
    """The query replaced another one."""

    HEADINGS: ClassVar[tuple[str, str]] = ("Now following arXiv here", "Now following another query")

    @property
    def heading(self) -> str:
        return self.HEADINGS[self.changed]

    @property
    def words(self) -> Words:
        """What is followed, how much of it there is, and when the next digest comes."""
        query = Code(cut(" ".join(self.query.split()), _LONGEST_QUERY))
        lead, volume = "New papers that match this query appear here:\n", f"\n{self._volume}\nNext digest: "
        return lead, query, volume, Coming(self.next_digest)

    @property
    def _volume(self) -> str:
        if not self.total:
            return "Nothing on arXiv matches yet; the first paper that does will appear here."
        verb = "matches" if self.total == 1 else "match"
        return f"{counted(self.total, 'paper')} on arXiv {verb} it; new and revised ones come {rate(self.per_day)}."


class NoticeKind(StrEnum):
    FLOOD = "flood"  # so many papers held back in the backlog
    REVISIONS = "revisions"  # so many revisions recorded without a post
    NEWLY_MATCHING = "newly matching"  # so many old papers held back in the backlog
    OUTAGE = "outage"  # arXiv has not answered since, or answers again
    PARTING = "parting"  # what an outage's notice becomes when papers stop coming to its channel meanwhile


@dataclass(frozen=True, slots=True)
class Notice:
    """OUTAGE has `since` and, once it is over, `until`; PARTING has both; the others have `count`."""

    kind: NoticeKind
    count: int = 0
    since: datetime | None = None
    until: datetime | None = None

    @property
    def heading(self) -> str:
        match self.kind:
            case NoticeKind.FLOOD:
                return "More than usual"
            case NoticeKind.REVISIONS:
                return "Many revisions"
            case NoticeKind.NEWLY_MATCHING:
                return "Older papers"
            case NoticeKind.OUTAGE | NoticeKind.PARTING:
                return "arXiv"

    @property
    def words(self) -> Words:
        count, one = f"{self.count:,}", self.count == 1
        are, them = ("It is", "it") if one else ("They are", "them")
        kept = f" {are} kept in the backlog, not lost; ", Command("status"), f" shows {them}."
        match self.kind:
            case NoticeKind.FLOOD:
                return f"{count} more {'paper' if one else 'papers'} matched at once.", *kept
            case NoticeKind.REVISIONS:
                papers, versions = ("paper was", "Its new version is") if one else ("papers were", "Their new versions are")
                return (f"{count} {papers} revised at once. {versions} noted, not posted.",)
            case NoticeKind.NEWLY_MATCHING:
                return f"{count} older {'paper matches' if one else 'papers match'} for the first time.", *kept
            case NoticeKind.OUTAGE | NoticeKind.PARTING:
                return self._outage

    @property
    def _outage(self) -> Words:
        assert self.since is not None
        if self.until is None:
            return "arXiv has given no usable answer since ", self.since, ". Nothing is lost; papers come when it does."
        if self.kind is NoticeKind.PARTING:
            return "arXiv did not answer from ", self.since, " to ", self.until, ", when papers stopped coming here."
        again = "arXiv answers again since ", self.until
        return *again, ". It had not since ", self.since, "; what came meanwhile follows here."


@dataclass(frozen=True, slots=True)
class Outage:
    """What a channel was told of one. `message_id` None: that message was deleted, or Discord refused it."""

    since: datetime
    destination_id: int
    """Where it was told."""
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """What one delivery says. The plan fills it; rendering adds no paper and drops none.

    CARD: one showing. LIST: 1 to 15. EDIT: `edits` with all showings, or the notice, that the edited message must now have.
    INTRO: `intro`. NOTICE: `notice`.
    """

    kind: Kind
    showings: tuple[Showing, ...] = ()
    day_line: DayLine | None = None
    away: bool = False
    """A list of what came while the bot was away."""
    bare: bool = False
    """A list of links alone, to papers whose own words Discord did not take."""
    intro: Intro | None = None
    notice: Notice | None = None
    edits: Shown | None = None
    notifies_on: date | None = None
    """The local day whose one notification this is; None: sent silently."""

    @property
    def as_shown(self) -> Message:
        """An EDIT as the card, list or notice that its readers will see; anything else as it is."""
        if self.edits is None:
            return self
        return replace(self, kind=self.edits.layout, away=self.edits.away, bare=self.edits.bare, edits=None)

    @property
    def heading(self) -> str:
        """Of a LIST."""
        count = counted(len(self.showings), "paper")
        if self.bare:
            return f"Links alone, as Discord takes no more of {'it' if len(self.showings) == 1 else 'them'} · {count}"
        return f"While I was away · {count}" if self.away else count


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to make or edit. Its nonce is its identity towards Discord (at most 25 characters)."""

    id: int
    guild_id: int
    channel_id: int
    """The subscription's, which the ledger goes by."""
    destination_id: int
    """The channel or thread where the message stands or will stand."""
    nonce: str
    created_at: datetime
    message: Message
    retry_at: datetime | None = None
    """When Discord may be asked again, where that is not at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`messages` in the order to be sent; `states` for every sighting, keyed by PaperId.

    A paper in a CARD or LIST, and a revised one in an EDIT, gets CLAIMED. `held_back` went to the backlog.
    """

    messages: tuple[Message, ...]
    states: Mapping[PaperId, State]
    new: int = 0
    revised: int = 0
    held_back: int = 0


# --- what became of it ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """`message_id` None: it was sent, and deleted since."""

    message_id: int | None


@dataclass(frozen=True, slots=True)
class Blocked:
    """This channel, for a reason a person can fix."""

    reason: str
    nothing_stands: bool = False
    """It is certain that nothing of this message stands there, whatever was tried before."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """This message, our fault."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """May or may not exist."""

    reason: str
    retry_after: timedelta = timedelta(0)
    """How long Discord asks not to be asked again; zero where it asked for nothing."""


Outcome = Sent | Blocked | Rejected | Unknown


@dataclass(frozen=True, slots=True)
class Place:
    """Where a channel is."""

    guild_id: int
    name: str

"""What a channel gets, decided from what its claims won. Pure: no clock, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

from bot.digest.model import (
    Badge,
    DayLine,
    Kind,
    Message,
    MessageAddress,
    Notice,
    NoticeKind,
    Plan,
    Showing,
    Shown,
    Sighting,
    State,
    Subscription,
    Updates,
)
from bot.paper import PaperId

LIST_LENGTH = 15
LATE = timedelta(days=3)
OLD_SHOWN = 3
"""Papers outside the window that an ordinary run may post."""
FLOOD_FLOOR = 30
FLOOD_FACTOR = 5
SHOWN_WITHIN = timedelta(days=5)
"""What arXiv shows for the first time was submitted within this time: the longest wait was 4.7 days (450 measured items,
2025-07 to 2026-05)."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a plan needs to know besides the sightings."""

    now: datetime
    since: datetime
    """Start of the window: papers updated earlier are old."""
    last_good_at: datetime
    rate: float
    """Papers a day the channel is used to."""
    late: bool
    """The slot being served is more than three days late."""
    seeded_at: datetime | None = None
    """The only answer so far that its papers were marked as seen from; None once a second one has confirmed it."""
    barred: bool = False
    """The channel cannot be posted to now: what it is owed waits, and nothing is filed but edits."""

    @property
    def flood(self) -> float:
        """More first sights than this are a flood."""
        days = max((self.now - self.last_good_at) / timedelta(days=1), 1.0)
        return max(FLOOD_FLOOR, FLOOD_FACTOR * self.rate * days)


@dataclass(slots=True)
class _Draft:
    """A plan while it grows."""

    posted: list[Showing] = field(default_factory=list)
    away: list[Showing] = field(default_factory=list)
    refused: list[Showing] = field(default_factory=list)
    edited: dict[int, Shown] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    states: dict[PaperId, State] = field(default_factory=dict)
    new: int = 0
    revised: int = 0
    held_back: int = 0

    def post(self, sighting: Sighting, badge: Badge, *, away: bool) -> None:
        (self.away if away else self.posted).append(Showing(sighting.paper, badge))
        self.states[sighting.paper.id] = State.CLAIMED

    def edit(self, sighting: Sighting, shown: Shown) -> None:
        """Several revisions in one message make one edit."""
        current = self.edited.get(shown.message_id, shown)
        self.edited[shown.message_id] = replace(current, showings=_revised(current.showings, sighting))
        self.states[sighting.paper.id] = State.CLAIMED

    def wait(self, sightings: Sequence[Sighting]) -> None:
        self.states.update((sighting.paper.id, State.WAITING) for sighting in sightings)

    def hold_back(self, sightings: Sequence[Sighting], kind: NoticeKind) -> None:
        if sightings:
            self.notices.append(Notice(kind, len(sightings)))
        self.held_back += len(sightings)
        self.states.update((sighting.paper.id, State.BACKLOG) for sighting in sightings)


def decide(sightings: Sequence[Sighting], subscription: Subscription, situation: Situation) -> Plan:
    """The messages a channel gets and the state of every claim won."""
    draft = _Draft()
    _plan_refused([s for s in sightings if s.prior is State.REFUSED], situation, draft)
    _plan_new([s for s in sightings if s.prior not in (State.SEEN, State.SENT, State.REFUSED)], situation, draft)
    revisions = [s for s in sightings if s.prior in (State.SEEN, State.SENT)]
    _plan_revisions(revisions, subscription.settings.updates, situation, draft)
    return Plan(
        messages=tuple(_messages(draft, subscription, situation)),
        states=draft.states,
        new=draft.new,
        revised=draft.revised,
        held_back=draft.held_back,
    )


def _plan_refused(sightings: Sequence[Sighting], situation: Situation, draft: _Draft) -> None:
    """They were counted and announced when they were planned first."""
    for sighting in sightings:
        draft.states[sighting.paper.id] = State.REFUSED if situation.barred else State.CLAIMED
        if not situation.barred:
            draft.refused.append(Showing(sighting.paper))


def _plan_new(sightings: Sequence[Sighting], situation: Situation, draft: _Draft) -> None:
    if situation.barred:
        draft.wait(sightings)
        return
    newest_first = sorted(sightings, key=lambda s: (s.paper.updated, s.paper.id), reverse=True)
    if len(newest_first) > situation.flood:
        fresh = [s for s in newest_first if s.paper.updated >= situation.last_good_at - SHOWN_WITHIN][:FLOOD_FLOOR]
        kept = {s.paper.id for s in fresh}
        posted = fresh
        draft.hold_back([s for s in newest_first if s.paper.id not in kept], NoticeKind.FLOOD)
    else:
        newest_first = _without_late_seeds(newest_first, situation, draft)
        old = [s for s in newest_first if _is_old(s, situation)]
        held = {s.paper.id for s in old[OLD_SHOWN:]}
        posted = [s for s in newest_first if s.paper.id not in held]
        draft.hold_back(old[OLD_SHOWN:], NoticeKind.NEWLY_MATCHING)
    for sighting in posted:
        badge = Badge.NEWLY_MATCHING if _is_old(sighting, situation) else Badge.NONE
        draft.post(sighting, badge, away=_is_away(sighting, situation))
    draft.new = len(posted)


def _without_late_seeds(sightings: Sequence[Sighting], situation: Situation, draft: _Draft) -> list[Sighting]:
    """Those that the one answer which seeded the channel could not have held. An index that was short then (12 of 40, say) shows
    the rest now, with dates of long before: they are seeded too, late. A few alone are news: arXiv holds some papers for long.
    """
    since = None if situation.seeded_at is None else situation.seeded_at - SHOWN_WITHIN
    late = {s.paper.id for s in sightings if since is not None and s.prior is None and s.paper.updated < since}
    if len(late) <= OLD_SHOWN:
        return list(sightings)
    draft.states.update(dict.fromkeys(late, State.SEEN))
    return [s for s in sightings if s.paper.id not in late]


def _plan_revisions(sightings: Sequence[Sighting], updates: Updates, situation: Situation, draft: _Draft) -> None:
    draft.states.update((s.paper.id, s.prior) for s in sightings if s.prior is not None)
    visible = [s for s in sightings if updates is Updates.POST or (updates is Updates.EDIT and s.shown is not None)]
    if len(visible) > situation.flood:
        draft.notices.append(Notice(NoticeKind.REVISIONS, len(visible)))
        return
    for sighting in visible:
        if updates is Updates.EDIT and sighting.shown is not None:
            draft.edit(sighting, sighting.shown)
        elif situation.barred:
            draft.wait([sighting])
        else:
            draft.post(sighting, Badge.REVISED, away=situation.late)
    draft.revised = len(visible)


def _is_old(sighting: Sighting, situation: Situation) -> bool:
    """First seen only now, though outside the window: its metadata was edited, or the query reaches it newly."""
    return sighting.prior is None and sighting.paper.updated < situation.since


def _is_away(sighting: Sighting, situation: Situation) -> bool:
    waited = sighting.waiting_since is not None and situation.now - sighting.waiting_since > LATE
    return situation.late or waited


def _revised(showings: Sequence[Showing], sighting: Sighting) -> tuple[Showing, ...]:
    base = sighting.paper.id.base
    return tuple(Showing(sighting.paper, Badge.REVISED) if s.paper.id.base == base else s for s in showings)


def _messages(draft: _Draft, subscription: Subscription, situation: Situation) -> Iterable[Message]:
    """Posts oldest first, then edits (a post opens an archived thread, an edit does not), then what was held back."""
    posts = _posts(draft, subscription.settings.max_posts)
    if posts:
        places = draft.edited.values()
        edited = tuple(MessageAddress(subscription.guild_id, each.destination_id, each.message_id) for each in places)
        today = situation.now.astimezone(subscription.settings.schedule.zone).date()
        yield replace(
            posts[0],
            day_line=DayLine(today, draft.new, draft.revised, edited),
            notifies_on=None if subscription.notified_on == today else today,
        )
        yield from posts[1:]
    for part in _parts(_oldest_first(draft.refused)):
        yield Message(Kind.LIST, showings=part, bare=True)
    for shown in draft.edited.values():
        yield Message(Kind.EDIT, showings=shown.showings, edits=shown)
    for notice in draft.notices:
        yield Message(Kind.NOTICE, notice=notice)


def _posts(draft: _Draft, max_posts: int) -> list[Message]:
    away, posted = _oldest_first(draft.away), _oldest_first(draft.posted)
    return [
        *(Message(Kind.LIST, showings=part, away=True) for part in _parts(away)),
        *(Message(Kind.CARD, showings=(showing,)) for showing in posted[:max_posts]),
        *(Message(Kind.LIST, showings=part) for part in _parts(posted[max_posts:])),
    ]


def _oldest_first(showings: Iterable[Showing]) -> list[Showing]:
    return sorted(showings, key=lambda showing: (showing.paper.updated, showing.paper.id))


def _parts(showings: Sequence[Showing]) -> Iterable[tuple[Showing, ...]]:
    rest = iter(showings)
    while part := tuple(islice(rest, LIST_LENGTH)):
        yield part

"""What must hold in every year, by a witness that knows arXiv, the channels and what people set, and not what the bot thinks.

In words: every eligible paper stands once in each of its channels, or its title stands where a member can see it; nothing that
was there before a channel followed comes as new; no channel gets more at once than a flood allows; nothing comes before its hour;
and `/status` says nothing that is not so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from bot.digest.silence import (
    Blocked,
    Deleted,
    Held,
    NotAnnounced,
    NothingMatched,
    NotTaken,
    Refused,
    Unconfirmed,
    Unreachable,
    Unseeded,
)
from cogs.status.service import ChannelStatus, ServerStatus
from tests.swarm.story import LabPlan, Topic, Version

AT_ONCE = 30
"""A channel may always get so many papers in one tick."""
USUAL = 5
"""And so many times what it is used to, for each day since it last got any."""
OLD = timedelta(days=5)
"""arXiv shows what is new within this time of its submission."""
FIRST_ANSWERS = timedelta(days=8)
"""So long after a channel began, late papers may still be counted as its past."""
LOOKS_AGAIN = timedelta(hours=7)
"""So long after its hour a digest may still wait for what arXiv shows late."""
TROUBLES = (Blocked, Deleted, Unconfirmed, Unreachable, Held, Unseeded, Refused)
"""What `/status` tells of while it lasts."""


class Rule(StrEnum):
    LOST = "a paper that was owed is nowhere"
    TWICE = "a paper stands twice in a channel"
    OLD = "a paper from before came as new"
    FLOOD = "a channel got too many papers at once"
    EARLY = "papers came before their hour"
    SILENT = "/status explains a quiet channel with something that is not so"
    LYING = "/status tells of a trouble that is over, or hides one"


@dataclass(frozen=True, slots=True)
class Broken:
    rule: Rule
    at: datetime
    what: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} UTC: {self.rule}: {self.what}"


@dataclass(slots=True)
class Era:
    """A channel follows one topic: told to at first, `settled` when the bot had arXiv's answer, `left` when told otherwise."""

    topic: Topic
    settled: tuple[datetime, datetime] | None = None
    """Begin and end of the tick in which it was."""
    left: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One sight of a paper in a message."""

    base: str
    version: str
    at: datetime


@dataclass(slots=True, eq=False)
class Place:
    """A channel, what it was told to follow, and what it got."""

    channel_id: int
    guild_id: int
    lab: LabPlan
    eras: list[Era]
    updates: str
    ended: datetime | None = None
    """When it was deleted."""
    posted: dict[str, list[Seen]] = field(default_factory=dict)
    """By base."""
    excused: set[str] = field(default_factory=set)
    """Bases whose fate a lost database has made unknowable."""
    read: int = 0
    """Messages looked at."""
    told: set[str] = field(default_factory=set)
    """Bases of the papers whose titles `/status` has shown."""
    got_at: datetime | None = None
    """When it last got a paper."""

    def __str__(self) -> str:
        return f"channel {self.channel_id} ({self.eras[-1].topic.query})"


@dataclass(frozen=True, slots=True)
class Told:
    """What `/status` says on one server."""

    status: ServerStatus
    backlog: Mapping[int, frozenset[str]]
    """By channel id, the bases of the papers on the pages of its backlog."""

    def channel(self, place: Place) -> ChannelStatus | None:
        return next((each for each in self.status.channels if each.channel_id == place.channel_id), None)

    def titles(self, place: Place) -> frozenset[str]:
        """Bases of the papers that a member finds here instead of in the channel."""
        channel = self.channel(place)
        refused = [each for each in channel.reasons if isinstance(each, NotTaken)] if channel is not None else []
        return self.backlog.get(place.channel_id, frozenset()) | {paper.id.base for each in refused for paper in each.papers}


@dataclass(frozen=True, slots=True)
class Tick:
    """What one tick of the bot brought."""

    began: datetime
    ended: datetime
    new: Mapping[Place, Sequence[Seen]]
    statuses: Mapping[int, Told]
    """By guild id; empty where nobody asked."""
    calm: bool
    """Nothing has gone wrong for days."""
    dark: bool
    """arXiv has given no usable answer for more than a day."""
    dated: bool
    """The bot's clock has been right for days, and so is the time of what `/status` tells."""
    barred: frozenset[Place]
    """Where Discord has not let the bot post for more than a day."""


class Duty(Enum):
    MUST = "must stand there"
    MAY = "may stand there"
    MUST_NOT = "must not come there as new"


Papers = Mapping[str, Sequence[Version]]
"""Every version that arXiv has had by now, by base, the earliest first."""


def duty(place: Place, versions: Sequence[Version]) -> Duty:
    """What a channel is owed of one paper."""
    first = versions[0]
    shown = min(max(each.appears, each.damaged_until or each.appears) for each in versions)
    if first.base in place.excused or place.ended is not None:
        return Duty.MAY
    for number, era in enumerate(place.eras):
        if era.settled is None:
            return Duty.MUST_NOT if number == 0 else Duty.MAY
        if first.appears < era.settled[0]:
            if number > 0 or shown >= era.settled[0] or (place.updates == "post" and len(versions) > 1):
                return Duty.MAY
            return Duty.MUST_NOT
        if shown <= era.settled[1]:
            return Duty.MAY
        if era.left is None or shown <= era.left:
            break
    if not era.topic.finds(first.words):
        return Duty.MUST_NOT
    assert era.settled is not None
    late = first.dated < era.settled[0] - OLD and shown < era.settled[0] + FIRST_ANSWERS
    stays = all(each.topic.finds(first.words) for each in place.eras[number + 1 :])
    return Duty.MUST if stays and not late else Duty.MAY


def after_tick(tick: Tick, places: Iterable[Place], papers: Papers) -> list[Broken]:
    """What one tick has broken; `papers` are those that arXiv had when it began."""
    broken: list[Broken] = []
    for place in places:
        new = tick.new.get(place, ())
        broken += _posted_wrongly(tick, place, new, papers)
        if (told := tick.statuses.get(place.guild_id)) is not None and place.ended is None:
            place.told |= told.titles(place)
            broken += _told_wrongly(tick, place, told, papers)
        if new:
            place.got_at = tick.began
    return broken


def at_the_end(places: Iterable[Place], papers: Papers, statuses: Mapping[int, Told], now: datetime) -> list[Broken]:
    """What is owed and has not come, after a calm in which everything had the time to."""
    lost = ((place, owed(place, papers) - statuses[place.guild_id].titles(place)) for place in places)
    return [Broken(Rule.LOST, now, f"{', '.join(sorted(bases))} in {place}") for place, bases in lost if bases]


def owed(place: Place, papers: Papers) -> set[str]:
    """Bases of the papers that must stand in a channel, and neither do nor were shown by `/status`."""
    known = place.posted.keys() | place.told
    return {base for base, versions in papers.items() if base not in known and duty(place, versions) is Duty.MUST}


def _posted_wrongly(tick: Tick, place: Place, new: Sequence[Seen], papers: Papers) -> Iterable[Broken]:
    for seen in new:
        same = [each for each in place.posted[seen.base] if place.updates != "post" or each.version == seen.version]
        if len(same) > 1:
            yield Broken(Rule.TWICE, seen.at, f"{seen.base} in {place}")
        if seen.base in papers and duty(place, papers[seen.base]) is Duty.MUST_NOT:
            yield Broken(Rule.OLD, seen.at, f"{seen.base} in {place}")
    bases = {seen.base for seen in new}
    if len(bases) > AT_ONCE:
        days = max((tick.began - (place.got_at or tick.began)) / timedelta(days=1), 1.0)
        if len(bases) > USUAL * days * _a_day(place, papers, tick.began):
            yield Broken(Rule.FLOOD, tick.began, f"{len(bases)} papers in {place}")
    if new and tick.calm and tick.began - place.lab.due_before(tick.began) > LOOKS_AGAIN:
        yield Broken(Rule.EARLY, new[0].at, f"{place}, whose hour is {place.lab.post_at:%H:%M} in {place.lab.zone}")


def _a_day(place: Place, papers: Papers, now: datetime) -> float:
    """How many new papers a day arXiv has had for a channel in the last month, floods left out."""
    month = timedelta(days=30)
    topic = place.eras[-1].topic
    usual = (versions[0] for versions in papers.values() if versions[0].dated > versions[0].appears - month)
    return sum(topic.finds(each.words) and each.appears > now - month for each in usual) / 30


def _told_wrongly(tick: Tick, place: Place, told: Told, papers: Papers) -> Iterable[Broken]:
    channel = told.channel(place)
    if channel is None:
        return
    troubles = [each for each in channel.reasons if isinstance(each, TROUBLES)]
    quiet = [each for each in channel.reasons if isinstance(each, NothingMatched | NotAnnounced)]
    missing: set[str] = set()
    """What was there for the last digest to bring, and is nowhere."""
    if channel.last is not None and tick.dated:
        shown = {base: min(each.damaged_until or each.appears for each in versions) for base, versions in papers.items()}
        missing = {base for base in owed(place, papers) if shown[base] < channel.last.at}
    if quiet and missing:
        yield Broken(Rule.SILENT, tick.ended, f"{quiet[0]!r} in {place}, which is owed {', '.join(sorted(missing))}")
    if tick.calm and troubles:
        yield Broken(Rule.LYING, tick.ended, f"{troubles[0]!r} in {place}, days after the last trouble")
    if tick.dark and not troubles:
        yield Broken(Rule.LYING, tick.ended, f"nothing of an arXiv that has been away for a day, in {place}")
    if place in tick.barred and missing and not troubles:
        yield Broken(Rule.LYING, tick.ended, f"nothing of a channel that cannot be posted in, {place}")

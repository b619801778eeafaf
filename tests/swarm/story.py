"""A year as a seed draws it: labs, papers, and what goes wrong when. Data alone: it can be cut shorter and told in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sandbox.arxiv.mailing import mailing_days, received_between, shown_at

FIRST_DAYS = (date(2025, 1, 6), date(2025, 7, 14), date(2026, 3, 2))
"""Years with every change of the clocks in them."""
HOUR = timedelta(hours=1)
CALM = timedelta(days=10)
"""After the last trouble ends. Whatever is owed must have arrived by then: Discord's doubt lasts three days, arXiv's one."""
SETTLING = timedelta(days=4)
"""Before the first trouble: a channel's first answer is taken as its past, so that past should be told rightly."""
WORDS = (
    *("brindlewort", "calderite", "dunlinium", "esparotin", "fennimore", "galvanax"),
    *("hesperol", "ilmarine", "jorvikite", "keldrum", "lorandine", "mirabellum"),
)
"""No two share a stem, and no paper has one by chance."""
ZONES = ("Asia/Singapore", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Auckland")
HOURS = (time(9), time(14), time(18, 30))


@dataclass(frozen=True, slots=True)
class Topic:
    """What a channel follows: papers with any of these words, and without another one."""

    words: frozenset[str]
    without: str | None = None

    @property
    def query(self) -> str:
        """In arXiv's language."""
        wanted = " OR ".join(f"all:{word}" for word in sorted(self.words))
        return wanted if self.without is None else f"({wanted}) ANDNOT all:{self.without}"

    def finds(self, words: frozenset[str]) -> bool:
        return bool(self.words & words) and self.without not in words


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a paper, and when arXiv's index shows it first."""

    base: str
    number: int
    words: frozenset[str]
    dated: datetime
    """When it was submitted."""
    appears: datetime
    damaged_until: datetime | None = None
    """Until then its entry has no title."""


@dataclass(frozen=True, slots=True)
class LabPlan:
    """A server, its hour, and what each of its channels follows."""

    zone: str
    post_at: time
    topics: tuple[Topic, ...]

    def due_before(self, moment: datetime) -> datetime:
        """The latest due time at or before a moment, by Python's own calendar."""
        zone = ZoneInfo(self.zone)
        local = moment.astimezone(zone).date()
        days = (local - timedelta(days=back) for back in (0, 1, 2))
        times = (datetime.combine(day, self.post_at, zone).astimezone(UTC) for day in days)
        return next(due for due in times if due <= moment)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that begins to go wrong, and how long; `lab`, `channel` and `number` are read by kinds that need them."""

    kind: str
    at: datetime
    lasts: timedelta
    lab: int = 0
    channel: int = 0
    number: int = 0
    topic: Topic | None = None

    @property
    def until(self) -> datetime:
        return self.at + self.lasts


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that a year is made of, in the order of time."""

    seed: int
    start: datetime
    end: datetime
    labs: tuple[LabPlan, ...]
    versions: tuple[Version, ...]
    troubles: tuple[Trouble, ...]
    stays: bool
    """The bot lives in the servers, as `run`; else it comes when something is due, as `once`."""
    updates: str
    max_posts: int


def draw(seed: int, days: int = 365) -> Story:
    """The same seed always draws the same story."""
    random = Random(seed)
    first = random.choice(FIRST_DAYS)
    start = datetime.combine(first, time(random.randrange(24), random.randrange(60)), UTC)
    end = start + timedelta(days=days)
    labs = tuple(_lab(random) for _ in range(random.choice((1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 5, 20))))
    versions = sorted(_versions(random, first, days), key=lambda each: (each.appears, each.base))
    troubles = sorted(_troubles(random, start, end, labs), key=lambda each: each.at)
    return Story(
        seed=seed,
        start=start,
        end=end,
        labs=labs,
        versions=tuple(versions),
        troubles=tuple(troubles),
        stays=random.random() < 0.2,
        updates=random.choice(("edit", "edit", "post", "off")),
        max_posts=random.choice((20, 20, 3, 0)),
    )


def _lab(random: Random) -> LabPlan:
    topics = tuple(_topic(random) for _ in range(random.choice((1, 1, 1, 2, 3))))
    return LabPlan(random.choice(ZONES), random.choice(HOURS), topics)


def _topic(random: Random) -> Topic:
    words = random.sample(WORDS, random.choice((1, 1, 2, 3)))
    return Topic(frozenset(words[:2]), words[2] if len(words) == 3 else None)


# --- arXiv's year -----------------------------------------------------------------------------


def _versions(random: Random, first: date, days: int) -> list[Version]:
    """Papers of a month before the start and of the whole year, with what moderators hold, authors revise and entries lose."""
    found: list[Version] = []
    rate = random.choice((0.6, 1.2, 2.5))
    for day in mailing_days(first - timedelta(days=30), first + timedelta(days=days)):
        opens, closes = received_between(day)
        for _ in range(_poisson(random, rate)):
            dated = opens + (closes - opens) * random.random()
            held = timedelta(days=random.randint(3, 30)) if random.random() < 0.06 else timedelta()
            late = timedelta(hours=random.choice((0, 0, 0, 1, 3)))
            words = frozenset(random.sample(WORDS, random.choice((1, 1, 1, 2, 3))))
            paper = Version(_base(dated, len(found)), 1, words, _whole(dated), _whole(shown_at(day) + held + late))
            if random.random() < 0.03:
                paper = replace(paper, damaged_until=paper.appears + timedelta(hours=random.choice((6, 30, 80))))
            found += [paper, *_revisions(random, paper)]
    return found


def _revisions(random: Random, paper: Version) -> list[Version]:
    revisions: list[Version] = []
    while random.random() < 0.15 and len(revisions) < 3:
        last = revisions[-1] if revisions else paper
        appears = last.appears + timedelta(days=random.choice((1, 2, 9, 40)), hours=random.randrange(5))
        revision = replace(last, number=last.number + 1, dated=_whole(appears - timedelta(hours=27)), appears=appears)
        revisions.append(replace(revision, damaged_until=None))
    return revisions


def _base(dated: datetime, number: int) -> str:
    return f"{dated:%y%m}.{number + 1:05}"


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _poisson(random: Random, mean: float) -> int:
    count, left = 0, random.expovariate(mean)
    while left < 1:
        count, left = count + 1, left + random.expovariate(mean)
    return count


# --- what goes wrong --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kind:
    """How many hours a kind of trouble lasts, at least and at most; zero for what happens in a moment."""

    shortest: float = 0
    longest: float = 0
    forgets: bool = False
    """The bot no longer knows what it knew."""
    counted: bool = False
    """It strikes so many requests, not all."""


KINDS = {
    # arXiv
    "arXiv answers 503": Kind(1, 150),
    "arXiv breaks off every connection": Kind(1, 40),
    "arXiv answers with a page of HTML": Kind(1, 100),
    "arXiv gives half of each answer": Kind(1, 60),
    "arXiv asks to wait": Kind(1, 20),
    "arXiv finds nothing at all": Kind(1, 20),
    "arXiv counts papers and gives none": Kind(1, 60),
    "arXiv shows old papers by the hundred": Kind(),
    # Discord
    "Discord stores messages and answers 500": Kind(20, 40, counted=True),
    "Discord stores messages and breaks off": Kind(20, 40, counted=True),
    "Discord answers 502 without storing": Kind(1, 50),
    "Discord asks for a long pause": Kind(20, 40, counted=True),
    "Discord's network refuses the machine": Kind(20, 40, counted=True),
    "Discord's filter refuses messages": Kind(20, 40, counted=True),
    "Discord finds messages malformed": Kind(20, 40, counted=True),
    "Discord refuses every edit": Kind(5, 200),
    "Discord does not let anything be read back": Kind(1, 30),
    "nobody lets the bot post in a channel": Kind(5, 300),
    "nobody lets the bot embed in a channel": Kind(5, 200),
    "a server puts the bot out, and asks it back": Kind(5, 400),
    "a channel is deleted, and another one listed for it": Kind(5, 60, forgets=True),
    # this machine, and whoever runs the bot
    "the bot is restarted": Kind(),
    "the bot is killed over its work": Kind(),
    "the machine is off": Kind(5, 300),
    "the machine's clock is wrong": Kind(2, 60),
    "an older copy of the database is put in its place": Kind(forgets=True),
    "the database is lost": Kind(forgets=True),
    "a channel is missing from config.json": Kind(5, 200),
    "a channel follows something else": Kind(),
}
"""By the words it is told in."""
DARK = frozenset({"arXiv answers 503", "arXiv breaks off every connection", "arXiv answers with a page of HTML"})
BARRING = frozenset({"nobody lets the bot post in a channel", "nobody lets the bot embed in a channel"})


def _troubles(random: Random, start: datetime, end: datetime, labs: tuple[LabPlan, ...]) -> list[Trouble]:
    found: list[Trouble] = []
    kinds = random.sample(list(KINDS), random.randint(4, 12))
    between = random.choice((2.0, 5.0, 10.0))
    at = start + SETTLING
    while (at := at + timedelta(days=random.expovariate(1 / between))) < end - CALM:
        lab = random.randrange(len(labs))
        kind = random.choice(kinds)
        more = (KINDS[kind].longest - KINDS[kind].shortest) * random.random() ** 2  # most are short
        lasts = min(HOUR * (KINDS[kind].shortest + more), end - CALM - at)
        trouble = Trouble(
            kind,
            _whole(at),
            timedelta(seconds=int(lasts.total_seconds())),
            lab=lab,
            channel=random.randrange(len(labs[lab].topics)),
            number=random.randint(1, 12),
            topic=_topic(random),
        )
        if all(_can_be_told_apart(trouble, other) for other in found):
            found.append(trouble)
    return found


def _can_be_told_apart(trouble: Trouble, other: Trouble) -> bool:
    """Whether what each of two troubles did can still be said when both happen: not where one makes the bot forget."""
    near = trouble.at <= other.until + SETTLING and other.at <= trouble.until + SETTLING
    return not (near and (KINDS[trouble.kind].forgets or KINDS[other.kind].forgets))

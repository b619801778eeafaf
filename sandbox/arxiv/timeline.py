"""When invented papers are submitted, held, announced and revised: the rhythm of arXiv."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from sandbox.arxiv import fiction
from sandbox.arxiv.mailing import mailed_on, mailing_days, received_between, shown_at
from sandbox.arxiv.record import Record

HELD = 0.08
"""Share of papers that moderators hold for one to three weeks."""
REVISED = 0.2
"""Share of versions that a further one follows."""


def sixty_days(today: date, random: Random) -> Iterator[Record]:
    """From 30 days before to 30 days after: two to five matching papers in each mailing, some others, revisions."""
    yield from _classics()
    odd = dict(zip(range(1, 99, 3), fiction.oddities(random), strict=False))
    titles: set[str] = set()
    number = dict.fromkeys(range(1, 13), 40)
    for place, day in enumerate(mailing_days(today - timedelta(days=30), today + timedelta(days=30))):
        drafts = [_fresh(fiction.matching, random, titles) for _ in range(random.randint(2, 5))]
        if place in odd:
            drafts[0] = odd[place]
        drafts += [_fresh(fiction.other, random, titles) for _ in range(random.randint(1, 4))]
        random.shuffle(drafts)
        for draft in drafts:
            number[day.month] += random.randint(20, 180)
            paper = _record(f"{day:%y%m}.{number[day.month]:05}", _submitted(day, random), shown_at(day), draft)
            yield paper
            yield from _revisions(paper, random)


def long_ago(count: int, now: datetime, random: Random, *, taken: Container[str]) -> Iterator[Record]:
    """Matching papers from June 2007 until two months before `now`, all appearing now."""
    first = datetime(2007, 6, 1, tzinfo=UTC)
    seconds = int((now - timedelta(days=60) - first).total_seconds())
    made: set[str] = set()
    while len(made) < count:
        submitted = first + timedelta(seconds=random.randrange(seconds))
        width = 5 if submitted.year >= 2015 else 4
        base_id = f"{submitted:%y%m}.{random.randrange(1, 9999):0{width}}"
        if base_id not in taken and base_id not in made:
            made.add(base_id)
            yield invented(base_id, submitted, now, random)


def drafts(count: int, now: datetime, random: Random) -> Iterator[Record]:
    """Papers on the default query's topic and on others by turns, numbered as nothing else is."""
    for number in range(count):
        draft = (fiction.matching, fiction.other)[number % 2](random)
        yield _record(f"0000.{number:05}", now, now, draft)


def invented(base_id: str, submitted: datetime, appears: datetime, random: Random) -> Record:
    """The first version of a paper that matches the default query."""
    return _record(base_id, submitted, appears, fiction.matching(random))


def _fresh(invent: Callable[[Random], fiction.Draft], random: Random, titles: set[str]) -> fiction.Draft:
    """A draft whose title is not in `titles`, which it joins."""
    draft = invent(random)
    while draft.title in titles:
        draft = invent(random)
    titles.add(draft.title)
    return draft


def _submitted(day: date, random: Random) -> datetime:
    """A second in which a paper announced on `day` was sent in."""
    opens, closes = received_between(day)
    second = random.randrange(int((closes - opens).total_seconds()))
    held = timedelta(days=random.randint(7, 21)) if random.random() < HELD else timedelta()
    return opens + timedelta(seconds=second) - held


def _revisions(paper: Record, random: Random) -> Iterator[Record]:
    while random.random() < REVISED:
        submitted = paper.appears + timedelta(hours=random.randint(40, 400), seconds=random.randrange(3600))
        paper = replace(
            paper,
            version=paper.version + 1,
            updated=submitted,
            appears=shown_at(mailed_on(submitted)),
            abstract=f"{paper.abstract} {fiction.addition(random)}",
            comment=fiction.revision_note(random),
        )
        yield paper


def _classics() -> Iterator[Record]:
    """Papers of another age: old identifiers, four-digit numbers, blanks before the abstract."""
    for base_id, year, month, draft in fiction.classics():
        submitted = datetime(year, month, 11, 9, 26, 53, tzinfo=UTC)
        yield _record(base_id, submitted, submitted + timedelta(days=1), draft)


def _record(base_id: str, submitted: datetime, appears: datetime, draft: fiction.Draft) -> Record:
    return Record(base_id=base_id, version=1, published=submitted, updated=submitted, appears=appears, **asdict(draft))

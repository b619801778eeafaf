"""Sentences, or parts of one, that several places say."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.paper import Paper
from bot.text.prose import cut, legible
from bot.text.words import Command, Words, counted

_AUTHORS_IN_FULL = 5
_LONGEST_NAME = 48
_SLOW = timedelta(minutes=2)
"""An answer of arXiv comes in seconds; whoever asks later than this is told what is waited for."""

_EXACT = timedelta(seconds=30)
"""A clock may be wrong by so much."""


def wrong_clock(ahead: timedelta) -> str:
    """Of a clock that is so much ahead of Discord's (behind, if negative); empty where that does not matter."""
    if abs(ahead) <= _EXACT:
        return ""
    where = "ahead of" if ahead > timedelta(0) else "behind"
    return (
        f"The clock of the bot's machine is {_span(abs(ahead))} {where} Discord's: set it right, or digests come at a wrong time."
    )


def _span(length: timedelta) -> str:
    for unit, size in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if length >= 2 * size:
            return counted(round(length / size), unit)
    return counted(round(length.total_seconds()), "second")


def title(paper: Paper) -> str:
    """Never empty: the id stands in for a title that shows nothing."""
    return legible(paper.title) or str(paper.id)


def authors(paper: Paper) -> str:
    """`A, B, C, D … Z (17 authors)`: the last one leads the group. Empty without authors."""
    names = _names(paper)
    if len(names) <= _AUTHORS_IN_FULL:
        return ", ".join(map(_name, names))
    return f"{', '.join(map(_name, names[: _AUTHORS_IN_FULL - 1]))} … {_name(names[-1])} ({len(names):,} authors)"


def first_author(paper: Paper) -> str:
    """`A` or `A et al.`; empty without authors."""
    names = _names(paper)
    return f"{_name(names[0])} et al." if len(names) > 1 else "".join(map(_name, names))


def _names(paper: Paper) -> list[str]:
    return [name for name in paper.authors if name.strip()]


def _name(source: str) -> str:
    return cut(legible(source), _LONGEST_NAME)


def how_often(per_day: float) -> str:
    """`about 3 a day`, `about 2 a week`, `rarely`."""
    for span, days in (("day", 1), ("week", 7), ("month", 30)):
        if per_day * days >= 0.9:
            count = round(per_day * days)
            return f"about {count if count > 1 else 'one'} a {span}"
    return "rarely"


def under_way(what: str, due_at: str, since: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """Of a digest or a try that is due; `since`: when the digest that serves it began."""
    if since is None:
        return f"The {what} of {due_at} is due: it begins within a minute, or when another one is done."
    slow = " arXiv is slow to answer." if now - since >= _SLOW else ""
    return f"The {what} of {due_at} has been under way since {since.astimezone(zone):%H:%M}.{slow}"


def rate(per_day: float) -> str:
    """How often papers come: `about 3 a day`, `about 2 a week (0.3 a day)`. The one way a rate is told, wherever it is."""
    often = how_often(per_day)
    return often if "a day" in often else f"{often} ({per_day:.1f} a day)"


def brought(new: int, revised: int, backlog: int, unposted: int = 0) -> str:
    """What a digest had for a channel: `5 new, 2 revised, 3 of them not posted yet, 40 in the backlog`; else empty."""
    parts = [f"{count:,} {word}" for count, word in ((new, "new"), (revised, "revised")) if count]
    if unposted:
        parts.append("not posted yet" if unposted >= new + revised else f"{unposted:,} of them not posted yet")
    if backlog:
        parts.append(f"{backlog:,} in the backlog")
    return ", ".join(parts)


def after_deletion(listed_id: int | None) -> Words:
    """What can be done about a channel that was deleted, without a full stop. `listed_id`: its id where config.json lists it."""
    if listed_id is None:
        return Command("settings"), " moves its papers to another channel, or stops them"
    return (f"config.json lists it: whoever runs the bot must take its id, {listed_id}, out there",)

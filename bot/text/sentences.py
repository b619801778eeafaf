"""What the bot says in its own words, in Discord's markdown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.escape import code_block
from bot.digest.model import Badge, DayLine, Intro, Message, Notice, NoticeKind, Showing
from bot.paper import Paper
from bot.text.counting import counted
from bot.text.prose import cut, legible

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_AUTHORS_IN_FULL = 5
_LONGEST_NAME = 48
_LONGEST_QUERY = 800
_SLOW = timedelta(minutes=2)
"""An answer of arXiv comes in seconds; whoever asks later than this is told what is waited for."""


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


def badge(showing: Showing) -> str:
    """Why a paper is shown that is not simply new; else empty."""
    match showing.badge:
        case Badge.REVISED:
            return f"Revised · v{showing.paper.version}"
        case Badge.NEWLY_MATCHING:
            return "Newly matching"
        case Badge.NONE:
            return ""


def day_line(line: DayLine) -> str:
    """`**Tue 9 Dec · 5 new · 2 revised**`, in English whatever the machine's locale."""
    counts = [f"{count:,} {word}" for count, word in ((line.new, "new"), (line.revised, "revised")) if count]
    return f"**{' · '.join([_day(line.day), *counts])}**"


def local(when: datetime, zone: ZoneInfo) -> str:
    """`Tue 9 Dec 14:00`, on the clocks of `zone`."""
    there = when.astimezone(zone)
    return f"{_day(there.date())} {there:%H:%M}"


def _day(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def as_it_stands(message: Message) -> Message:
    """An EDIT as the card or list that its readers will see; anything else as it is."""
    if message.edits is None:
        return message
    return replace(message, kind=message.edits.layout, away=message.edits.away, edits=None)


def heading(message: Message) -> str:
    """Of a list."""
    count = counted(len(message.showings), "paper")
    return f"While I was away · {count}" if message.away else count


def moment(when: datetime, style: str) -> str:
    """A time that each reader's Discord shows in their own zone and language.

    https://docs.discord.com/developers/reference#message-formatting-timestamp-styles
    """
    return f"<t:{int(when.timestamp())}:{style}>"


def under_way(what: str, due_at: str, since: datetime | None, now: datetime, zone: ZoneInfo) -> str:
    """Of a digest or a try that is due; `since`: when the digest that serves it began."""
    if since is None:
        return f"The {what} of {due_at} is due: it begins within a minute, or when another one is done."
    slow = " arXiv is slow to answer." if now - since >= _SLOW else ""
    return f"The {what} of {due_at} has been under way since {since.astimezone(zone):%H:%M}.{slow}"


def brought(new: int, revised: int, backlog: int, unposted: int = 0) -> str:
    """What a digest had for a channel: `5 new, 2 revised, 3 of them not posted yet, 40 in the backlog`; else empty."""
    parts = [f"{count:,} {word}" for count, word in ((new, "new"), (revised, "revised")) if count]
    if unposted:
        parts.append("not posted yet" if unposted >= new + revised else f"{unposted:,} of them not posted yet")
    if backlog:
        parts.append(f"{backlog:,} in the backlog")
    return ", ".join(parts)


def after_deletion(listed_id: int | None) -> str:
    """What can be done about a channel that was deleted, without a full stop. `listed_id`: its id where config.json lists it."""
    if listed_id is None:
        return "`/settings` moves its papers to another channel, or stops them"
    return f"config.json lists it: whoever runs the bot must take its id, {listed_id}, out there"


def how_often(per_day: float) -> str:
    """`about 3 a day`, `about 2 a week`, `rarely`."""
    for span, days in (("day", 1), ("week", 7), ("month", 30)):
        if per_day * days >= 0.9:
            count = round(per_day * days)
            return f"about {count if count > 1 else 'one'} a {span}"
    return "rarely"


def following(intro: Intro) -> str:
    """Heading of an intro."""
    return "Now following another query" if intro.changed else "Now following arXiv here"


def prospects(intro: Intro) -> str:
    """What is followed, how much of it there is, and when the next digest comes."""
    query = code_block(cut(" ".join(intro.query.split()), _LONGEST_QUERY))
    when = f"{moment(intro.next_digest, 'F')} ({moment(intro.next_digest, 'R')})"
    return f"New papers that match this query appear here:\n{query}\n{_volume(intro)}\nNext digest: {when}"


def _volume(intro: Intro) -> str:
    if not intro.total:
        return "Nothing on arXiv matches yet; the first paper that does will appear here."
    verb = "matches" if intro.total == 1 else "match"
    return f"{counted(intro.total, 'paper')} on arXiv {verb} it; new ones come {how_often(intro.per_day)}."


def notice_heading(kind: NoticeKind) -> str:
    match kind:
        case NoticeKind.FLOOD:
            return "More than usual"
        case NoticeKind.REVISIONS:
            return "Many revisions"
        case NoticeKind.NEWLY_MATCHING:
            return "Older papers"
        case NoticeKind.OUTAGE | NoticeKind.PARTING:
            return "arXiv"


def notice(said: Notice) -> str:
    count, one = f"{said.count:,}", said.count == 1
    kept = f"{'It is' if one else 'They are'} kept in the backlog, not lost; `/status` shows {'it' if one else 'them'}."
    match said.kind:
        case NoticeKind.FLOOD:
            return f"{count} more {'paper' if one else 'papers'} matched at once. {kept}"
        case NoticeKind.REVISIONS:
            papers, versions = ("paper was", "Its new version is") if one else ("papers were", "Their new versions are")
            return f"{count} {papers} revised at once. {versions} noted, not posted."
        case NoticeKind.NEWLY_MATCHING:
            return f"{count} older {'paper matches' if one else 'papers match'} for the first time. {kept}"
        case NoticeKind.OUTAGE | NoticeKind.PARTING:
            return _outage(said)


def _outage(said: Notice) -> str:
    assert said.since is not None
    since = moment(said.since, "F")
    if said.until is None:
        return f"arXiv has not answered since {since}. Nothing is lost; papers come when it does."
    until = moment(said.until, "F")
    if said.kind is NoticeKind.PARTING:
        return f"arXiv did not answer from {since} to {until}, when papers stopped coming here."
    return f"arXiv answers again since {until}. It had not since {since}; what came meanwhile follows here."

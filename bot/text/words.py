"""Words for people, before anybody's markup: times, commands and names stay what they are until somebody writes them down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.text.prose import legible

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Command:
    """The name of a slash command, without the slash."""

    name: str


@dataclass(frozen=True, slots=True)
class Coming:
    """A time that people wait for: they also want to know how far away it is."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Code:
    """Text in a language of its own, such as a query: shown to the letter, on lines of its own."""

    text: str


@dataclass(frozen=True, slots=True)
class Name:
    """What a person called a channel, a thread or a server: it reads as typed, whatever markup it looks like."""

    text: str


Words = tuple[str | datetime | Coming | Command | Code | Name, ...]
"""A sentence or several. The strings are our own; what others typed is Code or Name. Times are aware."""


def as_plain(words: Words, zone: ZoneInfo) -> str:
    """Without any markup, times on the clocks of `zone`."""
    return "".join(_plain(part, zone) for part in words)


def _plain(part: str | datetime | Coming | Command | Code | Name, zone: ZoneInfo) -> str:
    match part:
        case datetime():
            return dated(part, zone)
        case Coming(at):
            return dated(at, zone)
        case Command(name):
            return f"/{name}"
        case Code(text):
            return "\n".join(f"  {line}" for line in text.splitlines())
        case Name(text):
            return text
        case _:
            return part


def channel_called(channel_id: int, name: str | None) -> str:
    """A channel for the log and the terminal: `#papers (channel 1477923412377600007)`. People type such names."""
    known = legible(name) if name is not None else ""
    return f"#{known} (channel {channel_id})" if known else f"channel {channel_id}"


def counted(number: int, noun: str) -> str:
    """`1 paper`, `1,234 papers`. For nouns that take an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def lasting(time: timedelta) -> str:
    """`45 seconds`, `90 minutes`, `3 hours`: rounded up, in the largest unit of which there are at least two."""
    units = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
    noun, length = next((unit for unit in units if time >= 2 * unit[1]), ("second", timedelta(seconds=1)))
    return counted(-(-time // length), noun)


def short_day(day: date) -> str:
    """`Tue 9 Dec`, in English whatever the machine's locale."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def local(when: datetime, zone: ZoneInfo) -> str:
    """`Tue 9 Dec 14:00`, on the clocks of `zone`."""
    there = when.astimezone(zone)
    return f"{short_day(there.date())} {there:%H:%M}"


def dated(when: datetime, zone: ZoneInfo) -> str:
    """`Tue 9 Dec 2025 14:00`, on the clocks of `zone`; with `UTC` behind it where those are nobody's own."""
    there = when.astimezone(zone)
    return f"{short_day(there.date())} {there:%Y %H:%M}{' UTC' if zone.key == 'UTC' else ''}"

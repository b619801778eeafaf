"""When arXiv announces: Sunday to Thursday at 20:00 in New York, except on its holidays.

https://info.arxiv.org/help/availability.html, as edited on 2026-05-13. Its list of holidays changes, and single announcements
are put off at short notice (https://status.arxiv.org): a calendar explains silence, it never decides what is new.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
EVENING = time(20)

# Same page; 2025 as it stood that year. Later years count as without holidays.
HOLIDAYS = frozenset(
    map(
        date.fromisoformat,
        (
            *("2025-01-01", "2025-01-20", "2025-06-19", "2025-07-06", "2025-09-01", "2025-11-27", "2025-12-25", "2025-12-30"),
            *("2026-01-01", "2026-01-19", "2026-06-19", "2026-07-03", "2026-09-07"),
            *("2026-11-26", "2026-12-25", "2026-12-29", "2026-12-31"),
        ),
    )
)

INDEXED_WITHIN = timedelta(hours=6)
"""The search shows a whole batch at most 5.4 h after its announcement (runs of 2025-07-17 and 2026-04-23)."""
_LOOK_AGAIN = timedelta(hours=1)
_FRIDAY, _SATURDAY = 4, 5


class NoAnnouncement(StrEnum):
    """Why an evening brings none."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"


def last_announcement(now: datetime) -> datetime:
    """The latest one at or before `now`, aware UTC."""
    return next(evening for evening in _evenings(now, -1) if evening <= now and _reason(evening) is None)


def next_announcement(now: datetime) -> datetime:
    """The first one after `now`, aware UTC."""
    return next(evening for evening in _evenings(now, +1) if evening > now and _reason(evening) is None)


def last_evening(moment: datetime) -> datetime:
    """20:00 in New York for the last time at or before `moment`, announcement or not; aware UTC."""
    return next(evening for evening in _evenings(moment, -1) if evening <= moment)


def why_no_announcement(moment: datetime) -> NoAnnouncement | None:
    """Why the last evening before `moment` brought none; None when it did."""
    return _reason(last_evening(moment))


def look_again_at(due_at: datetime, now: datetime) -> datetime | None:
    """When to ask again after a digest due at `due_at` brought nothing unseen; None when that is the answer.

    The batch of the evening before may not be in the index yet. Which papers it holds is told by their ids, not by their dates.
    """
    at = now + _LOOK_AGAIN
    return at if why_no_announcement(due_at) is None and at <= due_at + INDEXED_WITHIN else None


def _evenings(moment: datetime, step: int) -> Iterable[datetime]:
    """From the New York day of `moment` on, forwards or backwards."""
    today = moment.astimezone(NEW_YORK).date()
    days = (today + timedelta(days=step * offset) for offset in count())
    return (datetime.combine(day, EVENING, NEW_YORK).astimezone(UTC) for day in days)


def _reason(evening: datetime) -> NoAnnouncement | None:
    day = evening.astimezone(NEW_YORK).date()
    if day.weekday() in (_FRIDAY, _SATURDAY):
        return NoAnnouncement.WEEKEND
    return NoAnnouncement.HOLIDAY if day in HOLIDAYS else None

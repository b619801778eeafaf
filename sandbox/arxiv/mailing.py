"""When arXiv announces: Sunday to Thursday at 20:00 New York time, for what was received by 14:00.

https://info.arxiv.org/help/availability.html, edited 2026-05-13. Holidays are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
INDEX_LAG = timedelta(hours=2)
"""From the announcement until the search shows it; observed to be under 5.4 hours."""

_MONDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 4, 5, 6


def mailing_days(first: date, last: date) -> Iterator[date]:
    """The New York dates with an announcement, both ends included."""
    day = first
    while day <= last:
        if day.weekday() not in (_FRIDAY, _SATURDAY):
            yield day
        day += timedelta(days=1)


def shown_at(day: date) -> datetime:
    """When the index shows the papers announced on `day`."""
    return datetime.combine(day, time(20), NEW_YORK).astimezone(UTC) + INDEX_LAG


def received_between(day: date) -> tuple[datetime, datetime]:
    """The submissions announced on `day`: from one 14:00 to another.

    Sunday's mailing holds Thursday to Friday, Monday's the weekend.
    """
    closes = day - timedelta(days={_SUNDAY: 2}.get(day.weekday(), 0))
    opens = closes - timedelta(days={_MONDAY: 3}.get(day.weekday(), 1))
    return _cut_off(opens), _cut_off(closes)


def mailed_on(submitted: datetime) -> date:
    """The mailing that a submission not held back is in."""
    day = submitted.astimezone(NEW_YORK).date()
    return next(day for day in mailing_days(day, day + timedelta(days=4)) if submitted < received_between(day)[1])


def _cut_off(day: date) -> datetime:
    return datetime.combine(day, time(14), NEW_YORK).astimezone(UTC)

"""When a digest is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.digest.model import Delivery, Schedule, Unknown

_RETRIES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
LONGEST_RETRY = max(_RETRIES)
"""No retry is further away than this, and no second look for a late batch."""
LONGEST_REST = timedelta(days=1)
"""No message rests longer than this, whatever Discord asks for."""
_OWN_REST = timedelta(minutes=15)
"""Nor longer than this where Discord asks for nothing: three tries of one message, four times an hour, are no burden."""


def next_run(schedule: Schedule, after: datetime) -> datetime:
    """The first due time strictly after `after`, aware UTC.

    An hour that the clocks skip comes as much later as they were put forward; an hour that comes twice counts the first time.
    """
    # The day before too: where the clocks jump over midnight, its hour comes on the day after.
    today = after.astimezone(schedule.zone).date()
    days = (today + timedelta(days=offset) for offset in (-1, 0, 1, 2))
    times = (datetime.combine(day, schedule.post_at, schedule.zone).astimezone(UTC) for day in days)
    return next(time for time in times if time > after)


def due_times(schedule: Schedule, first: datetime, now: datetime) -> int:
    """How many came from `first`, itself a due time, until `now`, both included."""
    due, count = first, 0
    while due <= now:
        due, count = next_run(schedule, due), count + 1
    return count


def retry_delay(attempt: int) -> timedelta:
    """How long to wait after the `attempt`-th failure of one due time, counted from 1."""
    return _RETRIES[min(attempt, len(_RETRIES)) - 1]


def rest_until(delivery: Delivery, outcome: Unknown, now: datetime) -> datetime | None:
    """When Discord may be asked again for a message that it has not confirmed; None: at once.

    When it says so itself; else the longer it has been asked for that message, the later.
    """
    own = min((now - delivery.created_at) / 2, _OWN_REST)
    rest = min(max(outcome.retry_after, own), LONGEST_REST)
    return now + rest if rest else None

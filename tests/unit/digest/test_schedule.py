"""Due times across time zones and their clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.model import Schedule
from bot.digest.schedule import due_times, next_run, retry_delay

ZONES = [
    "Asia/Singapore",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "UTC",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(hour: str, zone: str) -> Schedule:
    return Schedule(time.fromisoformat(hour), ZoneInfo(zone))


def is_skipped(schedule: Schedule, day: date) -> bool:
    """Whether the clocks jump over the hour on that day: it does not survive the way to UTC and back."""
    written = datetime.combine(day, schedule.post_at, schedule.zone)
    return written.astimezone(UTC).astimezone(schedule.zone).replace(tzinfo=None) != written.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        (at("14:00", "Asia/Singapore"), "2025-12-09T05:59", "2025-12-09T06:00"),
        (at("14:00", "Asia/Singapore"), "2025-12-09T06:00", "2025-12-10T06:00"),
        (at("00:30", "Asia/Singapore"), "2025-12-09T15:00", "2025-12-09T16:30"),
        (at("23:30", "America/New_York"), "2025-12-09T04:00", "2025-12-09T04:30"),
    ],
)
def test_the_next_occurrence_on_the_zone_s_clocks(schedule: Schedule, after: str, expected: str) -> None:
    assert next_run(schedule, utc(after)) == utc(expected)


def test_the_hour_stays_when_the_clocks_change() -> None:
    berlin = at("09:00", "Europe/Berlin")
    assert next_run(berlin, utc("2025-03-29T09:00")) == utc("2025-03-30T07:00")
    assert next_run(berlin, utc("2025-10-25T08:00")) == utc("2025-10-26T08:00")


def test_an_hour_that_is_skipped_comes_as_much_later() -> None:
    # https://www.timeanddate.com/time/change/germany/berlin?year=2025: 02:00 to 03:00 on 30 March
    due = next_run(at("02:30", "Europe/Berlin"), utc("2025-03-29T12:00"))
    assert due.astimezone(ZoneInfo("Europe/Berlin")).isoformat() == "2025-03-30T03:30:00+02:00"
    assert next_run(at("02:30", "Europe/Berlin"), due) == utc("2025-03-31T00:30")


def test_an_hour_that_comes_twice_is_served_once() -> None:
    # 03:00 to 02:00 on 26 October 2025
    berlin = at("02:30", "Europe/Berlin")
    due = next_run(berlin, utc("2025-10-25T12:00"))
    assert due == utc("2025-10-26T00:30")
    assert next_run(berlin, due) == utc("2025-10-27T01:30")


def test_an_hour_skipped_over_midnight_comes_on_the_day_after() -> None:
    # Toronto went from 23:30 to 00:30 on 30 March 1919.
    toronto = at("23:45", "America/Toronto")
    assert next_run(toronto, datetime(1919, 3, 31, 0, 31, tzinfo=ZoneInfo("America/Toronto"))) == utc("1919-03-31T04:45")


def test_a_day_that_a_country_skipped() -> None:
    # Samoa had no 30 December 2011.
    apia = at("14:00", "Pacific/Apia")
    first = next_run(apia, utc("2011-12-29T12:00"))
    second = next_run(apia, first)
    assert (first, second) == (utc("2011-12-30T00:00"), utc("2011-12-31T00:00"))


@given(
    zone=st.sampled_from(ZONES),
    post_at=st.times(max_value=time(23, 59)).map(lambda moment: moment.replace(second=0, microsecond=0)),
    after=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_always_ahead_within_two_days_and_at_the_hour_where_it_exists(zone: str, post_at: time, after: datetime) -> None:
    schedule = Schedule(post_at, ZoneInfo(zone))
    due = next_run(schedule, after)
    assert after < due <= after + timedelta(hours=49)
    local = due.astimezone(schedule.zone)
    assert local.time() == post_at or any(is_skipped(schedule, local.date() - timedelta(days=back)) for back in (0, 1))


def test_retries_come_after_5_15_60_minutes_and_then_hourly() -> None:
    assert [retry_delay(attempt) // timedelta(minutes=1) for attempt in (1, 2, 3, 4, 50)] == [5, 15, 60, 60, 60]


@pytest.mark.parametrize(
    ("now", "count"),
    [
        ("2025-12-09T05:59", 0),
        ("2025-12-09T06:00", 1),
        ("2025-12-10T05:59", 1),
        ("2025-12-10T06:00", 2),
        ("2025-12-19T07:00", 11),
    ],
)
def test_due_times_are_counted_from_the_first(now: str, count: int) -> None:
    assert due_times(at("14:00", "Asia/Singapore"), utc("2025-12-09T06:00"), utc(now)) == count

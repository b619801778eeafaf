"""arXiv's announcements, in New York's time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.calendar import NoAnnouncement, last_announcement, look_again_at, next_announcement, why_no_announcement

NEW_YORK = ZoneInfo("America/New_York")
SINGAPORE = ZoneInfo("Asia/Singapore")


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def singapore(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SINGAPORE)


@pytest.mark.parametrize(
    ("now", "last", "coming"),
    [
        ("2026-03-03T19:59", "2026-03-02T20:00", "2026-03-03T20:00"),
        ("2026-03-03T20:00", "2026-03-03T20:00", "2026-03-04T20:00"),
        ("2026-03-05T21:00", "2026-03-05T20:00", "2026-03-08T20:00"),
        ("2026-03-07T12:00", "2026-03-05T20:00", "2026-03-08T20:00"),
        ("2025-11-27T21:00", "2025-11-26T20:00", "2025-11-30T20:00"),
        ("2025-07-06T23:00", "2025-07-03T20:00", "2025-07-07T20:00"),
        ("2026-12-29T23:00", "2026-12-28T20:00", "2026-12-30T20:00"),
    ],
    ids=["before", "at the minute", "Thursday night", "Saturday", "Thanksgiving", "a Sunday after 4 July", "year's end"],
)
def test_the_announcements_around_a_moment(now: str, last: str, coming: str) -> None:
    assert last_announcement(new_york(now)) == new_york(last)
    assert next_announcement(new_york(now)) == new_york(coming)


@pytest.mark.parametrize(
    ("announced", "utc"),
    [
        ("2026-03-05T20:00", "2026-03-06T01:00"),
        ("2026-03-08T20:00", "2026-03-09T00:00"),
        ("2026-11-01T20:00", "2026-11-02T01:00"),
    ],
    ids=["winter", "the day the clocks go forward", "the day they go back"],
)
def test_eight_in_the_evening_on_new_york_s_clocks(announced: str, utc: str) -> None:
    moment = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert last_announcement(moment) == new_york(announced) == moment
    assert next_announcement(moment - timedelta(seconds=1)) == moment


@pytest.mark.parametrize(
    ("digest", "reason"),
    [
        ("2026-03-06T14:00", None),
        ("2026-03-07T14:00", NoAnnouncement.WEEKEND),
        ("2026-03-08T14:00", NoAnnouncement.WEEKEND),
        ("2026-03-09T14:00", None),
        ("2026-09-08T14:00", NoAnnouncement.HOLIDAY),
        ("2026-06-20T14:00", NoAnnouncement.WEEKEND),
    ],
    ids=["Friday", "Saturday", "Sunday", "Monday", "after Labor Day", "after a holiday on a Friday"],
)
def test_why_a_digest_in_singapore_finds_no_batch(digest: str, reason: NoAnnouncement | None) -> None:
    assert why_no_announcement(singapore(digest)) is reason


@given(now=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_around_any_moment_two_announcements_at_most_four_days_apart(now: datetime) -> None:
    last, coming = last_announcement(now), next_announcement(now)
    assert last <= now < coming
    assert coming - last <= timedelta(days=4)
    assert next_announcement(last) == coming
    assert {moment.astimezone(NEW_YORK).hour for moment in (last, coming)} == {20}


def test_an_empty_digest_after_an_announcement_looks_again_hourly_for_six_hours() -> None:
    due = singapore("2026-03-03T14:00")
    looks = [due]
    while len(looks) < 10 and (again := look_again_at(due, looks[-1])) is not None:
        looks.append(again)
    assert [(look - due) / timedelta(hours=1) for look in looks] == [0, 1, 2, 3, 4, 5, 6]


def test_an_empty_digest_after_a_weekend_evening_is_the_answer() -> None:
    assert look_again_at(singapore("2026-03-07T14:00"), singapore("2026-03-07T14:00")) is None

"""Hours and zones as people type them, in config.json and in forms alike."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from bot.settings import zones
from bot.settings.values import Unreadable, hour, zone
from tests.unit.settings.conftest import Load


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9:30", time(9, 30)),
        (" 09.30 ", time(9, 30)),
        ("9h30", time(9, 30)),
        ("7", time(7)),
        ("21h", time(21)),
        ("23:59", time(23, 59)),
        ("00:00", time(0)),
        ("8am", time(8)),
        ("8:00 PM", time(20)),
        ("8 p.m.", time(20)),
        ("12am", time(0)),
        ("12:30 pm", time(12, 30)),
    ],
)
def test_hours(typed: str, meant: time) -> None:
    assert hour(typed) == meant


@pytest.mark.parametrize("typed", ["24:00", "12:60", "9:3", "noon", "13 pm", "0am", "-1", "930", "٩", ""])
def test_what_is_no_hour(typed: str) -> None:
    with pytest.raises(Unreadable):
        hour(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("utc", "UTC"),
    ],
)
def test_zones(typed: str, meant: str) -> None:
    assert zone(typed) == meant


def test_the_file_takes_what_a_form_takes(load_config: Load) -> None:
    settings = load_config({"post_at": "9.30", "timezone": "berlin"})
    assert (settings.post_at, settings.timezone) == (time(9, 30), "Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("SGT", 'write "Asia/Singapore"'),
        ("PST", 'write "America/Los_Angeles"'),
        ("CEST", 'write "Europe/Berlin" or "Europe/Paris"'),
        ("WEST", 'write "Europe/Lisbon"'),
        ("IST", 'such as "Asia/Kolkata", "Europe/Dublin" or "Asia/Jerusalem"'),
        ("CST", 'such as "America/Chicago", "Asia/Shanghai" or "America/Havana"'),
        ("UTC+8", 'write "Asia/Singapore" or "Asia/Shanghai", or the zone of your own city'),
        ("GMT +08:00", 'write "Asia/Singapore" or "Asia/Shanghai"'),
        ("+5:30", 'write "Asia/Kolkata"'),
        ("GMT-3", 'write "America/Sao_Paulo"'),
        ("UTC+13:37", 'write an IANA name such as "Asia/Singapore"'),
        ("Munich", 'write "Europe/Berlin"'),
        ("Asia/Beijing", 'write "Asia/Shanghai"'),
        ("Asia/Singapur", 'write "Asia/Singapore"'),
        ("Asia/Berlin", 'write "Europe/Berlin"'),
        ("Berln", 'write "Europe/Berlin"'),
        ("Mars/Base", 'write an IANA name such as "Asia/Singapore"'),
        ("Central", 'write an IANA name such as "Asia/Singapore"'),
    ],
)
def test_the_zone_that_was_meant_is_named(typed: str, remedy: str) -> None:
    with pytest.raises(Unreadable) as refused:
        zone(typed)
    assert remedy in str(refused.value)


@pytest.mark.parametrize("minutes", zones._FIXED)
def test_the_clocks_of_what_is_named_for_an_offset_are_that_far_ahead_all_year(minutes: int) -> None:
    for name in zones._FIXED[minutes]:
        for month in range(1, 13):
            assert datetime(2026, month, 15, tzinfo=ZoneInfo(name)).utcoffset() == timedelta(minutes=minutes), name


def test_every_zone_that_is_named_exists() -> None:
    tables = (zones._ABBREVIATIONS, zones._AMBIGUOUS, zones._FIXED)
    assert {name for table in tables for names in table.values() for name in names} <= available_timezones()
    assert set(zones._CITIES.values()) <= available_timezones()


def test_a_city_that_two_names_end_in_has_the_same_clocks_in_both() -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    for name in available_timezones():
        city = name.rpartition("/")[2]
        if name.partition("/")[0] in zones._REGIONS and city.casefold() not in zones._DIRECTIONS:
            assert now.astimezone(ZoneInfo(zone(city))).utcoffset() == now.astimezone(ZoneInfo(name)).utcoffset(), name

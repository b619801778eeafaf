"""Our own words, without anybody's markup."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.text.words import Code, Coming, Command, Name, Words, as_plain, lasting, local

NOON = datetime(2026, 3, 3, 6, tzinfo=UTC)
SINGAPORE = ZoneInfo("Asia/Singapore")


def plain(words: Words) -> str:
    """In Singapore."""
    return as_plain(words, SINGAPORE)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("Since ", NOON, "."), "Since Tue 3 Mar 2026 14:00."),
        (("Next: ", Coming(NOON)), "Next: Tue 3 Mar 2026 14:00"),
        ((Command("status"), " shows it."), "/status shows it."),
        (("Followed:\n", Code("ti:`moss`\nOR ti:fern"), "\nEnd."), "Followed:\n  ti:`moss`\n  OR ti:fern\nEnd."),
        (("the thread #", Name("**odd** [name](x)")), "the thread #**odd** [name](x)"),
    ],
)
def test_each_part_is_written_without_markup(words: Words, text: str) -> None:
    assert plain(words) == text


def test_a_time_in_nobodys_zone_names_it() -> None:
    assert as_plain((NOON,), ZoneInfo("UTC")) == "Tue 3 Mar 2026 06:00 UTC"


def test_a_moment_on_a_servers_clocks() -> None:
    assert local(NOON, SINGAPORE) == "Tue 3 Mar 14:00"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 second"), (45, "45 seconds"), (119, "119 seconds"), (120, "2 minutes"), (3600, "60 minutes"), (7201, "3 hours")],
)
def test_a_length_of_time_is_rounded_up(seconds: float, text: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == text

"""submittedDate ranges: filled in as arXiv fills them, refused where arXiv would break."""

from __future__ import annotations

import pytest

from bot.errors import QuerySyntaxError
from bot.query import parse


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("[202501010000 TO 202501312359]", "[202501010000 TO 202501312359]"),
        ("[2025 TO 2025]", "[202501010000 TO 202512312359]"),
        ("[20250101 TO 20250131]", "[202501010000 TO 202501312359]"),
        ("[202401 TO 202402]", "[202401010000 TO 202402292359]"),
        ("[20250101093000 TO 20250101094559]", "[202501010930 TO 202501010945]"),
        ("[ 2024  TO  2025 ]", "[202401010000 TO 202512312359]"),
        ('"202501010000 TO 202501312359"', "[202501010000 TO 202501312359]"),
    ],
)
def test_partial_dates_are_filled_to_the_minute(typed: str, sent: str) -> None:
    assert str(parse(f"submittedDate:{typed}")) == f"submittedDate:{sent}"


def test_last_updated_is_what_arxiv_takes_it_for() -> None:
    assert parse("lastUpdatedDate:[2025 TO 2025]") == parse("submittedDate:[2025 TO 2025]")


@pytest.mark.parametrize(
    ("typed", "place", "says", "advises"),
    [
        ("[20250101 TO *]", 13, "does not know * as an open end", "20991231"),
        ("[* TO 20250101]", 1, "does not know * as an open end", "19910101"),
        ("[2025-01-31 TO 2026]", 1, "digits only, not as 2025-01-31", "Write 20250131."),
        ("[20250230 TO 2026]", 1, "20250230 is not a date", "2025, 202501, 20250131 or 202501312359"),
        ("[202513 TO 2026]", 1, "202513 is not a date", "4, 6, 8 or 12 digits"),
        ("[2025 TO 20251]", 9, "20251 is not a date", "4, 6, 8 or 12 digits"),
        ("[0000 TO 2025]", 1, "0000 is not a date", "4, 6, 8 or 12 digits"),
        ("[2025 TO ２０２６]", 9, "is not a date", "4, 6, 8 or 12 digits"),
        ("[2026 TO 2025]", 0, "does not end after it starts", "earlier date first"),
        ("[202501010000 TO 202501010000]", 0, "does not end after it starts", "earlier date first"),
        ("[2025]", 0, "two dates with TO", "submittedDate:[20250101 TO 20251231]"),
        ("[2025 to 2026]", 0, "TO in capitals", "submittedDate:[20250101 TO 20251231]"),
        ("[2025 TO 2026", 0, "This bracket is never closed", "close it"),
    ],
)
def test_a_range_arxiv_would_break_on(typed: str, place: int, says: str, advises: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(f"submittedDate:{typed}")
    assert caught.value.position == len("submittedDate:") + place
    assert says in caught.value.problem
    assert advises in caught.value.remedy


@pytest.mark.parametrize("text", ["submittedDate:2025", "submittedDate:", "submittedDate:(2025)", "lastUpdatedDate:2025"])
def test_a_date_field_without_a_range(text: str) -> None:
    with pytest.raises(QuerySyntaxError, match=r"needs a range of dates in brackets.*:\[20250101 TO 20251231\]"):
        parse(text)


def test_a_range_without_its_field() -> None:
    with pytest.raises(QuerySyntaxError, match=r"A date range needs its field. Write submittedDate:"):
        parse("cat:cs.LG AND [2025 TO 2026]")


def test_a_phrase_may_begin_like_a_range() -> None:
    assert str(parse('ti:"[2020 revisited"')) == 'ti:"[2020 revisited"'

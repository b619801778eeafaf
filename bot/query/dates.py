"""Reads the inside of `submittedDate:[… TO …]` the way arXiv does, and refuses what arXiv would break on.

Partial dates are filled as arXiv's `fill_in_partial_dates` does: a start with its first minute, an end with its last.
https://github.com/arXiv/arxiv-search/blob/develop/search/domain/classic_api/classic_search_query.py (2026-07-01)
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime

from bot.errors import QuerySyntaxError
from bot.query.nodes import Dates
from bot.query.tokens import Token

_EXAMPLE = "submittedDate:[20250101 TO 20251231]"
_BOUNDS = re.compile(r"\s*(\S+)\s+TO\s+(\S+)\s*")


def read_range(text: str, token: Token) -> Dates:
    """The dates of a RANGE or PHRASE token of `text`; QuerySyntaxError points at the bound that cannot be read."""
    bounds = _BOUNDS.fullmatch(token.text)
    if bounds is None:
        raise QuerySyntaxError(
            text, token.position, "A date range has two dates with TO in capitals between them.", f"Write {_EXAMPLE}."
        )
    inside = token.position + 1
    start = _bound(text, inside + bounds.start(1), bounds[1], last=False)
    end = _bound(text, inside + bounds.start(2), bounds[2], last=True)
    if start >= end:
        raise QuerySyntaxError(
            text,
            token.position,
            "This date range does not end after it starts.",
            "Put the earlier date first, the later after TO.",
        )
    return Dates(start, end)


def _bound(text: str, position: int, typed: str, *, last: bool) -> datetime:
    if typed == "*":
        far = "20991231" if last else "19910101"
        raise QuerySyntaxError(
            text, position, "arXiv does not know * as an open end of a date range.", f"Write a date far enough away: {far}."
        )
    digits = re.sub(r"[-/.:T]", "", typed)
    if digits != typed and re.fullmatch(r"[0-9]{4,12}", digits):
        raise QuerySyntaxError(text, position, f"arXiv reads dates as digits only, not as {typed}.", f"Write {digits}.")
    try:
        return _filled(typed, last=last)
    except ValueError:
        raise QuerySyntaxError(
            text,
            position,
            f"{typed} is not a date arXiv can read.",
            "Write 4, 6, 8 or 12 digits, in GMT: 2025, 202501, 20250131 or 202501312359.",
        ) from None


def _filled(typed: str, *, last: bool) -> datetime:
    """ValueError: not 4, 6, 8 or 12 digits (or 14, whose seconds arXiv cuts off), or no such day."""
    if not re.fullmatch(r"[0-9]{4}|[0-9]{6}|[0-9]{8}|[0-9]{12}|[0-9]{14}", typed):
        raise ValueError(typed)
    year = int(typed[:4])
    month = int(typed[4:6] or (12 if last else 1))
    if not (year and 1 <= month <= 12):
        raise ValueError(typed)
    day = int(typed[6:8] or (calendar.monthrange(year, month)[1] if last else 1))
    hour, minute = int(typed[8:10] or (23 if last else 0)), int(typed[10:12] or (59 if last else 0))
    return datetime(year, month, day, hour, minute, tzinfo=UTC)

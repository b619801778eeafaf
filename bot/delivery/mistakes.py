"""What is wrong with a query, for the person who typed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.delivery.escape import code_block, escape
from bot.errors import QuerySyntaxError, QueryTooLong
from bot.text.prose import cut, fit

if TYPE_CHECKING:
    from bot.query import Hint

_AROUND = 18
"""Characters shown on either side of the place: a phone breaks longer lines of a code block, and the caret points nowhere."""

_SENTENCE = 300
_MOST_HINTS, _LONGEST_HINT = 3, 280


def mistake(error: QuerySyntaxError, *, followed: bool = False) -> str:
    """What is wrong, where, and what to type instead; `followed`: the query was meant for a channel."""
    problem, remedy = (escape(cut(text, _SENTENCE)) for text in (error.problem, error.remedy))
    if followed and isinstance(error, QueryTooLong):
        remedy += " Or spread it over two channels."
    return f"{problem}\n{code_block(error.pointer(_AROUND))}\n{remedy}"


def hints(found: Sequence[Hint]) -> str:
    """A line for each of the first three; together under 900 characters, empty for none."""
    return "\n".join(f"⚠️ {fit(str(hint), _LONGEST_HINT, escape)}" for hint in found[:_MOST_HINTS])

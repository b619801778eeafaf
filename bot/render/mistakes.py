"""A query that cannot be read, for the person who typed it."""

from __future__ import annotations

from bot.errors import QuerySyntaxError
from bot.render.escape import code_block, escape
from bot.render.prose import cut

_AROUND = 18
"""Characters shown on either side of the place: a phone breaks longer lines of a code block, and the caret points nowhere."""

_SENTENCE = 300


def mistake(error: QuerySyntaxError) -> str:
    """What is wrong, where, and what to type instead."""
    problem, remedy = (escape(cut(text, _SENTENCE)) for text in (error.problem, error.remedy))
    return f"{problem}\n{code_block(error.pointer(_AROUND))}\n{remedy}"

"""A query that cannot be read, for the person who typed it."""

from __future__ import annotations

from bot.errors import QuerySyntaxError
from bot.render.mistakes import mistake


def test_what_where_and_what_instead() -> None:
    error = QuerySyntaxError("tl:moss", 0, 'There is no field "tl".', "Did you mean ti:?")
    assert mistake(error) == 'There is no field "tl".\n```\ntl:moss\n^\n```\nDid you mean ti:?'


def test_the_caret_stays_on_a_phones_screen() -> None:
    error = QuerySyntaxError(f"{'all:fern OR ' * 150}tl:moss{' OR all:fern' * 9}", 1800, "A problem.", "A remedy.")
    lines = mistake(error).splitlines()
    assert max(map(len, lines)) <= 38
    assert lines[2][lines[3].index("^") :].startswith("tl:moss")

"""An author's words: made legible, and cut where a reader would cut them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Sequence

from bot.text.tex import readable

_LONGEST_WORD = 40
_JOINERS = "\u200c\u200d"  # inside Persian words and emoji
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters by category, empty to the eye

_SENTENCE_END = re.compile(r"[.!?][\"')\]”’]*(?=\s(?![a-z]))|[。！？]")
_ABBREVIATED = re.compile(r"(?:\b(?:e\.g|i\.e|cf|vs|al|etc|ca|approx|resp|Figs?|Eqs?|Refs?|Secs?|Nos?|Dr|St)|\b[A-Z])$")


def legible(source: str) -> str:
    """One line: TeX read, white space collapsed, without what a reader cannot see; empty if that leaves nothing."""
    text = readable(source)
    # By distinct characters: a text may have a million, and the event loop waits.
    text = " ".join(text.translate({ord(character): _visible(character) for character in set(text)}).split())
    return text if any(unicodedata.category(c)[0] not in "ZCM" and c not in _BLANKS for c in set(text)) else ""


def _visible(character: str) -> str:
    """Control characters become spaces; direction overrides, zero-width signs and lone surrogates go."""
    if character.isascii() and character.isprintable():
        return character
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category in ("Cf", "Cs") and character not in _JOINERS else character


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ending in "…" after a whole word where words are of a human length."""
    if len(text) <= limit:
        return text
    end = max(limit - 1, 0)
    space = text.rfind(" ", max(0, end - _LONGEST_WORD), end + 1)
    if space > 0:
        end = space
    while end > 0 and _belong_together(text[end - 1], text[end]):
        end -= 1
    return f"{text[:end].rstrip(' ,;:(–-')}…" if limit > 0 else ""


def _belong_together(before: str, after: str) -> bool:
    """Two code points of one visible character."""
    return before == "\u200d" or after in _JOINERS or unicodedata.category(after)[0] == "M" or "🏻" <= after <= "🏿"


def excerpt(text: str, about: int = 380) -> str:
    """The first sentences, `about` so many characters; an ellipsis only where no sentence ends near."""
    most = about + about // 8
    if len(text) <= most:
        return text
    found = _SENTENCE_END.finditer(text, about // 2, most + 2)
    ends = [end.end() for end in found if not _ABBREVIATED.search(text, 0, end.start())]
    return text[: ends[-1]] if ends else cut(text, about)


def fit(text: str, limit: int, write: Callable[[str], str]) -> str:
    """`write(text)`; of its leading words only, where all of it would exceed `limit` once written."""
    written = write(text)
    if len(written) <= limit:
        return written
    room = bisect_right(range(1, limit + 1), limit, key=lambda room: len(write(cut(text, room))))
    return write(cut(text, room))


def fitting(parts: Sequence[str], between: str, limit: int) -> str:
    """As many whole parts, from the first on, as `limit` characters hold; the others are counted."""
    text, shown = between.join(parts), len(parts)
    while len(text) > limit and shown > 0:
        shown -= 1
        text = between.join([*parts[:shown], f"… and {len(parts) - shown} more"])
    return text


def numbered(titles: Sequence[str], line: Callable[[int, str], str], write: Callable[[str], str], limit: int) -> str:
    """`line(index, title)` of every title, one below the other, within `limit` characters.

    Long titles give way first: all share the room that the lines leave, and short ones pass on what they do not need.
    """
    frames = sum(len(line(index, "")) + 1 for index in range(len(titles)))
    share = _share([len(write(title)) for title in titles], limit - frames)
    return "\n".join(line(index, fit(title, share, write)) for index, title in enumerate(titles))


def _share(lengths: Sequence[int], room: int) -> int:
    """The largest length to which all can be cut so that together they fit `room`."""
    longest = max(lengths)
    return bisect_right(range(1, longest + 1), room, key=lambda share: sum(min(length, share) for length in lengths))

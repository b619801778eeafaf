"""A message without any markup: for a terminal, a file, or whatever else shows text as it is."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.digest.model import Kind, Message, Showing
from bot.text import sentences
from bot.text.words import as_plain


def plain(message: Message, zone: ZoneInfo) -> str:
    """As long as it takes; times on the clocks of `zone`. Every paper has its address at the end of its line or lines."""
    message = message.as_shown
    lines = [message.day_line.heading] if message.day_line else []
    if message.intro:
        lines += [message.intro.heading, as_plain(message.intro.words, zone), *_numbered(message.intro.newest)]
    elif message.notice:
        lines.append(as_plain(message.notice.words, zone))
    elif message.kind is Kind.CARD:
        lines += _card(message.showings[0])
    else:
        lines += [message.heading, *_numbered(message.showings)]
    return "\n".join(lines)


def _card(showing: Showing) -> list[str]:
    paper = showing.paper
    return [*filter(None, (showing.badge_text, sentences.title(paper), sentences.authors(paper))), paper.id.abs_url]


def _numbered(showings: Sequence[Showing]) -> list[str]:
    marks = (f" ({showing.badge_text})" if showing.badge_text else "" for showing in showings)
    return [
        f"{number}. {sentences.title(showing.paper)}{mark} {showing.paper.id.abs_url}"
        for number, (showing, mark) in enumerate(zip(showings, marks, strict=True), start=1)
    ]

"""A message as plain text: what is sent when Discord refuses the embed, and what a dry run prints."""

from __future__ import annotations

from collections.abc import Sequence

from bot.delivery.escape import escape
from bot.digest.model import Intro, Kind, Message, Showing
from bot.text import sentences
from bot.text.prose import fit, numbered

_LIMIT = 2000  # of a message's content


def plain(message: Message) -> str:
    """At most 2000 characters, with the versioned abs link of every paper, in <> so that Discord adds no preview."""
    head = f"{sentences.day_line(message.day_line)}\n" if message.day_line else ""
    return head + _body(sentences.as_it_stands(message), _LIMIT - len(head))


def _body(message: Message, limit: int) -> str:
    if message.intro:
        return _intro(message.intro, limit)
    if message.notice:
        return sentences.notice(message.notice)
    if message.kind is Kind.CARD:
        return _card(message.showings[0], limit)
    head = f"**{sentences.heading(message)}**\n"
    return head + _list(message.showings, limit - len(head))


def _card(showing: Showing, limit: int) -> str:
    marked = f"{badge}\n" if (badge := sentences.badge(showing)) else ""
    by = f"\n{escape(authors)}" if (authors := sentences.authors(showing.paper)) else ""
    tail = f"{by}\n<{showing.paper.id.abs_url}>"
    title = fit(sentences.title(showing.paper), limit - len(marked) - len(tail) - 4, escape)
    return f"{marked}**{title}**{tail}"


def _list(showings: Sequence[Showing], limit: int) -> str:
    def line(index: int, title: str) -> str:
        mark = f" ({badge})" if (badge := sentences.badge(showings[index])) else ""
        return f"{index + 1}. {title}{mark} <{showings[index].paper.id.abs_url}>"

    return numbered([sentences.title(showing.paper) for showing in showings], line, escape, limit)


def _intro(intro: Intro, limit: int) -> str:
    head = f"**{sentences.following(intro)}**\n{sentences.prospects(intro)}"
    return f"{head}\n{_list(intro.newest, limit - len(head) - 1)}" if intro.newest else head

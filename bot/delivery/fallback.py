"""A message without an embed: what is sent when Discord refuses the embed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.delivery.escape import as_markdown, escape
from bot.delivery.theme import MOST_CONTENT
from bot.digest.model import Intro, Kind, Message, Showing
from bot.text import sentences
from bot.text.prose import fit, numbered


def without_embed(message: Message) -> str:
    """At most MOST_CONTENT characters, with the versioned abs link of every paper, in <> so that Discord adds no preview."""
    head = f"**{message.day_line.heading}**\n" if message.day_line else ""
    return head + _body(message.as_shown, MOST_CONTENT - len(head))


def _body(message: Message, limit: int) -> str:
    if message.intro:
        return _intro(message.intro, limit)
    if message.notice:
        return as_markdown(message.notice.words)
    if message.kind is Kind.CARD:
        return _card(message.showings[0], limit)
    head = f"**{message.heading}**\n"
    if message.bare:
        return head + "\n".join(f"<{showing.paper.id.abs_url}>" for showing in message.showings)
    return head + _list(message.showings, limit - len(head))


def _card(showing: Showing, limit: int) -> str:
    marked = f"{badge}\n" if (badge := showing.badge_text) else ""
    by = f"\n{escape(authors)}" if (authors := sentences.authors(showing.paper)) else ""
    tail = f"{by}\n<{showing.paper.id.abs_url}>"
    title = fit(sentences.title(showing.paper), limit - len(marked) - len(tail) - 4, escape)
    return f"{marked}**{title}**{tail}"


def _list(showings: Sequence[Showing], limit: int) -> str:
    def line(index: int, title: str) -> str:
        mark = f" ({badge})" if (badge := showings[index].badge_text) else ""
        return f"{index + 1}. {title}{mark} <{showings[index].paper.id.abs_url}>"

    return numbered([sentences.title(showing.paper) for showing in showings], line, escape, limit)


def _intro(intro: Intro, limit: int) -> str:
    head = f"**{intro.heading}**\n{as_markdown(intro.words)}"
    return f"{head}\n{_list(intro.newest, limit - len(head) - 1)}" if intro.newest else head

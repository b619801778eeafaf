"""A message as Discord shows it: content, one embed, link buttons. Every limit of Discord holds for any paper.

Limits: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import discord

from bot.delivery.components import LinkButton
from bot.delivery.escape import escape, label, link
from bot.digest.model import Badge, Intro, Kind, Message, Notice, Showing
from bot.paper import Paper
from bot.query import category_name
from bot.text import sentences
from bot.text.prose import excerpt, fit, legible, numbered

_TITLE, _DESCRIPTION = 256, 4096
_DETAIL = 200
_MOST_CATEGORIES, _LONGEST_CATEGORY = 6, 24
_LONGEST_ADDRESS = 512
_ABS = "https://arxiv.org/abs/"

_ARXIV_RED = 0xB31B1B
_AMBER, _SLATE = 0xD9902F, 0x6B7A8F
_COLOURS = {
    "cs": 0x3B7DD8,
    "stat": 0x2BA59B,
    "math": 0x7A5CC4,
    "cond-mat": 0x2E9E6B,
    "physics": 0xC4573B,
    "quant-ph": 0x9C4DB0,
    "astro-ph": 0x34508C,
    "eess": 0x4FA3C7,
    "q-bio": 0x6FAF3D,
    "q-fin": 0xA98B2D,
    "econ": 0xB07A46,
}

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_CODE_BLOCK = re.compile(r"```.*?```", re.DOTALL)
# Ours alone: in an author's text "](" and " <" stand escaped.
_OUR_LINK = re.compile(r"(?:(?<!\\)(?:\\\\)*\]\(|(?<=\s)<)(https://arxiv\.org/abs/[^\s<>()]+v\d+)[)>]")


@dataclass(frozen=True, slots=True)
class Post:
    """What Discord is sent. `content` None: an edit leaves it as it is."""

    content: str | None
    embed: discord.Embed | None
    buttons: tuple[LinkButton, ...]


def render(message: Message) -> Post:
    """An EDIT looks as the message it edits, with its present showings."""
    message = sentences.as_it_stands(message)
    content = sentences.day_line(message.day_line) if message.day_line else None
    if message.intro:
        return Post(content, _intro(message.intro), ())
    if message.notice:
        return Post(content, _notice(message.notice), ())
    if message.kind is Kind.CARD:
        return Post(content, _card(message.showings[0]), _buttons(message.showings[0].paper))
    return Post(content, _list(message), ())


def versioned_links(message: Message) -> frozenset[str]:
    """The abs addresses by which a message is recognised in its channel; none for a notice."""
    showings = message.intro.newest if message.intro else message.showings
    return frozenset(showing.paper.id.abs_url for showing in showings)


def links_in(content: str, embeds: Sequence[discord.Embed]) -> frozenset[str]:
    """The same addresses, read from a message that stands in a channel, embed or plain text."""
    titled = {embed.url for embed in embeds if embed.url and embed.url.startswith(_ABS)}
    texts = [_CODE_BLOCK.sub("", text) for text in (content, *(embed.description or "" for embed in embeds))]
    return frozenset(titled.union(*(_OUR_LINK.findall(text) for text in texts)))


def _card(showing: Showing) -> discord.Embed:
    paper = showing.paper
    parts = (escape(sentences.authors(paper)), escape(excerpt(legible(paper.abstract))), _details(paper))
    embed = discord.Embed(
        title=fit(sentences.title(paper), _TITLE, escape),
        url=paper.id.abs_url,
        description="\n\n".join(filter(None, parts)),
        colour=_colour(showing),
    )
    if badge := sentences.badge(showing):
        embed.set_author(name=badge)
    return embed.set_footer(text=f"arXiv:{paper.id}")


def _details(paper: Paper) -> str:
    dates = f"Submitted {sentences.moment(paper.published, 'D')}"
    if paper.version > 1:
        dates += f" · revised {sentences.moment(paper.updated, 'D')}"
    lines = (_categories(paper), dates, _detail("Comment", paper.comment), _detail("Journal", paper.journal_ref), _doi(paper))
    return "\n".join(filter(None, lines))


def _categories(paper: Paper) -> str:
    """Primary in bold, with its name."""
    shown = [fit(text, _LONGEST_CATEGORY, escape) for text in map(legible, paper.categories[:_MOST_CATEGORIES]) if text]
    if not shown:
        return ""
    name = category_name(paper.categories[0])
    return " · ".join([f"**{shown[0]}** ({name})" if name else f"**{shown[0]}**", *shown[1:]])


def _detail(name: str, source: str | None) -> str:
    text = legible(source or "")
    return f"{name}: {fit(text, _DETAIL, escape)}" if text else ""


def _doi(paper: Paper) -> str:
    """arXiv lets authors give several, apart by spaces; the first is the paper's."""
    found = _DOI.search(legible(paper.doi or ""))
    address = f"https://doi.org/{quote(found[0], safe='/:;.,-_')}" if found else ""
    if found is None or len(address) > _LONGEST_ADDRESS:
        return _detail("DOI", paper.doi)
    return f"DOI: {link(fit(found[0], _DETAIL, label), address)}"


def _colour(showing: Showing) -> int:
    if showing.badge is Badge.REVISED:
        return _AMBER
    if showing.badge is Badge.NEWLY_MATCHING:
        return _SLATE
    primary = next(iter(showing.paper.categories), "")
    return _COLOURS.get(primary.partition(".")[0], _ARXIV_RED)


def _buttons(paper: Paper) -> tuple[LinkButton, ...]:
    return LinkButton("arXiv", paper.id.abs_url), LinkButton("PDF", paper.id.pdf_url)


def _list(message: Message) -> discord.Embed:
    return discord.Embed(title=sentences.heading(message), description=titles(message.showings, _DESCRIPTION), colour=_ARXIV_RED)


def titles(showings: Sequence[Showing], limit: int, *, first: int = 1) -> str:
    """Linked titles, one below the other and numbered from `first` on, within `limit` characters."""

    def line(index: int, title: str) -> str:
        showing = showings[index]
        badge = sentences.badge(showing)
        about = " · ".join(filter(None, (escape(sentences.first_author(showing.paper)), f"**{badge}**" if badge else "")))
        return f"**{first + index:,}.** {link(title, showing.paper.id.abs_url)}" + (f"\n{about}" if about else "")

    return numbered([sentences.title(showing.paper) for showing in showings], line, label, limit)


def _intro(intro: Intro) -> discord.Embed:
    text = sentences.prospects(intro)
    if intro.newest:
        text += "\n\n**Newest so far**\n"
        text += titles(intro.newest, _DESCRIPTION - len(text))
    return discord.Embed(title=sentences.following(intro), description=text, colour=_ARXIV_RED)


def _notice(notice: Notice) -> discord.Embed:
    return discord.Embed(title=sentences.notice_heading(notice.kind), description=sentences.notice(notice), colour=_SLATE)

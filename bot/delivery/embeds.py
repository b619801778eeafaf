"""A message as Discord shows it: content, one embed, link buttons. Every limit of Discord holds for any paper."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import discord

from bot.delivery.components import LinkButton
from bot.delivery.escape import as_markdown, escape, label, link, moment
from bot.delivery.theme import AMBER, FIELDS, MOST_ADDRESS, MOST_DESCRIPTION, MOST_TITLE, RED, SLATE
from bot.digest.model import Badge, DayLine, Intro, Kind, Message, Notice, Showing
from bot.paper import Paper, page_prefixes
from bot.query import category_name
from bot.text import sentences
from bot.text.prose import excerpt, fit, legible, numbered

_DETAIL = 200
_MOST_EDITED = 10
_MOST_CATEGORIES, _LONGEST_CATEGORY = 6, 24

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_CODE_BLOCK = re.compile(r"```.*?```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Post:
    """What Discord is sent. `content` None: an edit leaves it as it is."""

    content: str | None
    embed: discord.Embed | None
    buttons: tuple[LinkButton, ...]


def render(message: Message) -> Post:
    """An EDIT looks as the message it edits, with its present showings."""
    message = message.as_shown
    content = _day_line(message.day_line) if message.day_line else None
    if message.intro:
        return Post(content, _intro(message.intro), ())
    if message.notice:
        return Post(content, _notice(message.notice), ())
    if message.kind is Kind.CARD:
        return Post(content, _card(message.showings[0]), _buttons(message.showings[0].paper))
    return Post(content, _list(message), ())


def _day_line(line: DayLine) -> str:
    """The heading, and the way to each message that was edited, as many as there is room for."""
    links = (
        f"[{number}](https://discord.com/channels/{each.guild_id}/{each.destination_id}/{each.message_id})"
        for number, each in enumerate(line.edited[:_MOST_EDITED], start=1)
    )
    return " ".join([f"**{line.heading}**", *links])


def versioned_links(message: Message) -> frozenset[str]:
    """The abs addresses by which a message is recognised in its channel; none for a notice."""
    showings = message.intro.newest if message.intro else message.showings
    return frozenset(showing.paper.id.abs_url for showing in showings)


def links_in(content: str, embeds: Sequence[discord.Embed]) -> frozenset[str]:
    """The same addresses, read from a message that stands in a channel, embed or plain text."""
    pages = page_prefixes()
    titled = {embed.url for embed in embeds if embed.url and embed.url.startswith(pages)}
    # Ours alone: in an author's text "](" and " <" stand escaped.
    our_link = re.compile(rf"(?:(?<!\\)(?:\\\\)*\]\(|(?<=\s)<)((?:{'|'.join(map(re.escape, pages))})[^\s<>()]+)[)>]")
    texts = [_CODE_BLOCK.sub("", text) for text in (content, *(embed.description or "" for embed in embeds))]
    return frozenset(titled.union(*(our_link.findall(text) for text in texts)))


def _card(showing: Showing) -> discord.Embed:
    paper = showing.paper
    parts = (escape(sentences.authors(paper)), escape(excerpt(legible(paper.abstract))), _details(paper))
    embed = discord.Embed(
        title=fit(sentences.title(paper), MOST_TITLE, escape),
        url=paper.id.abs_url,
        description="\n\n".join(filter(None, parts)),
        colour=_colour(showing),
    )
    if badge := showing.badge_text:
        embed.set_author(name=badge)
    return embed.set_footer(text=f"{paper.id.source_name}:{paper.id}")


def _details(paper: Paper) -> str:
    dates = f"Submitted {moment(paper.published, 'D')}"
    if paper.version > 1:
        dates += f" · revised {moment(paper.updated, 'D')}"
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
    if found is None or len(address) > MOST_ADDRESS:
        return _detail("DOI", paper.doi)
    return f"DOI: {link(fit(found[0], _DETAIL, label), address)}"


def _colour(showing: Showing) -> int:
    if showing.paper.withdrawn:
        return SLATE
    if showing.badge is Badge.REVISED:
        return AMBER
    if showing.badge is Badge.NEWLY_MATCHING:
        return SLATE
    primary = next(iter(showing.paper.categories), "")
    return FIELDS.get(primary.partition(".")[0], RED)


def _buttons(paper: Paper) -> tuple[LinkButton, ...]:
    page = LinkButton(paper.id.source_name, paper.id.abs_url)
    return (page,) if paper.withdrawn else (page, LinkButton("PDF", paper.id.pdf_url))


def _list(message: Message) -> discord.Embed:
    text = _links(message.showings) if message.bare else titles(message.showings, MOST_DESCRIPTION)
    return discord.Embed(title=message.heading, description=text, colour=RED)


def _links(showings: Sequence[Showing]) -> str:
    """Nothing in the authors' words: those are what Discord does not take."""
    return "\n".join(link(f"{each.paper.id.source_name}:{each.paper.id}", each.paper.id.abs_url) for each in showings)


def titles(showings: Sequence[Showing], limit: int, *, first: int = 1) -> str:
    """Linked titles, one below the other and numbered from `first` on, within `limit` characters."""

    def line(index: int, title: str) -> str:
        showing = showings[index]
        badge = showing.badge_text
        about = " · ".join(filter(None, (escape(sentences.first_author(showing.paper)), f"**{badge}**" if badge else "")))
        linked = link(title, showing.paper.id.abs_url)
        struck = f"~~{linked}~~" if showing.paper.withdrawn else linked
        return f"**{first + index:,}.** {struck}" + (f"\n{about}" if about else "")

    return numbered([sentences.title(showing.paper) for showing in showings], line, label, limit)


def _intro(intro: Intro) -> discord.Embed:
    text = as_markdown(intro.words)
    if intro.newest:
        text += "\n\n**Newest so far**\n"
        text += titles(intro.newest, MOST_DESCRIPTION - len(text))
    return discord.Embed(title=intro.heading, description=text, colour=RED)


def _notice(notice: Notice) -> discord.Embed:
    return discord.Embed(title=notice.heading, description=as_markdown(notice.words), colour=SLATE)

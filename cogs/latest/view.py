"""A page of the newest papers: compact cards, and the buttons that turn or share the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot.delivery.components import CustomId
from bot.delivery.embeds import render as render_card
from bot.delivery.escape import code_block, escape, moment
from bot.delivery.mistakes import hints
from bot.delivery.permissions import Room
from bot.digest.model import Kind, Message, Showing
from bot.paper import Paper
from bot.text import sentences
from bot.text.prose import cut, excerpt, fit, legible

if TYPE_CHECKING:
    from cogs.latest.service import Page, Spot

BUTTON = r"latest:(?P<verb>page|refresh|share):(?P<draft>[\w-]+):(?P<start>\d{1,9}):(?P<count>[1-9]|10)"
"""custom_ids of the buttons under a page: `page` shows the one at that spot, `refresh` the first one as it is now, `share` makes
one public."""

# With ten papers a page, a title of 256 and a footer, these keep a message within Discord's 6000 characters:
# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
_AUTHOR, _CATEGORY, _ABSTRACT = 80, 24, 170
_EXCERPT = 150
_LONGEST_QUERY = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """`embeds`: at most ten, none when nothing matches."""

    content: str
    embeds: tuple[discord.Embed, ...]


def render(page: Page, *, shared_by: int | None = None) -> Reply:
    """`shared_by` is the user who made the page public."""
    lines = [
        f"Shared by <@{shared_by}>" if shared_by else "",
        f"arXiv does not answer; this is what was known at {moment(page.as_of, 'f')}." if page.stale else "",
        _heading(page),
        code_block(cut(page.query, _LONGEST_QUERY)),
        *((hints(page.hints), _end(page)) if shared_by is None else ()),
    ]
    embeds = tuple(map(_compact, page.papers))
    if embeds:
        embeds[-1].set_footer(text=f"arXiv as of {_local(page)}")
    return Reply("\n".join(filter(None, lines)), embeds)


def buttons(page: Page, *, shared: bool = False) -> discord.ui.View | None:
    """None when there is nothing to turn or share. Stopped, so that discord.py stores nothing; needs a running event loop."""
    if not page.papers:
        return None
    start, count = page.spot.start, page.spot.count
    view = discord.ui.View(timeout=None)
    view.add_item(_button("Newer", "page", page.spot, max(start - count, 0), disabled=start == 0))
    view.add_item(_button("Older", "page", page.spot, start + count, disabled=start + count >= page.known))
    view.add_item(_button("Refresh", "refresh", page.spot, start, disabled=not page.refreshable))
    view.add_item(_button("Shared" if shared else "Share here", "share", page.spot, start, disabled=shared))
    view.stop()
    return view


def not_for_asker(channel: object, asker: discord.Permissions) -> str | None:
    """Why a page cannot be made public for this person, given what they may do in the channel; None when it can."""
    if not isinstance(channel, Room):
        return "Pages can be shared in a server's channels only."
    # Discord lets a bot answer in public for people who may not write there.
    if not (asker.send_messages_in_threads if isinstance(channel, discord.Thread) else asker.send_messages):
        return "You may not write in this channel, so I do not post here for you."
    return None


def _heading(page: Page) -> str:
    if not page.papers:
        return f"Nothing on arXiv matches this query, as of {moment(page.as_of, 'f')}."
    first, last = page.spot.start + 1, page.spot.start + len(page.papers)
    today = page.as_of.astimezone(page.zone).date() == page.now.astimezone(page.zone).date()
    return f"**Newest on arXiv: {first}–{last} of {page.total:,}** · as of {moment(page.as_of, 't' if today else 'f')}"


def _end(page: Page) -> str:
    """Said on the last page where arXiv has more."""
    at_end = page.spot.start + len(page.papers) >= page.known
    return f"The pages end here, with the newest {page.known}." if page.papers and at_end and page.known < page.total else ""


def _local(page: Page) -> str:
    """`14:02`, with the date in front unless that is today's: a footer shows no Discord timestamps."""
    as_of, today = page.as_of.astimezone(page.zone), page.now.astimezone(page.zone).date()
    return f"{as_of:%H:%M}" if as_of.date() == today else f"{as_of:%Y-%m-%d %H:%M}"


def _compact(paper: Paper) -> discord.Embed:
    """The card that the channel would get, in fewer words."""
    card = render_card(Message(Kind.CARD, (Showing(paper),))).embed
    if card is None:
        raise ValueError(f"a card is an embed: {paper.id}")
    card.description = "\n".join(
        filter(None, (_about(paper), fit(excerpt(legible(paper.abstract), _EXCERPT), _ABSTRACT, escape)))
    )
    return card.remove_footer()


def _about(paper: Paper) -> str:
    """Author, primary category and the date of this version, on one line."""
    category = fit(legible(next(iter(paper.categories), "")), _CATEGORY, escape)
    date = moment(paper.updated, "D")
    parts = (
        fit(sentences.first_author(paper), _AUTHOR, escape),
        f"**{category}**" if category else "",
        f"v{paper.version}, {date}" if paper.version > 1 else date,
    )
    return " · ".join(filter(None, parts))


def _button(label: str, verb: str, spot: Spot, start: int, *, disabled: bool) -> discord.ui.Button[discord.ui.View]:
    custom_id = CustomId("latest", f"{verb}:{spot.draft}:{start}:{spot.count}")
    return discord.ui.Button(label=label, custom_id=str(custom_id), disabled=disabled)

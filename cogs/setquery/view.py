"""What `/setquery` answers, privately: what a query would bring, and the buttons that decide on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import discord
from discord import ui

from bot.delivery.components import SNOWFLAKE, CustomId
from bot.delivery.escape import code_block, coming, escape, label, link, moment, quoted
from bot.delivery.forms import correction, form, own_schedule, packed, schedule_form
from bot.delivery.mistakes import hints, mistake
from bot.delivery.theme import AMBER, MOST_DESCRIPTION, RED
from bot.digest.model import Defaults, Server
from bot.errors import QueryRefused
from bot.paper import Paper
from bot.query import MAX_LENGTH
from bot.text import sentences
from bot.text.prose import cut, numbered

if TYPE_CHECKING:
    from bot.storage.drafts import Draft
    from cogs.setquery.proposal import Diagnosis, Malformed, Proposal, Prospect, Saved, SavedBefore, Target, Unanswered

_LONGEST_QUERY, _LONGEST_REASON, _LONGEST_PART = 900, 250, 120
_MOST_CHANNELS, _MOST_PARTS, _MOST_UNPOSTED = 8, 5, 3


class Verb(StrEnum):
    """What a button asks for."""

    SAVE = "save"
    LISTS = "lists"
    EDIT = "edit"
    AGAIN = "again"
    CANCEL = "cancel"
    WHEN = "when"


PRESS = rf"setquery:(?P<verb>{'|'.join(Verb)}):(?P<draft>[\w-]{{12}})(?::(?P<typed>.*))?"
"""custom_ids of all buttons here; `typed` was refused before."""
TIMED = r"setquery:timed:([\w-]{12})"
"""custom_ids of sent forms with hour and zone, on the way to saving a draft."""
EDITED = r"setquery:edited:([\w-]{12})"
"""custom_ids of sent forms with the text of a draft."""
WISHED = rf"setquery:wished:({SNOWFLAKE})"
"""custom_ids of sent forms that describe what is wanted for a channel; 0 where the server is meant."""

_LABELS = {
    Verb.SAVE: ("Save", discord.ButtonStyle.success),
    Verb.LISTS: ("Lists only", discord.ButtonStyle.primary),
    Verb.EDIT: ("Edit", discord.ButtonStyle.secondary),
    Verb.AGAIN: ("Try again", discord.ButtonStyle.primary),
    Verb.CANCEL: ("Cancel", discord.ButtonStyle.secondary),
    Verb.WHEN: ("Time and zone", discord.ButtonStyle.secondary),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """`draft_id` is what its buttons are about; not needed without any."""

    content: str | None
    embed: discord.Embed | None = None
    draft_id: str = ""
    verbs: tuple[Verb, ...] = ()

    def view(self) -> discord.ui.View | None:
        """Stopped, so that discord.py stores nothing; needs a running event loop."""
        if not self.verbs:
            return None
        view = discord.ui.View(timeout=None)
        for verb in self.verbs:
            text, style = _LABELS[verb]
            custom_id = str(CustomId("setquery", f"{verb}:{self.draft_id}"))
            view.add_item(discord.ui.Button(label=text, style=style, custom_id=custom_id))
        view.stop()
        return view


def edit_form(draft: Draft) -> ui.Modal:
    """The text of a draft."""
    text: ui.TextInput[ui.Modal] = ui.TextInput(
        style=discord.TextStyle.paragraph, default=draft.text[:MAX_LENGTH], max_length=MAX_LENGTH, custom_id="query"
    )
    field = ui.Label(text="Query", description='AND, OR, ANDNOT, (…), "…"; ti: abs: au: cat: all:', component=text)
    return form("Edit the query", CustomId("setquery", f"edited:{draft.id}"), field)


def time_form(draft: Draft, server: Server, defaults: Defaults, typed: Sequence[str] | None) -> ui.Modal:
    """`typed`: what was refused before."""
    shown = typed or own_schedule(server.settings.schedule, server.own)
    return schedule_form(CustomId("setquery", f"timed:{draft.id}"), shown, defaults)


def correct(draft: Draft, typed: Sequence[str]) -> ui.View:
    """The way back to hour and zone that were refused."""
    return correction(CustomId("setquery", f"{Verb.WHEN}:{draft.id}:{packed(typed)}"))


def query_form(target: Target) -> ui.Modal:
    """For people who do not write queries; the fields are in the order of QueryForm."""
    return form(
        "Which papers do you want?",
        CustomId("setquery", f"wished:{target.channel_id or 0}"),
        _wish("topics", "Topics", "Words or phrases, separated by commas; any one is enough"),
        _wish("categories", "Categories", "Ids or names, such as cs.LG, Soft Condensed Matter; any one"),
        _wish("authors", "Authors", "Such as Ada Lovelace, Emmy Noether; any one is enough"),
        _wish("without", "Leave out", "No paper with one of these words or phrases"),
    )


def _wish(name: str, text: str, description: str) -> ui.Label[ui.Modal]:
    field: ui.TextInput[ui.Modal] = ui.TextInput(custom_id=name, required=False, max_length=400)
    return ui.Label(text=text, description=description, component=field)


ASKING = "Still asking arXiv…"
CANCELLED = Reply("Cancelled. Nothing was changed.")
NOTHING_WANTED = Reply("There was nothing to look for, so nothing was changed. Name a topic, a category or an author.")


def proposal(said: Proposal, diagnosis: Diagnosis | None = None) -> Reply:
    """What a query would bring."""
    top = [
        "\n".join(filter(None, ["**How arXiv will read it**", code_block(cut(said.query, _LONGEST_QUERY)), hints(said.hints)])),
        _volume(said.prospect),
        _why_nothing(diagnosis) if diagnosis else "",
        _TOO_BROAD if said.too_broad else "",
    ]
    at = f"at {said.schedule.post_at:%H:%M} {said.schedule.zone.key}, that is "
    bottom = [
        f"**Next digest**\n{at}{coming(said.next_digest)}" if said.next_digest else _PAUSED,
        _WHEN if said.asks_when else "",
        f"{_place(said.target)} Nothing changes before you save.",
    ]
    room = MOST_DESCRIPTION - len("\n\n".join([*top, *bottom])) - 2
    text = "\n\n".join(filter(None, [*top, _samples(said.prospect.samples, room), *bottom]))
    asks = (Verb.WHEN,) if said.asks_when else ()
    embed = discord.Embed(title="Follow this query?", description=text, colour=AMBER if said.too_broad else RED)
    save = (Verb.LISTS, Verb.EDIT, Verb.SAVE) if said.too_broad else (Verb.SAVE, Verb.EDIT)
    return Reply(None, embed, said.draft.id, (*save, *asks, Verb.CANCEL))


def looking(said: Proposal) -> Reply:
    """A proposal that found nothing, while its parts are asked for."""
    found = proposal(said)
    return Reply("Still asking arXiv which part finds nothing…", found.embed, found.draft_id, found.verbs)


def malformed(said: Malformed) -> Reply:
    text = f"{mistake(said.error, followed=True)}\nNothing was changed."
    return Reply(text, None, said.draft.id, (Verb.EDIT, Verb.CANCEL))


def unanswered(said: Unanswered, again: Verb) -> Reply:
    """`again` is what "Try again" would try, unless arXiv refuses the query as it stands."""
    query = code_block(cut(" ".join(said.draft.text.split()), _LONGEST_QUERY))
    if isinstance(said.error, QueryRefused):
        reason = escape(cut(said.error.reason, _LONGEST_REASON))
        text = f"arXiv does not accept this query:\n{query}\nIt says: {reason}\nNothing was changed."
        return Reply(text, None, said.draft.id, (Verb.EDIT, Verb.CANCEL))
    reason = escape(cut(str(said.error), _LONGEST_REASON))
    text = f"arXiv gives no usable answer right now, so nothing was changed. Your draft is kept for a day:\n{query}\n-# {reason}"
    return Reply(text, None, said.draft.id, (again, Verb.EDIT, Verb.CANCEL))


def refused(reason: str, draft_id: str | None = None) -> Reply:
    """The channel cannot take papers, as objection_in says; with a draft, Save can be pressed again once it can."""
    text = f"Papers cannot go there yet: {reason}."
    if draft_id is None:
        return Reply(f"{text} Then type `/setquery` again. Nothing was changed.")
    return Reply(f"{text} Then press Save again. Nothing was changed.", None, draft_id, (Verb.SAVE, Verb.CANCEL))


def saved(said: Saved) -> Reply:
    one = len(said.target.channels) == 1
    lines = [
        f"Saved. {_mentions(said.target.channels)} now {'follows' if one else 'follow'}:",
        code_block(cut(said.query, _LONGEST_QUERY // 2)),
        f"Next digest: {coming(said.next_digest)}" if said.next_digest else _PAUSED,
    ]
    if said.lists_only:
        lines.append("Papers come as lists from now on, in every channel of this server.")
    for one_of in said.unposted[:_MOST_UNPOSTED]:
        lines.append(f"⚠️ The first message has not reached <#{one_of.channel_id}>: {quoted(one_of.reason, _LONGEST_REASON)}.")
    return Reply("\n".join(lines))


def saved_before(said: SavedBefore) -> Reply:
    if said.in_force:
        return Reply("This is saved already, and followed.")
    return Reply("This was saved before, and another query since. To go back to it, type `/setquery` again.")


_PAUSED = "Paused: nothing is posted until you resume in `/settings`."
_WHEN = "**When do you want them?** This hour and zone are not your server's own yet: *Time and zone* sets them, at once."
_TOO_BROAD = (
    "**That is a lot for one channel.** Narrow it with another `AND …`, or get lists only: "
    "titles, fifteen to a message, for this whole server."
)


def _volume(prospect: Prospect) -> str:
    if not prospect.total:
        return (
            "**Nothing on arXiv matches.** You can save it all the same: the first paper that matches will appear in the channel."
        )
    papers = "paper matches" if prospect.total == 1 else "papers match"
    text = f"**{prospect.total:,}** {papers}; new and revised ones come {sentences.rate(prospect.per_day)}."
    if prospect.covered_days is not None:
        days = max(round(prospect.covered_days), 1)
        reach = "one day" if days == 1 else f"{days:,} days"
        text += f" Each digest looks at the newest {prospect.limit:,}, which reach back about {reach}."
    return text


def _why_nothing(diagnosis: Diagnosis) -> str:
    if not diagnosis.barren:
        return "Each part finds papers by itself, only not all of them together."
    parts = code_block("\n".join(cut(part, _LONGEST_PART) for part in diagnosis.barren[:_MOST_PARTS]))
    verdict = (
        "This part finds nothing by itself:" if len(diagnosis.barren) == 1 else "None of these parts finds anything by itself:"
    )
    return f"{verdict}\n{parts}"


def _samples(papers: Sequence[Paper], room: int) -> str:
    if not papers:
        return ""
    head = "**Newest so far**\n"

    def line(index: int, title: str) -> str:
        paper = papers[index]
        about = " · ".join(filter(None, (escape(sentences.first_author(paper)), moment(paper.updated, "D"))))
        return f"**{index + 1}.** {link(title, paper.id.abs_url)}\n{about}"

    return head + numbered([sentences.title(paper) for paper in papers], line, label, room - len(head))


def _place(target: Target) -> str:
    channels = _mentions(target.channels)
    if target.channel_id is None:
        return f"It becomes the server's query, for {channels}."
    place = ", in place of the channel that was deleted" if target.instead_of is not None else ""
    return f"It is for {channels}{place}."


def _mentions(channels: Sequence[int]) -> str:
    named = ", ".join(f"<#{channel_id}>" for channel_id in channels[:_MOST_CHANNELS])
    return f"{named} and {len(channels) - _MOST_CHANNELS} more" if len(channels) > _MOST_CHANNELS else named

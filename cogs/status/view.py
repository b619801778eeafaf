"""How the bot is doing, in words: what it did, what comes next, why it is quiet, and what to mend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import discord

from bot.delivery.components import CustomId
from bot.delivery.embeds import titles
from bot.delivery.escape import code_block
from bot.delivery.mistakes import hints
from bot.digest.model import Showing
from bot.digest.silence import HeldBack, PastDigest, Trouble
from bot.text.prose import cut, fitting
from bot.text.sentences import brought, under_way
from cogs.status.silence_view import quoted, reason, when

if TYPE_CHECKING:
    from cogs.status.service import BacklogPage, ChannelStatus, ServerStatus

BUTTON = r"status:(?P<verb>check|open|turn):(?P<channel>\d+):(?P<start>\d+)"
"""custom_ids: `check` looks at everything, `open` shows a channel's backlog, `turn` another page of it in the same place."""

_DESCRIPTION = 4096  # https://docs.discord.com/developers/resources/message#embed-object-embed-limits
_MOST_BUTTONS = 20
_LABEL = 80
_QUERY = 200
_GREEN, _AMBER, _SLATE, _RED = 0x2E9E6B, 0xD9902F, 0x6B7A8F, 0xB31B1B

_NOTHING_SET_UP = (
    "Nothing is posted until somebody who manages this server types `/setquery` in the channel that should get papers."
)
_PAUSED = "Nothing is asked or posted until somebody resumes it in `/settings`. What appears meanwhile comes then."

_MISREAD = "**In config.json**"


def status(said: ServerStatus, *, manager: bool = False) -> discord.Embed:
    """`manager`: whoever asks is told too what arXiv misreads in queries of config.json."""
    if not said.channels:
        return discord.Embed(title="Nothing is set up yet", description=_NOTHING_SET_UP, colour=_SLATE)
    troubled = any(isinstance(why, Trouble) for channel in said.channels for why in channel.reasons)
    misread = hints(said.hints) if manager else ""
    parts = [_next(said), *(_channel(channel, said.zone) for channel in said.channels)]
    room = _DESCRIPTION - (len(misread) + len(_MISREAD) + 3 if misread else 0)
    text = fitting(parts, "\n\n", room)
    return discord.Embed(
        title="Paused" if said.paused else "Status",
        description=f"{text}\n\n{_MISREAD}\n{misread}" if misread else text,
        colour=_AMBER if said.paused or troubled else _GREEN,
    )


def status_buttons(said: ServerStatus, names: Mapping[int, str], *, manager: bool) -> discord.ui.View | None:
    """One for each backlog, and Check for a manager. `names` of channels, where known."""
    held = [(channel.channel_id, why.count) for channel in said.channels for why in channel.reasons if isinstance(why, HeldBack)]
    buttons = []
    for channel_id, count in held[:_MOST_BUTTONS]:
        where = f" in #{names[channel_id]}" if len(held) > 1 and channel_id in names else ""
        buttons.append(_button(f"Show the backlog ({count:,}){where}", "open", channel_id, 0))
    if manager:
        buttons.append(_button("Check", "check", 0, 0))
    return _view(buttons)


def backlog(page: BacklogPage) -> discord.Embed:
    """Titles with links, as a list in the channel has them."""
    if not page.papers:
        return discord.Embed(title="Backlog", description="The backlog of this channel is empty now.", colour=_SLATE)
    first = page.start + 1
    return discord.Embed(
        title=f"Backlog: {first:,}–{page.start + len(page.papers):,} of {page.total:,}",
        description=titles([Showing(paper) for paper in page.papers], _DESCRIPTION, first=first),
        colour=_RED,
    )


def backlog_buttons(page: BacklogPage, length: int) -> discord.ui.View | None:
    """`length` papers a page; None where all are on this one."""
    if page.total <= length:
        return None
    newer = _button("Newer", "turn", page.channel_id, max(page.start - length, 0), disabled=page.start == 0)
    older = _button("Older", "turn", page.channel_id, page.start + length, disabled=page.start + length >= page.total)
    return _view([newer, older])


def _next(said: ServerStatus) -> str:
    if said.paused:
        return _PAUSED
    if said.next_at is None:
        return "No digest is coming."
    what, at = "try" if said.retrying else "digest", f"**{when(said.next_at, said.zone)}**, {said.zone.key}"
    return under_way(what, at, said.made_since, said.now, said.zone) if said.due else f"Next {what}: {at}"


def _channel(channel: ChannelStatus, zone: ZoneInfo) -> str:
    lines = [f"<#{channel.channel_id}>", code_block(cut(channel.query, _QUERY)), _last(channel, zone)]
    return "\n".join([*lines, *(f"- {reason(why, zone)}" for why in channel.reasons)])


def _last(channel: ChannelStatus, zone: ZoneInfo) -> str:
    if channel.last is not None:
        rejected = "" if channel.last.rejected is None else f" {quoted(channel.last.rejected)}."
        return f"Last digest: {when(channel.last.at, zone)}, {_did(channel.last)}.{rejected}"
    if channel.followed_since is not None:
        return f"No digest yet; followed since {when(channel.followed_since, zone)}."
    return "No digest yet."


def _did(last: PastDigest) -> str:
    return brought(last.new, last.revised, last.held_back, last.unposted) or "nothing new"


def _button(label: str, verb: str, channel_id: int, start: int, *, disabled: bool = False) -> discord.ui.Button[discord.ui.View]:
    custom_id = CustomId("status", f"{verb}:{channel_id}:{start}")
    return discord.ui.Button(label=cut(label, _LABEL), custom_id=str(custom_id), disabled=disabled)


def _view(buttons: Iterable[discord.ui.Button[discord.ui.View]]) -> discord.ui.View | None:
    """Stopped, so that discord.py stores nothing; None without buttons. Needs a running event loop."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    view.stop()
    return view if view.children else None

"""How the bot is doing, in words: what it did, what comes next, why it is quiet, and what to fix."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import discord

from bot.delivery.components import SNOWFLAKE, CustomId
from bot.delivery.embeds import titles
from bot.delivery.escape import as_markdown, code_block, moment, quoted
from bot.delivery.mistakes import hints
from bot.delivery.theme import AMBER, GREEN, MOST_DESCRIPTION, MOST_LABEL, RED, SLATE
from bot.digest.calendar import NoAnnouncement
from bot.digest.model import DELETED, Showing
from bot.digest.silence import (
    Blocked,
    Cut,
    Damaged,
    Deleted,
    Held,
    HeldBack,
    LookingAgain,
    NotAnnounced,
    NothingMatched,
    NotTaken,
    PastDigest,
    Reason,
    Refused,
    Trouble,
    Unconfirmed,
    Unreachable,
    Unseeded,
)
from bot.text.prose import cut, fitting
from bot.text.sentences import after_deletion, brought, rate, under_way, wrong_clock
from bot.text.words import counted, local

if TYPE_CHECKING:
    from cogs.status.service import BacklogPage, ChannelStatus, Checked, ServerStatus

BUTTON = rf"status:(?P<verb>check|open|turn):(?P<channel>{SNOWFLAKE}):(?P<start>\d{{1,9}})"
"""custom_ids: `check` looks at everything, `open` shows a channel's backlog, `turn` another page of it in the same place."""

_MOST_BUTTONS = 20
_QUERY = 200
_NOT_TAKEN = 600
"""Characters for the titles of papers that Discord does not take."""
_GOOD, _BAD = "✅", "⚠️"

_NOTHING_SET_UP = (
    "Nothing is posted until somebody who manages this server types `/setquery` in the channel that should get papers."
)
_PAUSED = "Nothing is asked or posted until somebody resumes it in `/settings`. What appears meanwhile comes then."

_MISREAD = "**In config.json**"


def status(said: ServerStatus, *, manager: bool = False) -> discord.Embed:
    """`manager`: whoever asks is told too what arXiv misreads in queries of config.json."""
    if not said.channels:
        return discord.Embed(title="Nothing is set up yet", description=_NOTHING_SET_UP, colour=SLATE)
    troubled = any(isinstance(why, Trouble) for channel in said.channels for why in channel.reasons)
    misread = hints(said.hints) if manager else ""
    parts = [_next(said), *(_channel(channel, said.zone) for channel in said.channels)]
    room = MOST_DESCRIPTION - (len(misread) + len(_MISREAD) + 3 if misread else 0)
    text = fitting(parts, "\n\n", room)
    return discord.Embed(
        title="Paused" if said.paused else "Status",
        description=f"{text}\n\n{_MISREAD}\n{misread}" if misread else text,
        colour=AMBER if said.paused or troubled else GREEN,
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
        return discord.Embed(title="Backlog", description="The backlog of this channel is empty now.", colour=SLATE)
    first = page.start + 1
    return discord.Embed(
        title=f"Backlog: {first:,}–{page.start + len(page.papers):,} of {page.total:,}",
        description=titles([Showing(paper) for paper in page.papers], MOST_DESCRIPTION, first=first),
        colour=RED,
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
    often = "" if channel.per_day is None else f"New and revised papers come {rate(channel.per_day)}."
    lines = [f"<#{channel.channel_id}>", code_block(cut(channel.query, _QUERY)), often, _last(channel, zone)]
    return "\n".join([*filter(None, lines), *(f"- {reason(why, zone)}" for why in channel.reasons)])


def _last(channel: ChannelStatus, zone: ZoneInfo) -> str:
    if channel.last is not None:
        rejected = "" if channel.last.rejected is None else f" {quoted(channel.last.rejected)}."
        return f"Last digest: {when(channel.last.at, zone)}, {_did(channel.last)}.{rejected}"
    if channel.followed_since is not None:
        return f"No digest yet; followed since {when(channel.followed_since, zone)}."
    return "No digest yet."


def _did(last: PastDigest) -> str:
    return brought(last.new, last.revised, last.held_back, last.unposted) or "nothing new"


# --- why a channel is quiet ---------------------------------------------------------------------


def reason(why: Reason, zone: ZoneInfo) -> str:
    """In the server's zone."""
    match why:
        case Blocked() | Deleted() | Unconfirmed() | Unreachable() | Held() | Refused() | Unseeded():
            return _trouble(why, zone)
        case LookingAgain(announced_at, next_look_at):
            return (
                f"arXiv announced papers {when(announced_at, zone)}, and its search shows none of yours so far. That can take "
                f"six hours, so I look again {moment(next_look_at, 'R')}."
            )
        case NotAnnounced():
            return _not_announced(why, zone)
        case NothingMatched(announced_at):
            return f"arXiv announced papers {when(announced_at, zone)}, and none of them matched."
        case NotTaken(papers, refusal):
            named = titles([Showing(paper) for paper in papers], _NOT_TAKEN)
            said = quoted(refusal or "it did not say why")
            return f"**Discord does not take {counted(len(papers), 'paper')}**: {said}.\n{named}"
        case Damaged(names):
            one = len(names) == 1
            what = "An entry" if one else f"{len(names):,} entries"
            return (
                f"{what} of arXiv's last answer could not be read: {quoted(', '.join(names))}. "
                f"I ask for {'it' if one else 'them'} again with each digest."
            )
        case Cut(days):
            return (
                f"The query is too broad to be fetched whole: its answer reaches back {days:.1f} days. Narrow it to miss nothing."
            )
        case HeldBack(count):
            if count == 1:
                return "1 paper that came with many others is in the backlog, to spare the channel: the button shows it."
            return f"{count:,} papers that came all at once are in the backlog, to spare the channel: the button shows them."


def when(at: datetime, zone: ZoneInfo) -> str:
    """On the server's clocks, and how far away that is."""
    return f"{local(at, zone)} ({moment(at, 'R')})"


def _trouble(trouble: Trouble, zone: ZoneInfo) -> str:
    match trouble:
        case Blocked(reason, waiting):
            return f"**I cannot post there**: {quoted(reason)}. {_waiting(waiting)}"
        case Deleted(waiting, listed_id):
            left = _left(waiting) if listed_id is None else ""  # those of a listed one have nowhere to go
            return f"**This channel was deleted.** {left}{as_markdown(after_deletion(listed_id))}."
        case Unconfirmed():
            return _unconfirmed(trouble)
        case Unreachable(since, error):
            lost = "Nothing is lost; papers come when it does."
            return f"arXiv has given no usable answer since {when(since, zone)}: {quoted(error)}. {lost}"
        case Held(since, reason):
            taken = "I ask again every hour, and take it as it is after a day."
            return f"arXiv's answer has been held back as implausible since {when(since, zone)}: {quoted(reason)}. {taken}"
        case Refused(reason, before):
            until = "" if before is None else f" Until then the channel follows {quoted(before)}."
            return f"arXiv does not accept this query: {quoted(reason)}. Somebody has to edit it with `/setquery`.{until}"
        case Unseeded(before):
            until = "the first message follows" if before is None else f"until then the channel follows {quoted(before)}"
            return f"arXiv could not be asked for this query yet. I keep trying; {until}."


def _not_announced(quiet: NotAnnounced, zone: ZoneInfo) -> str:
    calendar = f"The last announcement was {when(quiet.last_at, zone)}, the next is due {when(quiet.next_at, zone)}."
    if quiet.why is NoAnnouncement.WEEKEND:
        return f"arXiv announces nothing on Friday and Saturday evenings in New York. {calendar}"
    return f"arXiv announced nothing {when(quiet.evening, zone)}: one of its holidays. {calendar}"


def _left(count: int) -> str:
    return {0: "", 1: "1 paper waits. "}.get(count, f"{count:,} papers wait. ")


def _unconfirmed(trouble: Unconfirmed) -> str:
    why = quoted(trouble.reason or "Discord has not confirmed that")
    again = "" if trouble.retry_at is None else f" I ask again {moment(trouble.retry_at, 'R')}."
    if trouble.standing:
        what = {0: "A message is", 1: "1 paper is"}.get(trouble.papers, f"{trouble.papers:,} papers are")
        return f"**{what} not up to date yet**: {why}. What was posted stands as it was until Discord takes the change.{again}"
    if trouble.papers > 1:
        return f"**{trouble.papers:,} papers are not posted yet**: {why}. They come first as soon as Discord takes them.{again}"
    what = "1 paper" if trouble.papers else "A message"
    return f"**{what} is not posted yet**: {why}. It comes first as soon as Discord takes it.{again}"


def _waiting(count: int) -> str:
    papers = {0: "New papers wait and come", 1: "1 paper waits and comes"}.get(count, f"{count:,} papers wait and come")
    return f"{papers} once that is fixed; if it cannot be, `/settings` moves them to another channel."


# --- a look at everything ----------------------------------------------------------------------


def checked(
    found: Checked, objections: Mapping[int, str | None], clock_ahead: timedelta | None = None, listed: Collection[int] = ()
) -> discord.Embed:
    """`objections`: what keeps the bot from posting in a channel, as objection_in says it; `clock_ahead` as Outbox has it;
    `listed`: config.json's channels.
    """
    wrong = "" if clock_ahead is None else wrong_clock(clock_ahead)
    lines = [
        *(_postable(id, objection, listed) for id, objection in objections.items()),
        _storage(found),
        _arxiv(found),
        *([_line(False, wrong)] if wrong else []),
        _line(found.pending == 0, f"Messages Discord has not confirmed: {found.pending:,}"),
        f"Version {found.version}",
    ]
    colour = AMBER if any(line.startswith(_BAD) for line in lines) else GREEN
    return discord.Embed(title="Check", description=fitting(lines, "\n", MOST_DESCRIPTION), colour=colour)


def _postable(channel_id: int, objection: str | None, listed: Collection[int]) -> str:
    if objection == DELETED:
        objection += f"; {as_markdown(after_deletion(channel_id if channel_id in listed else None))}"
    return _line(objection is None, f"<#{channel_id}>: {objection or 'I may post here.'}")


def _line(good: bool, text: str) -> str:
    return f"{_GOOD if good else _BAD} {text}"


def _storage(found: Checked) -> str:
    if found.storage_problem is not None:
        return _line(False, f"Storage cannot be written: {quoted(found.storage_problem)}")
    if found.throwaway is not None:
        return _line(
            False,
            f"Storage works, but it does not last: the database is a file that {found.throwaway} throws away, and what was "
            "posted would be forgotten. Let DATABASE_URL name a PostgreSQL database, or a file on a disk that stays.",
        )
    return _line(True, "Storage is written, and lasts.")


def _arxiv(found: Checked) -> str:
    if found.arxiv is None:
        return _line(True, "arXiv was not asked: no query is set.")
    if isinstance(found.arxiv, str):
        return _line(False, f"arXiv: {quoted(found.arxiv)}")
    return _line(True, f"arXiv answers: {counted(found.arxiv.total, 'paper')} found.")


# --- buttons ------------------------------------------------------------------------------------


def _button(label: str, verb: str, channel_id: int, start: int, *, disabled: bool = False) -> discord.ui.Button[discord.ui.View]:
    custom_id = CustomId("status", f"{verb}:{channel_id}:{start}")
    return discord.ui.Button(label=cut(label, MOST_LABEL), custom_id=str(custom_id), disabled=disabled)


def _view(buttons: Iterable[discord.ui.Button[discord.ui.View]]) -> discord.ui.View | None:
    """Stopped, so that discord.py stores nothing; None without buttons. Needs a running event loop."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    view.stop()
    return view if view.children else None

"""Why a channel is quiet, in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.delivery.escape import escape
from bot.digest.calendar import NoAnnouncement
from bot.digest.silence import (
    Blocked,
    Cut,
    Deleted,
    Held,
    HeldBack,
    LookingAgain,
    NotAnnounced,
    NothingMatched,
    Reason,
    Refused,
    Trouble,
    Unconfirmed,
    Unreachable,
    Unseeded,
)
from bot.text.prose import cut
from bot.text.sentences import after_deletion, local, moment

_QUOTED = 300


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


def quoted(text: str) -> str:
    """Somebody else's words, on one line and not too many."""
    return escape(cut(" ".join(text.split()), _QUOTED)).rstrip(".")


def _trouble(trouble: Trouble, zone: ZoneInfo) -> str:
    match trouble:
        case Blocked(reason, waiting):
            return f"**I cannot post there**: {quoted(reason)}. {_waiting(waiting)}"
        case Deleted(waiting, listed_id):
            left = _left(waiting) if listed_id is None else ""  # those of a listed one have nowhere to go
            return f"**This channel was deleted.** {left}{after_deletion(listed_id)}."
        case Unconfirmed(papers, reason):
            return _unconfirmed(papers, reason)
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


def _unconfirmed(papers: int, reason: str | None) -> str:
    why = quoted(reason or "Discord has not confirmed that")
    if papers > 1:
        return f"**{papers:,} papers are not posted yet**: {why}. They come first as soon as Discord takes them."
    return f"**{'1 paper' if papers else 'A message'} is not posted yet**: {why}. It comes first as soon as Discord takes it."


def _waiting(count: int) -> str:
    papers = {0: "New papers wait and come", 1: "1 paper waits and comes"}.get(count, f"{count:,} papers wait and come")
    return f"{papers} once that is mended; if it cannot be, `/settings` moves them to another channel."

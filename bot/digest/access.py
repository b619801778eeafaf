"""Why papers cannot go to a channel, and who can mend it where. The same words before a query is saved and after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

_NAMES = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
}
DELETED = "the channel no longer exists"
"""The one reason that nobody can mend."""

_KINDS = {"private": "direct message"}


@dataclass(frozen=True, slots=True)
class Standing:
    """The bot's standing in a channel. `granted` holds permissions as discord.py names them; a thread has its parent's."""

    name: str
    granted: Collection[str]
    thread: bool = False
    locked: bool = False


def unsuitable(kind: str) -> str:
    """The sentence for a kind of channel (as discord.py names it) that cannot take papers."""
    name = _KINDS.get(kind, f"{kind.replace('_', ' ')} channel")
    return f"a {name} cannot take papers; name a text channel, an announcement channel or a public thread"


def unseen_parent(name: str) -> str:
    """The sentence for a thread whose channel is hidden from the bot."""
    return f"the bot cannot see the channel of the thread #{name}"


def objection(standing: Standing) -> str | None:
    """Why the bot may not post there, with the remedy; None when it may."""
    needed = ("view_channel", "send_messages_in_threads" if standing.thread else "send_messages", "embed_links")
    missing = [_NAMES[name] for name in needed if name not in standing.granted]
    if missing:
        return f"the bot lacks {' and '.join(missing)} in #{standing.name}; grant it in the channel's settings, Permissions"
    if standing.thread and standing.locked and "manage_threads" not in standing.granted:
        return f"the thread #{standing.name} is locked; unlock it"
    return None

"""Discord's markdown: our words written in it, and other people's kept from being taken for it.

Discord reads a backslash before any sign that is no letter, digit or space as "this sign itself".
"""

from __future__ import annotations

import re
from datetime import datetime

from bot.text.prose import cut
from bot.text.words import Code, Coming, Command, Name, Words

# In an address, as Discord recognises one, a backslash would be a part of it: addresses are left as they are,
# up to a bracket; what only begins like one is kept from being one.
_ADDRESS = r"""https?://[^\s<>\[\]]+[^\s<>\[\].,:;"')]"""
_MARKUP = re.compile(
    rf"""(?:<(?P<angled>{_ADDRESS})>|(?P<address>{_ADDRESS}))(?P<tail>[.,:;"')\]]*)|(?P<scheme>https?:)(?=//)|[\\*_`~|\[\]<]"""
)
_LINE_START = re.compile(r"(#{1,3}|-#?|\+|>(?:>>)?)(?=\s)|(\d+)(?=\.\s)")
# A backslash does not always stop a ping, an invisible space does.
_PING = re.compile(r"@(?=everyone|here|[!&]?\d)")
_EVEN_BRACKETS = re.compile(r"(?:[^\[\]]|\[[^\[\]]*\])*")
_WIDE_BRACKETS = str.maketrans("[]", "［］")


def escape(text: str) -> str:
    """One line of text that reads in Discord as it stands here; web addresses stay clickable."""
    started = _LINE_START.match(text)
    if started is None:
        return _escaped(text)
    number = started[2] or ""
    return f"{number}\\{text[len(number)]}{_escaped(text[len(number) + 1 :])}"


def label(text: str) -> str:
    """Text for the brackets of `[…](address)`.

    Discord's link rule knows no backslashes: a lone bracket would end the link, and an address inside voids it.
    """
    text = text.replace("://", ":\u200b//")
    return escape(text if _EVEN_BRACKETS.fullmatch(text) else text.translate(_WIDE_BRACKETS))


def link(text: str, address: str) -> str:
    """A masked link; `text` is written by `label`, `address` holds no space or parenthesis."""
    return f"[{text}]({address})"


def code_block(text: str) -> str:
    """Backticks inside cannot close it."""
    text = text.replace("``", "`\u200b`\u200b")
    return f"```\n{text}\n```"


def quoted(text: str, limit: int = 300) -> str:
    """Somebody else's words inside a sentence of ours: on one line, at most `limit` characters before they are escaped."""
    return escape(cut(" ".join(text.split()), limit)).rstrip(".")


def moment(when: datetime, style: str) -> str:
    """A time that each reader's Discord shows in their own zone and language.

    https://docs.discord.com/developers/reference#message-formatting-timestamp-styles
    """
    return f"<t:{int(when.timestamp())}:{style}>"


def coming(when: datetime) -> str:
    """A time and, in brackets, how far away it is."""
    return f"{moment(when, 'F')} ({moment(when, 'R')})"


def as_markdown(words: Words) -> str:
    """Our words as Discord shows them."""
    return "".join(map(_written, words))


def _written(part: str | datetime | Coming | Command | Code | Name) -> str:
    match part:
        case datetime():
            return moment(part, "F")
        case Coming(at):
            return coming(at)
        case Command(name):
            return f"`/{name}`"
        case Code(text):
            return code_block(text)
        case Name(text):
            return escape(text)
        case _:
            return part


def _escaped(text: str) -> str:
    return _PING.sub("@\u200b", _MARKUP.sub(_literal, text))


def _literal(found: re.Match[str]) -> str:
    if found["scheme"]:
        return f"{found[0]}\u200b"
    address = found["angled"] or found["address"]
    if address is None:
        return f"\\{found[0]}"
    following = found.string[found.end() : found.end() + 1]
    return f"{address}{found['tail']}{' ' if following.strip() else ''}"

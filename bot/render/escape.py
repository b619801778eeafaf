"""Discord's markdown, kept from taking an author's text for markup.

Discord reads a backslash before any sign that is no letter, digit or space as "this sign itself".
"""

from __future__ import annotations

import re

# What Discord itself takes for an address, and shows as it is.
_MARKUP = re.compile(r"""<(?P<angled>https?://[^\s<>]+)>|(?P<address>https?://[^\s<]+[^<.,:;"')\]\s])|[\\*_`~|\[\]<]""")
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


def _escaped(text: str) -> str:
    return _PING.sub("@\u200b", _MARKUP.sub(lambda found: found["angled"] or found["address"] or f"\\{found[0]}", text))

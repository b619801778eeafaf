"""Discord's markdown as its clients read it, to see what a member sees.

Rules of simple-markdown 0.7 with Discord's own (mentions, emoji, timestamps, masked links, spoilers), as the open
reimplementations have them: https://github.com/brussell98/discord-markdown
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LABEL = r"(?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*"
_LINK = re.compile(rf"\[({_LABEL})\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"].*?['\"])?\s*\)", re.DOTALL)
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_ADDRESS = re.compile(r"https?://[^\s<]+[^<.,:;\"')\]\s]")

_LINE_START = {
    "heading": r"#{1,3} +\S",
    "subtext": r"-# +\S",
    "quote": r" *>(?:>>)? +",
    "list": r" *(?:[*+-]|\d+\.) +\S",
}
_INLINE = {
    "autolink": r"<[^: >]+:/[^ >]+>",
    "mention": r"<@[!&]?\d+>|<#\d+>|@everyone|@here",
    "emoji": r"<a?:\w+:\d+>",
    "timestamp": r"<t:-?\d+(?::[tTdDfFR])?>",
    "command": r"</[^:>]+:\d+>|<id:\w+>",
    "bold": r"\*\*(?:\\.|[^\\])+?\*\*(?!\*)",
    "underline": r"__(?:\\.|[^\\])+?__(?!_)",
    "italic": r"\b_(?:__|\\.|[^\\_])+?_\b|\*(?=\S)(?:\*\*|\s+(?:[^*\s]|\*\*)|[^\s*])+?\*(?!\*)",
    "strike": r"~~(?=\S)(?:\\.|~(?!~)|[^\s~\\]|\s(?!~~))+?~~",
    "spoiler": r"\|\|.+?\|\|",
    "code": r"(`+).*?[^`]\1(?!`)",
}


@dataclass
class Reading:
    """What one line shows, and every piece of it that Discord took for markup."""

    text: str = ""
    markup: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


def read(line: str) -> Reading:
    """Invisible spaces are left out of the text."""
    reading = Reading(markup=[name for name, rule in _LINE_START.items() if re.match(rule, line)])
    at = 0
    while at < len(line):
        at = _step(line, at, reading)
    reading.text = reading.text.replace("\u200b", "")
    return reading


def _step(line: str, at: int, reading: Reading) -> int:
    if escaped := _ESCAPE.match(line, at):
        reading.text += escaped[1]
        return escaped.end()
    if address := _ADDRESS.match(line, at):
        reading.text += address[0]
        return address.end()
    link = _LINK.match(line, at)
    if link and "://" not in link[1]:
        shown = read(link[1])
        reading.text += shown.text
        reading.markup += shown.markup
        reading.links.append((shown.text, link[2]))
        return link.end()
    reading.markup += [name for name, rule in _INLINE.items() if re.compile(rule, re.DOTALL).match(line, at)]
    reading.text += line[at]
    return at + 1

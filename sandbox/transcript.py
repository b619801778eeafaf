"""Renders messages and command replies as lines for a terminal; used by the demo."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sandbox.discord.model import Json, Message
from sandbox.discord.reply import Reply

WIDTH = 116
_LINK = re.compile(r"https://arxiv\.org/abs/(\S+?v\d+)(?=[)\s]|$)")
_MASKED = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(https?://[^)\s]*\)")
_RELATIVE = re.compile(r"\s?\(?<t:\d+:R>\)?")
_TIMESTAMP = re.compile(r"<t:(\d+)(?::(\w))?>")
_CHANNEL = re.compile(r"<#\d+>")
_ZONE = ZoneInfo("Asia/Singapore")
"""The time zone that the demo's reader lives in."""


def links(message: Message) -> list[str]:
    """The versioned arXiv ids that a message links to, each once."""
    texts = [message.content, *(embed.get(part, "") for embed in message.embeds for part in ("url", "description"))]
    return list(dict.fromkeys(paper for text in texts for paper in _LINK.findall(text)))


def posted(message: Message) -> Iterator[str]:
    """One line for a card; all lines of any other message."""
    embed = message.embeds[0] if message.embeds else {}
    if "url" in embed:
        yield from _cut([" ".join(part for part in (message.content, links(message)[0], embed["title"]) if part)])
    else:
        yield from _cut(_words(message.content, message.embeds))


def answered(reply: Reply) -> Iterator[str]:
    """All lines of a reply, its buttons last."""
    yield from _cut(_words(reply.content, reply.embeds))
    if reply.buttons:
        yield " ".join(f"[{label}]" for label in reply.buttons)


def _words(content: str, embeds: Sequence[Json]) -> Iterator[str]:
    yield from content.splitlines()
    for embed in embeds:
        yield embed.get("title", "")
        yield from embed.get("description", "").splitlines()
        for field in embed.get("fields", []):
            yield f"{field['name']}: {field['value']}"
        yield embed.get("footer", {}).get("text", "")


def _cut(lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    for line in lines:
        plain = _shown(_MASKED.sub(r"\1", line)).replace("**", "").replace("\\", "").strip("` ")
        if plain:
            yield plain if len(plain) <= WIDTH else f"{plain[: WIDTH - 1]}…"


def _shown(line: str) -> str:
    """Replace time stamps and channel mentions by what Discord's own app shows for them."""
    return _CHANNEL.sub("#papers", _TIMESTAMP.sub(_time, _RELATIVE.sub("", line)))


def _time(found: re.Match[str]) -> str:
    moment = datetime.fromtimestamp(int(found[1]), _ZONE)
    day = f"{moment:%a} {moment.day} {moment:%b}"
    return day if found[2] in ("d", "D") else f"{moment:%H:%M}" if found[2] in ("t", "T") else f"{day} {moment:%H:%M}"

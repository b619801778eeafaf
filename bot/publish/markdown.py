"""Papers as a section of a Markdown file, in the shape of the list that ArXivDaily-AI4MAT kept in its README.

https://github.com/Ocean-JH/ArXivDaily-AI4MAT
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape as without_html
from zoneinfo import ZoneInfo

from bot.paper import Paper
from bot.storage.digests import Listing
from bot.text.prose import legible
from bot.text.tex import MATH

MOST = 100
"""Papers under one heading; an index that hiccups revises hundreds at once."""

_ABBREVIATIONS = {"Asia/Singapore": "SGT"}
"""What people write where the tz database has only an offset. https://data.iana.org/time-zones/theory.html#abbreviations"""

_ADDRESS = re.compile(r"https?://[\w./%?=#:+@-]+")
_MARKUP = re.compile(r"[\\`*_{}\[\]#|~!$]")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def section(listing: Listing, now: datetime, zone: ZoneInfo) -> str:
    """The list without a line break at its end. Revised papers have a heading of their own, if there are any."""
    parts = [
        f"## New Papers ({len(listing.new)})",
        f"*Last updated: {_moment(now, zone)}*",
        *_remarks(listing, zone),
        *_entries(listing.new),
    ]
    if listing.revised:
        parts += [f"## Revised Papers ({len(listing.revised)})", *_entries(listing.revised)]
    return "\n\n".join(parts)


def prose(source: str) -> str:
    """An author's line: `$…$` stays TeX, which GitHub and others typeset; the rest reads as it stands here."""
    written, end = "", 0
    for span in MATH.finditer(source):
        if span["inline"] or span["display"]:
            written += _words(source[end : span.start()]) + _tex(span[0])
            end = span.end()
    return " ".join((written + _words(source[end:])).split())


def _moment(now: datetime, zone: ZoneInfo) -> str:
    local = now.astimezone(zone)
    own = local.tzname() or ""
    name = _ABBREVIATIONS.get(zone.key) or (own if own.isalpha() else f"UTC{own}")
    return f"{local:%Y-%m-%d %H:%M:%S} ({name})"


def _remarks(listing: Listing, zone: ZoneInfo) -> Iterable[str]:
    if listing.digest_at is None:
        yield "No digest has been made yet."
    elif not listing.new:
        day = listing.digest_at.astimezone(zone)
        yield f"No new papers in the digest of {day:%a} {day.day} {day:%b %Y}."
    if listing.held_back:
        yield f"{listing.held_back} more matched all at once and are kept in the backlog; `/status` in Discord shows them."


def _entries(papers: Sequence[Paper]) -> Iterable[str]:
    for number, paper in enumerate(papers[:MOST], start=1):
        yield from _entry(number, paper)
    if len(papers) > MOST:
        yield f"… and {len(papers) - MOST} more."


def _entry(number: int, paper: Paper) -> Iterable[str]:
    yield f"### {number}. {prose(paper.title) or paper.id}"
    yield f"**Authors:** {', '.join(map(prose, paper.authors)) or 'not given'}"
    yield f"**Published:** {paper.published:%Y-%m-%d}"
    yield f"**Category:** {prose(paper.categories[0]) if paper.categories else 'not given'}"
    yield f"**ID:** {paper.id}"
    yield f"**Link:** [{paper.id.abs_url}]({paper.id.abs_url})"
    yield f"**Summary:** {prose(paper.abstract) or 'not given'}"
    yield "---"


def _words(text: str) -> str:
    """With the spaces around them, as many as there are."""
    before, after = (" " if edge.isspace() else "" for edge in (text[:1], text[-1:]))
    return f"{before}{_escaped(legible(text))}{after}"


def _escaped(text: str) -> str:
    """Web addresses stay what a reader can click."""
    written, end = "", 0
    for address in _ADDRESS.finditer(text):
        written += _literal(text[end : address.start()]) + address[0]
        end = address.end()
    return written + _literal(text[end:])


def _literal(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", without_html(text, quote=False))


def _tex(span: str) -> str:
    """Untouched but where HTML would begin: a space, which means nothing to TeX, keeps it from that."""
    return _TAG.sub("< ", span)

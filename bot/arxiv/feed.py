"""From the bytes of one answer to papers. The only module that knows feedparser."""

from __future__ import annotations

import io
import re
from calendar import timegm
from dataclasses import dataclass
from datetime import UTC, datetime

import feedparser

from bot.errors import ArxivGarbled, QueryRefused
from bot.paper import Paper, PaperId

_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?\s*<feed[\s>]")
# `cs.LG`, `astro-ph`, `cond-mat.mtrl-sci`; until November 2025 MSC and ACM classes stood beside them under the same scheme.
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)?(?:\.(?:[A-Z]{2}|[a-z]+(?:-[a-z]+)?))?")
# Names the encoding outright, so that feedparser does not guess one.
_CONTENT_TYPE = {"content-type": "application/atom+xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer. `received` counts every entry, also those that made no paper."""

    papers: tuple[Paper, ...]
    total: int
    """opensearch:totalResults."""
    start: int
    """opensearch:startIndex, from 0."""
    received: int
    damaged: tuple[str, ...]
    """Entries that made no paper, each by what is known of it: its id, its title, or its place on the page."""


def is_feed(body: bytes) -> bool:
    """Whether it begins as an Atom feed: half a feed does, a page of HTML does not."""
    return _OPENING.match(body) is not None


def parse(body: bytes, url: str, status: int | None = None) -> Page:
    """Read one whole Atom feed; `url` and `status` are evidence for the errors only.

    Raises QueryRefused for an error entry (arXiv has sent those with 400 and with 200:
    https://info.arxiv.org/help/api/user-manual.html#34-errors), ArxivGarbled for anything that is not one whole feed.
    """
    feed = _read(body, url, status)
    for entry in feed.entries:
        if _is_error(entry):
            raise QueryRefused(_text(entry, "summary") or "no reason given", url=url, status=status)
    papers = {index: _paper(entry) for index, entry in enumerate(feed.entries)}
    return Page(
        papers=tuple(paper for paper in papers.values() if paper is not None),
        total=_count(feed, "opensearch_totalresults", url, status),
        start=_count(feed, "opensearch_startindex", url, status),
        received=len(feed.entries),
        damaged=tuple(_known_of(feed.entries[index], index) for index, paper in papers.items() if paper is None),
    )


def _read(body: bytes, url: str, status: int | None) -> feedparser.FeedParserDict:
    # feedparser mends what is broken and goes on; a feed cut in the middle must not pass for a short one.
    if not (is_feed(body) and body.rstrip().endswith(b"</feed>")):
        raise ArxivGarbled("arXiv's answer is not one whole Atom feed.", url=url, status=status)
    try:
        # Never bytes or a string: feedparser takes those for the name of a file or an address and opens it.
        stream = io.BytesIO(body)
        feed = feedparser.parse(stream, response_headers=_CONTENT_TYPE, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # damage makes it stumble in many ways; a broken XML declaration is a UnicodeDecodeError
        raise ArxivGarbled(f"arXiv's answer cannot be read: {error}.", url=url, status=status) from error
    if feed.bozo:
        raise ArxivGarbled(f"arXiv's answer is not well-formed: {feed.bozo_exception}.", url=url, status=status)
    return feed


def _is_error(entry: feedparser.FeedParserDict) -> bool:
    address = entry.get("id", "")
    return "/api/errors" in address or (_text(entry, "title") == "Error" and _paper_id(address) is None)


def _count(feed: feedparser.FeedParserDict, key: str, url: str, status: int | None) -> int:
    try:
        return int(feed.feed[key])
    except (KeyError, ValueError):
        raise ArxivGarbled(f"arXiv's answer has no {key.replace('_', ':')}.", url=url, status=status) from None


def _paper(entry: feedparser.FeedParserDict) -> Paper | None:
    """None where the entry lacks what no paper can be without."""
    paper_id = _paper_id(entry.get("id", ""))
    title = _text(entry, "title")
    published = _time(entry, "published_parsed")
    updated = _time(entry, "updated_parsed")
    if paper_id is None or title is None or published is None or updated is None:
        return None
    return Paper(
        id=paper_id,
        title=title,
        abstract=_text(entry, "summary") or "",
        authors=_authors(entry),
        categories=_categories(entry),
        published=published,
        updated=updated,
        comment=_text(entry, "arxiv_comment"),
        journal_ref=_text(entry, "arxiv_journal_ref"),
        doi=_text(entry, "arxiv_doi"),
    )


def _known_of(entry: feedparser.FeedParserDict, index: int) -> str:
    """A name for an entry that cannot be read, on one line and not long."""
    address = str(entry.get("id", "")).rpartition("/abs/")[2]
    return " ".join((address or _text(entry, "title") or f"entry {index + 1}").split())[:80]


def _paper_id(address: str) -> PaperId | None:
    """With its version, else None: a paper without one could not be told from its revision."""
    try:
        found = PaperId.parse(address)
    except ValueError:
        return None
    return None if found.version is None else found


def _text(entry: feedparser.FeedParserDict, key: str) -> str | None:
    value = entry.get(key)
    # An element with attributes comes as a dict of them, without its text.
    return (" ".join(value.split()) or None) if isinstance(value, str) else None


def _time(entry: feedparser.FeedParserDict, key: str) -> datetime | None:
    # get() alone would quietly give `published` for a missing `updated`.
    if key not in entry or entry[key] is None:
        return None
    return datetime.fromtimestamp(timegm(entry[key]), UTC)


def _authors(entry: feedparser.FeedParserDict) -> tuple[str, ...]:
    # feedparser files <arxiv:affiliation> under the entry and keeps the last one only, so none can be told here.
    names = (_text(author, "name") for author in entry.get("authors", []))
    return tuple(name for name in names if name is not None)


def _categories(entry: feedparser.FeedParserDict) -> tuple[str, ...]:
    primary = entry.get("arxiv_primary_category")
    terms = [primary.get("term")] if isinstance(primary, dict) else []
    terms += [tag.term for tag in entry.get("tags", [])]
    return tuple(dict.fromkeys(term for term in terms if term and _CATEGORY.fullmatch(term)))
